import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { UnavailableError } from '@keyturn/pipeline';
import { Type } from 'typebox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestPlatform, type TestPlatform } from '../../../test/platform.ts';
import { answer } from './request.ts';
import {
  DateSchema,
  IdSchema,
  InstantSchema,
  MoneySchema,
  moneyFromWire,
  moneyToWire,
  PageQuerySchema,
  ProblemSchema,
  SignedMoneySchema,
} from './schemas.ts';
import { createHttpApp, type HttpApp } from './server.ts';

const ListSchema = Type.Object({ all: Type.Optional(Type.Boolean()) });
const NoteSchema = Type.Object({
  text: Type.Optional(Type.String()),
  at: Type.Optional(InstantSchema),
  on: Type.Optional(DateSchema),
  names: Type.Optional(Type.Record(Type.String(), Type.Object({ en: Type.String() }))),
});

let platform: TestPlatform;
let app: HttpApp;

beforeAll(async () => {
  platform = await createTestPlatform({
    test_refused: {
      status: 409,
      retryable: false,
      title: 'Refused',
      en: 'No {why}.',
      zh: '不行：{why}。',
    },
  });
  app = await createHttpApp(platform);
  app.post(
    '/echo',
    {
      schema: {
        body: Type.Object({ price: MoneySchema }),
        response: { 200: Type.Object({ price: SignedMoneySchema }), '4xx': ProblemSchema },
      },
    },
    async (request) => {
      const price = moneyFromWire(request.body.price, 'price');
      return { price: moneyToWire(price.amount, price.currency) };
    },
  );
  app.get(
    '/list',
    { schema: { querystring: Type.Intersect([PageQuerySchema, ListSchema]) } },
    async (request) => request.query,
  );
  app.post('/note', { schema: { body: NoteSchema } }, async (request) => request.body);
  app.post('/small', { bodyLimit: 10, schema: { body: Type.Unknown() } }, async () => ({}));
  app.get('/one/:id', { schema: { params: Type.Object({ id: IdSchema('ord') }) } }, async () => 1);
  app.get('/refuse', async () =>
    answer({ ok: false, error: { code: 'test_refused', values: { why: 'X' } } }),
  );
  app.get('/busy', async () => Promise.reject(new UnavailableError('busy', 'full')));
  const lost = Object.assign(new Error('secret detail'), { code: '57P03' });
  app.get('/lost', async () => Promise.reject(lost));
  app.get('/bug', async () => Promise.reject(new Error('secret detail')));
});
afterAll(async () => {
  await app.close();
  await platform.close();
});

async function post(body: unknown, type = 'application/json') {
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  return app.inject({ method: 'POST', url: '/echo', payload, headers: { 'content-type': type } });
}

test('an amount goes in and comes out as an integer in minor units', async () => {
  const response = await post({ price: { amount: 299_999_900, currency: 'CNY' } });
  expect(response.body).toBe('{"price":{"amount":299999900,"currency":"CNY"}}');
});

test('each request is counted with what it was and how long it took', async () => {
  await app.inject({ url: '/one/ord_0000000000000000000000000a' });
  await app.inject({ url: '/one/none' });
  const text = await platform.metrics.text();
  for (const status of [200, 400]) {
    const labels = `process="test",method="GET",route="/one/:id",status="${status}"`;
    expect(text).toContain(`keyturn_http_request_seconds_count{${labels}} 1`);
    const seconds = new RegExp(`keyturn_http_request_seconds_sum{${labels}} ([0-9.e-]+)`).exec(
      text,
    );
    expect(Number(seconds?.[1])).toBeGreaterThan(0);
  }
});

test.each([
  ['a float', { price: { amount: 1.5, currency: 'CNY' } }, 'price.amount'],
  ['a string', { price: { amount: '1', currency: 'CNY' } }, 'price.amount'],
  ['a negative amount', { price: { amount: -1, currency: 'CNY' } }, 'price.amount'],
  ['an unknown currency', { price: { amount: 1, currency: 'XXX' } }, 'price.currency'],
  ['no price', {}, 'price'],
  ['a list', [], 'body'],
])('%s is refused with the name of the field', async (_name, body, param) => {
  const response = await post(body);
  expect(response.statusCode).toBe(400);
  expect(response.headers['content-type']).toContain('application/problem+json');
  expect(response.json()).toMatchObject({ code: 'request_invalid', param, retryable: false });
});

test('unreadable bodies and wrong media types are refused with what to send', async () => {
  expect((await post('{"price":')).json()).toMatchObject({ code: 'body_unreadable', status: 400 });
  expect((await post('x', 'text/csv')).json()).toMatchObject({ code: 'media_type_unsupported' });
  expect((await post(`"${'x'.repeat(1_100_000)}"`)).json()).toMatchObject({
    code: 'body_too_large',
  });
});

