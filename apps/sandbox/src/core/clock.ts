import type { DatabaseSync } from 'node:sqlite';
import { openSettings } from './store.ts';

/** The zone in which banks and acquirers cut their days. */
export const worldZone = 'Asia/Shanghai';

/**
 * The world's time: the machine's, or an instant, plus an offset that the admin API moves forward.
 */
export interface WorldClock {
  /** The present instant, to the millisecond. */
  now(): Temporal.Instant;
  /** The same as epoch milliseconds, for comparisons on hot paths. */
  nowMs(): number;
  /** How far the world was moved, in milliseconds. */
  offsetMs(): number;
  /** Moves the world forward and tells the listeners. Throws a RangeError on going backwards. */
  advance(duration: Temporal.DurationLike): void;
  /** Moves the world forward to an instant; an instant that has passed changes nothing. */
  advanceTo(instant: Temporal.Instant): void;
  onAdvance(listener: () => void): void;
}

/**
 * The offset is persisted: after a restart the world goes on from where it was.
 *
 * @param standsAt time begins there and passes only as it is moved, so that what happens can be
 * played again; at each start the same. Without it time runs with the machine's.
 */
export function openWorldClock(store: DatabaseSync, standsAt?: Temporal.Instant): WorldClock {
  const settings = openSettings(store);
  const listeners: (() => void)[] = [];
  let offset = Number.parseInt(settings.read('clock_offset_ms') ?? '0', 10);
  const nowMs = () => (standsAt?.epochMilliseconds ?? Date.now()) + offset;
  const now = () => Temporal.Instant.fromEpochMilliseconds(nowMs());
  function advanceTo(instant: Temporal.Instant): void {
    const step = instant.epochMilliseconds - nowMs();
    if (step <= 0) return;
    offset += step;
    settings.write('clock_offset_ms', String(offset));
    for (const listener of listeners) listener();
  }
  return {
    now,
    nowMs,
    offsetMs: () => offset,
    advanceTo,
    advance: (duration) => {
      const start = now();
      const target = start.toZonedDateTimeISO(worldZone).add(duration).toInstant();
      if (Temporal.Instant.compare(target, start) < 0) {
        throw new RangeError('the world clock does not go backwards');
      }
      advanceTo(target);
    },
    onAdvance: (listener) => {
      listeners.push(listener);
    },
  };
}

/** The calendar day in the world's zone. */
export function worldDate(instant: Temporal.Instant): Temporal.PlainDate {
  return instant.toZonedDateTimeISO(worldZone).toPlainDate();
}

/** The instant at which the wall clocks of the world's zone show this time on this day. */
export function worldInstant(date: Temporal.PlainDate, time: string): Temporal.Instant {
  const plainTime = Temporal.PlainTime.from(time);
  return date.toZonedDateTime({ timeZone: worldZone, plainTime }).toInstant();
}

/** `2026-03-17T09:30:00+08:00`: how both protocols write an instant. */
export function wireTime(epochMs: number): string {
  // The zone has had no other offset since 1991, so plain arithmetic is right and cheap.
  return `${new Date(epochMs + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`;
}
