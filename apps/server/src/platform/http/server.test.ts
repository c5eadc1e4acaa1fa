import { UnavailableError } from '@keyturn/pipeline';
import { Type } from 'typebox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestPlatform, type TestPlatform } from '../../../test/platform.ts';
import { answer } from './request.ts';
import {
  MoneySchema,
  moneyFromWire,
  moneyToWire,
  ProblemSchema,
  SignedMoneySchema,
} from './schemas.ts';
import { createHttpApp, type HttpApp } from './server.ts';

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
  app.get('/refuse', async () =>
    answer({ ok: false, error: { code: 'test_refused', values: { why: 'X' } } }),
  );
  app.get('/busy', async () => Promise.reject(new UnavailableError('busy', 'full')));
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
  const busy = await app.inject({ url: '/busy' });
  expect(busy.statusCode).toBe(503);
  expect(busy.headers['retry-after']).toBe('2');
  const bug = await app.inject({ url: '/bug' });
  expect(bug.statusCode).toBe(500);
  expect(bug.body).not.toContain('secret detail');
});
