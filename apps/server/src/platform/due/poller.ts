import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';

/**
 * Does work whose time has come. What is due stands in the module's own table; `work` takes some
 * of it (`for update skip locked`, and a lease by moving the due time on), does it, and says how
 * much it took.
 */
export interface Poller {
  readonly name: string;
  wake(): void;
  /** Works until nothing is due. For tests and drills. */
  drain(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

export function createPoller(options: {
  readonly name: string;
  readonly logger: Logger;
  readonly work: () => Promise<number>;
  readonly intervalMs?: number;
}): Poller {
  let stopped = false;
  let loop: Promise<void> | undefined;
  let alarm = new AbortController();

  async function run(): Promise<void> {
    while (!stopped) {
      alarm = new AbortController();
      try {
        while (!stopped && (await options.work()) > 0);
      } catch (error) {
        options.logger.warn({ err: error, poller: options.name }, 'due work failed; trying again');
      }
      await wait(options.intervalMs ?? 500, undefined, { signal: alarm.signal }).catch(woken);
    }
  }

  return {
    name: options.name,
    wake: () => alarm.abort(),
    drain: async () => {
      while ((await options.work()) > 0);
    },
    start: () => {
      loop ??= run();
    },
    stop: async () => {
      stopped = true;
      alarm.abort();
      await loop;
    },
  };
}

function woken(): void {
  // The pause was cut short on purpose: there is something to do, or it is time to stop.
}
