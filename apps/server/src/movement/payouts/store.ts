import { type Page, pageOf } from '@keyturn/kernel';
import { type Queryable, selectList, type Tx } from '@keyturn/pipeline';
import type { Overdue } from '../../platform/index.ts';
import type { PayoutState } from './decide/payout-state.ts';
import { type Payout, payoutTable } from './tables.ts';

/** All SQL of this module. */

const payouts = selectList(payoutTable, 'p');

type Ids = readonly [string, ...string[]];

const lockSql = `select ${payouts} from payouts.payout p
  where p.id = any($1::uuid[]) order by p.id for no key update`;

export async function lockPayouts(tx: Tx, ids: Ids): Promise<readonly Payout[]> {
  return tx.query<Payout>(lockSql, [ids]);
}

const readSql = `select ${payouts} from payouts.payout p where p.id = $1`;
const readByNumberSql = `select ${payouts} from payouts.payout p where p.number = $1`;

export async function readPayout(db: Queryable, id: string): Promise<Payout | undefined> {
  return (await db.query<Payout>(readSql, [id]))[0];
}

export async function readPayoutByNumber(
  db: Queryable,
  number: string,
): Promise<Payout | undefined> {
  return (await db.query<Payout>(readByNumberSql, [number]))[0];
}

const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

const byStateSql = `select ${payouts} from payouts.payout p
  where p.state = $1 and p.id < $2::uuid order by p.id desc limit $3`;

/** Newest first. */
export async function readPayoutsByState(
  db: Queryable,
  state: string,
  limit: number,
  before: string = lastId,
): Promise<Page<Payout>> {
  const rows = await db.query<Payout>(byStateSql, [state, before, limit + 1]);
  return pageOf(rows, limit, (payout) => [payout.id]);
}

const byReferencesSql = `select ${payouts} from payouts.payout p
  where p.reference_id = any($1::text[]) and p.id < $2::uuid order by p.id desc limit $3`;

export async function readPayoutsOfReferences(
  db: Queryable,
  references: Ids,
  limit: number,
  before: string = lastId,
): Promise<Page<Payout>> {
  const rows = await db.query<Payout>(byReferencesSql, [references, before, limit + 1]);
  return pageOf(rows, limit, (payout) => [payout.id]);
}

/** Counts at most so many of each state. */
const overdueLimit = 1_001;

const overdueSql = `select count(*) as count, min(o.first_submitted_at) as since
  from unnest($1::text[]) as wanted(state) cross join lateral (
    select p.first_submitted_at from payouts.payout p
    where p.state = wanted.state and p.first_submitted_at <= $2
    order by p.first_submitted_at limit $3) o`;

/** Pay-outs in some states that were sent before a moment. */
export async function readOverduePayouts(
  db: Queryable,
  states: readonly [PayoutState, ...PayoutState[]],
  before: Temporal.Instant,
): Promise<Pick<Overdue, 'count' | 'since'>> {
  const values = [states, before.toString(), overdueLimit];
  const [row] = await db.query<Pick<Overdue, 'count' | 'since'>>(overdueSql, values);
  return row ?? { count: 0n, since: null };
}

const claimSql = `update payouts.payout p set due_at = $2, queries = p.queries + 1 where p.id in (
    select d.id from payouts.payout d where d.due_at <= $1 order by d.due_at limit $3
    for no key update skip locked)
  returning ${payouts}`;

/**
 * Takes due pay-outs for a while: nobody else looks at them before `lease`. Whoever crashes with
 * one in hand loses nothing; it is due again.
 */
export async function claimPayouts(
  db: Queryable,
  claim: {
    readonly now: Temporal.Instant;
    readonly lease: Temporal.Instant;
    readonly limit: number;
  },
): Promise<readonly Payout[]> {
  return db.query<Payout>(claimSql, [claim.now.toString(), claim.lease.toString(), claim.limit]);
}

const rescheduleSql = `update payouts.payout p set due_at = u.due_at
  from unnest($1::uuid[], $2::timestamptz[]) as u(id, due_at)
  where p.id = u.id and p.due_at = $3`;

/** Gives pay-outs that are still under the lease their next time. */
export async function reschedulePayouts(
  db: Queryable,
  due: readonly { readonly id: string; readonly dueAt: Temporal.Instant }[],
  lease: Temporal.Instant,
): Promise<void> {
  if (due.length === 0) return;
  const rows = [...due].sort((a, b) => (a.id < b.id ? -1 : 1));
  await db.query(rescheduleSql, [
    rows.map((row) => row.id),
    rows.map((row) => row.dueAt.toString()),
    lease.toString(),
  ]);
}
