import {
  type CursorPart,
  decodeCursor,
  maxPageSize,
  type Page,
  pageOf,
  present,
} from '@keyturn/kernel';
import { type Queryable, selectList } from '@keyturn/pipeline';
import { type Account, accountTable } from './account.ts';
import type { Side, TransferKind } from './journal.ts';
import { anchorSql, detachedVersion } from './partition/anchor.ts';
import { balanceDetached, entriesDetached } from './partition/detached.ts';

/** What a list is asked for besides its subject. */
export interface PageRequest {
  /** Where the page before ended; from the beginning when absent. */
  readonly cursor?: string;
  /** 1 to 100; 100 when absent. */
  readonly limit?: number;
}

/** A cursor that this list did not give. Ask again without one. */
export class CursorError extends Error {
  override name = 'CursorError';
}

/** How many a page holds. */
export function limitOf({ limit = maxPageSize }: PageRequest): number {
  return Math.min(Math.max(limit, 1), maxPageSize);
}

/**
 * Where the page before ended; undefined for the first one.
 *
 * @throws CursorError when the cursor is not one of ours
 */
export function positionOf<const Kinds extends readonly CursorPart[]>(
  page: PageRequest,
  kinds: Kinds,
): { readonly [Part in keyof Kinds]: string } | undefined {
  if (page.cursor === undefined) return undefined;
  const position = decodeCursor(page.cursor, kinds);
  if (position === undefined) throw new CursorError('this cursor does not belong to this list');
  return position;
}

const ofBookSql = `select ${selectList(accountTable, 'a')} from ledger.account a
  where a.book_id = $1 and (a.code, a.owner) > (
      coalesce((select c.code from ledger.account c where c.id in (select unnest($2::uuid[]))), 0),
      coalesce((select c.owner from ledger.account c where c.id in (select unnest($2::uuid[]))),
        ''))
  order by a.code, a.owner limit $3`;

/**
 * The accounts of a book by code and owner.
 *
 * @throws CursorError when the cursor is not one of ours
 */
export async function listAccounts(
  db: Queryable,
  book: string,
  page: PageRequest = {},
): Promise<Page<Account>> {
  const after = positionOf(page, ['uuid']);
  const limit = limitOf(page);
  const values = [book, after ?? [], limit + 1];
  const rows = await db.query<Account>(ofBookSql, values);
  return pageOf(rows, limit, (account) => [account.id]);
}

const byMetadataSql = `select ${selectList(accountTable, 'a')}
  from (select m.account_id from ledger.account_metadata m
    where m.key = $1 and m.value = $2 and m.account_id > $3::uuid
    order by m.account_id limit $4) found
  join ledger.account a on a.id = found.account_id order by a.id`;

const firstId = '00000000-0000-0000-0000-000000000000';

/**
 * The accounts whose metadata has a value under a key, by id.
 *
 * @throws CursorError when the cursor is not one of ours
 */
export async function findAccounts(
  db: Queryable,
  metadata: { readonly key: string; readonly value: string },
  page: PageRequest = {},
): Promise<Page<Account>> {
  const [after] = positionOf(page, ['uuid']) ?? [firstId];
  const limit = limitOf(page);
  const values = [metadata.key, metadata.value, after, limit + 1];
  const rows = await db.query<Account>(byMetadataSql, values);
  return pageOf(rows, limit, (account) => [account.id]);
}

/** One line of an account's statement: what a transfer did to it, and how it stood afterwards. */
export interface Entry {
  /** The account's gap-free count of its entries. */
  readonly version: bigint;
  readonly journalId: string;
  readonly leg: number;
  readonly kind: TransferKind;
  readonly side: Side;
  /** What was posted or held; 0 for a void. */
  readonly amount: bigint;
  readonly counterpart: string;
  readonly debitsPosted: bigint;
  readonly creditsPosted: bigint;
  readonly debitsPending: bigint;
  readonly creditsPending: bigint;
  readonly effectiveAt: Temporal.Instant;
  readonly recordedAt: Temporal.Instant;
}

