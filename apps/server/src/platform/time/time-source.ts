import { setTimeout as wait } from 'node:timers/promises';
import { type Clock, systemClock } from '@keyturn/kernel';
import type { Logger } from 'pino';

/**
 * A clock that follows a time source on the network: the machine's clock plus the source's
 * offset.
 */
export interface FollowedClock extends Clock {
  /** What the source said last: milliseconds ahead of the machine's clock. */
  offsetMs(): number;
  stop(): Promise<void>;
}

/**
 * Follows a time source that answers `GET` with `{ "now": "<RFC 3339>" }`, as the simulated world
 * does. Without a source the platform runs on the machine's clock. Never steps back: while the
 * source is behind, time stands.
 *
 * @param url undefined in production
 */
export async function followTime(
  url: string | undefined,
  logger: Logger,
  intervalMs = 100,
): Promise<FollowedClock> {
  if (url === undefined) {
    return { ...systemClock, offsetMs: () => 0, stop: async () => undefined };
  }
  let offset = 0;
  // Nothing was shown yet: a source may stand behind the machine from the beginning.
  let latest = Temporal.Instant.fromEpochMilliseconds(0);
  const stopping = new AbortController();

  async function ask(source: string): Promise<void> {
    const response = await fetch(source, { signal: AbortSignal.timeout(2_000) });
    const body: unknown = await response.json();
    if (typeof body !== 'object' || body === null || !('now' in body)) return;
    const theirs = Temporal.Instant.from(String(body.now)).epochMilliseconds;
    const difference = theirs - systemClock.now().epochMilliseconds;
    // A difference below a second is the network's, not the source's.
    if (Math.abs(difference - offset) > 1_000) offset = difference;
  }

  async function follow(source: string): Promise<void> {
    while (!stopping.signal.aborted) {
      await ask(source).catch((error: Error) => logger.debug({ err: error }, 'no time source'));
      await wait(intervalMs, undefined, { signal: stopping.signal }).catch(woken);
    }
  }

  await ask(url).catch((error: Error) => logger.warn({ err: error }, 'no time source yet'));
  const loop = follow(url);
  return {
    now: () => {
      const now = systemClock.now().add({ milliseconds: offset });
      if (Temporal.Instant.compare(now, latest) > 0) latest = now;
      return latest;
    },
    offsetMs: () => offset,
    stop: async () => {
      stopping.abort();
      await loop;
    },
  };
}

function woken(): void {
  // The pause was cut short on purpose: there is something to do, or it is time to stop.
}
