import { assert } from '@keyturn/kernel';
import { insertRows, type Queryable, selectList, type Tx } from '@keyturn/pipeline';
import { type Account, accountTable } from './account.ts';
import type { DetachedHold } from './decide/find-leg.ts';
import {
  type HoldRef,
  type Journal,
  journalTable,
  type Transfer,
  transferTable,
} from './journal.ts';

/**
 * All SQL of the ledger's hot path. Sets in, sets out; accounts are locked in the order of their
 * ids.
 */

const lockSql = `select ${selectList(accountTable, 'a')} from ledger.account a
  where a.id = any($1::uuid[]) order by a.id for no key update`;

export async function lockAccounts(tx: Tx, ids: readonly string[]): Promise<readonly Account[]> {
  if (ids.length === 0) return [];
  return tx.query<Account>(lockSql, [ids]);
}

const openSql = `insert into ledger.account (id, book_id, code, owner, limit_kind, opened_at)
  select * from unnest(
    $1::uuid[], $2::text[], $3::int2[], $4::text[], $5::text[], $6::timestamptz[])
  on conflict (id) do nothing returning id`;

/**
 * Opens accounts that the lock did not find, in the order of their ids, and locks them. Another
 * transaction may open the same ones meanwhile: the insert waits for it, and the lock then finds
 * its row.
 *
 * @returns all of the accounts, and which of them were opened by this call
 */
export async function openAccounts(
  tx: Tx,
  accounts: readonly Account[],
): Promise<{ readonly accounts: readonly Account[]; readonly inserted: ReadonlySet<string> }> {
  if (accounts.length === 0) return { accounts: [], inserted: new Set() };
  const sorted = [...accounts].sort((a, b) => (a.id < b.id ? -1 : 1));
  const inserted = tx.query<{ id: string }>(openSql, [
    sorted.map((account) => account.id),
    sorted.map((account) => account.bookId),
    sorted.map((account) => account.code),
    sorted.map((account) => account.owner),
    sorted.map((account) => account.limitKind),
    sorted.map((account) => account.openedAt.toString()),
  ]);
  const ids = sorted.map((account) => account.id);
  const [rows, locked] = await Promise.all([inserted, lockAccounts(tx, ids)]);
  assert(locked.length === sorted.length, 'every account that was opened is there');
  return { accounts: locked, inserted: new Set(rows.map(({ id }) => id)) };
}

const holdsSql = `select ${selectList(transferTable, 't')}
  from unnest($1::uuid[], $2::int2[]) as wanted(journal_id, leg)
  join ledger.journal j on j.id = wanted.journal_id
  join ledger.transfer t on t.transaction_id = j.transaction_id and t.journal_id = j.id
    and t.leg = wanted.leg
  where t.kind = 'pending'`;

export async function loadHolds(tx: Tx, refs: readonly HoldRef[]): Promise<readonly Transfer[]> {
  if (refs.length === 0) return [];
  return tx.query<Transfer>(holdsSql, [
    refs.map((ref) => ref.journalId),
    refs.map((ref) => ref.leg),
  ]);
}

const resolutionsSql = `select r.hold_journal as "holdJournal", r.hold_leg as "holdLeg", r.posted
  from ledger.hold_resolution r join unnest($1::uuid[], $2::int2[]) as wanted(journal_id, leg)
    on r.hold_journal = wanted.journal_id and r.hold_leg = wanted.leg`;

/** What became of holds that are resolved, by `journal/leg`. */
export async function loadResolutions(
  tx: Tx,
  refs: readonly HoldRef[],
): Promise<ReadonlyMap<string, 'post_pending' | 'void_pending'>> {
  const rows = await tx.query<{ holdJournal: string; holdLeg: number; posted: boolean }>(
    resolutionsSql,
    [refs.map((ref) => ref.journalId), refs.map((ref) => ref.leg)],
  );
  return new Map(
    rows.map(({ holdJournal, holdLeg, posted }) => [
      `${holdJournal}/${holdLeg}`,
      posted ? 'post_pending' : 'void_pending',
    ]),
  );
}

