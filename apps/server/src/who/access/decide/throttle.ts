/**
 * How many log-ins may be tried. Each is counted before the password is looked at, so that many at
 * the same time cannot slip through, and is taken back when it proves right.
 */

/**
 * What is remembered about one subject: a user name from one address, or a user name from anywhere.
 */
export interface Throttle {
  /** Tries in the window that did not prove right. */
  readonly failures: number;
  readonly windowStartedAt: Temporal.Instant;
  /** How often it was locked in a row; each lock is twice as long as the one before. */
  readonly locks: number;
  readonly lockedUntil: Temporal.Instant | null;
  /** When nothing of it matters any more. */
  readonly forgetAt: Temporal.Instant;
}

export interface ThrottleLimit {
  /** So many failures in the window lock. */
  readonly failures: number;
  /** The longest lock in minutes. */
  readonly longestMinutes: number;
}

const windowMinutes = 15;
const memoryHours = 24;

/** From one address: ten failures in a quarter of an hour; 15 min, then 30, 60 … up to a day. */
export const addressLimit: ThrottleLimit = { failures: 10, longestMinutes: 24 * 60 };

/**
 * From all addresses together, against guessing from many at once. Wider and never longer than an
 * hour, since a stranger can lock somebody else out with it.
 */
export const userLimit: ThrottleLimit = { failures: 50, longestMinutes: 60 };

/** Milliseconds for which nothing may be tried; 0 when it may. */
export function lockedForMs(throttle: Throttle | undefined, now: Temporal.Instant): number {
  const until = throttle?.lockedUntil;
  if (!until) return 0;
  return Math.max(0, until.epochMilliseconds - now.epochMilliseconds);
}

/** Counts one try. Called only while it is not locked. */
export function countTry(
  before: Throttle | undefined,
  limit: ThrottleLimit,
  now: Temporal.Instant,
): Throttle {
  const forgotten = before === undefined || Temporal.Instant.compare(now, before.forgetAt) >= 0;
  const known = forgotten ? undefined : before;
  const inWindow =
    known !== undefined &&
    Temporal.Instant.compare(now, known.windowStartedAt.add({ minutes: windowMinutes })) < 0;
  const failures = (inWindow ? known.failures : 0) + 1;
  const locks = known?.locks ?? 0;
  const forgetAt = now.add({ hours: memoryHours });
  if (failures < limit.failures) {
    const windowStartedAt = inWindow ? known.windowStartedAt : now;
    return { failures, windowStartedAt, locks, lockedUntil: null, forgetAt };
  }
  const minutes = Math.min(windowMinutes * 2 ** Math.min(locks, 10), limit.longestMinutes);
  const lockedUntil = now.add({ minutes });
  return {
    failures: 0,
    windowStartedAt: now,
    locks: locks + 1,
    lockedUntil,
    forgetAt: lockedUntil.add({ hours: memoryHours }),
  };
}
