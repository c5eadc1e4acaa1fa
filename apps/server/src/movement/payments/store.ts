import type { Page } from '@keyturn/kernel';
import { pageOf } from '@keyturn/kernel';
import { type Queryable, selectList, type Tx } from '@keyturn/pipeline';
import type { Overdue } from '../../platform/index.ts';
import type { RefundState } from './decide/refund-state.ts';
import {
  type AppliedReceipt,
  type Attempt,
  appliedReceiptTable,
  attemptTable,
  type CashierSession,
  cashierSessionTable,
  type Order,
  orderTable,
  type Refund,
  refundTable,
} from './tables.ts';

/**
 * All SQL of this module. Locks are taken from the order down: orders, attempts, refunds, each by
 * id.
 */

const orders = selectList(orderTable, 'o');
const attempts = selectList(attemptTable, 'a');
const refunds = selectList(refundTable, 'r');

type Ids = readonly [string, ...string[]];

const lockOrdersSql = `select ${orders} from payments.order o
  where o.id = any($1::uuid[]) order by o.id for no key update`;

export async function lockOrders(tx: Tx, ids: Ids): Promise<readonly Order[]> {
  return tx.query<Order>(lockOrdersSql, [ids]);
}

const lockOrdersOfAttemptsSql = `select ${orders} from payments.order o
  where o.id in (select a.order_id from payments.attempt a where a.number = any($1::text[]))
  order by o.id for no key update of o`;

export async function lockOrdersOfAttempts(tx: Tx, numbers: Ids): Promise<readonly Order[]> {
  return tx.query<Order>(lockOrdersOfAttemptsSql, [numbers]);
}

const lockOrdersOfRefundsSql = `select ${orders} from payments.order o
  where o.id in (select r.order_id from payments.refund r where r.id = any($1::uuid[]))
  order by o.id for no key update of o`;

export async function lockOrdersOfRefunds(tx: Tx, refundIds: Ids): Promise<readonly Order[]> {
  return tx.query<Order>(lockOrdersOfRefundsSql, [refundIds]);
}

const lockAttemptsSql = `select ${attempts} from payments.attempt a
  where a.order_id = any($1::uuid[]) order by a.id for no key update`;

/** All attempts of some orders; an order has at most 20. */
export async function lockAttempts(tx: Tx, orderIds: Ids): Promise<readonly Attempt[]> {
  return tx.query<Attempt>(lockAttemptsSql, [orderIds]);
}

const lockRefundsSql = `select ${refunds} from payments.refund r
  where r.id = any($1::uuid[]) order by r.id for no key update`;

export async function lockRefunds(tx: Tx, ids: Ids): Promise<readonly Refund[]> {
  return tx.query<Refund>(lockRefundsSql, [ids]);
}

const channelNumbersSql = `select a.id, a.contract_id as "contractId",
    a.channel_number as "channelNumber"
  from payments.attempt a join unnest($1::text[], $2::text[]) as wanted(contract_id, channel_number)
    on a.contract_id = wanted.contract_id and a.channel_number = wanted.channel_number`;

/** Which attempts have these channel numbers already. */
export async function findChannelNumbers(
  tx: Tx,
  wanted: readonly { readonly contractId: string; readonly channelNumber: string }[],
): Promise<readonly { id: string; contractId: string; channelNumber: string }[]> {
  return tx.query(channelNumbersSql, [
    wanted.map((number) => number.contractId),
    wanted.map((number) => number.channelNumber),
  ]);
}

const readOrdersSql = `select ${orders} from payments.order o where o.id = any($1::uuid[])`;
/** Each order has its own bound, so that one with many cannot keep others from being read. */
const readAttemptsSql = `select ${attempts} from unnest($1::uuid[]) as wanted (id)
  cross join lateral (select * from payments.attempt o
    where o.order_id = wanted.id order by o.id limit 100) a`;
const readAttemptSql = `select ${attempts} from payments.attempt a where a.number = $1`;
const readRefundsSql = `select ${refunds} from unnest($1::uuid[]) as wanted (id)
  cross join lateral (select * from payments.refund o
    where o.order_id = wanted.id order by o.id limit 1000) r`;
const readRefundSql = `select ${refunds} from payments.refund r where r.id = $1`;
const readRefundByNumberSql = `select ${refunds} from payments.refund r
  where r.submission_number = $1`;
const readReceiptsSql = `select ${selectList(appliedReceiptTable, 'p')}
  from unnest($1::uuid[]) as wanted (id)
  cross join lateral (select * from payments.applied_receipt o
    where o.order_id = wanted.id order by o.receipt_id limit 1000) p`;

export async function readOrders(db: Queryable, ids: Ids): Promise<readonly Order[]> {
  return db.query<Order>(readOrdersSql, [ids]);
}

