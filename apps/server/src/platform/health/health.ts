import type { Clock } from '@keyturn/kernel';
import type { Database } from '@keyturn/pipeline';

/** One thing that was looked at. `degraded` works, but somebody should look; `failed` does not. */
export interface HealthCheck {
  readonly name: string;
  readonly status: 'ok' | 'degraded' | 'failed';
  readonly detail: string;
}

export interface Health {
  readonly status: 'ok' | 'degraded' | 'failed';
  readonly version: string;
  readonly now: string;
  readonly checks: readonly HealthCheck[];
}

/**
 * Looks at one part of the platform; a rejection is a failed check, never an error of the whole.
 */
export interface HealthProbe {
  readonly name: string;
  readonly look: () => Promise<Omit<HealthCheck, 'name'>>;
}

export async function lookAtHealth(options: {
  readonly version: string;
  readonly clock: Clock;
  readonly probes: readonly HealthProbe[];
}): Promise<Health> {
  const checks = await Promise.all(
    options.probes.map(async ({ name, look }): Promise<HealthCheck> => {
      try {
        return { name, ...(await look()) };
      } catch (error) {
        const detail = error instanceof Error ? error.message : 'no answer';
        return { name, status: 'failed', detail };
      }
    }),
  );
  const worst = checks.some((check) => check.status === 'failed')
    ? 'failed'
    : checks.some((check) => check.status === 'degraded')
      ? 'degraded'
      : 'ok';
  return {
    status: worst,
    version: options.version,
    now: options.clock.now().toString(),
    checks,
  };
}

const roleSql = `select current_user as role,
  exists (select 1 from information_schema.role_table_grants g
    where g.grantee = current_user and g.table_schema = 'ledger' and g.table_name = 'transfer'
      and g.privilege_type in ('UPDATE', 'DELETE')) as "mayChange"`;

/**
 * Whether the database answers, and whether the running role is kept from changing what was
 * booked.
 */
export function databaseProbe(database: Database): HealthProbe {
  return {
    name: 'database',
    look: async () => {
      const [row] = await database.query<{ role: string; mayChange: boolean }>(roleSql);
      return row?.mayChange
        ? {
            status: 'degraded',
            detail: `the role ${row.role} owns the tables: only triggers protect what was booked`,
          }
        : { status: 'ok', detail: `connected as ${row?.role ?? 'unknown'}` };
    },
  };
}

/** How far the readers of the outbox are behind; counted up to a bound. */
const lagSql = `select c.name, (select count(*) from (select 1 from platform.event e
      where (e.transaction_id, e.seq) > (c.transaction_id, c.seq)
      order by e.transaction_id, e.seq limit 10001) waiting) as waiting,
    (select count(*) from (select 1 from platform.parked_event p
      where p.consumer = c.name and p.done_at is null limit 1001) parked) as parked
  from platform.consumer c order by c.name limit 100`;

export interface ConsumerLag {
  readonly name: string;
  readonly waiting: bigint;
  readonly parked: bigint;
}

export async function readConsumerLag(database: Database): Promise<readonly ConsumerLag[]> {
  return database.query<ConsumerLag>(lagSql);
}

/**
 * A reader that stopped is seen here before anything is missed: nothing of the outbox is skipped.
 */
export function outboxProbe(database: Database): HealthProbe {
  return {
    name: 'outbox',
    look: async () => {
      const lags = await readConsumerLag(database);
      const behind = lags.filter((lag) => lag.waiting > 1_000n || lag.parked > 0n);
      const detail = behind
        .map(({ name, waiting, parked }) => `${name}: ${waiting} waiting, ${parked} parked`)
        .join('; ');
      return behind.length === 0
        ? { status: 'ok', detail: `${lags.length} readers, none behind` }
        : { status: 'degraded', detail };
    },
  };
}

/** Things of one kind whose end the outside world has not told for longer than is usual. */
export interface Overdue {
  readonly what: string;
  /** Counted up to a bound. */
  readonly count: bigint;
  /** Since when the oldest one waits; null when there is none. */
  readonly since: Temporal.Instant | null;
}

/**
 * Whether banks and acquirers tell how things ended. Every call may be answered and still nothing
 * be known: "accepted" for days, contradictions, answers about something else.
 */
export function answersProbe(look: () => Promise<readonly Overdue[]>): HealthProbe {
  return {
    name: 'answers',
    look: async () => {
      const overdue = (await look()).filter(({ count }) => count > 0n);
      const detail = overdue.map(({ what, count, since }) => `${count} ${what} since ${since}`);
      return overdue.length === 0
        ? { status: 'ok', detail: 'nothing waits for longer than is usual' }
        : { status: 'degraded', detail: detail.join('; ') };
    },
  };
}

/** Says when the platform does not run on the machine's own clock. */
export function timeProbe(timeSource: string | undefined, offsetMs: () => number): HealthProbe {
  return {
    name: 'time',
    look: async () =>
      timeSource === undefined
        ? { status: 'ok', detail: 'the machine’s clock' }
        : {
            status: 'ok',
            detail: `follows ${timeSource}, ${Math.round(offsetMs() / 1000)} s ahead of the machine`,
          },
  };
}
