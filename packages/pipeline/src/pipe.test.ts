import { createTestDatabase, type TestDatabase } from '@keyturn/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase, type Pipe } from './database.ts';

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = openDatabase({ url: testDatabase.superuserUrl, applicationName: 'pipe' });
  await database.query('create table place (number integer primary key, seen text not null)');
  await database.query(`insert into place select n, '' from generate_series(1, 10000) n`);
  await database.query('analyze place');
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

async function note(pipe: Pipe, number: number, text: string): Promise<void> {
  const sql = 'update place set seen = seen || $2 where number = $1';
  await pipe.send((tx) => tx.write(sql, [number, text]));
}

test('what is sent later is carried out later, without waiting', async () => {
  const pipe = database.openPipe();
  await Promise.all(['a', 'b', 'c', 'd'].map((letter) => note(pipe, 1, letter)));
  expect(await database.query('select seen from place where number = 1')).toEqual([
    { seen: 'abcd' },
  ]);
});

test('of a transaction that fails nothing is done, and what was sent behind it goes on', async () => {
  const pipe = database.openPipe();
  const failing = insertTwice(pipe, 10_001);
  const next = note(pipe, 2, 'kept');
  await expect(failing).rejects.toMatchObject({ code: '23505' });
  await next;
  const rows = await database.query('select number, seen from place where number in (2, 10001)');
  expect(rows).toEqual([{ number: 2, seen: 'kept' }]);
});

async function insertTwice(pipe: Pipe, number: number): Promise<void> {
  await pipe.send((tx) => {
    tx.write(`insert into place values ($1, 'once')`, [number]);
    tx.write(`insert into place values ($1, 'twice')`, [number]);
  });
}

test('rows are found by their keys one after the other, as many as they are', async () => {
  const many = Array.from({ length: 5_000 }, (_, index) => 5_000 - index);
  const explain = `explain (costs off) select p.seen
    from (select unnest($1::integer[]) as number) u join place p on p.number = u.number`;
  const planOf = (rows: readonly unknown[]) =>
    rows.map((row) => Object.values(row as object)[0]).join('\n');
  let plan = '';
  await database.openPipe().send((tx) =>
    tx.write(explain, [many], (rows) => {
      plan = planOf(rows);
    }),
  );
  expect(plan).toMatch(/^Nested Loop\n.*ProjectSet/s);
  expect(plan).toContain('Index Scan using place_pkey');
  expect(planOf(await database.query(explain, [many]))).toMatch(/^Hash Join/);
});
