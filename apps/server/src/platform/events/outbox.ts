import { type Database, selectList } from '@keyturn/pipeline';
import { type EventRecord, eventTable } from './event.ts';

/** A place in the outbox: everything up to it has been read. */
export interface Place {
  readonly transactionId: string;
  readonly seq: bigint;
}

export type PlacedEvent = EventRecord & Place;

/** The events as they were committed, and how far each consumer has got. */
export interface Outbox {
  /** What comes after a place, in order, at most `limit`. Readers who ask at once share a look. */
  after(place: Place, limit: number): Promise<readonly PlacedEvent[]>;
  /** Where the consumer was when that was last saved; the beginning for a new one. */
  placeOf(consumer: string, now: Temporal.Instant): Promise<Place>;
  /** Only forward: a second process that reads the same events does not take the place back. */
  savePlace(consumer: string, place: Place, now: Temporal.Instant): Promise<void>;
  /** Puts aside an event that could not be handled, for another try when it is due. */
  park(consumer: string, eventId: string, error: string, dueAt: Temporal.Instant): Promise<void>;
  /** What was put aside and is due, the longest due first, at most a hundred. */
  dueOf(
    consumer: string,
    now: Temporal.Instant,
  ): Promise<readonly (EventRecord & { readonly attempts: number })[]>;
  unpark(consumer: string, eventId: string, now: Temporal.Instant): Promise<void>;
}

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

const placeSql = `select c.transaction_id::text as "transactionId", c.seq
  from platform.consumer c where c.name = $1`;

const registerSql = `insert into platform.consumer (name, transaction_id, seq, updated_at)
  values ($1, '0'::xid8, 0, $2) on conflict (name) do nothing`;

const saveSql = `update platform.consumer
  set transaction_id = $2::xid8, seq = $3, updated_at = $4
  where name = $1 and (transaction_id, seq) < ($2::xid8, $3::bigint)`;

const parkSql = `insert into platform.parked_event
    (consumer, event_id, attempts, last_error, due_at)
  values ($1, $2, 1, $3, $4) on conflict (consumer, event_id) do update set
    attempts = platform.parked_event.attempts + 1, last_error = excluded.last_error,
    due_at = excluded.due_at`;

const dueSql = `select ${selectList(eventTable, 'e')}, p.attempts from platform.parked_event p
  join platform.event e on e.id = p.event_id
  where p.consumer = $1 and p.done_at is null and p.due_at <= $2 order by p.due_at limit 100`;

const unparkSql = `update platform.parked_event set done_at = $3
  where consumer = $1 and event_id = $2`;

export function createOutbox(database: Database): Outbox {
  const asked = new Map<string, Promise<readonly PlacedEvent[]>>();

  /** The look begins a turn later, when all who were woken together have asked for it. */
  async function look({ transactionId, seq }: Place, limit: number, name: string) {
    await new Promise(setImmediate);
    // Who asks from now on may know of something newer than this look will see.
    asked.delete(name);
    return database.query<PlacedEvent>(nextSql, [transactionId, seq, limit]);
  }

  return {
    after: (place, limit) => {
      const name = `${place.transactionId}/${place.seq}/${limit}`;
      const found = asked.get(name) ?? look(place, limit, name);
      asked.set(name, found);
      return found;
    },
    placeOf: async (consumer, now) => {
      const [found] = await database.query<Place>(placeSql, [consumer]);
      if (found) return found;
      await database.query(registerSql, [consumer, now.toString()]);
      return { transactionId: '0', seq: 0n };
    },
    savePlace: async (consumer, { transactionId, seq }, now) => {
      await database.query(saveSql, [consumer, transactionId, seq, now.toString()]);
    },
    park: async (consumer, eventId, error, dueAt) => {
      await database.query(parkSql, [consumer, eventId, error, dueAt.toString()]);
    },
    dueOf: (consumer, now) => database.query(dueSql, [consumer, now.toString()]),
    unpark: async (consumer, eventId, now) => {
      await database.query(unparkSql, [consumer, eventId, now.toString()]);
    },
  };
}
