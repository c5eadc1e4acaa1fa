import { present } from '@keyturn/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressLimit, countTry, lockedForMs, type Throttle, userLimit } from './throttle.ts';

const start = Temporal.Instant.from('2026-11-20T02:00:00Z');
const minute = 60_000;

function tries(count: number, now = start, before?: Throttle): Throttle {
  let throttle = before;
  for (let at = 0; at < count; at++) throttle = countTry(throttle, addressLimit, now);
  return present(throttle, 'a throttle');
}

describe('the throttle of log-ins', () => {
  it('lets nine failures pass and locks with the tenth for a quarter of an hour', () => {
    expect(lockedForMs(tries(9), start)).toBe(0);
    expect(lockedForMs(tries(10), start)).toBe(15 * minute);
    expect(lockedForMs(tries(10), start.add({ minutes: 15 }))).toBe(0);
  });

  it('forgets failures of more than a quarter of an hour ago', () => {
    const later = start.add({ minutes: 15 });
    expect(tries(9, later, tries(9)).lockedUntil).toBeNull();
    expect(tries(1, start.add({ minutes: 14 }), tries(9)).lockedUntil).not.toBeNull();
  });

  it('doubles each lock that follows, up to a day', () => {
    let now = start;
    let throttle: Throttle | undefined;
    const lengths = [];
    for (let lock = 0; lock < 9; lock++) {
      throttle = tries(10, now, throttle);
      lengths.push(lockedForMs(throttle, now) / minute);
      now = now.add({ milliseconds: lockedForMs(throttle, now) });
    }
    expect(lengths).toEqual([15, 30, 60, 120, 240, 480, 960, 1440, 1440]);
  });

  it('begins anew after a day without a failure', () => {
    const locked = tries(10);
    const later = start.add({ hours: 25 });
    expect(lockedForMs(tries(10, later, locked), later)).toBe(15 * minute);
  });

  it('never locks a user everywhere for more than an hour', () => {
    let now = start;
    let throttle: Throttle | undefined;
    for (let at = 0; at < 500; at++) {
      throttle = countTry(throttle, userLimit, now);
      expect(lockedForMs(throttle, now)).toBeLessThanOrEqual(60 * minute);
      now = now.add({ milliseconds: lockedForMs(throttle, now) });
    }
  });

  it('lets at most ten failures pass in any quarter of an hour, whenever they come', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 5 * minute }), { maxLength: 200 });
    fc.assert(
      fc.property(gaps, (waits) => {
        let now = start;
        let throttle: Throttle | undefined;
        const passed: number[] = [];
        for (const wait of waits) {
          now = now.add({ milliseconds: wait });
          if (lockedForMs(throttle, now) > 0) continue;
          throttle = countTry(throttle, addressLimit, now);
          passed.push(now.epochMilliseconds);
        }
        for (const [at, time] of passed.entries()) {
          const later = passed[at + 19];
          // Windows are not sliding: two of them may touch, and so 19 is what no quarter of an hour
          // exceeds.
          if (later !== undefined) expect(later - time).toBeGreaterThanOrEqual(15 * minute);
        }
      }),
    );
  });
});
