import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '@keyturn/pipeline';
import type { Logger } from 'pino';

/**
 * Tells the other processes that there are new events, so that they need not wait for their next
 * look. Only a courtesy: what it misses is found by looking.
 */
export interface Bell {
  /** At most one ring is under way; more of them meanwhile are one. Call it after the commit. */
  ring(): void;
  /** Calls back at each ring, from any process, until `stop`. */
  listen(onRing: () => void): void;
  stop(): Promise<void>;
}

const ringSql = `select pg_notify('keyturn_events', '')`;

export function createBell(database: Database, logger: Logger): Bell {
  let ringing: Promise<unknown> | undefined;
  let again = false;
  let listening: Promise<void> | undefined;
  const stopping = new AbortController();

  async function ringOnce(): Promise<void> {
    do {
      again = false;
      await database.query(ringSql);
    } while (again);
  }

  async function keepListening(onRing: () => void): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await listenOnce(onRing);
      } catch (error) {
        logger.debug({ err: error }, 'the bell is not heard; listening again');
      }
      await wait(1_000, undefined, { signal: stopping.signal }).catch(stopped);
    }
  }

  async function listenOnce(onRing: () => void): Promise<void> {
    const client = await database.connect();
    try {
      await new Promise<void>((resolve, reject) => {
        client.on('notification', onRing);
        client.once('error', reject);
        client.once('end', resolve);
        stopping.signal.addEventListener('abort', () => resolve(), { once: true });
        client.query('listen keyturn_events').then(onRing, reject);
      });
    } finally {
      // A connection that listened is not for others.
      client.release(true);
    }
  }

  return {
    ring: () => {
      again = true;
      ringing ??= ringOnce()
        .catch((error: unknown) => logger.debug({ err: error }, 'the bell could not be rung'))
        .finally(() => {
          ringing = undefined;
        });
    },
    listen: (onRing) => {
      listening ??= keepListening(onRing);
    },
    stop: async () => {
      stopping.abort();
      await Promise.all([ringing, listening]);
    },
  };
}

function stopped(): void {
  // The pause was cut short because it is time to stop.
}
