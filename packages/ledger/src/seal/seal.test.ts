import type { Database } from '@keyturn/pipeline';
import { createTestDatabase, type TestDatabase } from '@keyturn/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  createLedgerSealer,
  readSealHead,
  readSealLag,
  type Seal,
  TransactionsRestartedError,
} from '../index.ts';
import { bookJournals, clock, journalId, sealAll, sealKey, useBook } from '../test/sealed-books.ts';
import { contentColumns, contentFormat } from './content.ts';
import { publicSealKey, verifySignature } from './key.ts';
import { digestOfSeal } from './seal.ts';
import { isRestarted, lockSealing, readSeals } from './store.ts';

let testDatabase: TestDatabase;
let database: Database;

beforeEach(async () => {
  testDatabase = await createTestDatabase();
  database = testDatabase.open();
  await useBook(database);
});
afterEach(() => testDatabase.drop());

function sealer(onSealed?: (seal: Seal) => void) {
  const told = onSealed === undefined ? {} : { onSealed };
  return createLedgerSealer({ database, clock, key: sealKey, ...told });
}

test('nothing is sealed while nothing is booked', async () => {
  expect(await sealer().seal()).toEqual({ seal: undefined, full: false });
  expect(await readSealHead(database)).toBeUndefined();
  expect(await readSealLag(database)).toEqual({ journals: 0n, since: null, restarted: false });
});

test('seals are cut at whole journals, chained and signed', async () => {
  await bookJournals(database, 0, 10);
  await sealAll(database);
  const seals = await readSeals(database, 0n, 100);
  expect(seals.map((seal) => [seal.number, seal.journals, seal.transfers])).toEqual([
    [1n, 2n, 2n],
    [2n, 2n, 2n],
    [3n, 2n, 2n],
    [4n, 2n, 2n],
    [5n, 1n, 1n],
    [6n, 1n, 2n],
  ]);
  expect(seals.map((seal) => seal.first.journalId)).toEqual([0, 2, 4, 6, 8, 9].map(journalId));
  for (const [index, seal] of seals.entries()) {
    expect(seal.previousDigest).toEqual(seals[index - 1]?.digest ?? Buffer.alloc(32));
    expect(digestOfSeal(seal)).toEqual(seal.digest);
    const key = publicSealKey(sealKey.publicKey);
    expect(verifySignature(key, seal.digest, seal.signature)).toBe(true);
  }
  expect(await readSealLag(database)).toMatchObject({ journals: 0n });
});

test('what is not sealed yet is counted, with the moment since when it waits', async () => {
  await bookJournals(database, 0, 3);
  expect(await readSealLag(database)).toEqual({
    journals: 3n,
    since: clock.now(),
    restarted: false,
  });
});

test('a transaction that began before and ends later is neither skipped nor sealed early', async () => {
  let booked: (() => void) | undefined;
  const waiting = new Promise<void>((resolve) => {
    booked = resolve;
  });
  const early = database.transaction(async (tx) => {
    await tx.query('select pg_current_xact_id()');
    await waiting;
    await tx.query(
      `insert into ledger.journal (id, book_id, cause_module, cause_object, cause_command,
          fingerprint, refusal, effective_at, recorded_at)
        select $1, b.id, 'test', 'late', 'late', $1, 'exceeds_credits', $2, $2
        from ledger.book b`,
      [journalId(99), clock.now().toString()],
    );
  });
  await database.query('select 1');
  await bookJournals(database, 0, 1);
  const before = await sealer().seal();
  booked?.();
  await early;
  await sealAll(database);
  const seals = await readSeals(database, 0n, 10);
  expect(seals.reduce((sum, seal) => sum + seal.journals, 0n)).toBe(2n);
  expect(before.seal?.journals ?? 0n).toBeLessThan(2n);
});

test('one sealer works at a time; another finds nothing to do', async () => {
  await bookJournals(database, 0, 2);
  await database.transaction(async (tx) => {
    expect(await lockSealing(tx)).toBe(true);
    expect(await sealer().seal()).toEqual({ seal: undefined, full: false });
  });
});

test('each new head is told, so that it can be kept elsewhere', async () => {
  await bookJournals(database, 0, 2);
  await sealAll(database);
  await bookJournals(database, 2, 3);
  const told: bigint[] = [];
  while ((await readSealLag(database)).journals > 0n) {
    await sealer((seal) => told.push(seal.number)).seal();
  }
  expect(told).toEqual([2n]);
});

test.each(['ledger.seal', 'ledger.seal_key'])(
  'rows of %s are never changed or removed',
  async (table) => {
    await bookJournals(database, 0, 2);
    await sealAll(database);
    await expect(database.query(`delete from ${table}`)).rejects.toThrow('permission denied');
    const superuser = testDatabase.open({ url: testDatabase.superuserUrl });
    for (const sql of [`delete from ${table}`, `truncate ${table} cascade`]) {
      await expect(superuser.query(sql)).rejects.toThrow('never changed or removed');
    }
  },
);

test('data that was moved to a cluster with lower transaction numbers is not sealed', async () => {
  expect(isRestarted('700', { transactionId: '700', journalId: journalId(0) })).toBe(true);
  expect(isRestarted('701', { transactionId: '700', journalId: journalId(0) })).toBe(false);
  const superuser = testDatabase.open({ url: testDatabase.superuserUrl });
  await bookJournals(database, 0, 1);
  await sealAll(database);
  await superuser.query('alter table ledger.seal disable trigger user');
  await superuser.query(`update ledger.seal set last_transaction = '9000000000000'`);
  await expect(sealer().seal()).rejects.toThrow(TransactionsRestartedError);
  expect(await readSealLag(database)).toMatchObject({ restarted: true });
});

test('every column of a journal and of a transfer is digested', async () => {
  const columns = await database.query<{ name: string }>(
    `select table_name || '.' || column_name as name from information_schema.columns
      where table_schema = 'ledger' and table_name in ('journal', 'transfer')
        -- Where a transfer lies is that of its journal, under which it is looked up.
        and (table_name, column_name) <> ('transfer', 'transaction_id')`,
  );
  expect([...contentColumns].sort()).toEqual(columns.map(({ name }) => name).sort());
});

test('the form of what is digested has not changed: what was sealed must be found again', () => {
  expect(contentFormat).toBe(1);
  expect(contentColumns.map((column) => column.split('.')[1]).join(' ')).toBe(
    'transaction_id id book_id cause_module cause_object cause_command fingerprint refusal ' +
      'effective_at recorded_at reverses link ' +
      'journal_id leg kind debit_account credit_account amount hold_journal hold_leg expires_at ' +
      'debit_version debit_debits_posted debit_credits_posted debit_debits_pending ' +
      'debit_credits_pending credit_version credit_debits_posted credit_credits_posted ' +
      'credit_debits_pending credit_credits_pending recorded_at balancing at_most closing',
  );
});
