import { encodeId } from '@keyturn/kernel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpApp, type HttpApp } from '../../platform/index.ts';
import {
  createAccessService,
  registerAccess,
  registerAccessRoutes,
} from '../../who/access/index.ts';
import { registerReconciliationRoutes } from './index.ts';
import { createWorld, day, fine, statement, type World } from './test/world.ts';

let world: World;
let app: HttpApp;
const operators: Record<string, Record<string, string>> = {};
const password = 'correct horse battery';

beforeAll(async () => {
  world = await createWorld();
  await world.notice({ reference: 'B1', amount: 10_000n });
  const lines = [
    { reference: 'B1', amount: 10_000n },
    { reference: 'F1', amount: -15n },
  ];
  world.statements.set('2026-11-20', statement({ day: '2026-11-20', opening: 0n, lines }));
  world.clock.set('2026-11-20T17:50:00Z');
  const { logger, errors, metrics } = world;
  const access = createAccessService(world.deps);
  app = await createHttpApp({ logger, errors, metrics });
  await registerAccess(app, access);
  registerAccessRoutes(app, access, { secureCookies: true });
  registerReconciliationRoutes(app, world.service);
  await app.ready();
  for (const role of ['viewer', 'finance', 'approver'] as const) {
    const key = `op:${role}`;
    fine(
      await access.createOperator(key, undefined, {
        username: role,
        name: role,
        password,
        roles: [role],
      }),
    );
    const payload = { username: role, password };
    const answer = await app.inject({ method: 'POST', url: '/v1/operator-sessions', payload });
    const cookie = answer.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const { csrf_token } = answer.json<{ csrf_token: string }>();
    operators[role] = { cookie, 'x-csrf-token': csrf_token };
  }
});
afterAll(async () => {
  await app.close();
  await world.close();
});

let keys = 0;

function call(method: 'GET' | 'POST', url: string, role = 'finance', payload?: object) {
  keys += 1;
  return app.inject({
    method,
    url,
    headers: { ...operators[role], 'idempotency-key': `k${keys}` },
    ...(payload === undefined ? {} : { payload }),
  });
}

test('a statement is uploaded as bytes and shown with its figures', async () => {
  const payload = Buffer.from(
    statement({ number: '99998888777766', day: '2026-11-19', opening: 1n, lines: [] }),
  );
  const answer = await app.inject({
    method: 'POST',
    url: '/v1/statements?name=theirs.xml',
    headers: { ...operators['finance'], 'content-type': 'application/octet-stream' },
    payload,
  });
  expect(answer.statusCode, answer.body).toBe(200);
  const body = answer.json<{ id: string }>();
  expect(body).toMatchObject({ outcome: 'imported', opening: 1, closing: 1, repeated: false });
  expect((await call('GET', `/v1/statement-files/${body.id}`)).json()).toMatchObject(body);
  expect((await call('GET', '/v1/statement-files')).json()).toMatchObject({ items: [body] });
  expect((await call('GET', '/v1/statements')).json()).toMatchObject({
    items: [{ file_id: body.id, closing: 1 }],
  });
});

test('who only looks may not upload, reconcile or decide', async () => {
  for (const url of ['/v1/statements?name=x', '/v1/reconciliations']) {
    expect((await call('POST', url, 'viewer', { date: '2026-11-20' })).statusCode).toBe(403);
  }
  expect((await call('GET', '/v1/proofs', 'viewer')).statusCode).toBe(200);
  expect((await app.inject({ url: '/v1/proofs' })).statusCode).toBe(401);
});

