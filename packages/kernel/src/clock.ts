/** Where time comes from. Everything else takes `now` as a parameter. */
export interface Clock {
  /** The present instant, to the millisecond. */
  now(): Temporal.Instant;
}

let lastMilliseconds = 0;
let lastInstant = Temporal.Instant.fromEpochMilliseconds(0);

/** The machine's clock. The only place that reads it. Who asks in the same moment gets the same. */
export const systemClock: Clock = {
  now: () => {
    const milliseconds = Date.now();
    if (milliseconds !== lastMilliseconds) {
      lastMilliseconds = milliseconds;
      lastInstant = Temporal.Instant.fromEpochMilliseconds(milliseconds);
    }
    return lastInstant;
  },
};

/**
 * A monotonic reading in milliseconds, for measuring how long something took; never for booking.
 */
export function elapsedMs(): number {
  return performance.now();
}

/** A clock that stands still until it is moved: for tests and simulation. */
export interface SteerableClock extends Clock {
  set(instant: Temporal.Instant | string): void;
  advance(duration: Temporal.DurationLike): void;
}

export function steerableClock(start: Temporal.Instant | string): SteerableClock {
  let current = Temporal.Instant.from(start);
  return {
    now: () => current,
    set: (instant) => {
      current = Temporal.Instant.from(instant);
    },
    advance: (duration) => {
      current = current.toZonedDateTimeISO('UTC').add(duration).toInstant();
    },
  };
}

/** The zone in which the banks' days are cut. */
export const bankZone = 'Asia/Shanghai';

/** The calendar day in the banks' zone. */
export function bankDate(instant: Temporal.Instant): Temporal.PlainDate {
  return instant.toZonedDateTimeISO(bankZone).toPlainDate();
}
