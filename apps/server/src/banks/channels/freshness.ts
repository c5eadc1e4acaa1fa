import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '@keyturn/kernel';

const skewMs = 5 * 60_000;
const catchUpTries = 3;
const catchUpPauseMs = 150;

/**
 * Whether a message's time stamp (epoch seconds) is within five minutes of our clock, so that it is
 * not an old one played again. A clock that follows a time source can be a moment behind a step of
 * it: then it is given half a second to catch up.
 */
export async function isFresh(clock: Clock, timestamp: string): Promise<boolean> {
  if (!/^\d{1,12}$/.test(timestamp)) return false;
  const sentMs = Number.parseInt(timestamp, 10) * 1_000;
  for (let tries = 0; ; tries++) {
    const ahead = sentMs - clock.now().epochMilliseconds;
    if (Math.abs(ahead) <= skewMs) return true;
    if (ahead < 0 || tries === catchUpTries) return false;
    await wait(catchUpPauseMs);
  }
}
