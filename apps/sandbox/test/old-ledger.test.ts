import { createHash, createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '../src/core/logger.ts';
import { createSandbox, type Sandbox } from '../src/sandbox.ts';

const key = 'k'.repeat(32);
const standsAt = Temporal.Instant.from('2031-03-03T02:00:00Z');
let data: string;
let sandbox: Sandbox;
let clock: Temporal.Instant;

async function start(): Promise<void> {
  sandbox = await createSandbox({
    data,
    host: '127.0.0.1',
    acquirerPort: 0,
    bankPort: 0,
    adminPort: 0,
    oldLedgerPort: 0,
    standsAt,
    logger: createLogger((line) => process.stderr.write(line)),
  });
}

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'keyturn-old-ledger-'));
  clock = standsAt;
  await start();
  await admin('POST', '/old-ledger/clients', { client_id: 'me', key });
});
afterEach(async () => {
  await sandbox.close();
  rmSync(data, { recursive: true, force: true });
});

interface Answered {
  status: number;
  body: Record<string, unknown>;
}

async function answered(response: Response): Promise<Answered> {
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
}

async function admin(method: string, path: string, body?: unknown): Promise<Answered> {
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  return answered(await fetch(`${sandbox.addresses.admin}${path}`, { method, headers, ...init }));
}

async function call(
  method: string,
  path: string,
  body?: unknown,
  change: Record<string, string> = {},
): Promise<Answered> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const timestamp = String(clock.epochMilliseconds / 1_000);
  const digest = createHash('sha256').update(text).digest('hex');
  const signed = [method, path, timestamp, digest].join('\n');
  const signature = createHmac('sha256', key).update(signed).digest('hex');
  const headers = {
    'x-ledger-client': 'me',
    'x-ledger-timestamp': timestamp,
    'x-ledger-signature': signature,
    ...change,
  };
  const url = `${sandbox.addresses.old_ledger}${path}`;
  return answered(
    await fetch(url, { method, headers, ...(body === undefined ? {} : { body: text }) }),
  );
}

const move = (id: string, amount: number, more: object = {}) => {
  return { id, account: 'W1', subject: '2201', amount, ...more };
};
const book = (...movements: object[]) => admin('POST', '/old-ledger/movements', { movements });

async function rows(after = 0): Promise<unknown[]> {
  const { body } = await call('GET', `/v1/movements?after=${after}&limit=100`);
  return (body['rows'] as { id: string; amount: number }[]).map(({ id, amount }) => [id, amount]);
}

async function balance(account = 'W1'): Promise<unknown> {
  const { body } = await admin('GET', '/old-ledger/accounts');
  const accounts = body['accounts'] as { account: string; balance: number }[];
  return accounts.find((one) => one.account === account)?.balance;
}

test('only who is enrolled and signs is answered', async () => {
  expect(await call('GET', '/v1/movements?after=0')).toMatchObject({ status: 200 });
  for (const change of [
    { 'x-ledger-client': 'other' },
    { 'x-ledger-timestamp': '1' },
    { 'x-ledger-signature': '00'.repeat(32) },
    { 'x-ledger-signature': '' },
  ]) {
    expect(await call('GET', '/v1/movements?after=0', undefined, change)).toMatchObject({
      status: 401,
    });
  }
});

test('rows come in the order in which they became visible, history in that of its times', async () => {
  await book(move('b', 5, { booked_at: '2031-03-02T00:00:00Z' }));
  await book(move('a', 7, { booked_at: '2031-03-01T00:00:00Z' }), move('c', -2));
  expect(await rows()).toEqual([
    ['b', 5],
    ['a', 7],
    ['c', -2],
  ]);
  expect(await rows(2)).toEqual([['c', -2]]);
  const first = await call('GET', '/v1/history?through=2&limit=1');
  expect(first.body).toMatchObject({ rows: [{ id: 'a', position: 2 }] });
  const cursor = encodeURIComponent(String(first.body['next']));
  const second = await call('GET', `/v1/history?through=2&limit=1&cursor=${cursor}`);
  expect(second.body).toMatchObject({ rows: [{ id: 'b' }], next: null });
  expect(await balance()).toBe(10);
});

test('a snapshot stays as it was, whatever comes after it, also after a restart', async () => {
  await book(move('a', 7));
  const { status, body } = await call('POST', '/v1/snapshots', {});
  expect({ status, body }).toMatchObject({ status: 201, body: { position: 1 } });
  await book(move('b', 1));
  await sandbox.close();
  await start();
  const path = `/v1/snapshots/${body['snapshot']}/balances?after=&limit=10`;
  expect((await call('GET', path)).body).toEqual({
    balances: [{ account: 'W1', subject: '2201', balance_minor: 7 }],
  });
  expect(await call('GET', '/v1/snapshots/none/balances')).toMatchObject({ status: 404 });
});

