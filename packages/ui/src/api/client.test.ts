import * as v from 'valibot';
import { expect, test } from 'vitest';
import { createApi, newIdempotencyKey } from './client.ts';
import { ApiError } from './problem.ts';
import { MoneySchema } from './schemas.ts';

type Handler = (url: string, init: RequestInit) => Promise<Response> | Response;

function apiWith(handler: Handler, timeoutMs = 15_000) {
  return createApi({
    language: () => 'zh-CN',
    headers: () => ({ 'x-csrf-token': 'c' }),
    timeoutMs,
    fetch: async (url, init) => handler(String(url), init ?? {}),
  });
}

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApiError)) throw new Error(`not an ApiError: ${String(error)}`);
  return error;
}

const schema = v.object({ money: MoneySchema });

test('an amount arrives as a bigint, also one that no float can hold', async () => {
  const api = apiWith(
    () => new Response('{"money":{"amount":9223372036854775807,"currency":"CNY"}}'),
  );
  const { money } = await api.get('/x', { schema });
  expect(money).toEqual({ amount: 9_223_372_036_854_775_807n, currency: 'CNY' });
});

test('a fraction of a fen is not read as money', async () => {
  const api = apiWith(() => new Response('{"money":{"amount":1.5,"currency":"CNY"}}'));
  const error = await failure(api.get('/x', { schema }));
  expect(error.kind).toBe('unreadable');
  expect(error.message).toContain('money.amount');
});

test('a call says its language, its key and its body, and writes a bigint as an integer', async () => {
  const seen: { url: string; init: RequestInit }[] = [];
  const api = apiWith((url, init) => {
    seen.push({ url, init });
    return new Response('{}');
  });
  await api.post('/v1/x', {
    schema: v.object({}),
    query: { limit: 5, cursor: undefined },
    body: { amount: 120_000n },
    idempotencyKey: 'k1',
  });
  expect(seen[0]?.url).toBe('/v1/x?limit=5');
  expect(seen[0]?.init.body).toBe('{"amount":120000}');
  expect(seen[0]?.init.headers).toMatchObject({
    'accept-language': 'zh-CN',
    'idempotency-key': 'k1',
    'content-type': 'application/json',
    'x-csrf-token': 'c',
  });
});

test('a problem is told with its code and the reader’s sentence', async () => {
  const body = {
    type: '/docs/errors/order_not_payable',
    title: 'Order takes no payment',
    status: 409,
    detail: '订单不再接受支付。',
    code: 'order_not_payable',
    request_id: 'req_1',
    retryable: false,
  };
  const api = apiWith(() => new Response(JSON.stringify(body), { status: 409 }));
  const error = await failure(api.get('/x', { schema }));
  expect(error).toMatchObject({ kind: 'problem', code: 'order_not_payable', retryable: false });
  expect(error.message).toBe('订单不再接受支付。');
});

test('a server that is busy says how long to wait', async () => {
  const response = { status: 503, headers: { 'retry-after': '7' } };
  const api = apiWith(() => new Response('<html>', response));
  const error = await failure(api.get('/x', { schema }));
  expect(error).toMatchObject({ kind: 'unreadable', retryable: true, retryAfterMs: 7_000 });
});

test('no connection and no answer are different things', async () => {
  const offline = apiWith(() => Promise.reject(new TypeError('Failed to fetch')));
  expect((await failure(offline.get('/x', { schema }))).kind).toBe('offline');
  const silent = apiWith(
    (_url, { signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason));
      }),
    1,
  );
  expect((await failure(silent.get('/x', { schema }))).kind).toBe('timeout');
});

test('what the caller itself aborts is no failure of the service', async () => {
  const own = new AbortController();
  own.abort(new Error('left the page'));
  const api = apiWith((_url, { signal }) => Promise.reject(signal?.reason));
  await expect(api.get('/x', { schema, signal: own.signal })).rejects.toThrow('left the page');
});

test('each intention has a key of its own', () => {
  expect(newIdempotencyKey()).toMatch(/^[0-9a-f]{32}$/);
  expect(newIdempotencyKey()).not.toBe(newIdempotencyKey());
});
