import { type Page, pageOf, present } from '@keyturn/kernel';
import { type Queryable, selectList } from '@keyturn/pipeline';
import { type Account, accountTable, type Counters } from './account.ts';
import { type Journal, journalTable, type Transfer } from './journal.ts';
import { limitOf, type PageRequest, positionOf } from './listing.ts';
import { anchorSql } from './partition/anchor.ts';
import { balanceDetached } from './partition/detached.ts';
import { loadJournals, loadTransfers } from './store.ts';

/** A journal with its transfers and the two accounts of each, as a person wants to read it. */
export interface JournalView extends Journal {
  readonly transfers: readonly (Transfer & { readonly debit: Account; readonly credit: Account })[];
}

const accountsSql = `select ${selectList(accountTable, 'a')} from ledger.account a
  where a.id = any($1::uuid[])`;

export async function readAccounts(
  db: Queryable,
  ids: readonly string[],
): Promise<readonly Account[]> {
  return db.query<Account>(accountsSql, [ids]);
}

const ownerSql = `select ${selectList(accountTable, 'a')} from ledger.account a
  where a.owner = any($1::text[])
    and (select b.keeper from ledger.book b where b.id = a.book_id) is null
  order by a.owner, a.code limit 1000`;

/**
 * All accounts of some owners (a merchant, a deal's items), at most 1,000; in books that have no
 * keeper, since whoever keeps a book names owners as they like.
 */
export async function readAccountsOfOwners(
  db: Queryable,
  owners: readonly string[],
): Promise<readonly Account[]> {
  return db.query<Account>(ownerSql, [owners]);
}

const objectsSql = `select ${selectList(journalTable, 'j')}, j.transaction_id::text as "transaction"
  from ledger.journals_of($1, $2, $3::text::xid8, $4, $5) j order by j.transaction_id, j.id`;

const beforeFirst = ['0', '00000000-0000-0000-0000-000000000000'] as const;

/**
 * The journals that objects (an order, a deal, a pay-out) caused, in the order of their
 * transactions: those of one book, or those of all books that have no keeper, since whoever keeps a
 * book names objects as they like.
 *
 * @throws CursorError when the cursor is not one of ours
 */
export async function readJournalsOfObjects(
  db: Queryable,
  objects: readonly string[],
  page: PageRequest = {},
  book?: string,
): Promise<Page<JournalView>> {
  const after = positionOf(page, ['sequence', 'uuid']) ?? beforeFirst;
  const limit = limitOf(page);
  const values = [objects, book ?? null, ...after, limit + 1];
  const rows = await db.query<BookedJournal>(objectsSql, values);
  const { items, ...rest } = pageOf(rows, limit, ({ transaction, id }) => [transaction, id]);
  const journals = items.map(({ transaction: _, ...journal }): Journal => journal);
  return { items: await withTransfers(db, journals), ...rest };
}

interface BookedJournal extends Journal {
  readonly transaction: string;
}

/** A journal by its id, also one that was refused; undefined when there is none. */
export async function readJournal(db: Queryable, id: string): Promise<JournalView | undefined> {
  const [journal] = await withTransfers(db, await loadJournals(db, [id]));
  return journal;
}

async function withTransfers(
  db: Queryable,
  journals: readonly Journal[],
): Promise<readonly JournalView[]> {
  const transfers = await loadTransfers(
    db,
    journals.map((journal) => journal.id),
  );
  const ids = new Set(transfers.flatMap((t) => [t.debitAccount, t.creditAccount]));
  const accounts = new Map((await readAccounts(db, [...ids])).map((a) => [a.id, a]));
  const full = transfers.flatMap((transfer) => {
    const debit = accounts.get(transfer.debitAccount);
    const credit = accounts.get(transfer.creditAccount);
    return debit && credit ? [{ ...transfer, debit, credit }] : [];
  });
  const byJournal = Map.groupBy(full, (transfer) => transfer.journalId);
  return journals.map((journal) => ({ ...journal, transfers: byJournal.get(journal.id) ?? [] }));
}

const asOfSql = `select c.version, c.dp as "debitsPosted", c.cp as "creditsPosted",
    c.dh as "debitsPending", c.ch as "creditsPending", c.refused
  from ${anchorSql('$1', (recordedAt) => `${recordedAt} <= $2`)} c`;

