import { createTestDatabase, type TestDatabase } from '@keyturn/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBatcher } from './batcher.ts';
import type { Database, Tx } from './database.ts';

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = testDatabase.open();
});
afterAll(() => testDatabase.drop());

/** Doubles numbers; records the batches; a 13 is an unexpected error of the database. */
function doubler(batches: number[][], options: { maxBatch?: number; maxQueue?: number } = {}) {
  return createBatcher<number, number>({
    name: 'test.double',
    database,
    ...options,
    execute: async (tx, calls) => {
      batches.push([...calls]);
      const rows = await tx.query<{ n: number }>(
        'select case when n = 13 then 1 / (n - 13) else n * 2 end as n from unnest($1::int[]) as n',
        [calls],
      );
      return rows.map((row) => row.n);
    },
  });
}

test('calls that come while a batch is in flight form the next one', async () => {
  const batches: number[][] = [];
  const batcher = doubler(batches);
  const first = batcher.submit(1);
  await Promise.resolve();
  await Promise.resolve();
  const rest = [2, 3, 4].map((n) => batcher.submit(n));
  expect(await Promise.all([first, ...rest])).toEqual([2, 4, 6, 8]);
  expect(batches).toEqual([[1], [2, 3, 4]]);
});

test('an unexpected error is found and answered alone, its neighbours go on', async () => {
  const batcher = doubler([]);
  const calls = [1, 2, 13, 4, 5].map((n) => batcher.submit(n));
  const outcomes = await Promise.allSettled(calls);
  expect(outcomes.map((o) => (o.status === 'fulfilled' ? o.value : 'error'))).toEqual([
    2,
    4,
    'error',
    8,
    10,
  ]);
});

test('a full queue says busy at once and nothing is done', async () => {
  const batches: number[][] = [];
  const batcher = doubler(batches, { maxQueue: 2 });
  const calls = [1, 2, 3].map((n) => batcher.submit(n));
  await expect(calls[2]).rejects.toMatchObject({ reason: 'busy' });
  expect(await Promise.all(calls.slice(0, 2))).toEqual([2, 4]);
  expect(batches.flat()).toEqual([1, 2]);
});

test('a batch whose connection is lost is sent again unchanged', async () => {
  const seen: (readonly number[])[] = [];
  const batcher = createBatcher<number, number>({
    name: 'test.lost',
    database,
    execute: async (tx: Tx, calls) => {
      seen.push(calls);
      // The server ends this connection under our feet, the first two times.
      if (seen.length <= 2) {
        const [own] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
        await testDatabase.terminate(own?.pid ?? 0);
        await tx.query('select 1');
      }
      return calls.map((n) => n * 2);
    },
  });
  expect(await Promise.all([batcher.submit(1), batcher.submit(2)])).toEqual([2, 4]);
  expect(seen).toEqual([
    [1, 2],
    [1, 2],
    [1, 2],
  ]);
});

test('when the database does not come back in time the outcome is unknown, not failed', async () => {
  const closed = testDatabase.open({ url: 'postgres://nobody@127.0.0.1:1/none' });
  const batcher = createBatcher<number, number>({
    name: 'test.gone',
    database: closed,
    deadlineMs: 50,
    execute: async () => [1],
  });
  await expect(batcher.submit(1)).rejects.toMatchObject({ reason: 'unknown' });
});

test('a closed batcher lets finish what runs and refuses what comes', async () => {
  const batcher = doubler([]);
  const running = batcher.submit(4);
  const closing = batcher.close();
  await expect(batcher.submit(5)).rejects.toMatchObject({ reason: 'closed' });
  await closing;
  expect(await running).toBe(8);
});
