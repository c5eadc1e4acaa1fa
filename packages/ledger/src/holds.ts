import { type Page, pageOf } from '@keyturn/kernel';
import { type Queryable, selectList } from '@keyturn/pipeline';
import { type HoldRef, type Transfer, transferTable } from './journal.ts';
import { limitOf, type PageRequest, positionOf } from './listing.ts';

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
  from ledger.transfer t join ledger.journal j on j.id = t.journal_id
  left join ledger.transfer r on r.hold_journal = t.journal_id and r.hold_leg = t.leg
    and r.hold_journal is not null
  where t.journal_id = $1 and t.leg = $2 and t.kind = 'pending'`;

/** A hold by its journal and leg; undefined when there is none. */
export async function readHold(db: Queryable, hold: HoldRef): Promise<HoldView | undefined> {
  const [found] = await db.query<HoldView>(holdSql, [hold.journalId, hold.leg]);
  return found;
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
  join ledger.transfer t on t.journal_id = d.journal_id and t.leg = d.leg
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
