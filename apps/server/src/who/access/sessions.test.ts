import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createPasswords } from './passwords.ts';
import { createWhoApp, type LoggedIn, logIn, password, type WhoApp } from './test/app.ts';

const real = createPasswords();
const passwords = { hash: vi.fn(real.hash), verify: vi.fn(real.verify) };
let who: WhoApp;
let users = 0;

beforeAll(async () => {
  who = await createWhoApp({ passwords });
});
afterAll(() => who.close());

async function user(): Promise<LoggedIn & { username: string }> {
  users += 1;
  const username = `user-${users}`;
  return { username, ...(await who.operator(username, 'finance')) };
}

function tryLogIn(payload: object, remoteAddress = '127.0.0.1') {
  return who.call({ method: 'POST', url: '/v1/operator-sessions', payload, remoteAddress });
}

describe('log-in', () => {
  it('sets a cookie that scripts, other sites and plain HTTP never see', async () => {
    const { username } = await user();
    const answer = await tryLogIn({ username, password });
    expect(answer.statusCode).toBe(201);
    expect(answer.headers['cache-control']).toBe('no-store');
    const [cookie] = answer.cookies;
    expect(cookie).toMatchObject({
      name: 'keyturn_session',
      httpOnly: true,
      sameSite: 'Strict',
      secure: true,
      path: '/',
    });
    expect(cookie?.value).toMatch(/^[\w-]{43}$/);
    expect(answer.json()).toMatchObject({
      operator: { username, roles: ['finance'] },
      csrf_token: expect.stringMatching(/^[\w-]{43}$/),
      expires_at: '2026-11-20T14:00:00Z',
    });
    expect(answer.body).not.toContain('argon2');
    expect(answer.body).not.toContain(cookie?.value ?? 'a cookie');
  });

  it('keeps the token as a hash alone', async () => {
    const { cookie } = await user();
    const rows = await who.platform.database.query<{ row: string }>(
      'select t::text as row from access.operator_session t',
    );
    const token = cookie.slice('keyturn_session='.length);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.some(({ row }) => row.includes(token))).toBe(false);
  });

  it('takes a user name in any case, with spaces around', async () => {
    const { username } = await user();
    const answer = await tryLogIn({ username: ` ${username.toUpperCase()} `, password });
    expect(answer.statusCode).toBe(201);
  });

  it('answers unknown, wrong and disabled alike, with a password verified each time', async () => {
    const known = await user();
    const disabled = await user();
    await who.platform.database.query(
      `update access.operator set state = 'disabled' where username = $1`,
      [disabled.username],
    );
    passwords.verify.mockClear();
    const answers = [
      await tryLogIn({ username: 'nobody.at.all', password }),
      await tryLogIn({ username: known.username, password: 'wrong password 1' }),
      await tryLogIn({ username: disabled.username, password }),
    ];
    const bodies = answers.map((answer) => ({ ...answer.json<object>(), request_id: '' }));
    expect(bodies[0]).toMatchObject({ status: 401, code: 'login_failed' });
    expect(bodies[1]).toEqual(bodies[0]);
    expect(bodies[2]).toEqual(bodies[0]);
    const names = answers.map((answer) => Object.keys(answer.headers).sort());
    expect(names[1]).toEqual(names[0]);
    expect(passwords.verify).toHaveBeenCalledTimes(3);
  });

  it.each([
    ['username', { password }],
    ['username', { username: '', password }],
    ['username', { username: 7, password }],
    ['password', { username: 'user-1' }],
    ['password', { username: 'user-1', password: '' }],
    ['password', { username: 'user-1', password: 'x'.repeat(1001) }],
    ['remember', { username: 'user-1', password, remember: true }],
  ])('refuses a wrong %s', async (param, payload) => {
    const answer = await tryLogIn(payload);
    expect(answer.json()).toMatchObject({ status: 400, code: 'request_invalid', param });
  });

  it('refuses a user name of spaces without looking for one', async () => {
    const answer = await tryLogIn({ username: ' \t ', password });
    expect(answer.json()).toMatchObject({ status: 401, code: 'login_failed' });
  });

  it('records who failed for an admin to see', async () => {
    const { username, id } = await user();
    await tryLogIn({ username, password: 'wrong password 1' }, '10.9.8.7');
    const admin = await who.operator(`admin-${users}`, 'admin');
    await vi.waitFor(async () => {
      const url = `/v1/audit?operator_id=${id}&limit=1`;
      const answer = await who.call({ url, headers: { cookie: admin.cookie } });
      expect(answer.json()).toMatchObject({
        items: [{ what: 'logIn', address: '10.9.8.7', result: { status: 401 } }],
      });
    });
  });
});