/**
 * An account's counters after the last transfer recorded at or before a moment; zeros before the
 * first.
 *
 * @throws DetachedError when that transfer lies in a part that was detached
 */
export async function readCountersAt(
  db: Queryable,
  accountId: string,
  at: Temporal.Instant,
): Promise<Counters> {
  const rows = await db.query<Counters & { readonly refused: boolean }>(asOfSql, [
    accountId,
    at.toString(),
  ]);
  const { refused, ...counters } = present(rows[0], 'the row of the counters');
  if (refused) throw balanceDetached(accountId, at);
  return counters;
}

/** What was posted on one account of a book before a moment, in minor units. */
export interface BookBalance {
  readonly code: number;
  readonly owner: string;
  readonly debits: bigint;
  readonly credits: bigint;
}

/**
 * Calls are recorded in the order of their commits but carry the moment of their submission, so
 * that two that meet on an account may stand the other way round, by seconds. Counters of a
 * version are trusted as "everything before" only when they are older than the moment by this
 * much; what is younger is summed up.
 */
const settledAfter = '10 minutes';

const bookBalancesSql = `with page as (
    select a.id, a.code, a.owner from ledger.account a
    where a.book_id = $1 and (a.code, a.owner) > ($3::smallint, $4::text)
    order by a.code, a.owner limit $5)
  select p.code, p.owner, case when anchor.refused then p.id end as refused,
    anchor.dp + coalesce(debits.amount, 0)::bigint as debits,
    anchor.cp + coalesce(credits.amount, 0)::bigint as credits
  from page p
  cross join lateral ${anchorSql('p.id', (recordedAt) => `${recordedAt} < $2::timestamptz - interval '${settledAfter}'`)} anchor
  left join lateral (
    select sum(t.amount) as amount from ledger.transfer t
    where t.debit_account = p.id and t.debit_version > anchor.version
      and t.kind in ('posted', 'post_pending') and t.recorded_at < $2) debits on true
  left join lateral (
    select sum(t.amount) as amount from ledger.transfer t
    where t.credit_account = p.id and t.credit_version > anchor.version
      and t.kind in ('posted', 'post_pending') and t.recorded_at < $2) credits on true
  order by p.code, p.owner`;

/**
 * What was posted on each account of a book by journals recorded before a moment: exact at any
 * cut-off, and the same whenever it is asked. Reads the accounts in pages, so that no statement
 * grows with the book.
 *
 * @param pageSize accounts per statement, 1 to 10,000
 * @throws DetachedError when an account's transfers before the moment lie in a detached part
 */
export async function* readBookBalancesAt(
  db: Queryable,
  book: string,
  before: Temporal.Instant,
  pageSize = 2_000,
): AsyncGenerator<BookBalance> {
  let code = 0;
  let owner = '';
  for (;;) {
    const values = [book, before.toString(), code, owner, pageSize];
    const page = await db.query<BookBalance & { readonly refused: string | null }>(
      bookBalancesSql,
      values,
    );
    for (const { refused, ...balance } of page) {
      if (refused !== null) throw balanceDetached(refused, before);
      yield balance;
    }
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return;
    ({ code, owner } = last);
  }
}

const effectsSql = `select t.journal_id as "journalId", j.recorded_at as "recordedAt",
    sum(case when t.debit_account = $1 then t.amount else -t.amount end)::bigint as amount
  from ledger.journal j join ledger.transfer t
    on t.transaction_id = j.transaction_id and t.journal_id = j.id
  where j.id = any($2::uuid[]) and (t.debit_account = $1 or t.credit_account = $1)
    and t.kind in ('posted', 'post_pending')
  group by t.journal_id, j.recorded_at`;

/** What journals posted on one account (debits less credits), and when they were recorded. */
export async function readEffectsOnAccount(
  db: Queryable,
  accountId: string,
  journalIds: readonly string[],
): Promise<
  readonly {
    readonly journalId: string;
    readonly recordedAt: Temporal.Instant;
    readonly amount: bigint;
  }[]
> {
  if (journalIds.length === 0) return [];
  return db.query(effectsSql, [accountId, journalIds]);
}