test('a mirrored write happens once by its id, as a whole, and opens accounts', async () => {
  const movements = [
    { account: 'W1', subject: '2201', amount: -3 },
    { account: 'W9', subject: '2201', amount: 3 },
  ];
  const item = { id: 'j-1', order: null, kind: 'journal', booked_at: 'now', movements };
  expect(await call('POST', '/v1/mirror', item)).toMatchObject({
    status: 200,
    body: { position: 2 },
  });
  expect((await call('POST', '/v1/mirror', item)).body).toEqual({ position: 2 });
  expect(await call('POST', '/v1/mirror', { ...item, kind: 'other' })).toMatchObject({
    status: 409,
  });
  expect([await balance('W1'), await balance('W9')]).toEqual([-3, 3]);
  const { body } = await call('GET', '/v1/movements?after=0&limit=1');
  expect(body).toMatchObject({ rows: [{ id: 'j-1.0', origin: 'j-1', voucher: 'j-1' }] });
  const other = [movements[0], { account: 'W9', subject: '1122', amount: 3 }];
  const refused = await call('POST', '/v1/mirror', { ...item, id: 'j-2', movements: other });
  expect(refused).toMatchObject({ status: 409 });
  expect(await balance('W1')).toBe(-3);
});

test.each<[string, unknown[], unknown[]?]>([
  ['late', [], [['x', 10]]],
  ['missing', [], []],
  [
    'repeat',
    [
      ['x', 10],
      ['x', 10],
    ],
  ],
  [
    'duplicate',
    [
      ['x', 10],
      ['x-2', 10],
    ],
  ],
  ['wrong_amount', [['x', 11]]],
  ['wrong_sign', [['x', -10]]],
])('the balance moves at once and the row is %s', async (kind, now, later = now) => {
  await admin('POST', '/faults', { point: 'old_ledger.row', kind, match: { id: 'x' } });
  await book(move('x', 10));
  expect(await balance()).toBe(10);
  expect(await rows()).toEqual(now);
  await admin('POST', '/clock/advance', { duration: 'PT1H' });
  clock = standsAt.add({ hours: 1 });
  expect(await rows()).toEqual(later);
  const { body } = await admin('POST', '/old-ledger/hidden/release', {});
  expect(body).toEqual({ released: kind === 'missing' ? 1 : 0 });
  if (kind === 'missing') expect(await rows()).toEqual([['x', 10]]);
});

test('a correction moves the balance and shows the row again', async () => {
  await book(move('x', 10));
  await admin('POST', '/old-ledger/movements/x/correct', { amount: 4 });
  expect(await rows()).toEqual([
    ['x', 10],
    ['x', 4],
  ]);
  expect(await balance()).toBe(4);
  expect(await admin('POST', '/old-ledger/movements/y/correct', { amount: 4 })).toMatchObject({
    status: 404,
  });
});

test('requests fail before or behind their effect, as asked', async () => {
  const item = {
    id: 'j-1',
    order: null,
    kind: 'journal',
    booked_at: 'now',
    movements: [{ account: 'W1', subject: '2201', amount: 1 }],
  };
  const match = { operation: 'POST /v1/mirror' };
  for (const [kind, after] of [
    ['timeout_before_effect', undefined],
    ['timeout_after_effect', 1],
  ] as const) {
    await admin('POST', '/faults', { point: 'old_ledger.request', kind, match });
    await expect(call('POST', '/v1/mirror', item)).rejects.toThrow();
    expect(await balance()).toBe(after);
  }
  await admin('POST', '/faults', { point: 'old_ledger.request', kind: 'error', match });
  expect(await call('POST', '/v1/mirror', item)).toMatchObject({ status: 500 });
  expect(await call('POST', '/v1/mirror', item)).toMatchObject({ status: 200 });
  expect(await balance()).toBe(1);
});

test.each([
  ['no movement', { movements: [] }],
  ['half a fen', { movements: [move('x', 0.5)] }],
  ['a time to come', { movements: [move('x', 1, { booked_at: '2031-03-04T00:00:00Z' })] }],
  ['no time at all', { movements: [move('x', 1, { booked_at: 'yesterday' })] }],
])('business with %s is refused with a sentence', async (_name, body) => {
  const refused = await admin('POST', '/old-ledger/movements', body);
  expect(refused).toMatchObject({ status: 400, body: { error: expect.any(String) } });
});