const entriesSql = `select e.*, j.effective_at as "effectiveAt" from (
    (select t.debit_version as version, t.journal_id as "journalId", t.leg, t.kind,
        'debit' as side, t.amount, t.credit_account as counterpart,
        t.debit_debits_posted as "debitsPosted", t.debit_credits_posted as "creditsPosted",
        coalesce(t.debit_debits_pending, 0) as "debitsPending",
        coalesce(t.debit_credits_pending, 0) as "creditsPending",
        t.recorded_at as "recordedAt"
      from ledger.transfer t where t.debit_account = $1 and t.debit_version > $2
      order by t.debit_version limit $3)
    union all
    (select t.credit_version, t.journal_id, t.leg, t.kind, 'credit', t.amount, t.debit_account,
        t.credit_debits_posted, t.credit_credits_posted, coalesce(t.credit_debits_pending, 0),
        coalesce(t.credit_credits_pending, 0), t.recorded_at
      from ledger.transfer t where t.credit_account = $1 and t.credit_version > $2
      order by t.credit_version limit $3)
    order by 1 limit $3
  ) e join ledger.journal j on j.id = e."journalId" order by e.version`;

const detachedSql = `select ${detachedVersion('$1::uuid')} as version`;

/**
 * An account's entries in the order in which they were booked, each with the balances after it.
 *
 * @throws CursorError when the cursor is not one of ours
 * @throws DetachedError when the first of them lie in parts that were detached; says from where on
 *   there are entries
 */
export async function listEntries(
  db: Queryable,
  accountId: string,
  page: PageRequest = {},
): Promise<Page<Entry>> {
  const [after] = positionOf(page, ['sequence']) ?? ['0'];
  const limit = limitOf(page);
  const [rows, [detached]] = await Promise.all([
    db.query<Entry>(entriesSql, [accountId, after, limit + 1]),
    db.query<{ version: bigint }>(detachedSql, [accountId]),
  ]);
  if (detached !== undefined && detached.version > BigInt(after)) {
    throw entriesDetached(accountId, detached.version);
  }
  return pageOf(rows, limit, (entry) => [entry.version.toString()]);
}

const balanceSql = `with anchor as (
    select c.version, c.dp as debits, c.cp as credits, c.refused
    from ${anchorSql('$1', (recordedAt) => `${recordedAt} < $2::timestamptz - interval '10 minutes'`)} c),
  moved as (
    select t.amount as debits, 0::bigint as credits from ledger.transfer t
      where t.debit_account = $1 and t.debit_version > (select version from anchor)
        and t.kind in ('posted', 'post_pending') and t.recorded_at <= $2::timestamptz
    union all
    select 0, t.amount from ledger.transfer t
      where t.credit_account = $1 and t.credit_version > (select version from anchor)
        and t.kind in ('posted', 'post_pending') and t.recorded_at <= $2::timestamptz
    union all
    select s.debits, s.credits from ledger.shifted_entry s
      where s.account_id = $1 and s.effective_at <= $3::timestamptz
        and s.recorded_at > $2::timestamptz and s.recorded_at <= $4::timestamptz
    union all
    select -s.debits, -s.credits from ledger.shifted_entry s
      where s.account_id = $1 and s.effective_at > $3::timestamptz
        and s.recorded_at <= $2::timestamptz)
  select (select debits from anchor) + coalesce(sum(m.debits), 0)::bigint as debits,
    (select credits from anchor) + coalesce(sum(m.credits), 0)::bigint as credits,
    (select refused from anchor) as refused
  from moved m`;

/**
 * What was posted on an account by value date: by journals effective at or before one moment, as
 * far as they were recorded at or before another. So that "what was the balance at the end of
 * June" and "what did we take it for in July" have each their answer, and a back-dated journal
 * changes the first without rewriting anything. Holds do not count.
 *
 * @param at.recordedAt as the ledger was known then; as it is known to the last when absent
 * @throws DetachedError when the account's transfers of that time lie in a detached part
 */
export async function readPostedAt(
  db: Queryable,
  accountId: string,
  at: { readonly effectiveAt: Temporal.Instant; readonly recordedAt?: Temporal.Instant },
): Promise<{ readonly debits: bigint; readonly credits: bigint }> {
  const effectiveAt = at.effectiveAt.toString();
  const recordedAt = at.recordedAt?.toString() ?? 'infinity';
  // What is not shifted was recorded when it became effective, so both moments bound it.
  const known = at.recordedAt ?? at.effectiveAt;
  const both = Temporal.Instant.compare(known, at.effectiveAt) < 0 ? known : at.effectiveAt;
  const values = [accountId, both.toString(), effectiveAt, recordedAt];
  const rows = await db.query<{ debits: bigint; credits: bigint; refused: boolean }>(
    balanceSql,
    values,
  );
  const { refused, ...posted } = present(rows[0], 'the row of the balance');
  if (refused) throw balanceDetached(accountId, both);
  return posted;
}