test('a refusal is answered in the language of the reader', async () => {
  const zh = await app.inject({
    url: '/refuse',
    headers: { 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.8' },
  });
  const en = await app.inject({ url: '/refuse', headers: { 'accept-language': 'en-GB,en;q=0.9' } });
  expect(zh.json()).toMatchObject({ status: 409, detail: '不行：X。' });
  expect(en.json()).toMatchObject({ status: 409, detail: 'No X.' });
});

test('busy is 503 with a time to come back, a bug is 500 without its details', async () => {
  const lost = await app.inject({ url: '/lost' });
  expect(lost.json()).toMatchObject({ code: 'unavailable', status: 503, retryable: true });
  expect(lost.headers['retry-after']).toBe('2');
  expect(lost.body).not.toContain('secret');
  const busy = await app.inject({ url: '/busy' });
  expect(busy.statusCode).toBe(503);
  expect(busy.headers['retry-after']).toBe('2');
  const bug = await app.inject({ url: '/bug' });
  expect(bug.statusCode).toBe(500);
  expect(bug.body).not.toContain('secret detail');
});

test.each([
  ['?limit=1', { limit: 1 }],
  ['?limit=100&all=true', { limit: 100, all: true }],
  ['?all=false&cursor=7', { all: false, cursor: '7' }],
])('a query %s is read as its schema says', async (query, read) => {
  const response = await app.inject({ url: `/list${query}` });
  expect(response.json()).toEqual(read);
});

test.each([
  '?limit=1.5',
  '?limit=1e1',
  '?limit=0x10',
  '?limit=',
  '?limit=%201',
  '?limit=101',
  '?limit=99999999999999999999',
  '?limit=1&limit=2',
])('a query %s is refused, not rounded or guessed', async (query) => {
  const response = await app.inject({ url: `/list${query}` });
  expect(response.json()).toMatchObject({ code: 'request_invalid', param: 'limit' });
});

test.each(['?all=1', '?all=yes', '?all=TRUE'])('%s is no truth value', async (query) => {
  const response = await app.inject({ url: `/list${query}` });
  expect(response.json()).toMatchObject({ code: 'request_invalid', param: 'all' });
});

async function note(body: unknown) {
  return app.inject({ method: 'POST', url: '/note', payload: JSON.stringify(body), headers: json });
}
const json = { 'content-type': 'application/json' };

test.each([
  '2026-11-20T02:00:00Z',
  '2026-11-20t02:00:00.123456789+08:00',
  '2024-02-29T23:59:60-00:30',
])('%s is an instant', async (at) => {
  expect((await note({ at })).json()).toEqual({ at });
  expect(() => Temporal.Instant.from(at)).not.toThrow();
});

test.each([
  '2026-11-20T02:00:00.1234567891Z',
  '2026-11-20T02:00:00',
  '2026-11-20 02:00:00Z',
  '2026-02-30T02:00:00Z',
  '2026-11-20T24:00:00Z',
  '2026-11-20T02:00:00Z[Asia/Shanghai]',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
])('%s is refused as an instant', async (at) => {
  expect((await note({ at })).json()).toMatchObject({ code: 'request_invalid', param: 'at' });
});

test.each(['2026-02-29', '0000-01-01', '9999-12-31', '2026-1-1', '20260101'])(
  '%s is refused as a day',
  async (on) => {
    expect((await note({ on })).json()).toMatchObject({ code: 'request_invalid', param: 'on' });
  },
);

test.each([
  ['a null character', { text: 'a\0b' }, 'text'],
  ['half a surrogate pair', { text: 'a\ud800' }, 'text'],
  ['a null character deep inside', { names: { a: { en: '\0' } } }, 'names.a.en'],
  ['a null character in a name', { names: { 'a\0': { en: 'x' } } }, 'names'],
])('text with %s is refused, since no database keeps it', async (_name, body, param) => {
  expect((await note(body)).json()).toMatchObject({ code: 'request_invalid', param });
});

test('text of other scripts and beyond the basic plane is taken as it is', async () => {
  const text = '房款 🏠 ﷽ e\u0301';
  expect((await note({ text })).json()).toEqual({ text });
});

test('a body too large for its route is told that route’s limit', async () => {
  const payload = JSON.stringify({ text: 'x'.repeat(20) });
  const options = { method: 'POST', url: '/small', payload, headers: json } as const;
  const { code, detail } = (await app.inject(options)).json();
  expect(code).toBe('body_too_large');
  expect(detail).toContain('larger than 10 bytes');
});

test.each(['/one/%zz', '/one/%', `/one/${'a'.repeat(201)}`])(
  'the address %s is refused as a problem',
  async (url) => {
    const response = await app.inject({ url });
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.headers['x-request-id']).toBe(response.json().request_id);
    expect(response.json()).toMatchObject({ code: 'request_unreadable', status: 400 });
  },
);

test.each([
  ['NONSENSE\r\n\r\n', 400, 'request_unreadable'],
  [`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
])(
  'a message that is not HTTP as we take it is answered by a problem',
  async (raw, status, code) => {
    if (!app.server.listening) await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(raw);
    const answered = await readText(socket);
    expect(answered).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    const [head = '', body = ''] = answered.split('\r\n\r\n');
    expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
    expect(JSON.parse(body)).toMatchObject({ status, code });
  },
);

test('closing answers what was asked, and does not wait for its connection', {
  timeout: 30_000,
}, async () => {
  const asked = Promise.withResolvers<void>();
  const answerNow = Promise.withResolvers<void>();
  const closing = await createHttpApp(platform);
  closing.get('/slow', async () => {
    asked.resolve();
    await answerNow.promise;
    return {};
  });
  closing.addHook('preClose', async () => answerNow.resolve());
  const url = await closing.listen({ port: 0, host: '127.0.0.1' });
  const response = fetch(`${url}/slow`);
  await asked.promise;
  await closing.close();
  expect((await response).status).toBe(200);
});
