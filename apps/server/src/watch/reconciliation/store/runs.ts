import type { Queryable } from '@keyturn/pipeline';
import type { RunRow } from '../tables.ts';

const edgesSql = `select min(r.day) as first, max(r.day) as last from reconciliation.run r`;

/** The first and last bank day that there is a run for. */
export async function readRunEdges(db: Queryable): Promise<{
  readonly first: Temporal.PlainDate | null;
  readonly last: Temporal.PlainDate | null;
}> {
  const [row] = await db.query<{
    first: Temporal.PlainDate | null;
    last: Temporal.PlainDate | null;
  }>(edgesSql);
  return row ?? { first: null, last: null };
}

const addSql = `insert into reconciliation.run (day, state, due_at)
  select u.day, 'due', u.due_at from unnest($1::date[], $2::timestamptz[]) as u(day, due_at)
  on conflict (day) do nothing`;

export async function addRuns(
  db: Queryable,
  runs: readonly { readonly day: Temporal.PlainDate; readonly dueAt: Temporal.Instant }[],
): Promise<void> {
  if (runs.length === 0) return;
  await db.query(addSql, [
    runs.map(({ day }) => day.toString()),
    runs.map(({ dueAt }) => dueAt.toString()),
  ]);
}

const takeSql = `update reconciliation.run t set due_at = $2, tries = t.tries + 1, started_at = $1
  where t.day in (select r.day from reconciliation.run r where r.due_at <= $1
    order by r.due_at limit $3 for update skip locked)
  returning t.day`;

/** Takes days that are due, oldest first, and lends them until `until`. */
export async function takeDueRuns(
  db: Queryable,
  now: Temporal.Instant,
  until: Temporal.Instant,
  limit: number,
): Promise<readonly Temporal.PlainDate[]> {
  const values = [now.toString(), until.toString(), limit];
  const rows = await db.query<{ day: Temporal.PlainDate }>(takeSql, values);
  return rows.map(({ day }) => day).sort(Temporal.PlainDate.compare);
}

const finishSql = `update reconciliation.run set state = $2, due_at = $3, last_error = $4,
    finished_at = $5 where day = $1`;

export async function finishRun(
  db: Queryable,
  run: Pick<RunRow, 'day' | 'state' | 'dueAt' | 'lastError' | 'finishedAt'>,
): Promise<void> {
  await db.query(finishSql, [
    run.day.toString(),
    run.state,
    run.dueAt?.toString() ?? null,
    run.lastError,
    run.finishedAt?.toString() ?? null,
  ]);
}
