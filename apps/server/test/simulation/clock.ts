import type { FollowedClock } from '../../src/platform/index.ts';

/**
 * The platform's clock in a simulation. It stands where it was set, but for a millisecond at each
 * look, so that what happens one after the other has moments of its own.
 */
export interface SimulatedClock extends FollowedClock {
  set(instant: Temporal.Instant): void;
}

export function createSimulatedClock(start: Temporal.Instant): SimulatedClock {
  let milliseconds = start.epochMilliseconds;
  return {
    now: () => {
      milliseconds += 1;
      return Temporal.Instant.fromEpochMilliseconds(milliseconds);
    },
    set: (instant) => {
      milliseconds = Math.max(milliseconds, instant.epochMilliseconds);
    },
    offsetMs: () => 0,
    stop: async () => undefined,
  };
}
