import { createTestDatabase, type TestDatabase } from '@keyturn/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { arrayOf, type SqlType } from './array.ts';
import type { Database } from './database.ts';

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = testDatabase.open();
});
afterAll(() => testDatabase.drop());

/** What PostgreSQL understands: each value as its own text of it. */
async function understood(type: SqlType, values: readonly unknown[]) {
  const sql = `select unnest($1::${type}[])::text as value`;
  const rows = await database.query<{ value: string | null }>(sql, [arrayOf(type, values)]);
  return rows.map(({ value }) => value);
}

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const text = fc.string({ unit: 'grapheme', maxLength: 100 }).filter((t) => !t.includes('\0'));
const moment = fc.bigInt({ min: 0n, max: 4_000_000_000_000_000n }).map((microseconds) => {
  return Temporal.Instant.fromEpochNanoseconds(microseconds * 1_000n);
});
const values: readonly (readonly [SqlType, fc.Arbitrary<unknown>, (value: never) => string])[] = [
  ['int8', int64, (value: bigint) => value.toString()],
  ['int8', fc.maxSafeInteger(), (value: number) => value.toString()],
  ['int4', fc.integer(), (value: number) => value.toString()],
  ['int2', fc.integer({ min: -32_767, max: 32_767 }), (value: number) => value.toString()],
  ['bool', fc.boolean(), (value: boolean) => String(value)],
  ['uuid', fc.uuid(), (value: string) => value],
  ['text', text, (value: string) => value],
  ['bytea', fc.uint8Array(), (value: Uint8Array) => `\\x${Buffer.from(value).toString('hex')}`],
];

test.each(values)('%s values arrive as they were sent, nulls among them', async (...row) => {
  const [type, value, textOf] = row;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(value)), async (sent) => {
      const expected = sent.map((one) => (one === null ? null : textOf(one as never)));
      const seen = await understood(type, sent);
      // A column of nulls only is filled up beside others.
      expect(seen).toEqual(expected.every((one) => one === null) ? [] : expected);
    }),
    { numRuns: 50 },
  );
});

test('moments arrive to the microsecond, and finer ones rounded', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(moment, { minLength: 1 }), async (sent) => {
      const sql = 'select unnest($1::timestamptz[]) as value';
      const rows = await database.query<{ value: Temporal.Instant }>(sql, [
        arrayOf('timestamptz', sent),
      ]);
      expect(rows.map(({ value }) => value.toString())).toEqual(sent.map(String));
    }),
    { numRuns: 50 },
  );
  const fine = Temporal.Instant.from('2026-11-21T01:02:03.1234565Z');
  expect((await understood('timestamptz', [fine]))[0]).toContain('01:02:03.123457');
});

test('days arrive, also from before 2000 and from texts', async () => {
  const days = ['1970-01-01', '1999-12-31', '2000-01-01', '2024-02-29', '2100-12-31'];
  expect(await understood('date', days)).toEqual(days);
  const dates = days.map((day) => Temporal.PlainDate.from(day));
  expect(await understood('date', dates)).toEqual(days);
});

test('JSON arrives with money exact, and null as no value', async () => {
  const sent = [{ amount: 9_007_199_254_740_993n, 名: '链' }, null, ['x'.repeat(100)]];
  const [first, second, third] = await understood('jsonb', sent);
  expect(first).toBe('{"名": "链", "amount": 9007199254740993}');
  expect(second).toBeNull();
  expect(third).toBe(`["${'x'.repeat(100)}"]`);
});

test('more than there was room for before makes room', async () => {
  const long = '楼'.repeat(100_000);
  expect(await understood('text', [long, 'short'])).toEqual([long, 'short']);
});

test.each<[SqlType, unknown]>([
  ['uuid', '0190a0e2-0000-7000-8000-00000000000'],
  ['uuid', '0190a0e2-0000-7000-8000-00000000000g'],
  ['uuid', '0190a0e2-0000-7000-8000-00000000000é'],
  ['int8', 2n ** 63n],
  ['int8', 1.5],
  ['int4', 2 ** 31],
  ['int2', 32_768],
  ['bool', 'true'],
  ['timestamptz', 'tomorrow'],
  ['bytea', 'text'],
])('%s: %s is refused before it is sent', (type, value) => {
  expect(() => arrayOf(type, [value])).toThrow();
});
