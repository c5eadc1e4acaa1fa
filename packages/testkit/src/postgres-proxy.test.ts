import { type Database, isConnectionError } from '@keyturn/pipeline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createPostgresProxy,
  createTestDatabase,
  type PassingMessage,
  type PostgresProxy,
  type TestDatabase,
} from './index.ts';

let testDatabase: TestDatabase;
let proxy: PostgresProxy;
let over: Database;
let beside: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  beside = testDatabase.open({ url: testDatabase.superuserUrl });
  await beside.query('create table public.note (text text)');
  proxy = await createPostgresProxy(testDatabase.superuserUrl);
  const url = proxy.url(testDatabase.superuserUrl);
  over = testDatabase.open({ url, maxConnections: 1 });
});
afterAll(async () => {
  proxy.judge(undefined);
  await testDatabase.drop();
  await proxy.close();
});

const isCommit = ({ query }: PassingMessage) => query === 'COMMIT';

function write(text: string): Promise<unknown> {
  return over
    .transaction((tx) => tx.query('insert into public.note values ($1)', [text]))
    .catch((error: unknown) => error);
}

async function written(text: string): Promise<boolean> {
  const rows = await beside.query('select 1 from public.note where text = $1', [text]);
  return rows.length === 1;
}

test('a message that is cut does not arrive', async () => {
  proxy.judge((message) => (isCommit(message) ? 'cut' : 'pass'));
  expect(isConnectionError(await write('cut'))).toBe(true);
  expect(await written('cut')).toBe(false);
});

test('a message that is late arrives after its sender has lost the connection', async () => {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  proxy.judge((message) => (isCommit(message) ? { late } : 'pass'));
  expect(isConnectionError(await write('late'))).toBe(true);
  expect(await written('late')).toBe(false);
  resolve();
  await expect.poll(() => written('late'), { timeout: 30_000 }).toBe(true);
});

test('a judge sees the messages of both directions, connection by connection', async () => {
  const seen: PassingMessage[] = [];
  proxy.judge((message) => {
    seen.push(message);
    return 'pass';
  });
  await write('seen');
  expect(new Set(seen.map(({ connection }) => connection)).size).toBe(1);
  const sent = seen.filter(({ direction }) => direction === 'to_server');
  const told = seen.filter(({ direction }) => direction === 'to_client');
  expect(sent[0]?.type).toBe('');
  expect(sent.filter(({ type }) => type === 'Q').map(({ query }) => query)).toEqual([
    'BEGIN',
    'COMMIT',
  ]);
  expect(told.at(-1)?.type).toBe('Z');
});
