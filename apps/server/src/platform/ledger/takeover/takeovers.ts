import type { Clock } from '@keyturn/kernel';
import {
  createTakeoverService,
  type OldLedger,
  type TakeoverPlan,
  type TakeoverService,
} from '@keyturn/ledger';
import type { Database } from '@keyturn/pipeline';
import { createOldLedgerConnection } from './connection.ts';

/** Takeovers with their connections to the old ledgers. */
export interface Takeovers extends TakeoverService {
  close(): Promise<void>;
}

/** @param deps.keyFolder where the installation's keys lie */
export function createTakeovers(deps: {
  readonly database: Database;
  readonly clock: Clock;
  readonly keyFolder: string;
}): Takeovers {
  const connections = new Map<string, ReturnType<typeof createOldLedgerConnection>>();

  /** One connection for each place that plans name; few, since plans are made by people. */
  function connect(plan: TakeoverPlan): OldLedger {
    const place = JSON.stringify(plan.old);
    const made = connections.get(place) ?? createOldLedgerConnection({ ...deps, plan });
    connections.set(place, made);
    return made.old;
  }

  const service = createTakeoverService({ ...deps, connect });
  return {
    ...service,
    close: async () => {
      await service.close();
      await Promise.all([...connections.values()].map((one) => one.close()));
    },
  };
}
