import { assert } from '@keyturn/kernel';
import { insertRows, type Queryable, selectList, type Tx } from '@keyturn/pipeline';
import { type Account, accountTable } from './account.ts';
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
  on conflict (id) do nothing`;

/**
 * Opens accounts that the lock did not find, in the order of their ids, and locks them. Another
 * transaction may open the same ones meanwhile: the insert waits for it, and the lock then finds
 * its row.
 */
export async function openAccounts(
  tx: Tx,
  accounts: readonly Account[],
): Promise<readonly Account[]> {
  const sorted = [...accounts].sort((a, b) => (a.id < b.id ? -1 : 1));
  await tx.query(openSql, [
    sorted.map((account) => account.id),
    sorted.map((account) => account.bookId),
    sorted.map((account) => account.code),
    sorted.map((account) => account.owner),
    sorted.map((account) => account.limitKind),
    sorted.map((account) => account.openedAt.toString()),
  ]);
  const locked = await lockAccounts(
    tx,
    sorted.map((account) => account.id),
  );
  assert(locked.length === sorted.length, 'every account that was opened is there');
  return locked;
}

const holdsSql = `select ${selectList(transferTable, 't')} from ledger.transfer t
  join unnest($1::uuid[], $2::int2[]) as wanted(journal_id, leg)
    on t.journal_id = wanted.journal_id and t.leg = wanted.leg
  where t.kind = 'pending'`;

export async function loadHolds(tx: Tx, refs: readonly HoldRef[]): Promise<readonly Transfer[]> {
  return tx.query<Transfer>(holdsSql, [
    refs.map((ref) => ref.journalId),
    refs.map((ref) => ref.leg),
  ]);
}

const resolutionsSql = `select t.hold_journal as "holdJournal", t.hold_leg as "holdLeg", t.kind
  from ledger.transfer t join unnest($1::uuid[], $2::int2[]) as wanted(journal_id, leg)
    on t.hold_journal = wanted.journal_id and t.hold_leg = wanted.leg
  where t.hold_journal is not null`;

/** What became of holds that are resolved, by `journal/leg`. */
export async function loadResolutions(
  tx: Tx,
  refs: readonly HoldRef[],
): Promise<ReadonlyMap<string, 'post_pending' | 'void_pending'>> {
  const rows = await tx.query<{
    holdJournal: string;
    holdLeg: number;
    kind: 'post_pending' | 'void_pending';
  }>(resolutionsSql, [refs.map((ref) => ref.journalId), refs.map((ref) => ref.leg)]);
  return new Map(rows.map((row) => [`${row.holdJournal}/${row.holdLeg}`, row.kind]));
}

const journalsSql = `select ${selectList(journalTable, 'j')} from ledger.journal j
  where j.id = any($1::uuid[])`;

export async function loadJournals(
  db: Queryable,
  ids: readonly string[],
): Promise<readonly Journal[]> {
  return db.query<Journal>(journalsSql, [ids]);
}

const transfersSql = `select ${selectList(transferTable, 't')} from ledger.transfer t
  where t.journal_id = any($1::uuid[]) order by t.journal_id, t.leg`;

export async function loadTransfers(
  db: Queryable,
  journalIds: readonly string[],
): Promise<readonly Transfer[]> {
  return db.query<Transfer>(transfersSql, [journalIds]);
}

/** Burnt ids: journals that were refused on state, without transfers. */
export function insertRefusedJournals(tx: Tx, journals: readonly Journal[]): void {
  insertRows(tx, journalTable, journals);
}
