import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyFileOf } from '../../src/platform/index.ts';
import { startTestWorld, type TestWorld } from '../world.ts';

/**
 * A book of an integrator that is being moved here, on the whole platform: what its own programs
 * see over HTTP before and after the switch, and what the worker does by itself.
 */

let world: TestWorld;
let token: string;
let book: string;
const takeover = 'wallets';
const key = 'a key of the old ledger, 32 long or more';
const decision = { by: 'Anna', why: 'as planned' };

beforeAll(async () => {
  world = await startTestWorld();
  const { access, config } = world.platform;
  const wanted = { name: 'shop', roles: ['ledger' as const] };
  const made = await access.createApiKey('test:shop', undefined, wanted);
  if (!made.ok) throw new Error(made.error.code);
  token = made.value.token ?? '';
  const opened = await call('POST', '/v1/ledger/books', {
    legal_entity: 'shop',
    regime: 'reserve',
    currency: 'CNY',
  });
  book = String(opened.body['id']);
  const folder = join(config.dataDirectory, 'keys');
  await mkdir(folder, { recursive: true });
  await writeFile(keyFileOf(folder, 'old-ledger'), key, { mode: 0o600 });
  await admin('/old-ledger/clients', { client_id: 'shop', key });
});
afterAll(async () => {
  await world?.close();
});

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function answerOf(response: Response): Promise<Answer> {
  return { status: response.status, body: JSON.parse((await response.text()) || '{}') };
}

async function call(method: string, path: string, body?: unknown, language = 'en') {
  const headers = {
    authorization: `Bearer ${token}`,
    'accept-language': language,
    'content-type': 'application/json',
  };
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  return answerOf(await fetch(`${world.url}${path}`, { method, headers, ...init }));
}

async function admin(path: string, body?: unknown): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  const init = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) };
  return answerOf(await fetch(`${world.sandboxAdmin}${path}`, init));
}

const move = (id: string, account: string, amount: number) => {
  const movements = [{ id, account, subject: '2201', amount, order: `O-${id}` }];
  return admin('/old-ledger/movements', { movements });
};

async function oldBalance(account: string): Promise<unknown> {
  const { body } = await admin('/old-ledger/accounts');
  const accounts = body['accounts'] as { account: string; balance: number }[];
  return accounts.find((one) => one.account === account)?.balance;
}

let serial = 0;
function journal(owner: string, amount: number) {
  serial += 1;
  return {
    id: `00000000-0000-7000-8000-${serial.toString(16).padStart(12, '0')}`,
    book,
    module: 'shop',
    object: 'top-up',
    command: 'pay',
    transfers: [
      {
        kind: 'posted',
        amount: { amount, currency: 'CNY' },
        debit: { code: 1002, owner: 'bank' },
        credit: { code: 2001, owner },
      },
    ],
  };
}

/** Waits until the worker has done it. */
async function until(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) world.worker.wake();
}

async function status() {
  const found = await world.platform.takeovers.status(takeover);
  if (!found.ok) throw new Error(found.error.code);
  return found.value;
}

test('before the switch the book takes no journals, and says why in both languages', async () => {
  const counter = { code: 1101, owner: 'old ledger' };
  const planned = await world.platform.takeovers.plan(
    {
      takeover,
      book,
      old: { url: world.oldLedger, client: 'shop', key: 'old-ledger' },
      subjects: [{ subject: '2201', code: 2001, owner: '{account}', sign: 'same', counter }],
      suspense: {
        excess: { code: 2301, owner: 'takeover: excess' },
        shortfall: { code: 1201, owner: 'takeover: shortfall' },
      },
      gate_days: 1,
      late_after: 'PT2H',
      compare_every: 'PT1H',
    },
    decision,
  );
  expect(planned).toMatchObject({ ok: true });
  await move('a', 'W1', 500);
  await admin('/clock/advance', { duration: 'PT1M' });
  await until(async () => (await world.platform.takeovers.importHistory(takeover)).ok);
  const refused = await call('POST', '/v1/ledger/journals', journal('W1', 10));
  expect(refused).toMatchObject({
    status: 409,
    body: { code: 'takeover_old_leads', detail: expect.stringContaining('Account W1') },
  });
  expect(await call('POST', '/v1/ledger/journals', journal('W1', 10), 'zh-CN')).toMatchObject({
    body: { detail: expect.stringContaining('目前由旧账本主导') },
  });
});

