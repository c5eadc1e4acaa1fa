import type { Clock, Refusal, Result } from '@keyturn/kernel';
import type { TakeoverService, TakeoverStatus } from '@keyturn/ledger';
import type { Logger } from 'pino';
import { createPoller, type Poller } from '../../due/poller.ts';
import type { HealthProbe } from '../../health/health.ts';
import type { Metrics } from '../../telemetry/metrics.ts';

/** So often the old ledgers are asked for new rows. */
const intervalMs = 1_000;
/** From when on a health check says that journals are not written back. */
const mirrorLateSeconds = 300;
/** A comparison is late after so many times of what the plan says. */
const comparisonsMissed = 3;

/** Reads and books new rows, writes back, and compares when it is time, for every takeover. */
export function createTakeoverPoller(deps: {
  readonly takeovers: TakeoverService;
  readonly clock: Clock;
  readonly logger: Logger;
}): Poller {
  const { takeovers, clock, logger } = deps;
  /** What each takeover was refused last, so that a lasting trouble is logged once. */
  const troubles = new Map<string, string>();

  function look<T>(id: string, step: string, result: Result<T, Refusal>): T | undefined {
    if (result.ok) {
      troubles.delete(`${id}/${step}`);
      return result.value;
    }
    const { code, values } = result.error;
    // Another process works on it: it does what is due.
    if (code === 'takeover_busy' || troubles.get(`${id}/${step}`) === code) return undefined;
    troubles.set(`${id}/${step}`, code);
    logger.warn({ takeover: id, step, code, values }, 'a step of a takeover was refused');
    return undefined;
  }

  async function workOn(id: string): Promise<number> {
    const rows = look(id, 'shadow', await takeovers.shadow(id))?.rows ?? 0;
    const sent = look(id, 'mirror', await takeovers.mirror(id))?.sent ?? 0;
    const status = look(id, 'status', await takeovers.status(id));
    if (status && secondsSinceComparison(status, clock) >= everySeconds(status)) {
      const compared = look(id, 'compare', await takeovers.compare(id));
      if (compared) {
        const { number, differing } = compared;
        logger.info({ takeover: id, comparison: number, differing }, 'ledgers compared');
      }
    }
    return rows + sent;
  }

  return createPoller({
    name: 'ledger.takeover',
    logger,
    intervalMs,
    work: async () => {
      let done = 0;
      for (const { id, importedAt } of await takeovers.list()) {
        if (importedAt !== null) done += await workOn(id);
      }
      return done;
    },
  });
}

function everySeconds({ plan }: TakeoverStatus): number {
  return plan.compareEvery.total('seconds');
}

function secondsSinceComparison(status: TakeoverStatus, clock: Clock): number {
  const last = status.lastComparison?.madeAt ?? status.takeover.importedAt;
  return last === null ? 0 : clock.now().since(last).total('seconds');
}

function mirrorLagSeconds({ mirror }: TakeoverStatus, clock: Clock): number {
  const { since } = mirror;
  return since === null ? 0 : Math.max(0, clock.now().since(since).total('seconds'));
}

async function readAll(takeovers: TakeoverService): Promise<readonly TakeoverStatus[]> {
  const statuses: TakeoverStatus[] = [];
  for (const { id, importedAt } of await takeovers.list()) {
    const status = importedAt === null ? undefined : await takeovers.status(id);
    if (status?.ok) statuses.push(status.value);
  }
  return statuses;
}

/** Figures of all takeovers together; 0 when there is none. */
export function observeTakeovers(metrics: Metrics, takeovers: TakeoverService, clock: Clock): void {
  const gauge = (
    name: string,
    help: string,
    of: (status: TakeoverStatus) => number,
    join: (values: readonly number[]) => number,
  ) => {
    metrics.gauge(`keyturn_takeover_${name}`, help, async () =>
      join((await readAll(takeovers)).map(of)),
    );
  };
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const most = (values: readonly number[]) => Math.max(0, ...values);
  gauge('open_differences', 'Accounts that differ', (one) => one.openDifferences, sum);
  gauge('unbooked_rows', 'Rows that are read and not booked', (one) => one.unbookedRows, sum);
  gauge(
    'mirror_waiting',
    'Journals that are not in the old ledger yet, counted up to 10,000 each',
    ({ mirror }) => Number(mirror.waiting),
    sum,
  );
  gauge(
    'mirror_lag_seconds',
    'For how long the oldest journal has waited to be written back',
    (one) => mirrorLagSeconds(one, clock),
    most,
  );
  gauge(
    'comparison_age_seconds',
    'For how long the two ledgers were not compared',
    (one) => secondsSinceComparison(one, clock),
    most,
  );
}

/** Says when a takeover needs somebody to look. */
export function takeoverProbe(takeovers: TakeoverService, clock: Clock): HealthProbe {
  return {
    name: 'takeover',
    look: async () => {
      const statuses = await readAll(takeovers);
      const troubles = statuses.flatMap((one) => {
        const { id } = one.takeover;
        const lag = mirrorLagSeconds(one, clock);
        const age = secondsSinceComparison(one, clock);
        return [
          ...(one.openDifferences > 0 ? [`${id}: ${one.openDifferences} accounts differ`] : []),
          ...(lag > mirrorLateSeconds
            ? [`${id}: ${one.mirror.waiting} journals are not written back`]
            : []),
          ...(age > comparisonsMissed * everySeconds(one)
            ? [`${id}: not compared since ${one.lastComparison?.madeAt ?? 'the import'}`]
            : []),
        ];
      });
      if (troubles.length > 0) return { status: 'degraded', detail: troubles.join('; ') };
      return { status: 'ok', detail: `${statuses.length} under way` };
    },
  };
}
