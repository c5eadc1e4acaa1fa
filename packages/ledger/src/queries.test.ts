import { randomUUID } from 'node:crypto';
import { steerableClock } from '@keyturn/kernel';
import { type Database, insertRows } from '@keyturn/pipeline';
import { createTestDatabase, type TestDatabase } from '@keyturn/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type AccountSpec,
  accountId,
  type BookBalance,
  bookId,
  bookTable,
  createSubmitter,
  readBookBalancesAt,
  readEffectsOnAccount,
} from './index.ts';

const book = bookId('kt-test', 'escrow', 'CNY');
const clock = steerableClock('2026-11-20T15:00:00Z');
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
  await testDatabase.drop();
});

const bank: AccountSpec = { book, code: 1003, owner: 'main' };
const item = (owner: string): AccountSpec => ({ book, code: 2101, owner });

/** What happened, as the test knows it: kept apart from what the ledger says. */
const happened: { at: string; debit: AccountSpec; credit: AccountSpec; amount: bigint }[] = [];

async function move(debit: AccountSpec, credit: AccountSpec, amount: bigint): Promise<string> {
  const id = randomUUID();
  const cause = { module: 'test', object: id, command: `test:${id}` };
  const transfers = [{ kind: 'posted', debit, credit, amount }] as const;
  const posted = await submitter.submit({ id, book, cause, transfers });
  expect(posted.ok).toBe(true);
  happened.push({ at: clock.now().toString(), debit, credit, amount });
  return id;
}

function expected(before: string): Map<string, readonly [bigint, bigint]> {
  const sums = new Map<string, readonly [bigint, bigint]>();
  for (const { at, debit, credit, amount } of happened) {
    for (const { code, owner } of [debit, credit]) {
      const key = `${code}/${owner}`;
      if (!sums.has(key)) sums.set(key, [0n, 0n]);
    }
    if (Temporal.Instant.compare(at, before) >= 0) continue;
    const add = ({ code, owner }: AccountSpec, debits: bigint, credits: bigint) => {
      const [d, c] = sums.get(`${code}/${owner}`) ?? [0n, 0n];
      sums.set(`${code}/${owner}`, [d + debits, c + credits]);
    };
    add(debit, amount, 0n);
    add(credit, 0n, amount);
  }
  return sums;
}

async function said(before: string, pageSize?: number) {
  const sums = new Map<string, readonly [bigint, bigint]>();
  for await (const balance of balances(before, pageSize)) {
    const { code, owner, debits, credits } = balance;
    sums.set(`${code}/${owner}`, [debits, credits]);
  }
  return sums;
}

function balances(before: string, pageSize?: number): AsyncGenerator<BookBalance> {
  return readBookBalancesAt(database, book, Temporal.Instant.from(before), pageSize);
}

const midnight = '2026-11-20T16:00:00Z';

test('balances at a moment are exact, also where journals are recorded out of their order', async () => {
  for (const [time, owner, amount] of [
    ['2026-11-20T15:00:00Z', 'a', 100n],
    ['2026-11-20T15:55:00Z', 'b', 20n],
    // Submitted before midnight, committed after one that was submitted after it.
    ['2026-11-20T16:00:02Z', 'a', 3n],
    ['2026-11-20T15:59:59Z', 'c', 4000n],
    ['2026-11-20T16:00:00Z', 'b', 50n],
    ['2026-11-20T18:00:00Z', 'a', 600n],
  ] as const) {
    clock.set(time);
    await move(bank, item(owner), amount);
  }
  clock.set('2026-11-20T19:00:00Z');
  await move(item('a'), item('d'), 7n);
  for (const before of [
    midnight,
    '2026-11-20T15:00:00Z',
    '2026-11-20T17:00:00Z',
    '2026-11-22T00:00:00Z',
  ]) {
    expect(await said(before)).toEqual(expected(before));
  }
  expect((await said(midnight)).get('1003/main')).toEqual([4120n, 0n]);
});

test('a page size changes nothing', async () => {
  for (const size of [1, 2, 3]) expect(await said(midnight, size)).toEqual(expected(midnight));
});

test('holds do not count until they are posted', async () => {
  const before = '2026-12-01T00:00:00Z';
  const known = await said(before);
  const id = randomUUID();
  const cause = { module: 'test', object: id, command: `test:${id}` };
  const hold = { kind: 'pending', debit: item('a'), credit: item('b'), amount: 5n } as const;
  await submitter.submit({ id, book, cause, transfers: [hold] });
  expect(await said(before)).toEqual(known);
  const post = randomUUID();
  const posting = { kind: 'post_pending', hold: { journalId: id, leg: 0 }, amount: 2n } as const;
  await submitter.submit({
    id: post,
    book,
    cause: { ...cause, command: post },
    transfers: [posting],
  });
  const [debits] = known.get('2101/a') ?? [0n];
  expect((await said(before)).get('2101/a')?.[0]).toBe(debits + 2n);
});

test('the effect of journals on one account is told with its time', async () => {
  clock.set('2026-12-02T00:00:00Z');
  const here = await move(bank, item('z'), 9n);
  const there = await move(item('z'), item('y'), 1n);
  expect(await readEffectsOnAccount(database, accountId(bank), [here, there])).toEqual([
    { journalId: here, recordedAt: clock.now(), amount: 9n },
  ]);
  expect(await readEffectsOnAccount(database, accountId(bank), [])).toEqual([]);
});
