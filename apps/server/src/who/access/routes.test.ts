import { hash } from 'node:crypto';
import { present } from '@keyturn/kernel';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWhoApp, type LoggedIn, logIn, password, type WhoApp } from './test/app.ts';

let who: WhoApp;
let admin: LoggedIn;
let keyCount = 0;

beforeAll(async () => {
  who = await createWhoApp();
  admin = await who.operator('root.admin', 'admin');
});
afterAll(() => who.close());

function post(url: string, payload: object, by: LoggedIn = admin): InjectOptions {
  keyCount += 1;
  const headers = { ...by.headers, 'idempotency-key': `k${keyCount}` };
  return { method: 'POST', url, payload, headers };
}

const newOperator = { username: 'lin.wei', name: '林薇', password, roles: ['finance', 'viewer'] };

describe('operators', () => {
  it('are created by an admin, once per user name, and never show their password', async () => {
    const request = post('/v1/operators', newOperator);
    const answer = await who.call(request);
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toEqual({
      id: expect.stringMatching(/^opr_/),
      username: 'lin.wei',
      name: '林薇',
      roles: ['finance', 'viewer'],
      state: 'active',
      created_at: '2026-11-20T02:00:00Z',
    });
    const again = await who.call(request);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.json()).toEqual(answer.json());

    const other = await who.call(post('/v1/operators', { ...newOperator, username: 'LIN.WEI' }));
    expect(other.statusCode).toBe(409);
    expect(other.json()).toMatchObject({ code: 'operator_username_taken', param: 'username' });
  });

  it('with one key and another password are two requests', async () => {
    const request = post('/v1/operators', { ...newOperator, username: 'zhao' });
    expect((await who.call(request)).statusCode).toBe(201);
    const payload = { ...newOperator, username: 'zhao', password: `${password} staple` };
    const answer = await who.call({ ...request, payload });
    expect(answer.json()).toMatchObject({ status: 422, code: 'idempotency_conflict' });
  });

  it.each([
    ['username', { ...newOperator, username: 'a b' }, 400],
    ['username', { ...newOperator, username: 'ab' }, 400],
    ['username', { name: 'x', password, roles: ['viewer'] }, 400],
    ['name', { ...newOperator, name: '' }, 400],
    ['name', { ...newOperator, name: '  ' }, 400],
    ['name', { ...newOperator, name: 'a\u0000b' }, 400],
    ['password', { ...newOperator, password: '' }, 400],
    ['password', { ...newOperator, username: 'weak', password: 'password1234' }, 422],
    ['password', { ...newOperator, username: 'weak', password: 'short' }, 422],
    ['roles', { ...newOperator, roles: [] }, 400],
    ['roles.0', { ...newOperator, roles: ['god'] }, 400],
    ['roles', { ...newOperator, roles: 'admin' }, 400],
    ['salary', { ...newOperator, salary: 1 }, 400],
  ])('are refused for a wrong %s', async (param, payload, status) => {
    const answer = await who.call(post('/v1/operators', payload));
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ param, retryable: false });
  });

  it('need an Idempotency-Key', async () => {
    const answer = await who.call({
      method: 'POST',
      url: '/v1/operators',
      payload: newOperator,
      headers: admin.headers,
    });
    expect(answer.json()).toMatchObject({ status: 400, code: 'idempotency_key_missing' });
  });

  it('are listed page by page, the newest first', async () => {
    for (const username of ['page-1', 'page-2', 'page-3']) await who.operator(username, 'viewer');
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const query = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const url = `/v1/operators?limit=2${query}`;
      const answer = await who.call({ url, headers: { cookie: admin.cookie } });
      const page = answer.json<{ items: { username: string }[]; next_cursor?: string }>();
      expect(page.items.length).toBeLessThanOrEqual(2);
      names.push(...page.items.map((item) => item.username));
      cursor = page.next_cursor;
    } while (cursor !== undefined);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(['root.admin', 'page-1', 'page-2', 'page-3']));
  });

  it.each(['cursor=nonsense', 'cursor=WyJ4Il0', 'limit=0', 'limit=101', 'limit=x', 'color=red'])(
    'are not listed for %s',
    async (query) => {
      const url = `/v1/operators?${query}`;
      const answer = await who.call({ url, headers: { cookie: admin.cookie } });
      expect(answer.statusCode).toBe(400);
    },
  );

  it('who are disabled are out at once, and stay out', async () => {
    const gone = await who.operator('gone', 'finance');
    const answer = await who.call(post(`/v1/operators/${gone.id}/disable`, {}));
    expect(answer.json()).toMatchObject({ state: 'disabled' });
    const me = await who.call({ url: '/v1/me', headers: { cookie: gone.cookie } });
    expect(me.json()).toMatchObject({ status: 401, code: 'credential_invalid' });
    await expect(logIn(who.app, 'gone')).rejects.toThrow(/login_failed/);
  });

  it('cannot disable themselves, nor somebody who is not there', async () => {
    const self = await who.call(post(`/v1/operators/${admin.id}/disable`, {}));
    expect(self.json()).toMatchObject({ status: 409, code: 'operator_disables_self' });
    const nobody = `opr_${'0'.repeat(26)}`;
    const unknown = await who.call(post(`/v1/operators/${nobody}/disable`, {}));
    expect(unknown.json()).toMatchObject({ status: 404, code: 'operator_not_found' });
    const wrong = await who.call(post('/v1/operators/per_1/disable', {}));
    expect(wrong.json()).toMatchObject({ status: 400, param: 'id' });
  });
});