describe('the throttle', () => {
  it('locks after ten failures, the right password included, until its time is over', async () => {
    const { username } = await user();
    for (let at = 0; at < 10; at++) {
      const answer = await tryLogIn({ username, password: `wrong password ${at}` });
      expect(answer.statusCode).toBe(401);
    }
    passwords.verify.mockClear();
    const locked = await tryLogIn({ username, password });
    expect(locked.json()).toMatchObject({ status: 429, code: 'login_locked', retryable: true });
    expect(locked.headers['retry-after']).toBe('900');
    expect(passwords.verify).not.toHaveBeenCalled();

    who.platform.clock.advance({ minutes: 15 });
    expect((await tryLogIn({ username, password })).statusCode).toBe(201);
  });

  it('locks a user name that does not exist in the same way', async () => {
    const wrong = { username: 'ghost', password: 'wrong password 1' };
    const statuses = [];
    for (let at = 0; at < 11; at++) statuses.push((await tryLogIn(wrong)).statusCode);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
  });

  it('lets no more than ten of many at the same time reach the password', async () => {
    const { username } = await user();
    passwords.verify.mockClear();
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, at) =>
        tryLogIn({ username, password: `wrong password ${at}` }),
      ),
    );
    expect(passwords.verify).toHaveBeenCalledTimes(10);
    expect(answers.filter((answer) => answer.statusCode === 429)).toHaveLength(30);
  });

  it('does not lock the user out elsewhere for a stranger’s failures', async () => {
    const { username } = await user();
    for (let at = 0; at < 11; at++) {
      await tryLogIn({ username, password: 'wrong password 1' }, '203.0.113.9');
    }
    expect((await tryLogIn({ username, password }, '10.0.0.1')).statusCode).toBe(201);
  });

  it('locks the user everywhere for guesses from many addresses', async () => {
    const { username } = await user();
    for (let at = 0; at < 50; at++) {
      await tryLogIn({ username, password: 'wrong password 1' }, `203.0.113.${at}`);
    }
    const answer = await tryLogIn({ username, password }, '10.0.0.1');
    expect(answer.statusCode).toBe(429);
  });

  it('is forgotten by a log-in that proves right', async () => {
    const { username } = await user();
    for (let round = 0; round < 2; round++) {
      for (let at = 0; at < 9; at++) await tryLogIn({ username, password: 'wrong password 1' });
      expect((await tryLogIn({ username, password })).statusCode).toBe(201);
    }
  });

  it('stands in the database, for every process and after a restart, without the name', async () => {
    const rows = await who.platform.database.query<{ row: string }>(
      'select t::text as row from access.login_throttle t',
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.some(({ row }) => /ghost|user-/.test(row))).toBe(false);
  });

  it('is swept when nothing depends on it any more', async () => {
    who.platform.clock.advance({ hours: 49 });
    while ((await who.access.sweep()) > 0);
    const [left] = await who.platform.database.query<{ count: bigint }>(
      'select count(*) from access.login_throttle',
    );
    expect(left?.count).toBe(0n);
  });
});

