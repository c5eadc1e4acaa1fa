import { randomUUID } from 'node:crypto';
import { insertRows } from '@keyturn/pipeline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestPlatform, type TestPlatform } from '../../../test/platform.ts';
import { createConsumer } from './consumer.ts';
import { type EventRecord, eventTable } from './event.ts';
import type { Outbox } from './outbox.ts';

let platform: TestPlatform;

beforeAll(async () => {
  platform = await createTestPlatform();
});
afterAll(() => platform.close());

function event(objectId: string, sequence: bigint): EventRecord {
  const occurredAt = platform.clock.now();
  const payload = { amount: 5n };
  return {
    id: randomUUID(),
    type: 'test.happened',
    objectId,
    objectSequence: sequence,
    payload,
    occurredAt,
  };
}

function collect(name: string, seen: string[], failing = new Set<string>()) {
  return createConsumer({
    ...platform,
    name,
    types: ['test.happened'],
    handle: async ({ id, payload }) => {
      expect(payload['amount']).toBe(5n);
      if (failing.has(id)) throw new Error('not now');
      seen.push(id);
    },
  });
}

/**
 * A consumer reads nothing of a transaction while an older one runs, be it in another database of
 * the server: those of other tests have to end first.
 */
async function readable(): Promise<void> {
  const waiting = `select 1 from platform.event e
    where e.transaction_id >= pg_snapshot_xmin(pg_current_snapshot()) limit 1`;
  await expect
    .poll(() => platform.database.query(waiting), { timeout: 30_000, interval: 20 })
    .toEqual([]);
}

test('an event that commits after a later one is not lost', async () => {
  const early = event(randomUUID(), 1n);
  const late = event(randomUUID(), 1n);
  const seen: string[] = [];
  const consumer = collect('late-commit', seen);
  let drained = Promise.resolve();
  await platform.database.transaction(async (slow) => {
    insertRows(slow, eventTable, [early]);
    await slow.written();
    await platform.database.transaction((fast) => insertRows(fast, eventTable, [late]));
    drained = consumer.drain();
    await drained;
    expect(seen).toEqual([]);
  });
  await readable();
  await consumer.drain();
  expect(seen.filter((id) => id === early.id || id === late.id)).toEqual([early.id, late.id]);
});

test('an event that cannot be handled is parked, does not stop the others, and comes back', async () => {
  const bad = event(randomUUID(), 1n);
  const good = event(randomUUID(), 1n);
  await platform.database.transaction((tx) => insertRows(tx, eventTable, [bad, good]));
  const seen: string[] = [];
  const failing = new Set([bad.id]);
  const consumer = collect('parking', seen, failing);
  await readable();
  await consumer.drain();
  expect(seen).toContain(good.id);
  expect(seen).not.toContain(bad.id);
  failing.clear();
  platform.clock.advance({ minutes: 10 });
  await consumer.drain();
  expect(seen.filter((id) => id === bad.id)).toHaveLength(1);
  platform.clock.advance({ hours: 1 });
  await consumer.drain();
  expect(seen.filter((id) => id === bad.id)).toHaveLength(1);
});

test('events of one object come in their order', async () => {
  const object = randomUUID();
  const series = [event(object, 1n), event(object, 2n), event(object, 3n)];
  for (const one of series) {
    await platform.database.transaction((tx) => insertRows(tx, eventTable, [one]));
  }
  const seen: string[] = [];
  await readable();
  await collect('order', seen).drain();
  const mine = new Set(series.map(({ id }) => id));
  expect(seen.filter((id) => mine.has(id))).toEqual(series.map(({ id }) => id));
});

test('a place that is reached while an earlier one is being saved is saved as well', async () => {
  const events = ['1', '2', '3'].map((transactionId, index) => ({
    ...event(randomUUID(), 1n),
    transactionId,
    seq: BigInt(index + 1),
  }));
  let committed = 1n;
  const places: bigint[] = [];
  const saving = Promise.withResolvers<void>();
  const slow = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const outbox: Outbox = {
    ...platform.outbox,
    placeOf: async () => ({ transactionId: '0', seq: 0n }),
    after: async (place) => events.filter(({ seq }) => seq > place.seq && seq <= committed),
    dueOf: async () => [],
    savePlace: async (_name, { seq }) => {
      places.push(seq);
      if (seq !== 2n) return;
      saving.resolve();
      await slow.promise;
    },
  };
  const { clock, logger } = platform;
  const handle = async ({ id }: EventRecord) => {
    if (id === events[2]?.id) setImmediate(reached.resolve);
  };
  const types = ['test.happened'];
  const consumer = createConsumer({ name: 'slow', outbox, clock, logger, types, handle });
  await consumer.drain();
  committed = 2n;
  const draining = consumer.drain();
  await saving.promise;
  committed = 3n;
  consumer.start();
  await reached.promise;
  slow.resolve();
  await draining;
  await consumer.stop();
  expect(places.at(-1)).toBe(3n);
});