describe('API keys', () => {
  it('show their token once, keep only its hash, and say whose they are', async () => {
    const request = post('/v1/api-keys', { name: 'Lianjia app' });
    const answer = await who.call(request);
    expect(answer.statusCode).toBe(201);
    expect(answer.headers['cache-control']).toBe('no-store');
    const { api_key: key, token } = answer.json<{
      api_key: { id: string; prefix: string; integrator: { id: string } };
      token: string;
    }>();
    expect(key).toMatchObject({ name: 'Lianjia app', state: 'active', roles: ['writer'] });
    expect(token.startsWith(`${key.prefix}_`)).toBe(true);

    const headers = { authorization: `Bearer ${token}` };
    const me = await who.call({ url: '/v1/me', headers });
    const { id } = key.integrator;
    expect(me.json()).toEqual({ kind: 'integrator', id, name: 'Lianjia app', roles: ['writer'] });

    const again = await who.call(request);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.json()).toEqual({ api_key: key });

    const secret = token.slice(key.prefix.length + 1);
    const { database } = who.platform;
    const kept = await database.query<{ row: string }>(
      `select t::text as row from access.api_key t union all
       select t::text from platform.command t union all select t::text from access.audit t`,
    );
    const hashed = hash('sha256', secret);
    expect(kept.some(({ row }) => row.includes(hashed))).toBe(true);
    expect(kept.some(({ row }) => row.includes(secret))).toBe(false);
  });

  it('of one integrator are the same principal', async () => {
    const first = await who.call(post('/v1/api-keys', { name: 'Twice' }));
    const { id } = first.json<{ api_key: { integrator: { id: string } } }>().api_key.integrator;
    const second = await who.call(post('/v1/api-keys', { name: 'next', integrator_id: id }));
    const { token } = second.json<{ token: string }>();
    const me = await who.call({ url: '/v1/me', headers: { authorization: `Bearer ${token}` } });
    expect(me.json()).toMatchObject({ id, name: 'Twice' });
  });

  it.each([
    ['name', {}, 400, 'request_invalid'],
    ['name', { name: '' }, 400, 'request_invalid'],
    ['integrator_id', { name: 'x', integrator_id: 'int_1' }, 400, 'request_invalid'],
    [
      'integrator_id',
      { name: 'x', integrator_id: `int_${'0'.repeat(26)}` },
      404,
      'integrator_not_found',
    ],
    ['roles.0', { name: 'x', roles: ['admin'] }, 400, 'request_invalid'],
    ['expires_at', { name: 'x', expires_at: 'tomorrow' }, 400, 'request_invalid'],
    ['expires_at', { name: 'x', expires_at: '2027-02-30T00:00:00Z' }, 400, 'request_invalid'],
    [
      'expires_at',
      { name: 'x', expires_at: '2027-01-01T00:00:00.1234567890123Z' },
      400,
      'request_invalid',
    ],
    ['expires_at', { name: 'x', expires_at: '2026-11-20T02:00:00Z' }, 422, 'api_key_expiry_past'],
    ['secret', { name: 'x', secret: 'mine' }, 400, 'request_invalid'],
  ])('are refused for a wrong %s: %j', async (param, payload, status, code) => {
    const answer = await who.call(post('/v1/api-keys', payload));
    expect(answer.json()).toMatchObject({ status, code, param });
  });

  it('that are readers may look but not change', async () => {
    const made = await who.call(post('/v1/api-keys', { name: 'Reports', roles: ['reader'] }));
    const headers = { authorization: `Bearer ${made.json<{ token: string }>().token}` };
    expect((await who.call({ url: '/v1/merchants', headers })).statusCode).toBe(200);
    const payload = { name: 'x', kind: 'store' };
    const answer = await who.call({ method: 'POST', url: '/v1/merchants', headers, payload });
    expect(answer.json()).toMatchObject({ status: 403, code: 'read_only' });
  });

  it('that are not there cannot be revoked', async () => {
    const answer = await who.call(post(`/v1/api-keys/key_${'0'.repeat(26)}/revoke`, {}));
    expect(answer.json()).toMatchObject({ status: 404, code: 'api_key_not_found' });
  });
});

