import { maxPageSize, type Page, pageOf } from '@keyturn/kernel';
import { type Queryable, selectList } from '@keyturn/pipeline';
import { type Account, accountTable } from './account.ts';
import { type Journal, journalTable, type Transfer } from './journal.ts';
import { loadTransfers } from './store.ts';

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
  where a.owner = any($1::text[]) order by a.owner, a.code limit 1000`;

/** All accounts of some owners (a merchant, a deal's items). At most 1,000. */
export async function readAccountsOfOwners(
  db: Queryable,
  owners: readonly string[],
): Promise<readonly Account[]> {
  return db.query<Account>(ownerSql, [owners]);
}

const objectSql = `select ${selectList(journalTable, 'j')} from ledger.journal j
  where j.cause_object = any($1::text[]) and j.id > $2::uuid and j.refusal is null
  order by j.id limit $3`;

/**
 * The journals that objects (an order, a deal, a pay-out) caused, oldest first.
 * `after` is a journal id; `limit` between 1 and 100.
 */
export async function readJournalsOfObjects(
  db: Queryable,
  objects: readonly string[],
  after = '00000000-0000-0000-0000-000000000000',
  limit = maxPageSize,
): Promise<Page<JournalView>> {
  const journals = await db.query<Journal>(objectSql, [objects, after, limit + 1]);
  const page = pageOf(journals, limit, (journal) => [journal.id]);
  return { items: await withTransfers(db, page.items), nextCursor: page.nextCursor };
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

const asOfSql = `select counters.* from (
    (select t.debit_version as version, t.debit_debits_posted as "debitsPosted",
        t.debit_credits_posted as "creditsPosted", t.debit_debits_pending as "debitsPending",
        t.debit_credits_pending as "creditsPending"
      from ledger.transfer t where t.debit_account = $1 and t.recorded_at <= $2
      order by t.debit_version desc limit 1)
    union all
    (select t.credit_version, t.credit_debits_posted, t.credit_credits_posted,
        t.credit_debits_pending, t.credit_credits_pending
      from ledger.transfer t where t.credit_account = $1 and t.recorded_at <= $2
      order by t.credit_version desc limit 1)
  ) as counters order by counters.version desc limit 1`;

export type Counters = Pick<
  Account,
  'version' | 'debitsPosted' | 'creditsPosted' | 'debitsPending' | 'creditsPending'
>;

/**
 * An account's counters after the last transfer recorded at or before a moment; zeros before the
 * first.
 */
export async function readCountersAt(
  db: Queryable,
  accountId: string,
  at: Temporal.Instant,
): Promise<Counters> {
  const rows = await db.query<Counters>(asOfSql, [accountId, at.toString()]);
  return (
    rows[0] ?? {
      version: 0n,
      debitsPosted: 0n,
      creditsPosted: 0n,
      debitsPending: 0n,
      creditsPending: 0n,
    }
  );
}
