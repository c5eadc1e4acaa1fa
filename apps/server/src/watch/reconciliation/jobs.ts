import type { Clock } from '@keyturn/kernel';
import type { Logger } from 'pino';
import {
  type Consumer,
  createConsumer,
  createPoller,
  type Jobs,
  type Outbox,
  type Poller,
} from '../../platform/index.ts';
import { toldTypes } from './told.ts';
import type { ReconciliationService } from './types.ts';

/** The job of one bank day. */
export const dayJob = 'reconciliation.day';

/** Asks for the days that are due; the worker's queue takes them one by one. */
export function reconciliationPollers(deps: {
  readonly logger: Logger;
  readonly jobs: Pick<Jobs, 'add'>;
  readonly reconciliation: Pick<ReconciliationService, 'dueDays'>;
}): Poller[] {
  return [
    createPoller({
      name: 'reconciliation.days',
      logger: deps.logger,
      work: async () => {
        const days = await deps.reconciliation.dueDays();
        for (const day of days) {
          const date = day.toString();
          await deps.jobs.add(dayJob, { date }, `${dayJob} ${date}`);
        }
        return days.length;
      },
    }),
  ];
}

/** Takes in the differences that lower modules tell of. */
export function reconciliationConsumers(deps: {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly reconciliation: Pick<ReconciliationService, 'onEvent'>;
}): Consumer[] {
  return [
    createConsumer({
      name: 'reconciliation.told',
      outbox: deps.outbox,
      clock: deps.clock,
      logger: deps.logger,
      types: [...toldTypes],
      handle: deps.reconciliation.onEvent,
    }),
  ];
}
