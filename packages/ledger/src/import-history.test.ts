import { administer } from '@keyturn/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  accountId,
  createHistoryImporter,
  type HistoricJournal,
  type HistoryImporter,
  listEntries,
  readCountersAt,
  type TransferRequest,
} from './index.ts';
import { book, createWorld, item, otherBook, outside, type World } from './test/world.ts';

let world: World;
let importer: HistoryImporter;
beforeAll(async () => {
  world = await createWorld();
  importer = createHistoryImporter(world);
});
afterAll(async () => {
  await importer.close();
  expect(await world.end()).toEqual([]);
});

const refused = (code: string) => ({ ok: false, error: { code } });
const year = Temporal.Instant.from('2025-01-01T00:00:00Z');
const day = (days: number) => year.add({ hours: 24 * days });

function past(days: number, ...transfers: readonly TransferRequest[]): HistoricJournal {
  const id = world.uuid();
  const cause = { module: 'old ledger', object: id, command: id };
  return { id, cause, transfers, recordedAt: day(days) };
}

const paid = (owner: string, amount: bigint): TransferRequest => {
  return { kind: 'posted', debit: outside, credit: item(owner), amount };
};
const spent = (owner: string, amount: bigint): TransferRequest => {
  return { kind: 'posted', debit: item(owner), credit: outside, amount };
};

test('history keeps its own times, comes in order, and a repeat books nothing twice', async () => {
  const first = [past(0, paid('a', 100n)), past(3, spent('a', 30n))];
  const request = { id: world.uuid(), book, journals: first };
  const both = await Promise.all([
    importer.importHistory(request),
    importer.importHistory(request),
  ]);
  expect(both).toEqual([
    { ok: true, value: { journals: 2, replayed: false } },
    { ok: true, value: { journals: 2, replayed: true } },
  ]);
  // The next call may begin at the moment at which the one before ended.
  const next = {
    id: world.uuid(),
    book,
    journals: [past(3, spent('a', 20n)), past(9, paid('a', 1n))],
  };
  expect(await importer.importHistory(next)).toMatchObject({ ok: true });
  const id = accountId(item('a'));
  expect(await readCountersAt(world.database, id, day(5))).toMatchObject({
    creditsPosted: 100n,
    debitsPosted: 50n,
  });
  const { items } = await listEntries(world.database, id);
  expect(items.map(({ recordedAt }) => recordedAt)).toEqual([day(0), day(3), day(3), day(9)]);
  await world.fund('a', 9n);
  expect(await world.balance('a')).toEqual({ posted: 60n, available: 60n });
});

test('the same import id with other journals is a conflict', async () => {
  const inOther = (owner: string): TransferRequest => ({
    kind: 'posted',
    debit: { book: otherBook, code: 1101, owner: 'wx' },
    credit: { book: otherBook, code: 2101, owner },
    amount: 1n,
  });
  const request = { id: world.uuid(), book: otherBook, journals: [past(1, inOther('o'))] };
  expect(await importer.importHistory(request)).toMatchObject({ ok: true });
  const journals = [past(1, inOther('o'))];
  expect(await importer.importHistory({ ...request, journals })).toMatchObject(
    refused('import_conflict'),
  );
});

test('a period with journals takes no history, not even on accounts that have none', async () => {
  const late = { id: world.uuid(), book, journals: [past(4, paid('nobody yet', 1n))] };
  expect(await importer.importHistory(late)).toMatchObject(refused('import_period_not_empty'));
  expect(await importer.importHistory({ ...late, book: 'kt-nobody/escrow/CNY' })).toMatchObject(
    refused('book_mismatch'),
  );
});

test('a book has to exist, and history has to be past and in order', async () => {
  const nowhere = 'kt-nobody/escrow/CNY';
  const moved = {
    ...paid('x', 1n),
    debit: { ...outside, book: nowhere },
    credit: { ...item('x'), book: nowhere },
  };
  const id = world.uuid();
  const unknown = await importer.importHistory({ id, book: nowhere, journals: [past(1, moved)] });
  expect(unknown).toMatchObject(refused('book_unknown'));
  const turned = [past(2, paid('x', 1n)), past(1, paid('x', 1n))];
  const order = await importer.importHistory({ id, book, journals: turned });
  expect(order).toMatchObject(refused('import_out_of_order'));
  const ahead = { ...past(1, paid('x', 1n)), recordedAt: world.clock.now() };
  const future = await importer.importHistory({ id, book, journals: [ahead] });
  expect(future).toMatchObject(refused('import_in_future'));
});

test('one journal that breaks a rule keeps all of a call out', async () => {
  const fresh = await createWorld();
  const other = createHistoryImporter(fresh);
  const journals = [past(1, paid('y', 5n)), past(2, spent('y', 6n))];
  const answer = await other.importHistory({ id: world.uuid(), book, journals });
  expect(answer).toMatchObject({
    error: {
      code: 'import_journal_refused',
      values: { journal_id: journals[1]?.id, reason: 'exceeds_credits' },
    },
  });
  expect(await fresh.balance('y')).toEqual({ posted: 0n, available: 0n });
  const corrected = journals.slice(0, 1);
  const again = await other.importHistory({ id: world.uuid(), book, journals: corrected });
  expect(again).toMatchObject({ ok: true });
  await other.close();
  expect(await fresh.end()).toEqual([]);
});

test('what was booked between two calls keeps the next one out, also on other accounts', async () => {
  const fresh = await createWorld();
  const other = createHistoryImporter(fresh);
  const call = (...journals: readonly HistoricJournal[]) =>
    other.importHistory({ id: world.uuid(), book, journals });
  expect(await call(past(1, paid('a', 5n)), past(2, paid('a', 5n)))).toMatchObject({ ok: true });
  expect(await call(past(2, paid('b', 5n)), past(3, paid('a', 5n)))).toMatchObject({ ok: true });
  // A refused journal books nothing.
  await fresh.submitter.submit(fresh.journal([spent('nobody', 1n)]));
  expect(await call(past(3, paid('c', 5n)))).toMatchObject({ ok: true });
  await fresh.fund('d', 1n);
  expect(await call(past(4, paid('a', 5n)))).toMatchObject(refused('import_period_not_empty'));
  await other.close();
  expect(await fresh.end()).toEqual([]);
});

test('a book that was imported into before all this is looked at whole', async () => {
  const fresh = await createWorld();
  const other = createHistoryImporter(fresh);
  const call = (...journals: readonly HistoricJournal[]) =>
    other.importHistory({ id: world.uuid(), book, journals });
  expect(await call(past(5, paid('a', 5n)))).toMatchObject({ ok: true });
  await administer(
    fresh.testDatabase.superuserUrl,
    `alter table ledger.history_import disable trigger user;
     update ledger.history_import set horizon = null`,
  );
  expect(await call(past(4, paid('a', 5n)))).toMatchObject(refused('import_period_not_empty'));
  expect(await call(past(5, paid('a', 5n)))).toMatchObject({ ok: true });
  await other.close();
  expect(await fresh.end()).toEqual([]);
});
