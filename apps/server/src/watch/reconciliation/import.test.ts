import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSealer } from '../../platform/index.ts';
import { createReconciliationService } from './index.ts';
import { createWorld, fine, type Line, statement, type World } from './test/world.ts';

let world: World;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const lines: readonly Line[] = [{ reference: 'B1', amount: 10_000n }];

test('the same bytes twice, also at the same time, are one file with one answer', async () => {
  const bytes = statement({ day: '2026-11-20', opening: 5n, lines });
  const [one, other] = await Promise.all([
    world.service.importStatement(bytes, 'a.xml'),
    world.service.importStatement(bytes, 'b.xml'),
  ]);
  const third = fine(await world.service.importStatement(bytes, 'c.xml'));
  expect([fine(one).repeated, fine(other).repeated].sort()).toEqual([false, true]);
  const first = fine(one).repeated ? fine(other) : fine(one);
  expect({ ...third, repeated: false }).toEqual(first);
  expect(third).toMatchObject({
    outcome: 'imported',
    imported: true,
    refused: false,
    statements: 1,
    entries: 1,
    opening: 5n,
    closing: 10_005n,
    currency: 'CNY',
    accounts: [{ account_id: 'escrow-main' }],
    repeated: true,
  });
  const { items } = fine(await world.service.statements({ accountId: 'escrow-main' }));
  expect(items).toHaveLength(1);
});

test('a statement of somebody else’s account is kept and shown, and books nothing', async () => {
  const bytes = statement({ number: '99998888777766', day: '2026-11-20', opening: 0n, lines });
  const outcome = fine(await world.service.importStatement(bytes, 'theirs.xml'));
  expect(outcome).toMatchObject({ outcome: 'imported', entries: 1 });
  expect(outcome.accounts[0]).not.toHaveProperty('account_id');
  expect(outcome.accounts[0]?.number).not.toContain('88887777');
  expect(await world.posted(1003, 'escrow-main')).toBe(0n);
});

test('what contradicts itself is reported, what is no statement is refused, both are kept', async () => {
  world.clock.advance({ seconds: 1 });
  const wrong = statement({ day: '2026-11-19', opening: 0n, lines, closing: 1n });
  const reported = fine(await world.service.importStatement(wrong, 'wrong.xml'));
  expect(reported).toMatchObject({ outcome: 'reported', reported: true });
  expect(reported.findings[0]?.code).toBe('balance_mismatch');
  world.clock.advance({ seconds: 1 });
  const garbage = Buffer.from('<!DOCTYPE x><x/>');
  const refused = fine(await world.service.importStatement(garbage, '../../etc/x.xml'));
  expect(refused).toMatchObject({ outcome: 'refused', refused: true, file: 'x.xml', entries: 0 });
  expect(refused.reason?.length).toBeGreaterThan(10);
  const page = fine(await world.service.files({ limit: 1 }));
  expect(page.items[0]?.sha256).toBe(refused.sha256);
  expect(page.nextCursor).toBeDefined();
  const next = fine(await world.service.files({ limit: 1, cursor: page.nextCursor }));
  expect(next.items[0]?.sha256).toBe(reported.sha256);
});

test('a large file is read in a thread, whole', async () => {
  const many = Array.from({ length: 3_500 }, (_, n) => ({ reference: `L${n}`, amount: 1n }));
  const bytes = statement({ number: '12345678901', day: '2026-11-20', opening: 0n, lines: many });
  expect(bytes.length).toBeGreaterThan(900_000);
  const outcome = fine(await world.service.importStatement(bytes, 'large.xml'));
  expect(outcome).toMatchObject({ outcome: 'imported', entries: 3_500, closing: 3_500n });
  const [row] = await world.database.query<{ count: bigint }>(
    `select count(*) from reconciliation.statement_entry e
      join reconciliation.statement s on s.id = e.statement_id where s.entries = 3500`,
  );
  expect(row?.count).toBe(3_500n);
});

test.each([
  ['time', { readTimeoutMs: 1 }],
  ['memory', { readMemoryMb: 8 }],
])(
  'a file that needs more %s than it may is not kept, and the process goes on',
  async (_n, limits) => {
    const service = createReconciliationService({ ...world.deps, ...limits });
    const many = Array.from({ length: 40_000 }, (_, n) => ({ reference: `M${n}`, amount: 1n }));
    const bytes = statement({ number: '12345678901', day: '2026-11-20', opening: 7n, lines: many });
    const outcome = await service.importStatement(bytes, 'hungry.xml');
    expect(outcome).toMatchObject({ error: { code: 'statement_reading_exhausted' } });
    const page = fine(await world.service.files({ limit: 100 }));
    expect(page.items.some(({ file }) => file === 'hungry.xml')).toBe(false);
  },
);

test('a file of more than 32 MiB is refused with what to do', async () => {
  const outcome = await world.service.importStatement(Buffer.alloc(33 * 1024 * 1024), 'big');
  expect(outcome).toMatchObject({ error: { code: 'statement_too_large' } });
});

test('files, statements and entries cannot be changed or removed, and hold no names in the clear', async () => {
  for (const table of ['statement_file', 'statement', 'statement_entry']) {
    const where = `reconciliation.${table}`;
    await expect(world.database.query(`delete from ${where}`)).rejects.toThrow();
    await expect(world.database.query(`update ${where} set id = id`)).rejects.toThrow();
  }
  const [row] = await world.database.query<{ content_sealed: string; sha256: string }>(
    'select content_sealed, sha256 from reconciliation.statement_file limit 1',
  );
  expect(row?.content_sealed).not.toContain('BkToCstmrStmt');
  const sealer = createSealer(Buffer.alloc(32, 7));
  const context = `reconciliation.statement_file:${row?.sha256}`;
  expect(sealer.open(row?.content_sealed ?? '', context).length).toBeGreaterThan(10);
});
