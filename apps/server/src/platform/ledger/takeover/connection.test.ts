import { createHash, createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { steerableClock } from '@keyturn/kernel';
import { OldLedgerError, readPlan } from '@keyturn/ledger';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createOldLedgerConnection, keyFileOf } from './connection.ts';

const key = 'a key of thirty-two characters or more';
const clock = steerableClock('2026-03-02T01:00:00Z');
let folder: string;
let server: Server;
let answer: { status: number; body: string };
let asked: { request: IncomingMessage; body: string } | undefined;
let connection: ReturnType<typeof createOldLedgerConnection>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyturn-old-key-'));
  await writeFile(keyFileOf(folder, 'old'), `${key}\n`);
  asked = undefined;
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      asked = { request, body };
      response.statusCode = answer.status;
      response.end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  connection = connect(await urlOf(server));
});
afterEach(async () => {
  await connection.close();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

async function urlOf(listening: Server): Promise<string> {
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  return `http://127.0.0.1:${address.port}/accounts`;
}

function connect(url: string, name = 'old') {
  const counter = { code: 1101, owner: 'old' };
  const plan = readPlan({
    takeover: 't',
    book: 'b',
    old: { url, client: 'me', key: name },
    subjects: [{ subject: '1', code: 2001, owner: '{account}', sign: 'same', counter }],
    suspense: { excess: { code: 2301, owner: 'x' }, shortfall: { code: 1201, owner: 'x y' } },
    gate_days: 1,
    late_after: 'PT1H',
    compare_every: 'PT1H',
  });
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  return createOldLedgerConnection({ plan: plan.value, keyFolder: folder, clock });
}

const row = {
  position: 3,
  id: 'r-1',
  account: 'W1',
  subject: '2201',
  amount: 5,
  voucher: null,
  order: 'O-1',
  kind: 'payment',
  origin: null,
  booked_at: '2026-03-01T00:00:00Z',
};

const rows = (change: object) => JSON.stringify({ rows: [{ ...row, ...change }] });

test('rows are read with exact amounts, and requests signed over what they ask', async () => {
  const exact = rows({}).replace('"amount":5', '"amount":9007199254740993');
  answer = { status: 200, body: exact };
  const read = await connection.old.readMovements({ after: 2n, limit: 10 });
  expect(read).toMatchObject([{ id: 'r-1', position: 3n, amount: 9_007_199_254_740_993n }]);
  const path = '/accounts/v1/movements?after=2&limit=10';
  const timestamp = String(clock.now().epochMilliseconds / 1_000);
  const digest = createHash('sha256').update('').digest('hex');
  const signed = ['GET', path, timestamp, digest].join('\n');
  expect(asked?.request.url).toBe(path);
  expect(asked?.request.headers).toMatchObject({
    'x-ledger-client': 'me',
    'x-ledger-timestamp': timestamp,
    'x-ledger-signature': createHmac('sha256', key).update(signed).digest('hex'),
  });
});

test('amounts are written as integers', async () => {
  answer = { status: 200, body: '{"position": 8}' };
  const amount = 9_007_199_254_740_993n;
  const movements = [{ account: 'W1', subject: '2201', amount }];
  const item = { id: 'j', order: null, kind: 'journal', bookedAt: clock.now(), movements };
  expect(await connection.old.mirror(item)).toBe(8n);
  expect(asked?.body).toContain('"amount":9007199254740993');
});

test.each([
  ['a status', { status: 503, body: 'busy' }, 'GET /v1/movements?after=0&limit=1: 503 busy'],
  ['no JSON', { status: 200, body: '<html>' }, 'GET /v1/movements'],
  ['no list', { status: 200, body: '{}' }, 'no list "rows"'],
  ['a list as the whole', { status: 200, body: '[]' }, 'something else where an object belongs'],
  ['half a fen', { status: 200, body: rows({ amount: 0.5 }) }, 'GET /v1/movements'],
  ['a text as amount', { status: 200, body: rows({ amount: '5' }) }, 'no whole number "amount"'],
  ['no time', { status: 200, body: rows({ booked_at: 'today' }) }, 'no instant "booked_at"'],
  ['a strange name', { status: 200, body: rows({ account: '钱包' }) }, 'no fit "account"'],
  [
    'an amount that no column holds',
    { status: 200, body: rows({}).replace(/"amount":\d+/, '"amount":9223372036854775808') },
    'an amount out of range "amount"',
  ],
])('an answer with %s is an error that says so', async (_name, given, sentence) => {
  answer = given;
  const attempt = connection.old.readMovements({ after: 0n, limit: 1 });
  await expect(attempt).rejects.toThrow(OldLedgerError);
  await expect(attempt).rejects.toThrow(sentence);
});

test('a ledger that is not there, and a key that is not there, are errors of the same kind', async () => {
  const other = connect('http://127.0.0.1:1', 'old');
  await expect(other.old.takeSnapshot()).rejects.toThrow(OldLedgerError);
  await other.close();
  const keyless = connect(await urlOf(server), 'none');
  await expect(keyless.old.takeSnapshot()).rejects.toThrow(/takeover-none\.key holds no key/);
  await keyless.close();
});
