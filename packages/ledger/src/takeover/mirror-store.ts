import { insertRows, type Queryable, selectList, type Tx } from '@keyturn/pipeline';
import {
  type Mirror,
  type MirrorLeg,
  mirrorLegTable,
  mirrorTable,
  type Refund,
  refundTable,
} from './tables.ts';

/** The SQL of what is written back to the old ledger. */

const mirroredSql = `select m.journal_id as "journalId" from takeover.mirror m
  where m.journal_id = any($2::uuid[]) and m.takeover_id = $1`;

/** Which of these journals are written back by this takeover. */
export async function readMirrored(
  db: Queryable,
  id: string,
  journals: readonly string[],
): Promise<ReadonlySet<string>> {
  if (journals.length === 0) return new Set();
  const rows = await db.query<{ journalId: string }>(mirroredSql, [id, journals]);
  return new Set(rows.map(({ journalId }) => journalId));
}

export function insertMirrors(
  tx: Tx,
  mirrors: readonly Mirror[],
  legs: readonly MirrorLeg[],
): void {
  insertRows(tx, mirrorTable, mirrors);
  insertRows(tx, mirrorLegTable, legs);
}

const dueSql = `select ${selectList(mirrorTable, 'm')} from takeover.mirror m
  where m.takeover_id = $1 and m.due_at <= $2 order by m.due_at, m.journal_id limit $3
  for update skip locked`;

/** What is due to be written back, taken by this transaction. */
export async function takeDueMirrors(
  tx: Tx,
  id: string,
  now: Temporal.Instant,
  limit: number,
): Promise<readonly Mirror[]> {
  return tx.query<Mirror>(dueSql, [id, now.toString(), limit]);
}

const leaseSql = `update takeover.mirror m set attempts = m.attempts + 1, due_at = $2
  where m.journal_id = any($1::uuid[])`;

/** Moves the due time on before anything is sent, so that nobody else takes it meanwhile. */
export function leaseMirrors(tx: Tx, journals: readonly string[], until: Temporal.Instant): void {
  tx.write(leaseSql, [journals, until.toString()]);
}

const legsSql = `select ${selectList(mirrorLegTable, 'l')} from takeover.mirror_leg l
  where l.journal_id = any($1::uuid[]) order by l.journal_id, l.leg`;

export async function readMirrorLegs(
  db: Queryable,
  journals: readonly string[],
): Promise<readonly MirrorLeg[]> {
  return db.query<MirrorLeg>(legsSql, [journals]);
}

const sentSql = `update takeover.mirror m set sent_at = $2, due_at = null, last_error = null
  where m.journal_id = $1`;
const placedSql = 'update takeover.mirror_leg l set position = $2 where l.journal_id = $1';

/** It is in the old ledger, at this position. */
export function placeMirror(
  tx: Tx,
  journal: string,
  position: bigint,
  sentAt: Temporal.Instant,
): void {
  tx.write(sentSql, [journal, sentAt.toString()]);
  tx.write(placedSql, [journal, position.toString()]);
}

const failedSql = `update takeover.mirror m set due_at = $2, last_error = $3
  where m.journal_id = $1 and m.due_at is not null`;

export async function delayMirror(
  db: Queryable,
  journal: string,
  dueAt: Temporal.Instant,
  error: string,
): Promise<void> {
  await db.query(failedSql, [journal, dueAt.toString(), error.slice(0, 500)]);
}

const hurrySql = `update takeover.mirror m set due_at = $2
  where m.journal_id in (select w.journal_id from takeover.mirror w
    where w.takeover_id = $1 and w.due_at > $2 order by w.due_at limit 1000)
  returning m.journal_id`;

/** What waits for another try is tried now. */
export async function hurryMirrors(
  db: Queryable,
  id: string,
  now: Temporal.Instant,
): Promise<void> {
  while ((await db.query(hurrySql, [id, now.toString()])).length > 0);
}

const uncertainSql = `select count(*) as count from (select from takeover.mirror m
  where m.takeover_id = $1 and m.due_at is not null and m.attempts > 0 limit 10000) u`;

/** Journals that were sent without an answer, so that nobody knows whether they arrived. */
export async function countUncertain(db: Queryable, id: string): Promise<bigint> {
  return (await db.query<{ count: bigint }>(uncertainSql, [id]))[0]?.count ?? 0n;
}

const unsentSql = `select count(*) as count, min(u.booked_at) as since from (
    select distinct l.journal_id, m.booked_at from takeover.mirror m
    join takeover.mirror_leg l on l.journal_id = m.journal_id and l.subject = any($2::text[])
    where m.takeover_id = $1 and m.due_at is not null limit 10000) u`;

/** Journals of subjects that are not in the old ledger yet. */
export async function countUnsent(
  db: Queryable,
  id: string,
  subjects: readonly string[],
): Promise<{ readonly count: bigint; readonly since: Temporal.Instant | null }> {
  const rows = await db.query<{ count: bigint; since: Temporal.Instant | null }>(unsentSql, [
    id,
    subjects,
  ]);
  return rows[0] ?? { count: 0n, since: null };
}

const lagSql = `select count(*) as waiting, min(m.booked_at) as since from (
    select w.booked_at from takeover.mirror w
    where w.takeover_id = $1 and w.due_at is not null order by w.due_at limit 10000) m`;

export interface MirrorLag {
  /** Journals that are not in the old ledger yet, counted up to 10,000. */
  readonly waiting: bigint;
  readonly since: Temporal.Instant | null;
}

export async function readMirrorLag(db: Queryable, id: string): Promise<MirrorLag> {
  const [row] = await db.query<MirrorLag>(lagSql, [id]);
  return row ?? { waiting: 0n, since: null };
}

const paidSql = `select m.account, sum(m.amount)::bigint as amount from (
    select v.account, v.amount from takeover.movement v
    where v.takeover_id = $1 and v.order_no = $2
      and v.state not in ('mirrored', 'nothing') order by v.id limit 10000) m
  group by m.account order by m.account limit 100`;

/** What the old ledger's rows of an order add up to, by account. */
export async function readPaid(
  db: Queryable,
  id: string,
  order: string,
): Promise<readonly { readonly account: string; readonly amount: bigint }[]> {
  return db.query(paidSql, [id, order]);
}

const refundedSql = `select coalesce(sum(r.amount), 0)::bigint as amount from takeover.refund r
  where r.takeover_id = $1 and r.order_no = $2 and r.account = $3 and r.journal_id <> $4`;

/** What was refunded here of an order, but for one journal. */
export async function readRefunded(
  tx: Tx,
  id: string,
  refund: { readonly order: string; readonly account: string; readonly journal: string },
): Promise<bigint> {
  const values = [id, refund.order, refund.account, refund.journal];
  return (await tx.query<{ amount: bigint }>(refundedSql, values))[0]?.amount ?? 0n;
}

const knownRefundsSql = `select r.journal_id as "journalId" from takeover.refund r
  where r.journal_id = any($1::uuid[])`;

export async function readKnownRefunds(
  tx: Tx,
  journals: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ journalId: string }>(knownRefundsSql, [journals]);
  return new Set(rows.map(({ journalId }) => journalId));
}

/** Refunds of one order are decided one after the other. */
export async function lockOrder(tx: Tx, id: string, order: string): Promise<void> {
  const name = `takeover/${id}/${order}`;
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 9))', [name]);
}

export function insertRefunds(tx: Tx, refunds: readonly Refund[]): void {
  insertRows(tx, refundTable, refunds);
}
