import { encodeCursor, type Page, pageOf } from '@keyturn/kernel';
import { type Queryable, selectList } from '@keyturn/pipeline';
import { holdKey } from './batch-state.ts';
import type { DetachedHold } from './decide/find-leg.ts';
import { type HoldRef, type Transfer, transferTable } from './journal.ts';
import { limitOf, type PageRequest, positionOf } from './listing.ts';
import { loadDetachedHolds } from './store.ts';

/** A hold, and what became of it. */
export interface HoldView extends Transfer {
  readonly bookId: string;
  /** How it was resolved; null while it is open. */
  readonly resolution: 'post_pending' | 'void_pending' | null;
  readonly resolvedBy: string | null;
  /** What was posted of it, in minor units. */
  readonly resolvedAmount: bigint | null;
  readonly resolvedAt: Temporal.Instant | null;
}

const holdSql = `select ${selectList(transferTable, 't')}, j.book_id as "bookId",
    r.kind as resolution, r.journal_id as "resolvedBy", r.amount as "resolvedAmount",
    r.recorded_at as "resolvedAt"
  from ledger.journal j join ledger.transfer t
    on t.transaction_id = j.transaction_id and t.journal_id = j.id
  left join ledger.hold_resolution s on s.hold_journal = t.journal_id and s.hold_leg = t.leg
  left join ledger.journal i on i.id = s.journal_id
  left join ledger.transfer r on r.transaction_id = i.transaction_id and r.journal_id = i.id
    and r.leg = s.leg
  where j.id = $1 and t.leg = $2 and t.kind = 'pending'`;

/** A hold by its journal and leg; undefined when there is none. */
export async function readHold(db: Queryable, hold: HoldRef): Promise<HoldView | undefined> {
  const [found] = await db.query<HoldView>(holdSql, [hold.journalId, hold.leg]);
  return found;
}

/**
 * What became of a hold that `readHold` does not find, since it lies in a part that was detached;
 * undefined when there never was such a hold. Only resolved ones are taken out with their part.
 */
export async function readDetachedHold(
  db: Queryable,
  hold: HoldRef,
): Promise<DetachedHold | undefined> {
  const found = await loadDetachedHolds(db, [hold]);
  return found.get(holdKey(hold));
}

/** An open hold with a time-out. */
export interface ExpiringHold {
  readonly journalId: string;
  readonly leg: number;
  readonly bookId: string;
  readonly amount: bigint;
  readonly expiresAt: Temporal.Instant;
}

const expiringSql = `select d.journal_id as "journalId", d.leg, j.book_id as "bookId", t.amount,
    d.expires_at as "expiresAt"
  from (select h.journal_id, h.leg, h.expires_at from ledger.due_hold h
    where (h.expires_at, h.journal_id, h.leg) > ($1::timestamptz, $2::uuid, $3::smallint)
    order by h.expires_at, h.journal_id, h.leg limit $4) d
  join ledger.journal j on j.id = d.journal_id
  join ledger.transfer t on t.transaction_id = j.transaction_id and t.journal_id = j.id
    and t.leg = d.leg
  order by d.expires_at, d.journal_id, d.leg`;

/**
 * Open holds that run out, the soonest first, of all books.
 *
 * @throws CursorError when the cursor is not one of ours
 */
export async function listExpiringHolds(
  db: Queryable,
  page: PageRequest = {},
): Promise<Page<ExpiringHold>> {
  const after = positionOf(page, ['instant', 'uuid', 'sequence']) ?? first;
  const limit = limitOf(page);
  const rows = await db.query<ExpiringHold>(expiringSql, [...after, limit + 1]);
  return pageOf(rows, limit, (row) => [row.expiresAt.toString(), row.journalId, String(row.leg)]);
}

const first = ['-infinity', '00000000-0000-0000-0000-000000000000', '0'] as const;

/** Entries of an account that are looked through for one page. */
const looked = 500;

const pendingSql = `select e.version, e."journalId", e.leg, e.kind from (
    (select t.debit_version as version, t.journal_id as "journalId", t.leg, t.kind
      from ledger.transfer t where t.debit_account = $1 and t.debit_version < $2
      order by t.debit_version desc limit $3)
    union all
    (select t.credit_version, t.journal_id, t.leg, t.kind
      from ledger.transfer t where t.credit_account = $1 and t.credit_version < $2
      order by t.credit_version desc limit $3)) e
  order by e.version desc limit $3`;

const openSql = `select ${selectList(transferTable, 't')}
  from unnest($1::uuid[], $2::int2[]) with ordinality as wanted(journal_id, leg, place)
  join ledger.journal j on j.id = wanted.journal_id
  join ledger.transfer t on t.transaction_id = j.transaction_id and t.journal_id = j.id
    and t.leg = wanted.leg
  where not exists (select 1 from ledger.hold_resolution r
    where r.hold_journal = t.journal_id and r.hold_leg = t.leg)
  order by wanted.place`;

interface LookedAt extends HoldRef {
  readonly version: bigint;
  readonly kind: Transfer['kind'];
}

/**
 * The open holds on an account, the newest first. Its entries are looked through, so many for each
 * page: a page may have few holds, or none, and yet say where the next one begins.
 *
 * @throws CursorError when the cursor is not one of ours
 */
export async function listOpenHolds(
  db: Queryable,
  accountId: string,
  page: PageRequest = {},
): Promise<Page<Transfer>> {
  const [before] = positionOf(page, ['sequence']) ?? ['999999999999999999'];
  const limit = limitOf(page);
  const entries = await db.query<LookedAt>(pendingSql, [accountId, before, looked]);
  const holds = entries.filter(({ kind }) => kind === 'pending');
  const versions = new Map(holds.map((hold) => [`${hold.journalId}/${hold.leg}`, hold.version]));
  const journals = holds.map(({ journalId }) => journalId);
  const legs = holds.map(({ leg }) => leg);
  const open = holds.length === 0 ? [] : await db.query<Transfer>(openSql, [journals, legs]);
  const cut = pageOf(open, limit, ({ journalId, leg }) => [
    String(versions.get(`${journalId}/${leg}`)),
  ]);
  const last = entries.length === looked ? entries.at(-1) : undefined;
  const rest = last === undefined ? undefined : encodeCursor([last.version.toString()]);
  return { items: cut.items, nextCursor: cut.nextCursor ?? rest };
}