test('the worker books what the old ledger books, and compares', async () => {
  await move('b', 'W1', 70);
  await until(async () => (await status()).takeover.position >= 2n);
  const { body } = await call('GET', `/v1/ledger/accounts?book=${encodeURIComponent(book)}`);
  expect(JSON.stringify(body)).toContain('"amount":570');
  await admin('/clock/advance', { duration: 'PT2H' });
  await until(async () => (await status()).lastComparison?.kind === 'shadow');
  expect((await status()).openDifferences).toBe(0);
});

test('after the switch its journals are booked, and the worker writes them back', async () => {
  await admin('/clock/advance', { duration: 'P1D' });
  await until(async () => {
    const gates = await world.platform.takeovers.gate(takeover);
    return gates.ok && gates.value.every(({ open }) => open);
  });
  const { takeovers } = world.platform;
  await until(async () => {
    const switched = await takeovers.switchSubjects(takeover, ['2201'], decision);
    // The worker may be at it, and takes as long as it takes.
    expect(switched.ok || switched.error.code).toSatisfy((found) => {
      return found === true || found === 'takeover_busy';
    });
    return switched.ok;
  });
  expect(await call('POST', '/v1/ledger/journals', journal('W1', 30))).toMatchObject({
    status: 201,
  });
  await until(async () => (await status()).mirror.waiting === 0n);
  expect(await oldBalance('W1')).toBe(600);
  const refunds = `/v1/ledger/takeovers/${takeover}/refunds`;
  const amount = { amount: 200, currency: 'CNY' };
  const to = { code: 2202, owner: 'wx' };
  const refund = { id: '00000000-0000-7000-8000-0000000000aa', order: 'O-a', amount, to };
  expect(await call('POST', refunds, refund)).toMatchObject({
    status: 201,
    body: { id: refund.id, object: 'O-a', transfers: [{ debit: { owner: 'W1' }, credit: to }] },
  });
  for (const [change, code] of [
    [{ amount: { amount: 301, currency: 'CNY' } }, 'takeover_refund_exceeds_paid'],
    [{ amount: { amount: 1, currency: 'EUR' } }, 'currency_of_other_book'],
    [{ order: 'O-z' }, 'takeover_order_unknown'],
    [{ to: { code: 9, owner: 'wx' } }, 'account_invalid'],
  ] as const) {
    const id = '00000000-0000-7000-8000-0000000000ab';
    expect(await call('POST', refunds, { ...refund, id, ...change })).toMatchObject({
      body: { code },
    });
  }
  expect(await call('POST', refunds.replace(takeover, 'other'), refund)).toMatchObject({
    status: 404,
    body: { code: 'takeover_unknown' },
  });
  await until(async () => (await oldBalance('W1')) === 400);
  const journals = [journal('W1', 1), journal('W2', 1)];
  expect(await call('POST', '/v1/ledger/journals/linked', { journals })).toMatchObject({
    status: 422,
    body: { code: 'takeover_links_unsupported' },
  });
  await admin('/clock/advance', { duration: 'PT2H' });
  const number = (await status()).lastComparison?.number ?? 0;
  await until(async () => ((await status()).lastComparison?.number ?? 0) > number);
  expect((await status()).openDifferences).toBe(0);
  const health = await answerOf(await fetch(`${world.url}/health`));
  expect(health.body['checks']).toContainEqual({
    name: 'takeover',
    status: 'ok',
    detail: '1 under way',
  });
  const metrics = await (await fetch(`${world.url}/metrics`)).text();
  expect(metrics).toMatch(/^keyturn_takeover_mirror_waiting\{[^}]*\} 0$/m);
  expect(await world.findings()).toEqual([]);
});
