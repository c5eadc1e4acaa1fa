import { type Queryable, sqlName, type Tx } from '@keyturn/pipeline';
import type { Throttle } from '../decide/throttle.ts';

/** SQL about the throttling of log-ins. */

const columns = ['failures', 'windowStartedAt', 'locks', 'lockedUntil', 'forgetAt'] as const;
const selection = columns.map((column) => `t.${sqlName(column)} as "${column}"`).join(', ');

const lockSql = `select t.subject, ${selection} from access.login_throttle t
  where t.subject = any($1::text[]) order by t.subject for no key update`;

/** A row to lock on for subjects that have none; it means nothing until it is written. */
const makeSql = `insert into access.login_throttle
    (subject, failures, window_started_at, locks, locked_until, forget_at)
  select subject, 0, $2, 0, null, $2 from unnest($1::text[]) as subject
  on conflict (subject) do nothing`;

/** Locks the throttles of these subjects, in their order, making those that are not there. */
export async function lockThrottles(
  tx: Tx,
  subjects: readonly string[],
  now: Temporal.Instant,
): Promise<ReadonlyMap<string, Throttle>> {
  const sorted = [...subjects].sort();
  await tx.query(makeSql, [sorted, now.toString()]);
  const rows = await tx.query<Throttle & { subject: string }>(lockSql, [sorted]);
  return new Map(rows.map(({ subject, ...throttle }) => [subject, throttle]));
}

const writeSql = `update access.login_throttle t set failures = u.failures,
    window_started_at = u.window_started_at, locks = u.locks, locked_until = u.locked_until,
    forget_at = u.forget_at
  from unnest($1::text[], $2::int4[], $3::timestamptz[], $4::int4[], $5::timestamptz[],
    $6::timestamptz[]) as u(subject, failures, window_started_at, locks, locked_until, forget_at)
  where t.subject = u.subject`;

export async function writeThrottles(
  tx: Tx,
  throttles: ReadonlyMap<string, Throttle>,
): Promise<void> {
  const all = [...throttles.values()];
  await tx.query(writeSql, [
    [...throttles.keys()],
    all.map((throttle) => throttle.failures),
    all.map((throttle) => throttle.windowStartedAt.toString()),
    all.map((throttle) => throttle.locks),
    all.map((throttle) => throttle.lockedUntil?.toString() ?? null),
    all.map((throttle) => throttle.forgetAt.toString()),
  ]);
}

const clearSql = 'delete from access.login_throttle where subject = any($1::text[])';

/** A log-in that proved right takes its tries back. */
export async function clearThrottles(db: Queryable, subjects: readonly string[]): Promise<void> {
  await db.query(clearSql, [subjects]);
}

const sweepSql = `delete from access.login_throttle where subject in (
    select t.subject from access.login_throttle t where t.forget_at <= $1
    order by t.forget_at limit 1000 for update skip locked)
  returning 1`;

export async function deleteForgotten(db: Queryable, now: Temporal.Instant): Promise<number> {
  return (await db.query(sweepSql, [now.toString()])).length;
}