const detachedSql = `select r.hold_journal as "journalId", r.hold_leg as leg, r.posted,
    j.book_id as "bookId"
  from unnest($1::uuid[], $2::int2[]) as wanted(journal_id, leg)
  join ledger.hold_resolution r on r.hold_journal = wanted.journal_id and r.hold_leg = wanted.leg
  join ledger.journal j on j.id = r.hold_journal`;

/** What became of holds whose transfers may be detached, by `journal/leg`. */
export async function loadDetachedHolds(
  tx: Queryable,
  refs: readonly HoldRef[],
): Promise<ReadonlyMap<string, DetachedHold>> {
  if (refs.length === 0) return new Map();
  const rows = await tx.query<HoldRef & { bookId: string; posted: boolean }>(detachedSql, [
    refs.map((ref) => ref.journalId),
    refs.map((ref) => ref.leg),
  ]);
  return new Map(
    rows.map(({ journalId, leg, bookId, posted }) => [
      `${journalId}/${leg}`,
      { bookId, resolvedBy: posted ? 'post_pending' : 'void_pending' },
    ]),
  );
}

const journalsSql = `select ${selectList(journalTable, 'j')} from ledger.journal j
  where j.id = any($1::uuid[])`;

export async function loadJournals(
  db: Queryable,
  ids: readonly string[],
): Promise<readonly Journal[]> {
  return db.query<Journal>(journalsSql, [ids]);
}

const transfersSql = `select ${selectList(transferTable, 't')} from ledger.journal j
  join ledger.transfer t on t.transaction_id = j.transaction_id and t.journal_id = j.id
  where j.id = any($1::uuid[]) order by t.journal_id, t.leg`;

/** Transfers of journals; of a journal whose transfers are detached there is none. */
export async function loadTransfers(
  db: Queryable,
  journalIds: readonly string[],
): Promise<readonly Transfer[]> {
  return db.query<Transfer>(transfersSql, [journalIds]);
}

/** Burnt ids: journals that were refused on state, without transfers. */
export function insertRefusedJournals(tx: Pick<Tx, 'write'>, journals: readonly Journal[]): void {
  insertRows(tx, journalTable, journals);
}

/** Takes holds that were resolved from those that can still expire. */
export function deleteDueHolds(tx: Tx, refs: readonly HoldRef[]): void {
  if (refs.length === 0) return;
  tx.write(dueSql, [refs.map((ref) => ref.journalId), refs.map((ref) => ref.leg)]);
}

const dueSql = `delete from ledger.due_hold d
  using unnest($1::uuid[], $2::int2[]) as u(journal_id, leg)
  where d.journal_id = u.journal_id and d.leg = u.leg`;

/** Journals with their transfers, those that exist. */
export async function loadReceipts(
  db: Queryable,
  ids: readonly string[],
): Promise<readonly { readonly journal: Journal; readonly transfers: readonly Transfer[] }[]> {
  if (ids.length === 0) return [];
  const journals = await loadJournals(db, ids);
  if (journals.length === 0) return [];
  const transfers = await loadTransfers(
    db,
    journals.map((journal) => journal.id),
  );
  const byJournal = Map.groupBy(transfers, (transfer) => transfer.journalId);
  return journals.map((journal) => ({ journal, transfers: byJournal.get(journal.id) ?? [] }));
}

const reversalsSql = `select j.id, j.reverses from ledger.journal j
  where j.reverses = any($1::uuid[])`;

/** By which journals others were reversed. */
export async function loadReversals(
  tx: Tx,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.query<{ id: string; reverses: string }>(reversalsSql, [ids]);
  return new Map(rows.map((row) => [row.reverses, row.id]));
}

const booksSql = 'select b.id from ledger.book b where b.id = any($1::text[])';

/** Which of these books exist. */
export async function loadBooks(db: Queryable, ids: readonly string[]): Promise<readonly string[]> {
  const rows = await db.query<{ id: string }>(booksSql, [ids]);
  return rows.map((row) => row.id);
}
