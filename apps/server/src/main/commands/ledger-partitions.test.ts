import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId, steerableClock } from '@keyturn/kernel';
import { accountCodes, createSubmitter, openBook } from '@keyturn/ledger';
import { createTestDatabase, type TestDatabase } from '@keyturn/testkit';
import { Command } from 'commander';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { registerPartitions } from './ledger-partitions.ts';

const clock = steerableClock('2026-11-20T02:00:00Z');
let testDatabase: TestDatabase;
let folder: string;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'keyturn-parts-'));
  const database = testDatabase.open();
  const keeper = newId(clock.now(), 'keeper');
  const wanted = { legalEntity: 'shop', regime: 'own', currency: 'CNY', keeper } as const;
  await openBook(database, wanted);
  const submitter = createSubmitter({ database, clock });
  const book = 'shop/own/CNY';
  const answer = await submitter.submit({
    id: newId(clock.now(), 'first'),
    book,
    cause: { module: 'test', object: 'first', command: 'first' },
    transfers: [
      {
        kind: 'posted',
        debit: { book, code: accountCodes.reserveBank, owner: 'bank' },
        credit: { book, code: accountCodes.wallet, owner: '王芳' },
        amount: 100n,
      },
    ],
  });
  expect(answer.ok).toBe(true);
  await submitter.close();
});
afterAll(async () => {
  await testDatabase.drop();
  await rm(folder, { recursive: true, force: true });
});

/** What `keyturn ledger partitions …` prints. */
async function run(...words: string[]): Promise<string> {
  const env = {
    KEYTURN_DATA: folder,
    DATABASE_URL: testDatabase.url,
    DATABASE_MIGRATE_URL: testDatabase.superuserUrl,
  };
  const program = new Command().exitOverride();
  registerPartitions(program, env);
  let said = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  try {
    await program.parseAsync(['node', 'keyturn', 'partitions', ...words]);
  } finally {
    write.mockRestore();
  }
  return said;
}

it('cuts a part off, takes it out, checks it there, and puts it back', async () => {
  expect(await run()).toMatch(/^part +state.*\n +1 +open/s);
  await expect(run('detach', '1')).rejects.toThrow('Begin a new part, and wait for the sealer');
  while (!(await run('cut')).includes('Part 1 is cut off.'));
  await expect(run('cut')).rejects.toThrow('Part 2 has no transfers yet');
  expect(await run('pack', '1')).toContain('Part 1 is packed.');
  expect(await run('detach', '1')).toContain('ledger.transfer_1');
  expect(await run()).toMatch(/\n +1 +detached +1 /);
  expect(JSON.parse(await run('check', '1', '--json'))).toMatchObject({ balanced: true });
  expect(await run('attach', '1')).toContain('Part 1 is put back.');
  expect(await run()).toMatch(/\n +1 +cut +1 /);
});

it.each(['0', 'two', '-1', '1.5'])('refuses %j as a part', async (text) => {
  await expect(run('check', text)).rejects.toThrow(
    /as "ledger partitions" lists it|unknown option/,
  );
});