test('a day is reconciled, its exception given away, proposed and approved by another', async () => {
  const run = await call('POST', '/v1/reconciliations', 'finance', { date: '2026-11-20' });
  expect(run.statusCode, run.body).toBe(200);
  expect(run.json()).toMatchObject({ proof: { balanced: false, totals: { difference: -15 } } });
  const list = (await call('GET', '/v1/exceptions?state=open')).json<{ items: { id: string }[] }>();
  expect(list.items).toMatchObject([{ kind: 'unknown_entry', amount: -15 }]);
  const url = `/v1/exceptions/${list.items[0]?.id}`;
  const owner_id = encodeId('opr', '019a0000-0000-7000-8000-000000000001');
  const past = { owner_id, deadline: '2026-11-01T00:00:00Z' };
  expect((await call('POST', `${url}/assign`, 'finance', past)).json()).toMatchObject({
    code: 'exception_deadline_invalid',
  });
  const given = await call('POST', `${url}/assign`, 'finance', { owner_id });
  expect(given.json()).toMatchObject({
    state: 'assigned',
    owner: { kind: 'unknown', id: '019a0000-0000-7000-8000-000000000001' },
  });
  const side = (code: number, owner: string) => ({ code, owner });
  const journal = { debit: side(5003, 'fees'), credit: side(1003, 'escrow-main') };
  const odd = { note: 'fee', journal: { ...journal, debit: side(9999, 'x') } };
  expect((await call('POST', `${url}/propose`, 'finance', odd)).statusCode).toBe(400);
  const proposed = await call('POST', `${url}/propose`, 'finance', { note: 'fee', journal });
  expect(proposed.json()).toMatchObject({ state: 'proposed' });
  expect((await call('POST', `${url}/approve`, 'finance')).statusCode).toBe(403);
  const approved = await call('POST', `${url}/approve`, 'approver');
  expect(approved.statusCode, approved.body).toBe(200);
  expect(approved.json()).toMatchObject({ state: 'resolved', note: 'fee' });
  expect((await call('POST', `${url}/approve`, 'approver')).json()).toMatchObject({
    code: 'exception_state_conflict',
  });
  await call('POST', '/v1/reconciliations', 'finance', { date: '2026-11-20' });
  const proof = await call('GET', '/v1/proofs/2026-11-20', 'viewer');
  expect(proof.json()).toMatchObject({ version: 2, balanced: true, totals: { in_transit: -15 } });
  const first = await call('GET', '/v1/proofs/2026-11-20?version=1', 'viewer');
  expect(first.json()).toMatchObject({ version: 1, balanced: false });
  expect((await call('GET', '/v1/proofs')).json()).toMatchObject({
    items: [{ date: day.toString(), version: 2, accounts: [{ items: [] }] }],
  });
  const reopened = await call('POST', `${url}/reopen`, 'finance', { reason: 'not that fee' });
  expect(reopened.json()).toMatchObject({ state: 'reopened' });
});

test.each([
  [
    'GET',
    `/v1/exceptions/${encodeId('exc', '019a0000-0000-7000-8000-000000000001')}`,
    'exception_not_found',
  ],
  [
    'GET',
    `/v1/statement-files/${encodeId('stm', '019a0000-0000-7000-8000-000000000001')}`,
    'statement_file_not_found',
  ],
  ['GET', '/v1/proofs/2020-01-01', 'proof_not_found'],
  ['GET', '/v1/proofs/2020-02-31', 'request_invalid'],
  ['GET', '/v1/exceptions?cursor=nonsense', 'cursor_invalid'],
  ['GET', '/v1/proofs/2026-11-20?version=2147483648', 'request_invalid'],
] as const)('%s %s answers %s', async (method, url, code) => {
  expect((await call(method, url)).json()).toMatchObject({ code });
});

test('a day that is not over is refused, and the health is shown', async () => {
  const run = await call('POST', '/v1/reconciliations', 'finance', { date: '2026-11-21' });
  expect(run.json()).toMatchObject({ code: 'reconciliation_day_not_over' });
  expect((await call('GET', '/v1/reconciliation-health')).json()).toMatchObject({
    statements: [{ account_id: 'escrow-main', last_day: '2026-11-20' }],
  });
});
