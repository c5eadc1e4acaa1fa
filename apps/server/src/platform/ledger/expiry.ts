import type { Clock } from '@keyturn/kernel';
import { expireHolds, readExpiryLag } from '@keyturn/ledger';
import type { Database } from '@keyturn/pipeline';
import type { Logger } from 'pino';
import { createPoller, type Poller } from '../due/poller.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** Voids holds whose time is over, and says how late it is with that. */
export function createExpiryPoller(deps: {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}): Poller {
  const { database, clock, logger, metrics } = deps;
  metrics.gauge(
    'keyturn_ledger_expiry_lag_seconds',
    'For how long the hold has been overdue that should have expired first',
    () => readExpiryLag(database, clock.now()),
  );
  return createPoller({
    name: 'ledger.expiry',
    logger,
    work: () => expireHolds({ database, clock }),
  });
}
