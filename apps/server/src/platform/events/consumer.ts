import { setTimeout as wait } from 'node:timers/promises';
import { type Clock, elapsedMs } from '@keyturn/kernel';
import type { Logger } from 'pino';
import type { EventRecord } from './event.ts';
import type { Outbox, Place } from './outbox.ts';

/** Reads the outbox in order and hands each event to a handler that may see it more than once. */
export interface Consumer {
  readonly name: string;
  /** Looks for new events now instead of at the next interval. */
  wake(): void;
  /** Handles what there is; resolves when nothing is left. For tests and drills. */
  drain(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

export interface ConsumerOptions {
  readonly name: string;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The event types that it wants. */
  readonly types: readonly string[];
  /**
   * Must be idempotent: use the event's id as the command's key. After a crash it sees the events
   * of the last second again. A rejection parks the event.
   */
  handle(event: EventRecord): Promise<void>;
  readonly intervalMs?: number;
  readonly batchSize?: number;
}

/** How often, in milliseconds, a consumer that moves on saves its place. */
const saveIntervalMs = 1_000;

export function createConsumer(options: ConsumerOptions): Consumer {
  const { outbox, clock, logger, name } = options;
  const wanted = new Set(options.types);
  const batchSize = options.batchSize ?? 200;
  let stopped = false;
  let loop: Promise<void> | undefined;
  let alarm = new AbortController();
  const intervalMs = options.intervalMs ?? 1_000;
  let place: Place | undefined;
  let saved: Place | undefined;
  let savedMs = Number.NEGATIVE_INFINITY;

  async function handle(event: EventRecord, attempts: number): Promise<void> {
    try {
      await options.handle(event);
      if (attempts > 0) {
        await outbox.unpark(name, event.id, clock.now());
      }
    } catch (error) {
      logger.error(
        { err: error, consumer: name, event: event.id },
        'an event could not be handled',
      );
      const seconds = Math.min(2 ** attempts, 300);
      const message = error instanceof Error ? error.name : 'unknown';
      await outbox.park(name, event.id, message, clock.now().add({ seconds }));
    }
  }

  /**
   * Events of one object in their order, different objects side by side so that commands
   * coalesce.
   */
  async function handleAll(events: readonly EventRecord[], attempts: number): Promise<void> {
    const byObject = Map.groupBy(events, (event) => event.objectId);
    await Promise.all(
      [...byObject.values()].map(async (series) => {
        for (const event of series) await handle(event, attempts);
      }),
    );
  }

  async function handleParked(): Promise<void> {
    for (const event of await outbox.dueOf(name, clock.now())) await handle(event, event.attempts);
  }

  /** Takes what comes next, at most one batch. Says how many events that were. */
  async function step(): Promise<number> {
    place ??= await outbox.placeOf(name, clock.now());
    const events = await outbox.after(place, batchSize);
    await handleAll(
      events.filter((event) => wanted.has(event.type)),
      0,
    );
    const { transactionId, seq } = events.at(-1) ?? place;
    place = { transactionId, seq };
    if (elapsedMs() - savedMs >= saveIntervalMs) await savePlace();
    return events.length;
  }

  async function savePlace(): Promise<void> {
    const reached = place;
    if (!reached || reached.seq === saved?.seq) return;
    await outbox.savePlace(name, reached, clock.now());
    // It may have moved on meanwhile, drained while it runs: that is not saved yet.
    saved = reached;
    savedMs = elapsedMs();
  }

  async function run(): Promise<void> {
    let parkedSeenMs = Number.NEGATIVE_INFINITY;
    while (!stopped) {
      alarm = new AbortController();
      try {
        // The bell rings at every commit; what is parked waits for seconds.
        if (elapsedMs() - parkedSeenMs >= intervalMs) {
          parkedSeenMs = elapsedMs();
          await handleParked();
        }
        // A batch that is not full was all there was. What comes meanwhile rings.
        while (!stopped && (await step()) === batchSize);
      } catch (error) {
        logger.warn({ err: error, consumer: name }, 'the outbox could not be read; trying again');
      }
      await wait(intervalMs, undefined, { signal: alarm.signal }).catch(woken);
    }
  }

  return {
    name,
    wake: () => alarm.abort(),
    drain: async () => {
      do await handleParked();
      while ((await step()) > 0);
      await savePlace();
    },
    start: () => {
      loop ??= run();
    },
    stop: async () => {
      stopped = true;
      alarm.abort();
      await loop;
      await savePlace().catch((error: unknown) => {
        logger.warn({ err: error, consumer: name }, 'the place could not be saved');
      });
    },
  };
}

function woken(): void {
  // The pause was cut short on purpose: there is something to do, or it is time to stop.
}