export async function readAttempts(db: Queryable, orderIds: Ids): Promise<readonly Attempt[]> {
  return db.query<Attempt>(readAttemptsSql, [orderIds]);
}

export async function readAttempt(db: Queryable, number: string): Promise<Attempt | undefined> {
  return (await db.query<Attempt>(readAttemptSql, [number]))[0];
}

/** The acquirer's day that a payment belongs to, and with which it is settled. */
export interface AcquirerDay {
  readonly contractId: string;
  readonly tradeDate: Temporal.PlainDate;
}

const acquirerDaysSql = `select a.id, a.contract_id as "contractId", a.paid_on as "tradeDate"
  from payments.attempt a
  where a.id = any($1::uuid[]) and a.contract_id is not null and a.paid_on is not null`;

export async function readAcquirerDays(
  db: Queryable,
  attemptIds: readonly string[],
): Promise<ReadonlyMap<string, AcquirerDay>> {
  if (attemptIds.length === 0) return new Map();
  const rows = await db.query<AcquirerDay & { readonly id: string }>(acquirerDaysSql, [attemptIds]);
  return new Map(rows.map(({ id, ...day }) => [id, day]));
}

export async function readRefundsOfOrders(
  db: Queryable,
  orderIds: Ids,
): Promise<readonly Refund[]> {
  return db.query<Refund>(readRefundsSql, [orderIds]);
}

export async function readRefund(db: Queryable, id: string): Promise<Refund | undefined> {
  return (await db.query<Refund>(readRefundSql, [id]))[0];
}

export async function readRefundByNumber(
  db: Queryable,
  submissionNumber: string,
): Promise<Refund | undefined> {
  return (await db.query<Refund>(readRefundByNumberSql, [submissionNumber]))[0];
}

/** Counts at most so many. */
const overdueLimit = 1_001;

// What is open is due some time: the index of what is due finds it.
const overdueAttemptsSql = `select count(*) as count, min(o.submitted_at) as since
  from (select a.submitted_at from payments.attempt a
    where a.due_at > '-infinity' and a.state in ('submitted', 'unknown')
      and a.submitted_at <= $1 limit $2) o`;
const overdueRefundsSql = `select count(*) as count, min(o.submitted_at) as since
  from unnest($1::text[]) as wanted(state) cross join lateral (
    select r.submitted_at from payments.refund r
    where r.state = wanted.state and r.submitted_at <= $2
    order by r.submitted_at limit $3) o`;

type Counted = Pick<Overdue, 'count' | 'since'>;

/** Attempts of which nobody knows whether their channel has them, sent before a moment. */
export async function readOverdueAttempts(
  db: Queryable,
  before: Temporal.Instant,
): Promise<Counted> {
  const [row] = await db.query<Counted>(overdueAttemptsSql, [before.toString(), overdueLimit]);
  return row ?? { count: 0n, since: null };
}

/** Refunds in some states that were sent before a moment. */
export async function readOverdueRefunds(
  db: Queryable,
  states: readonly [RefundState, ...RefundState[]],
  before: Temporal.Instant,
): Promise<Counted> {
  const values = [states, before.toString(), overdueLimit];
  const [row] = await db.query<Counted>(overdueRefundsSql, values);
  return row ?? { count: 0n, since: null };
}

export async function readAppliedReceipts(
  db: Queryable,
  orderIds: Ids,
): Promise<readonly AppliedReceipt[]> {
  return db.query<AppliedReceipt>(readReceiptsSql, [orderIds]);
}

const byNumberSql = `select ${orders} from payments.order o where o.number = $1`;
const byReferencesSql = `select ${orders} from payments.order o
  where o.reference_id = any($1::text[]) and o.id < $2::uuid order by o.id desc limit $3`;

export async function readOrderByNumber(db: Queryable, number: string): Promise<Order | undefined> {
  return (await db.query<Order>(byNumberSql, [number]))[0];
}

const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** The orders that are for some things, newest first. */
export async function readOrdersOfReferences(
  db: Queryable,
  references: Ids,
  limit: number,
  before: string = lastId,
): Promise<Page<Order>> {
  const rows = await db.query<Order>(byReferencesSql, [references, before, limit + 1]);
  return pageOf(rows, limit, (order) => [order.id]);
}

const refundsByStateSql = `select ${refunds} from payments.refund r
  where r.state = $1 and r.id < $2::uuid order by r.id desc limit $3`;

export async function readRefundsByState(
  db: Queryable,
  state: string,
  limit: number,
  before: string = lastId,
): Promise<Page<Refund>> {
  const rows = await db.query<Refund>(refundsByStateSql, [state, before, limit + 1]);
  return pageOf(rows, limit, (refund) => [refund.id]);
}

const sessionSql = `select ${selectList(cashierSessionTable, 's')} from payments.cashier_session s
  where s.token_sha256 = $1`;

