import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createHttpApp, type HttpApp } from '../../platform/index.ts';
import { registerAccess } from './gate.ts';
import { type AccessRule, principalOf } from './principal.ts';
import { createWhoApp, type WhoApp } from './test/app.ts';

let who: WhoApp;
let nowMs = 0;
const apps: HttpApp[] = [];

beforeAll(async () => {
  who = await createWhoApp({ monotonicMs: () => nowMs });
});
afterAll(() => who.close());
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

async function gated(publicPrefixes: readonly string[] = []): Promise<HttpApp> {
  const { logger, errors, metrics } = who.platform;
  const app = await createHttpApp({ logger, errors, metrics });
  await registerAccess(app, who.access, { publicPrefixes });
  apps.push(app);
  return app;
}

describe('a route', () => {
  it('that does not say who may call it fails at the start', async () => {
    const app = await gated();
    expect(() => app.get('/v1/open', async () => 'open')).toThrow(/GET.* \/v1\/open .*access/);
    expect(() => app.get('/v1/none', { config: { access: [] } }, async () => 'none')).toThrow();
  });

  it('inside a plug-in fails as well', async () => {
    const app = await gated();
    const plugin = app.register(async (inner) => {
      inner.post('/v1/inner', async () => 'inner');
    });
    await expect(plugin).rejects.toThrow(/POST \/v1\/inner/);
  });

  it('with a rule that nobody knows fails at the start', async () => {
    const app = await gated();
    const access = ['operator:god'] as unknown as readonly AccessRule[];
    expect(() => app.get('/v1/god', { config: { access } }, async () => 'x')).toThrow(
      /known rules/,
    );
  });

  it('of a public prefix may be read by all, but never changes anything', async () => {
    const app = await gated(['/assets/']);
    app.get('/assets/a.js', async () => 'script');
    expect(() => app.post('/assets/upload', async () => 'x')).toThrow(/config.access/);
    expect((await app.inject('/assets/a.js')).body).toBe('script');
  });

  it('that is public needs nobody, whatever key is sent along', async () => {
    const app = await gated();
    app.get('/v1/public', { config: { access: ['public'] } }, async (request) => ({
      principal: request.principal,
    }));
    const headers = { authorization: 'Bearer nonsense' };
    const answer = await app.inject({ url: '/v1/public', headers });
    expect(answer.json()).toEqual({ principal: null });
  });

  it('knows its principal', async () => {
    const app = await gated();
    app.get('/v1/who', { config: { access: ['integrator'] } }, async (request) =>
      principalOf(request),
    );
    const { headers } = await who.apiKey('Somebody');
    expect((await app.inject({ url: '/v1/who', headers })).json()).toMatchObject({
      kind: 'integrator',
      name: 'Somebody',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });
});

describe('who is not known', () => {
  it.each([
    ['no credential', {}, 'authentication_required'],
    ['another scheme', { authorization: 'Basic YTpi' }, 'authentication_required'],
    ['no token', { authorization: 'Bearer ' }, 'authentication_required'],
    ['a made-up token', { authorization: 'Bearer ktk_x' }, 'credential_invalid'],
    [
      'an unknown key',
      { authorization: `Bearer ktk_${'0'.repeat(26)}_${'a'.repeat(43)}` },
      'credential_invalid',
    ],
  ])('is told so for %s, and how to say it', async (_what, headers, code) => {
    const answer = await who.call({ url: '/v1/me', headers });
    expect(answer.json()).toMatchObject({ status: 401, code });
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
  });

  it('is refused before the body is read', async () => {
    const answer = await who.call({
      method: 'POST',
      url: '/v1/persons',
      headers: { 'content-type': 'application/json' },
      payload: '{not json',
    });
    expect(answer.statusCode).toBe(401);
  });

  it('is told that there is nothing where there is nothing', async () => {
    const answer = await who.call({ url: '/v1/nothing' });
    expect(answer.json()).toMatchObject({ status: 404, code: 'route_not_found' });
  });

  it('is not let in by the id of a key with another secret', async () => {
    const { token } = await who.apiKey('Mine');
    const forged = `${token.slice(0, -43)}${'A'.repeat(43)}`;
    const headers = { authorization: `Bearer ${forged}` };
    expect((await who.call({ url: '/v1/me', headers })).statusCode).toBe(401);
  });

  it('is not let in by another secret after the right one was proved, nor kept out by it', async () => {
    const { headers, token } = await who.apiKey('Proved');
    const wrong = { authorization: `Bearer ${token.slice(0, -4)}AAAA` };
    const call = async (sent: Readonly<Record<string, string>>) =>
      (await who.call({ url: '/v1/me', headers: sent })).statusCode;
    expect(await call(headers)).toBe(200);
    expect(await call(headers)).toBe(200);
    expect(await call(wrong)).toBe(401);
    expect(await call(wrong)).toBe(401);
    expect(await call(headers)).toBe(200);
  });

  it('is asked again when a valid cookie comes with a wrong key', async () => {
    const { cookie } = await who.operator('both', 'viewer');
    const headers = { cookie, authorization: 'Bearer ktk_x' };
    expect((await who.call({ url: '/v1/me', headers })).statusCode).toBe(401);
  });
});

describe('an API key', () => {
  it('is read from the database at most every four seconds', async () => {
    const { headers } = await who.apiKey('Busy');
    const query = vi.spyOn(who.platform.database, 'query');
    try {
      await Promise.all(Array.from({ length: 50 }, () => who.call({ url: '/v1/me', headers })));
      expect(query).toHaveBeenCalledTimes(1);
      nowMs += 3_999;
      await who.call({ url: '/v1/me', headers });
      expect(query).toHaveBeenCalledTimes(1);
      nowMs += 1;
      await who.call({ url: '/v1/me', headers });
      expect(query).toHaveBeenCalledTimes(2);
    } finally {
      query.mockRestore();
    }
  });

  it('that another process revoked is good for less than five seconds more', async () => {
    const { headers } = await who.apiKey('Elsewhere');
    expect((await who.call({ url: '/v1/me', headers })).statusCode).toBe(200);
    await who.platform.database.query(
      `update access.api_key set state = 'revoked', revoked_by = id, revoked_at = created_at
       where integrator_id = (select id from access.integrator where name = 'Elsewhere')`,
    );
    nowMs += 4_000;
    const answer = await who.call({ url: '/v1/me', headers });
    expect(answer.json()).toMatchObject({ status: 401, code: 'credential_invalid' });
  });

  it('that is revoked here is refused at once', async () => {
    const admin = await who.operator('revoker', 'admin');
    const { token, headers } = await who.apiKey('Here');
    expect((await who.call({ url: '/v1/me', headers })).statusCode).toBe(200);
    const id = `key_${token.slice(4, 30)}`;
    const url = `/v1/api-keys/${id}/revoke`;
    const by = { ...admin.headers, 'idempotency-key': 'revoke' };
    const revoked = await who.call({ method: 'POST', url, headers: by });
    expect(revoked.json()).toMatchObject({ id, state: 'revoked' });
    expect((await who.call({ url: '/v1/me', headers })).statusCode).toBe(401);
  });

  it('is over at its time', async () => {
    const outcome = await who.access.createApiKey('test:expiring', undefined, {
      name: 'Expiring',
      expiresAt: '2026-11-20T03:00:00Z',
    });
    const token = outcome.ok ? outcome.value.token : undefined;
    const headers = { authorization: `Bearer ${token}` };
    expect((await who.call({ url: '/v1/me', headers })).statusCode).toBe(200);
    who.platform.clock.set('2026-11-20T03:00:00Z');
    expect((await who.call({ url: '/v1/me', headers })).statusCode).toBe(401);
  });
});

describe('a change by an operator', () => {
  it('is not carried out when it cannot be recorded', async () => {
    const { headers } = await who.operator('unrecorded', 'finance');
    const recordCall = vi.spyOn(who.access, 'recordCall').mockRejectedValue(new Error('disk full'));
    try {
      const answer = await who.call({
        method: 'POST',
        url: '/v1/merchants',
        headers: { ...headers, 'idempotency-key': 'unrecorded' },
        payload: { name: 'Never', kind: 'store' },
      });
      expect(answer.statusCode).toBe(500);
    } finally {
      recordCall.mockRestore();
    }
    const rows = await who.platform.database.query(
      `select 1 from parties.merchant where name = 'Never'`,
    );
    expect(rows).toHaveLength(0);
  });
});