describe('a session', () => {
  it('changes nothing without its CSRF token', async () => {
    const { cookie, csrf } = await user();
    const other = await user();
    const request = { method: 'POST', url: '/v1/merchants' } as const;
    const payload = { name: 'M', kind: 'store' };
    for (const headers of [
      { cookie },
      { cookie, 'x-csrf-token': '' },
      { cookie, 'x-csrf-token': 'x' },
      { cookie, 'x-csrf-token': other.csrf },
    ]) {
      const answer = await who.call({ ...request, payload, headers });
      expect(answer.json()).toMatchObject({ status: 403, code: 'csrf_token_invalid' });
    }
    const headers = { cookie, 'x-csrf-token': csrf, 'idempotency-key': 'csrf' };
    expect((await who.call({ ...request, payload, headers })).statusCode).toBe(201);
  });

  it('says its CSRF token again to its own page', async () => {
    const { cookie, csrf, id } = await user();
    const answer = await who.call({ url: '/v1/me', headers: { cookie } });
    expect(answer.json()).toMatchObject({ kind: 'operator', id, csrf_token: csrf });
  });

  it('ends with the log-out, viewers’ too', async () => {
    const viewer = await who.operator('only.looks', 'viewer');
    const url = '/v1/operator-sessions/current';
    const { headers } = viewer;
    const answer = await who.call({ method: 'DELETE', url, headers });
    expect(answer.statusCode).toBe(204);
    expect(answer.cookies[0]).toMatchObject({ name: 'keyturn_session', value: '' });
    const me = await who.call({ url: '/v1/me', headers });
    expect(me.json()).toMatchObject({ status: 401, code: 'credential_invalid' });
  });

  it('ends after half an hour without use, and after twelve hours with it', async () => {
    const idle = await user();
    who.platform.clock.advance({ minutes: 30 });
    expect((await who.call({ url: '/v1/me', headers: idle.headers })).statusCode).toBe(401);

    const busy = await user();
    const statuses = [];
    for (let minutes = 0; minutes <= 12 * 60; minutes += 20) {
      statuses.push((await who.call({ url: '/v1/me', headers: busy.headers })).statusCode);
      who.platform.clock.advance({ minutes: 20 });
    }
    expect(statuses.slice(0, -1).every((status) => status === 200)).toBe(true);
    expect(statuses.at(-1)).toBe(401);
  });

  it.each(['', 'x', 'a'.repeat(43)])('is not opened by the made-up token %j', async (token) => {
    const headers = { cookie: `keyturn_session=${token}` };
    expect((await who.call({ url: '/v1/me', headers })).statusCode).toBe(401);
  });
});

describe('a change of the own password', () => {
  const next = 'another horse battery';
  const change = (by: LoggedIn, current_password: string, new_password: string) =>
    who.call({
      method: 'POST',
      url: '/v1/me/password',
      headers: by.headers,
      payload: { current_password, new_password },
    });

  it('needs the current one, ends other sessions and lets the old one in no more', async () => {
    const { username, ...here } = await user();
    const elsewhere = await logIn(who.app, username);
    expect((await change(here, 'not my password', next)).json()).toMatchObject({
      status: 403,
      code: 'password_wrong',
      param: 'current_password',
    });
    expect((await change(here, password, next)).statusCode).toBe(204);
    expect((await who.call({ url: '/v1/me', headers: here.headers })).statusCode).toBe(200);
    expect((await who.call({ url: '/v1/me', headers: elsewhere.headers })).statusCode).toBe(401);
    expect((await tryLogIn({ username, password })).statusCode).toBe(401);
    expect((await tryLogIn({ username, password: next })).statusCode).toBe(201);
  });

  it('refuses a weak one', async () => {
    const here = await user();
    expect((await change(here, password, 'short')).json()).toMatchObject({
      status: 422,
      code: 'password_weak',
      param: 'new_password',
    });
  });

  it('is locked after ten wrong tries', async () => {
    const here = await user();
    for (let at = 0; at < 10; at++) await change(here, 'not my password', next);
    expect((await change(here, password, next)).json()).toMatchObject({ code: 'login_locked' });
  });
});
