import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId, steerableClock } from '@keyturn/kernel';
import { accountCodes, accountId, openBook } from '@keyturn/ledger';
import { createTestDatabase, type TestDatabase } from '@keyturn/testkit';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { keeperName } from '../compose.ts';
import { registerLedger } from './ledger.ts';

const clock = steerableClock('2026-11-20T02:00:00Z');
const keeper = newId(clock.now(), 'keeper');
const name = keeperName(keeper);
const book = `${name}.shop/own/CNY`;
const wallet = accountId({ book, code: accountCodes.wallet, owner: '王芳' });
let testDatabase: TestDatabase;
let folder: string;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'keyturn-cli-'));
  const legalEntity = `${name}.shop`;
  const wanted = { legalEntity, regime: 'own', currency: 'CNY', keeper } as const;
  await openBook(testDatabase.open(), wanted);
});
afterAll(async () => {
  await testDatabase.drop();
  await rm(folder, { recursive: true, force: true });
});

/** What `keyturn ledger …` prints. */
async function run(...words: string[]): Promise<string> {
  const env = {
    KEYTURN_DATA: folder,
    DATABASE_URL: testDatabase.url,
    DATABASE_MIGRATE_URL: testDatabase.superuserUrl,
  };
  const program = new Command().exitOverride();
  registerLedger(program, env);
  let said = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  try {
    await program.parseAsync(['ledger', ...words], { from: 'user' });
  } finally {
    write.mockRestore();
  }
  return said;
}

function journal(id: string, amount: number) {
  return {
    id,
    book,
    module: 'shop',
    object: 'order-1',
    command: 'pay',
    transfers: [
      {
        kind: 'posted',
        debit: { code: 1001, owner: 'bank' },
        credit: { code: 2001, owner: '王芳' },
        amount: { amount, currency: 'CNY' },
      },
    ],
  };
}

async function posted(content: unknown, ...words: string[]): Promise<string> {
  const file = join(folder, 'journal.json');
  await writeFile(file, JSON.stringify(content));
  return run('post', file, '--as', name, ...words);
}

describe('the ledger at the command line', () => {
  it('books a journal from a file once, and shows what it did', async () => {
    const id = newId(clock.now(), 'cli');
    const first = JSON.parse(await posted(journal(id, 120_000), '--json'));
    expect(first).toMatchObject({ id, transfers: [{ credit: { version: 1 } }] });
    expect(await posted(journal(id, 120_000))).toMatch(/^It was booked before/);
    expect(await run('books')).toContain(`${book}  ${name}`);
    const accounts = await run('accounts', '--book', book);
    expect(accounts).toMatch(new RegExp(`${wallet} +\\S+ +2001 +王芳 +1,200.00 CNY`));
    const balance = await run('balance', wallet, '--at', '2020-01-01T00:00:00Z');
    expect(balance).toMatch(/^now +1,200.00 CNY +1,200.00 CNY +1$/m);
    expect(balance).toMatch(/^at 2020-01-01T00:00:00Z +0.00 CNY/m);
    expect(await run('balance', wallet, '--value-date', '2020-01-01')).toContain(
      'by value date 2020-01-01',
    );
    const { items } = JSON.parse(await run('entries', wallet, '--json'));
    expect(items).toMatchObject([{ journal: id, amount: { amount: 120_000 }, version: 1 }]);
    expect(await run('entries', wallet)).toContain(`${id}/0`);
    expect(await run('seals')).toContain('1 journals are not sealed yet');
  });

  it.each<[string, string[], RegExp]>([
    ['an account that is none', ['balance', 'wallet'], /is no account/],
    ['an account that is not there', ['entries', newId(clock.now(), 'x')], /no ledger account/],
    ['no filter', ['accounts'], /needs book, owner, or metadata_key and metadata_value/],
    ['a book that is not there', ['accounts', '--book', 'x/y/z'], /no book x\/y\/z/],
    ['a strange limit', ['books', '--limit', '101'], /whole number from 1 to 100/],
    ['a strange cursor', ['books', '--cursor', 'x'], /cursor is not one of this list/],
    ['a moment that is none', ['balance', wallet, '--at', 'noon'], /is no moment/],
    ['a day that is none', ['balance', wallet, '--value-date', '31.1.'], /is no day/],
    ['no such file', ['post', '/nowhere/x', '--as', name], /cannot be read/],
    ['no such integrator', ['post', 'x', '--as', 'shop'], /is no integrator/],
  ])('with %s says what to do', async (_what, words, sentence) => {
    await expect(run(...words)).rejects.toThrow(sentence);
  });

  it('refuses a journal in the sentence of the API, and books nothing', async () => {
    const bad = { ...journal(newId(clock.now(), 'bad'), 1), transfers: [] };
    await expect(posted(bad)).rejects.toThrow('The field transfers is not valid');
    const foreign = { ...journal(newId(clock.now(), 'bad'), 1), book: 'kt-pay/own/CNY' };
    await expect(posted(foreign)).rejects.toThrow('There is no book kt-pay/own/CNY');
    const overdrawn = journal(newId(clock.now(), 'bad'), 120_001);
    const [transfer] = overdrawn.transfers;
    const turned = { ...transfer, debit: transfer?.credit, credit: transfer?.debit };
    await expect(posted({ ...overdrawn, transfers: [turned] })).rejects.toThrow('120000 available');
  });
});
