import type { DoorObserver, Submitter } from '@keyturn/ledger';
import type { Metrics } from '../telemetry/metrics.ts';

/** What the ledger's own door does, as metrics: batches by lane, refusals by code. */
export function observeDoor(metrics: Metrics): DoorObserver {
  const calls = metrics.counter(
    'keyturn_ledger_lane_calls_total',
    'Calls at the ledger’s own door by the lane that they took',
    'lane',
  );
  const refusals = metrics.counter(
    'keyturn_ledger_refusals_total',
    'Journals that the ledger’s own door refused, by the code of the refusal',
    'code',
  );
  return {
    batch: ({ lane, size, durationMs }) => {
      metrics.batch({ name: `ledger.submit.${lane}`, size, durationMs });
      calls(lane, size);
    },
    refused: (code) => refusals(code),
  };
}

/** How many calls wait at the door. */
export function observeQueue(metrics: Metrics, submitter: Submitter): void {
  metrics.gauge(
    'keyturn_ledger_waiting_calls',
    'Calls at the ledger’s own door that wait for their batch',
    submitter.waiting,
  );
}