export async function readSession(
  db: Queryable,
  tokenSha256: string,
): Promise<CashierSession | undefined> {
  return (await db.query<CashierSession>(sessionSql, [tokenSha256]))[0];
}

/**
 * Takes due rows for a while: nobody else looks at them before `lease`. Whoever crashes with one in
 * hand loses nothing; it is due again.
 */
function claimSql(table: string, alias: string, columns: string, counted: boolean): string {
  const queries = counted ? `, queries = ${alias}.queries + 1` : '';
  return `update ${table} ${alias} set due_at = $2${queries} where ${alias}.id in (
      select d.id from ${table} d where d.due_at <= $1 order by d.due_at limit $3
      for no key update skip locked)
    returning ${columns}`;
}

const claimAttemptsSql = claimSql('payments.attempt', 'a', attempts, true);
const claimRefundsSql = claimSql('payments.refund', 'r', refunds, true);
const claimOrdersSql = claimSql('payments.order', 'o', orders, false);

export interface Claim {
  readonly now: Temporal.Instant;
  readonly lease: Temporal.Instant;
  readonly limit: number;
}

function claimValues({ now, lease, limit }: Claim): readonly unknown[] {
  return [now.toString(), lease.toString(), limit];
}

/** Due attempts, each counted as asked once more. */
export async function claimAttempts(db: Queryable, claim: Claim): Promise<readonly Attempt[]> {
  return db.query<Attempt>(claimAttemptsSql, claimValues(claim));
}

export async function claimRefunds(db: Queryable, claim: Claim): Promise<readonly Refund[]> {
  return db.query<Refund>(claimRefundsSql, claimValues(claim));
}

export async function claimOrders(db: Queryable, claim: Claim): Promise<readonly Order[]> {
  return db.query<Order>(claimOrdersSql, claimValues(claim));
}

function rescheduleSql(table: string): string {
  return `update ${table} t set due_at = u.due_at
    from unnest($1::uuid[], $2::timestamptz[]) as u(id, due_at)
    where t.id = u.id and t.due_at = $3`;
}

const rescheduleAttemptsSql = rescheduleSql('payments.attempt');
const rescheduleRefundsSql = rescheduleSql('payments.refund');

/** Gives rows that are still under the lease their next time. */
export async function rescheduleAttempts(
  db: Queryable,
  due: readonly { readonly id: string; readonly dueAt: Temporal.Instant }[],
  lease: Temporal.Instant,
): Promise<void> {
  await reschedule(db, rescheduleAttemptsSql, due, lease);
}

export async function rescheduleRefunds(
  db: Queryable,
  due: readonly { readonly id: string; readonly dueAt: Temporal.Instant }[],
  lease: Temporal.Instant,
): Promise<void> {
  await reschedule(db, rescheduleRefundsSql, due, lease);
}

async function reschedule(
  db: Queryable,
  sql: string,
  due: readonly { readonly id: string; readonly dueAt: Temporal.Instant }[],
  lease: Temporal.Instant,
): Promise<void> {
  if (due.length === 0) return;
  const rows = [...due].sort((a, b) => (a.id < b.id ? -1 : 1));
  await db.query(sql, [
    rows.map((row) => row.id),
    rows.map((row) => row.dueAt.toString()),
    lease.toString(),
  ]);
}

/** What an acquirer owes for one calendar day (Asia/Shanghai), in minor units. */
export interface ChannelDay {
  readonly payments: bigint;
  readonly gross: bigint;
  readonly fees: bigint;
  readonly refunds: bigint;
  readonly refunded: bigint;
  readonly feesReturned: bigint;
  /** gross − fees − refunded + feesReturned; negative on a day of refunds. */
  readonly net: bigint;
}

const channelDaySql = `select p.payments, p.gross, p.fees, r.refunds, r.refunded,
    r.returned as "feesReturned",
    p.gross - p.fees - r.refunded + r.returned as net
  from (select count(*) as payments, coalesce(sum(a.amount_minor), 0)::bigint as gross,
      coalesce(sum(a.fee_minor), 0)::bigint as fees
    from payments.attempt a where a.contract_id = $1 and a.paid_on = $2) p,
    (select count(*) as refunds, coalesce(sum(f.amount_minor), 0)::bigint as refunded,
      coalesce(sum(f.fee_returned_minor), 0)::bigint as returned
    from payments.refund f where f.contract_id = $1 and f.succeeded_on = $2) r`;

export async function readChannelDay(
  db: Queryable,
  contractId: string,
  date: Temporal.PlainDate,
): Promise<ChannelDay> {
  const rows = await db.query<ChannelDay>(channelDaySql, [contractId, date.toString()]);
  const nothing = 0n;
  return (
    rows[0] ?? {
      payments: nothing,
      gross: nothing,
      fees: nothing,
      refunds: nothing,
      refunded: nothing,
      feesReturned: nothing,
      net: nothing,
    }
  );
}
