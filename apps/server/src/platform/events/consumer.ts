import { setTimeout as wait } from 'node:timers/promises';
import { type Clock, elapsedMs } from '@keyturn/kernel';
import { type Database, selectList } from '@keyturn/pipeline';
import type { Logger } from 'pino';
import { type EventRecord, eventTable } from './event.ts';

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
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The event types that it wants. */
  readonly types: readonly string[];
  /** Must be idempotent: use the event's id as the command's key. A rejection parks the event. */
  handle(event: EventRecord): Promise<void>;
  readonly intervalMs?: number;
  readonly batchSize?: number;
}

type Row = EventRecord & { readonly transactionId: string; readonly seq: bigint };

/**
 * Not "the id after the last": a transaction that commits late would be skipped. Only events whose
 * transaction is older than the oldest running one are read, in the order (transaction, sequence).
 */
const nextSql = `select ${selectList(eventTable, 'e')}, e.seq,
    e.transaction_id::text as "transactionId"
  from platform.event e
  where (e.transaction_id, e.seq) > ($1::xid8, $2::bigint)
    and e.transaction_id < pg_snapshot_xmin(pg_current_snapshot())
  order by e.transaction_id, e.seq limit $3`;

const cursorSql = `select c.transaction_id::text as "transactionId", c.seq
  from platform.consumer c where c.name = $1`;

const registerSql = `insert into platform.consumer (name, transaction_id, seq, updated_at)
  values ($1, '0'::xid8, 0, $2) on conflict (name) do nothing`;

/** Only forward: a second process that reads the same events does not take the cursor back. */
const advanceSql = `update platform.consumer
  set transaction_id = $2::xid8, seq = $3, updated_at = $4
  where name = $1 and (transaction_id, seq) < ($2::xid8, $3::bigint)`;

const parkSql = `insert into platform.parked_event
    (consumer, event_id, attempts, last_error, due_at)
  values ($1, $2, 1, $3, $4) on conflict (consumer, event_id) do update set
    attempts = platform.parked_event.attempts + 1, last_error = excluded.last_error,
    due_at = excluded.due_at`;

const parkedSql = `select ${selectList(eventTable, 'e')}, p.attempts from platform.parked_event p
  join platform.event e on e.id = p.event_id
  where p.consumer = $1 and p.done_at is null and p.due_at <= $2 order by p.due_at limit 100`;

const unparkSql = `update platform.parked_event set done_at = $3
  where consumer = $1 and event_id = $2`;

export function createConsumer(options: ConsumerOptions): Consumer {
  const { database, clock, logger, name } = options;
  const wanted = new Set(options.types);
  const batchSize = options.batchSize ?? 200;
  let stopped = false;
  let loop: Promise<void> | undefined;
  let alarm = new AbortController();
  const intervalMs = options.intervalMs ?? 250;

  async function handle(event: EventRecord, attempts: number): Promise<void> {
    try {
      await options.handle(event);
      if (attempts > 0) {
        await database.query(unparkSql, [name, event.id, clock.now().toString()]);
      }
    } catch (error) {
      logger.error(
        { err: error, consumer: name, event: event.id },
        'an event could not be handled',
      );
      const seconds = Math.min(2 ** attempts, 300);
      const dueAt = clock.now().add({ seconds }).toString();
      const message = error instanceof Error ? error.name : 'unknown';
      await database.query(parkSql, [name, event.id, message, dueAt]);
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
    const now = clock.now().toString();
    const parked = await database.query<EventRecord & { attempts: number }>(parkedSql, [name, now]);
    for (const event of parked) await handle(event, event.attempts);
  }

  /** Takes what comes next, at most one batch. Says how many events that were. */
  async function step(): Promise<number> {
    const now = clock.now().toString();
    const [cursor] = await database.query<{ transactionId: string; seq: bigint }>(cursorSql, [
      name,
    ]);
    if (!cursor) {
      await database.query(registerSql, [name, now]);
      return step();
    }
    const rows = await database.query<Row>(nextSql, [cursor.transactionId, cursor.seq, batchSize]);
    const last = rows.at(-1);
    if (!last) return 0;
    await handleAll(
      rows.filter((row) => wanted.has(row.type)),
      0,
    );
    await database.query(advanceSql, [name, last.transactionId, last.seq, now]);
    return rows.length;
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
    },
    start: () => {
      loop ??= run();
    },
    stop: async () => {
      stopped = true;
      alarm.abort();
      await loop;
    },
  };
}

function woken(): void {
  // The pause was cut short on purpose: there is something to do, or it is time to stop.
}