describe('the audit trail', () => {
  it('tells what operators changed, on what, from where, and how it ended', async () => {
    const made = await who.call(post('/v1/merchants', { name: 'Audited', kind: 'store' }));
    await who.call(post('/v1/merchants', { name: '', kind: 'store' }));
    const requestId = made.headers['x-request-id'];
    const url = `/v1/audit?operator_id=${admin.id}&limit=2`;
    const answer = await who.call({ url, headers: { cookie: admin.cookie } });
    const { items } = answer.json<{ items: object[] }>();
    expect(items).toEqual([
      expect.objectContaining({
        what: 'createMerchant',
        result: expect.objectContaining({ status: 400, code: 'request_invalid' }),
      }),
      expect.objectContaining({
        who: { kind: 'operator', id: admin.id, name: 'Operator root.admin' },
        what: 'createMerchant',
        method: 'POST',
        path: '/v1/merchants',
        address: '127.0.0.1',
        object: made.json<{ id: string }>().id,
        request_id: requestId,
        result: { status: 201, at: '2026-11-20T02:00:00Z' },
      }),
    ]);
  });

  it('tells what somebody tried without being allowed', async () => {
    const nosy = await who.operator('nosy', 'viewer');
    const denied = await who.call(post('/v1/api-keys', { name: 'mine' }, nosy));
    expect(denied.json()).toMatchObject({ status: 403, code: 'access_denied' });
    const url = `/v1/audit?operator_id=${nosy.id}&limit=1`;
    const answer = await who.call({ url, headers: { cookie: admin.cookie } });
    expect(answer.json()).toMatchObject({
      items: [{ what: 'createApiKey', result: { status: 403, code: 'access_denied' } }],
    });
  });

  it('tells of calls on what is no id at all, which no database could keep as it is', async () => {
    const odd = await who.operator('odd', 'admin');
    const refused = await who.call(post('/v1/api-keys/a%00b/revoke', {}, odd));
    expect(refused.json()).toMatchObject({ status: 400, code: 'request_invalid', param: 'id' });
    const url = `/v1/audit?operator_id=${odd.id}&limit=1`;
    const answer = await who.call({ url, headers: { cookie: admin.cookie } });
    const { items } = answer.json<{ items: object[] }>();
    expect(items).toMatchObject([{ object: 'a\ufffdb', path: '/v1/api-keys/a%00b/revoke' }]);
  });

  it('is read from the latest on, page by page', async () => {
    const { cookie } = admin;
    const page = async (query: string) => {
      const answer = await who.call({ url: `/v1/audit?${query}`, headers: { cookie } });
      expect(answer.statusCode, answer.body).toBe(200);
      return answer.json<{ items: { id: string }[]; next_cursor: string }>();
    };
    const both = await page('limit=2');
    const first = await page('limit=1');
    const second = await page(`limit=1&cursor=${first.next_cursor}`);
    expect([...first.items, ...second.items]).toEqual(both.items);
  });

  it('is for admins', async () => {
    const approver = await who.operator('approver', 'approver', 'finance');
    const answer = await who.call({ url: '/v1/audit', headers: { cookie: approver.cookie } });
    expect(answer.json()).toMatchObject({ status: 403, code: 'access_denied' });
  });

  it('cannot be changed or removed, by grant and by trigger', async () => {
    const { database, testDatabase } = who.platform;
    const statements = [
      'update access.audit set what = $$nothing$$',
      'delete from access.audit',
      'truncate access.audit cascade',
      'update access.audit_result set status = 200',
      'delete from access.audit_result',
      'truncate access.audit_result',
    ];
    const owner = present(testDatabase, 'a database').open({ url: testDatabase.superuserUrl });
    for (const statement of statements) {
      await expect(database.query(statement)).rejects.toThrow(/permission denied/);
      await expect(owner.query(statement)).rejects.toThrow(/never changed or removed/);
    }
  });
});
