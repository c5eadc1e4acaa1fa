import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { type WorldClock, worldZone } from '../core/clock.ts';
import type { Deliver } from '../core/deliver.ts';
import type { Due } from '../core/due.ts';
import { Refusal } from '../core/refusal.ts';

const advanceBody = Type.Object(
  { duration: Type.String({ description: 'ISO 8601, for example P1DT2H' }) },
  { additionalProperties: false },
);
const setBody = Type.Object(
  {
    now: Type.String({
      description: 'ISO 8601 with offset, for example 2026-05-01T09:00:00+08:00',
    }),
  },
  { additionalProperties: false },
);

/** Ten years: beyond it the certificates made at the first start have run out. */
const furthestAdvance = Temporal.Duration.from({ years: 10 });

function parseDuration(value: string): Temporal.Duration {
  let duration: Temporal.Duration;
  try {
    duration = Temporal.Duration.from(value);
  } catch {
    throw new Refusal(400, `"${value}" is no ISO 8601 duration: write for example P1DT2H or PT30S`);
  }
  if (duration.sign < 0) {
    throw new Refusal(
      409,
      `"${value}" is negative but the clock never goes backwards: start a new world`,
    );
  }
  return duration;
}

function parseInstant(value: string): Temporal.Instant {
  try {
    return Temporal.Instant.from(value);
  } catch {
    throw new Refusal(400, `"${value}" is no instant: write for example 2026-05-01T09:00:00+08:00`);
  }
}

/** The world's clock on the admin port. An advance answers when all that became due has run. */
export function registerClockRoutes(
  app: FastifyInstance,
  { clock, due, deliver }: { clock: WorldClock; due: Due; deliver: Deliver },
): void {
  const text = (epochMs: number) =>
    Temporal.Instant.fromEpochMilliseconds(epochMs).toString({ smallestUnit: 'millisecond' });
  const reading = () => {
    const waiting = [due.nextMs(), deliver.nextMs()].filter((dueMs) => dueMs !== undefined);
    return {
      now: text(clock.nowMs()),
      offset_ms: clock.offsetMs(),
      next_due: waiting.length === 0 ? null : text(Math.min(...waiting)),
    };
  };

  async function advanceTo(target: Temporal.Instant) {
    const now = clock.now();
    if (Temporal.Instant.compare(target, now) < 0) {
      throw new Refusal(
        409,
        `the world is at ${now} already and never goes backwards: give a later time than ${target}`,
      );
    }
    const furthest = now.toZonedDateTimeISO(worldZone).add(furthestAdvance).toInstant();
    if (Temporal.Instant.compare(target, furthest) > 0) {
      throw new Refusal(400, `${target} is more than ten years ahead: advance in smaller steps`);
    }
    await due.advanceTo(target);
    return reading();
  }

  app.get('/clock', reading);
  app.post<{ Body: Static<typeof advanceBody> }>(
    '/clock/advance',
    { schema: { body: advanceBody } },
    (request) => {
      const duration = parseDuration(request.body.duration);
      return advanceTo(clock.now().toZonedDateTimeISO(worldZone).add(duration).toInstant());
    },
  );
  app.post<{ Body: Static<typeof setBody> }>(
    '/clock/set',
    { schema: { body: setBody } },
    (request) => advanceTo(parseInstant(request.body.now)),
  );
}
