import { steerableClock } from '@keyturn/kernel';
import { type Database, insertRows } from '@keyturn/pipeline';
import { createTestDatabase, type TestDatabase } from '@keyturn/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type AccountSpec,
  accountId,
  balanceOf,
  bookId,
  bookTable,
  checkLedger,
  createSubmitter,
  type JournalRequest,
  readAccounts,
  readCountersAt,
} from './index.ts';

const book = bookId('kt-test', 'escrow', 'CNY');
const clock = steerableClock('2026-11-20T02:00:00Z');
let testDatabase: TestDatabase;
let database: Database;
let submitter: ReturnType<typeof createSubmitter>;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = testDatabase.open();
  submitter = createSubmitter({ database, clock });
  await database.transaction((tx) =>
    insertRows(tx, bookTable, [
      { id: book, legalEntity: 'kt-test', regime: 'escrow', currency: 'CNY', memo: false },
    ]),
  );
});

afterAll(async () => {
  await submitter.close();
  const check = await checkLedger(database);
  await testDatabase.drop();
  expect(check.findings).toEqual([]);
});

const receivable: AccountSpec = { book, code: 1101, owner: 'wx' };
const item = (owner: string): AccountSpec => ({ book, code: 2101, owner });

let serial = 0;
function uuid(): string {
  serial += 1;
  return `00000000-0000-7000-8000-${serial.toString(16).padStart(12, '0')}`;
}

function journal(transfers: JournalRequest['transfers'], id = uuid()): JournalRequest {
  return { id, book, cause: { module: 'test', object: id, command: `test:${id}` }, transfers };
}

function pay(owner: string, amount: bigint, id = uuid()): JournalRequest {
  return journal([{ kind: 'posted', debit: receivable, credit: item(owner), amount }], id);
}

async function balance(owner: string) {
  const [account] = await readAccounts(database, [accountId(item(owner))]);
  return account ? balanceOf(account) : undefined;
}

test('money that is paid in stands on its item, and a repeat gives the first answer', async () => {
  const request = pay('a', 1_000_000n);
  const first = await submitter.submit(request);
  const second = await submitter.submit(request);
  expect(first).toMatchObject({ ok: true, value: { replayed: false } });
  expect(second).toMatchObject({ ok: true, value: { replayed: true } });
  expect(await balance('a')).toEqual({ posted: 1_000_000n, available: 1_000_000n });
});

test('the same id with another amount is a named conflict', async () => {
  const request = pay('b', 5n);
  await submitter.submit(request);
  const other = await submitter.submit(pay('b', 6n, request.id));
  expect(other).toMatchObject({ ok: false, error: { code: 'journal_conflict' } });
});

test('more than an item holds is refused, and the refusal burns the id', async () => {
  await submitter.submit(pay('c', 100n));
  const take = journal([{ kind: 'posted', debit: item('c'), credit: item('d'), amount: 101n }]);
  expect(await submitter.submit(take)).toMatchObject({ error: { code: 'exceeds_credits' } });
  await submitter.submit(pay('c', 100n));
  expect(await submitter.submit(take)).toMatchObject({ error: { code: 'journal_refused_before' } });
  expect(await balance('c')).toEqual({ posted: 200n, available: 200n });
});

test('a hold counts at once, is posted in part, and releases the rest; a second resolution is refused', async () => {
  await submitter.submit(pay('e', 100n));
  const hold = journal([{ kind: 'pending', debit: item('e'), credit: item('f'), amount: 80n }]);
  await submitter.submit(hold);
  expect(await balance('e')).toEqual({ posted: 100n, available: 20n });
  const ref = { journalId: hold.id, leg: 0 };
  const both = await Promise.all([
    submitter.submit(journal([{ kind: 'post_pending', hold: ref, amount: 30n }])),
    submitter.submit(journal([{ kind: 'void_pending', hold: ref }])),
  ]);
  expect(both[0]).toMatchObject({ ok: true });
  expect(both[1]).toMatchObject({ error: { code: 'hold_already_posted' } });
  expect(await balance('e')).toEqual({ posted: 70n, available: 70n });
  const late = await submitter.submit(journal([{ kind: 'void_pending', hold: ref }]));
  expect(late).toMatchObject({ error: { code: 'hold_already_posted' } });
});

test('an expired hold can only be voided', async () => {
  await submitter.submit(pay('g', 10n));
  const expiresAt = clock.now().add({ seconds: 60 });
  const hold = journal([
    { kind: 'pending', debit: item('g'), credit: item('h'), amount: 10n, expiresAt },
  ]);
  await submitter.submit(hold);
  clock.advance({ seconds: 61 });
  const ref = { journalId: hold.id, leg: 0 };
  const post = await submitter.submit(journal([{ kind: 'post_pending', hold: ref }]));
  expect(post).toMatchObject({ error: { code: 'hold_expired' } });
  const release = await submitter.submit(journal([{ kind: 'void_pending', hold: ref }]));
  expect(release).toMatchObject({ ok: true });
  expect(await balance('g')).toEqual({ posted: 10n, available: 10n });
});

test('a journal stands or falls as a whole', async () => {
  await submitter.submit(pay('i', 10n));
  const result = await submitter.submit(
    journal([
      { kind: 'posted', debit: item('i'), credit: item('j'), amount: 10n },
      { kind: 'posted', debit: item('i'), credit: item('j'), amount: 1n },
    ]),
  );
  expect(result).toMatchObject({ ok: false, error: { code: 'exceeds_credits' } });
  expect(await balance('i')).toEqual({ posted: 10n, available: 10n });
});

test('five hundred concurrent journals on one account leave a gap-free history', async () => {
  const before = clock.now();
  clock.advance({ seconds: 1 });
  const results = await Promise.all(
    Array.from({ length: 500 }, () => submitter.submit(pay('hot', 1n))),
  );
  expect(results.every((result) => result.ok)).toBe(true);
  expect(await balance('hot')).toEqual({ posted: 500n, available: 500n });
  const past = await readCountersAt(database, accountId(item('hot')), before);
  expect(past.creditsPosted).toBe(0n);
  const present = await readCountersAt(database, accountId(item('hot')), clock.now());
  expect(present).toMatchObject({ creditsPosted: 500n, version: 500n });
});

test('the application role cannot change or remove what was booked', async () => {
  await submitter.submit(pay('k', 1n));
  const attempts = [
    'update ledger.transfer set amount = amount + 1',
    'delete from ledger.transfer',
    'truncate ledger.transfer',
    'update ledger.journal set cause_module = cause_module',
    'delete from ledger.account',
    'update ledger.account set owner = owner',
  ];
  for (const sql of attempts) {
    await expect(database.query(sql), sql).rejects.toThrow(/permission denied|never changed/);
  }
});
