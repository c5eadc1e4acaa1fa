import { encodeId } from '@keyturn/kernel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMovementHttp, type MovementHttp } from './test/http.ts';
import {
  bankAccountId,
  book,
  createMovementWorld,
  type MovementWorld,
  merchantId,
  otherMerchantId,
} from './test/world.ts';

let world: MovementWorld;
let http: MovementHttp;

beforeAll(async () => {
  world = await createMovementWorld();
  http = await createMovementHttp(world);
});

afterAll(async () => {
  await http.close();
  expect(await world.close()).toEqual([]);
});

const merchant = encodeId('mer', merchantId);

function orderBody(change: Record<string, unknown> = {}) {
  return {
    amount: { amount: 10_000, currency: 'CNY' },
    purpose: 'deposit',
    subject: 'Deposit for the flat',
    destination: { merchant_id: merchant },
    methods: ['wechat_native', 'wechat_h5', 'bank_transfer'],
    ...change,
  };
}

async function newOrder(): Promise<{ id: string; number: string }> {
  const made = await http.post('/v1/orders', http.integrator, orderBody());
  expect(made.statusCode).toBe(201);
  return made.json();
}

async function pay(orderId: string): Promise<string> {
  const url = `/v1/orders/${orderId}/attempts`;
  const made = await http.post(url, http.integrator, { method: 'wechat_native' });
  expect(made.statusCode).toBe(201);
  const { number } = made.json<{ number: string }>();
  await world.payments.onAcquirerNotification({
    contractId: 'wx-reserve',
    notificationId: `n-${number}`,
    kind: 'payment',
    number,
    state: { state: 'succeeded', channelNumber: `42${number}`, amount: 10_000n },
  });
  return number;
}

test('an order is made, paid, read and refunded over HTTP, amounts as integers', async () => {
  const made = await http.post('/v1/orders', http.integrator, orderBody(), 'order-1');
  const order = made.json<{ id: string; number: string; amount: unknown; state: string }>();
  expect(order).toMatchObject({
    state: 'requires_payment',
    amount: { amount: 10_000, currency: 'CNY' },
    destination: { book, account_code: 2002, owner: merchantId },
  });
  const again = await http.post('/v1/orders', http.integrator, orderBody(), 'order-1');
  expect(again.headers['idempotent-replayed']).toBe('true');
  expect(again.json()).toEqual(order);
  const attempt = await http.post(`/v1/orders/${order.id}/attempts`, http.integrator, {
    method: 'wechat_native',
  });
  expect(attempt.json()).toMatchObject({ state: 'pending', amount: { amount: 10_000 } });
  await pay(order.id);
  const refund = await http.post(`/v1/orders/${order.id}/refunds`, http.integrator, {
    amount: { amount: 4_000, currency: 'CNY' },
    reason: 'part',
  });
  expect(refund.statusCode).toBe(201);
  expect(refund.json()).toMatchObject({
    state: 'approved',
    approved_by: { kind: 'platform', id: 'automatic' },
  });
  const { id: refundId } = refund.json<{ id: string }>();
  expect((await http.get(`/v1/refunds/${refundId}`, http.integrator)).statusCode).toBe(200);
  const read = await http.get(`/v1/orders/${order.id}`, http.viewer);
  expect(read.json()).toMatchObject({
    state: 'succeeded',
    paid: { amount: 10_000 },
    refunding: { amount: 4_000 },
    refunds: [{ id: refundId }],
  });
  const byNumber = await http.get(`/v1/orders?number=${order.number}`, http.integrator);
  expect(byNumber.json<{ items: unknown[] }>().items).toHaveLength(1);
});

test('one integrator’s orders and refunds are not there for another', async () => {
  const { id, number } = await newOrder();
  for (const url of [`/v1/orders/${id}`, `/v1/refunds/${encodeId('rfd', merchantId)}`]) {
    const found = await http.get(url, http.other);
    expect(found.statusCode).toBe(404);
  }
  const listed = await http.get(`/v1/orders?number=${number}`, http.other);
  expect(listed.json()).toEqual({ items: [] });
  const canceled = await http.post(`/v1/orders/${id}/cancel`, http.other, {});
  expect(canceled.json()).toMatchObject({ code: 'order_not_found', status: 404 });
});

test.each([
  ['a float', { amount: { amount: 1.5, currency: 'CNY' } }, 400, 'request_invalid'],
  ['a text', { amount: { amount: '10', currency: 'CNY' } }, 400, 'request_invalid'],
  ['nothing', { amount: { amount: 0, currency: 'CNY' } }, 400, 'request_invalid'],
  ['a debt', { amount: { amount: -1, currency: 'CNY' } }, 400, 'request_invalid'],
  ['no such currency', { amount: { amount: 1, currency: 'XXX' } }, 400, 'request_invalid'],
  [
    'a currency without a contract',
    { amount: { amount: 1, currency: 'EUR' } },
    422,
    'order_contract_unusable',
  ],
  ['no method', { methods: [] }, 400, 'request_invalid'],
  ['an unknown method', { methods: ['cash'] }, 400, 'request_invalid'],
  ['an unknown field', { colour: 'red' }, 400, 'request_invalid'],
  ['no subject', { subject: '' }, 400, 'request_invalid'],
  ['no destination', { destination: {} }, 400, 'request_invalid'],
  ['an expiry that is over', { expires_at: '2020-01-01T00:00:00Z' }, 422, 'order_expiry_invalid'],
  ['an expiry that is no time', { expires_at: 'tomorrow' }, 400, 'request_invalid'],
  ['an unknown contract regime', { contract_id: 'x'.repeat(65) }, 400, 'request_invalid'],
])('an order with %s is refused with what was wrong', async (_what, change, status, code) => {
  const refused = await http.post('/v1/orders', http.integrator, orderBody(change));
  expect(refused.statusCode).toBe(status);
  expect(refused.headers['content-type']).toContain('application/problem+json');
  expect(refused.json()).toMatchObject({ code, status });
  expect(refused.json<{ detail: string }>().detail).not.toMatch(/\{\w+\}/);
});

test('a call without an idempotency key, without a login, or by a viewer is refused', async () => {
  const keyless = await http.post('/v1/orders', http.integrator, orderBody(), ' ');
  expect(keyless.json()).toMatchObject({ code: 'idempotency_key_missing' });
  expect((await http.post('/v1/orders', {}, orderBody())).statusCode).toBe(401);
  expect((await http.post('/v1/orders', http.viewer, orderBody())).statusCode).toBe(403);
  expect((await http.get('/v1/refunds?state=requested', http.integrator)).statusCode).toBe(403);
});

test('an unfiltered list, a foreign cursor and an id of something else are refused', async () => {
  const list = await http.get('/v1/orders', http.integrator);
  expect(list.json()).toMatchObject({ code: 'order_filter_missing', status: 400 });
  const cursor = await http.get('/v1/orders?reference_id=x&cursor=abc', http.integrator);
  expect(cursor.json()).toMatchObject({ code: 'cursor_invalid', status: 400 });
  expect((await http.get(`/v1/orders/${merchant}`, http.integrator)).statusCode).toBe(400);
  const payouts = await http.get('/v1/payouts', http.finance);
  expect(payouts.json()).toMatchObject({ code: 'payout_filter_missing', status: 400 });
});

test('orders are found by what they are for, page by page', async () => {
  const reference = { kind: 'contract', id: 'C-42' };
  for (let made = 0; made < 3; made++) {
    await http.post('/v1/orders', http.integrator, orderBody({ reference }));
  }
  const first = await http.get('/v1/orders?reference_id=C-42&limit=2', http.integrator);
  const page = first.json<{ items: { id: string }[]; next_cursor: string }>();
  expect(page.items).toHaveLength(2);
  const next = `/v1/orders?reference_id=C-42&limit=2&cursor=${page.next_cursor}`;
  const rest = (await http.get(next, http.integrator)).json<{ items: { id: string }[] }>();
  expect(rest.items).toHaveLength(1);
  expect(rest).not.toHaveProperty('next_cursor');
});

test('an order is told to payers of both languages', async () => {
  const english = { subject: 'Deposit for the flat', description: 'Contract 7' };
  const body = orderBody({ subject: '购房定金', description: '合同 7', english });
  const made = await http.post('/v1/orders', http.integrator, body);
  expect(made.json()).toMatchObject({ subject: '购房定金', english });
  const { id } = made.json<{ id: string }>();
  const session = await http.post(`/v1/orders/${id}/cashier-sessions`, http.integrator);
  const seen = await http.get(`/v1/cashier/${session.json<{ token: string }>().token}`);
  expect(seen.json()).toMatchObject({ subject: '购房定金', description: '合同 7', english });
});

test('the cashier sees and pays the order by its link alone', async () => {
  const { id } = await newOrder();
  const session = await http.post(`/v1/orders/${id}/cashier-sessions`, http.integrator);
  expect(session.statusCode).toBe(201);
  const { token } = session.json<{ token: string }>();
  const seen = await http.get(`/v1/cashier/${token}`);
  expect(seen.json()).toMatchObject({ state: 'requires_payment', remaining: { amount: 10_000 } });
  expect(seen.body).not.toContain(merchantId);
  const url = `/v1/cashier/${token}/attempts`;
  const begun = await http.post(url, {}, { method: 'wechat_h5' });
  expect(begun.json()).toMatchObject({
    state: 'requires_action',
    attempts: [{ state: 'pending' }],
  });
  const transfer = await http.post(url, {}, { method: 'bank_transfer' });
  const { attempts } = transfer.json<{ attempts: { method: string }[] }>();
  expect(attempts.find(({ method }) => method === 'bank_transfer')).toMatchObject({
    bank_transfer: { state: 'open', holder_name: 'Keyturn Pay', amount: { amount: 10_000 } },
  });
  expect((await http.get(`/v1/cashier/${'x'.repeat(43)}`)).statusCode).toBe(404);
  expect((await http.get('/v1/cashier/short')).statusCode).toBe(400);
});

test('an attempt by h5 needs the payer’s address, and too many attempts are refused', async () => {
  const { id } = await newOrder();
  const url = `/v1/orders/${id}/attempts`;
  const bare = await http.post(url, http.integrator, { method: 'wechat_h5' });
  expect(bare.json()).toMatchObject({ code: 'attempt_payer_ip_missing', status: 422 });
  for (let begun = 0; begun < 5; begun++) {
    const ip = { method: 'wechat_h5', payer_ip: '10.0.0.1' };
    expect((await http.post(url, http.integrator, ip)).statusCode).toBe(201);
  }
  const more = await http.post(url, http.integrator, { method: 'wechat_native' });
  expect(more.json()).toMatchObject({ code: 'attempt_limit_reached', status: 409 });
});

test('a method that the order does not take, and a closed order, take no attempt', async () => {
  const made = await http.post(
    '/v1/orders',
    http.integrator,
    orderBody({ methods: ['bank_transfer'] }),
  );
  const { id } = made.json<{ id: string }>();
  const wrong = await http.post(`/v1/orders/${id}/attempts`, http.integrator, {
    method: 'wechat_native',
  });
  expect(wrong.json()).toMatchObject({ code: 'order_method_unavailable', status: 422 });
  const canceled = await http.post(`/v1/orders/${id}/cancel`, http.integrator, {});
  expect(canceled.json()).toMatchObject({ state: 'canceled' });
  const late = await http.post(`/v1/orders/${id}/attempts`, http.integrator, {
    method: 'bank_transfer',
  });
  expect(late.json()).toMatchObject({ code: 'order_not_payable', status: 409 });
  const twice = await http.post(`/v1/orders/${id}/cancel`, http.integrator, {});
  expect(twice.json()).toMatchObject({ code: 'order_not_closable', status: 409 });
});

test('refunds are refused in another currency, above what was paid, and in the wrong state', async () => {
  const { id } = await newOrder();
  await pay(id);
  const url = `/v1/orders/${id}/refunds`;
  const euro = { amount: { amount: 1, currency: 'EUR' }, reason: 'x' };
  expect((await http.post(url, http.integrator, euro)).json()).toMatchObject({
    code: 'order_currency_mismatch',
  });
  const more = { amount: { amount: 10_001, currency: 'CNY' }, reason: 'x' };
  expect((await http.post(url, http.integrator, more)).json()).toMatchObject({
    code: 'refund_exceeds_paid',
    status: 409,
  });
  const fine = { amount: { amount: 1, currency: 'CNY' }, reason: 'x' };
  const { id: refundId } = (await http.post(url, http.integrator, fine)).json<{ id: string }>();
  const approve = await http.post(`/v1/refunds/${refundId}/approve`, http.approver);
  expect(approve.json()).toMatchObject({ code: 'refund_state_conflict', status: 409 });
  const listed = await http.get('/v1/refunds?state=approved', http.viewer);
  expect(listed.json<{ items: { id: string }[] }>().items.map((item) => item.id)).toContain(
    refundId,
  );
  const unknown = encodeId('rfd', merchantId);
  const missing = await http.post(`/v1/refunds/${unknown}/approve`, http.approver);
  expect(missing.json()).toMatchObject({ code: 'refund_not_found' });
});

test('a refund of money that is spent is refused with what is left', async () => {
  const before = await world.available({ code: 2002, owner: merchantId });
  const { id } = await newOrder();
  await pay(id);
  await world.spend({ book, code: 2002, owner: merchantId }, before + 9_999n);
  const url = `/v1/orders/${id}/refunds`;
  const body = { amount: { amount: 2, currency: 'CNY' }, reason: 'x' };
  const refused = await http.post(url, http.integrator, body);
  expect(refused.json()).toMatchObject({ code: 'refund_not_covered', retryable: true });
  expect(refused.json<{ detail: string }>().detail).toContain('has 1 minor units');
  await world.endow({ book, code: 2002, owner: merchantId }, before + 9_999n);
});

test('finance gives a transfer without a home to an order; a wrong one is refused', async () => {
  const { id } = await newOrder();
  const receipt = encodeId('rcp', await world.banks({ amount: 10_000n }));
  const url = `/v1/receipts/${receipt}/assign`;
  expect((await http.post(url, http.integrator, { order_id: id })).statusCode).toBe(403);
  const given = await http.post(url, http.finance, { order_id: id });
  expect(given.json()).toMatchObject({ state: 'succeeded', transfers: [{ receipt_id: receipt }] });
  const again = await http.post(url, http.finance, { order_id: id });
  expect(again.json()).toMatchObject({ code: 'receipt_order_mismatch', status: 409 });
  const missing = `/v1/receipts/${encodeId('rcp', merchantId)}/assign`;
  expect((await http.post(missing, http.finance, { order_id: id })).json()).toMatchObject({
    code: 'receipt_unknown',
  });
});

function payoutBody(change: Record<string, unknown> = {}) {
  return {
    source: { merchant_id: merchant },
    bank_account_id: encodeId('bac', bankAccountId),
    amount: { amount: 5_000, currency: 'CNY' },
    purpose: 'withdrawal',
    remittance: 'Withdrawal',
    reference: { kind: 'withdrawal', id: 'W-1' },
    ...change,
  };
}

test('a pay-out is made by one person, approved by another, and seen by its maker', async () => {
  await world.endow({ book, code: 2003, owner: merchantId }, 20_000n);
  const made = await http.post('/v1/payouts', http.integrator, payoutBody());
  expect(made.statusCode).toBe(201);
  const { id } = made.json<{ id: string }>();
  expect(made.json()).toMatchObject({ state: 'pending_approval', amount: { amount: 5_000 } });
  expect((await http.post(`/v1/payouts/${id}/approve`, http.integrator)).statusCode).toBe(403);
  const approved = await http.post(`/v1/payouts/${id}/approve`, http.approver);
  expect(approved.json()).toMatchObject({ state: 'approved' });
  expect((await http.get(`/v1/payouts/${id}`, http.integrator)).statusCode).toBe(200);
  expect((await http.get(`/v1/payouts/${id}`, http.other)).json()).toMatchObject({
    code: 'payout_not_found',
  });
  const listed = await http.get('/v1/payouts?reference_id=W-1', http.integrator);
  expect(listed.json<{ items: unknown[] }>().items).toHaveLength(1);
  const hidden = await http.get('/v1/payouts?reference_id=W-1', http.other);
  expect(hidden.json()).toEqual({ items: [] });
  const states = await http.get('/v1/payouts?state=approved', http.viewer);
  expect(states.json<{ items: unknown[] }>().items).toHaveLength(1);
  expect((await http.get('/v1/payouts?state=gone', http.viewer)).statusCode).toBe(400);
});

test('a pay-out of one’s own making is not approved by oneself, and can be rejected or canceled', async () => {
  await world.endow({ book, code: 2003, owner: merchantId }, 20_000n);
  const { id } = (await http.post('/v1/payouts', http.finance, payoutBody())).json<{
    id: string;
  }>();
  expect((await http.post(`/v1/payouts/${id}/approve`, http.finance)).json()).toMatchObject({
    code: 'approver_is_maker',
  });
  const url = `/v1/payouts/${id}/reject`;
  expect((await http.post(url, http.approver, {})).statusCode).toBe(400);
  const rejected = await http.post(url, http.approver, { reason: 'no' });
  expect(rejected.json()).toMatchObject({ state: 'canceled', failure: { message: 'no' } });
  const twice = await http.post(`/v1/payouts/${id}/cancel`, http.finance);
  expect(twice.json()).toMatchObject({ code: 'payout_state_conflict' });
});

test.each([
  ['more than there is', { amount: { amount: 9_000_000, currency: 'CNY' } }, 'payout_not_covered'],
  ['nothing', { amount: { amount: 0, currency: 'CNY' } }, 'request_invalid'],
  [
    'somebody else’s account',
    { source: { merchant_id: encodeId('mer', otherMerchantId) } },
    'payout_payee_foreign',
  ],
  ['another currency', { amount: { amount: 1, currency: 'EUR' } }, 'payout_book_mismatch'],
  ['an unknown account', { custody_account_id: 'nowhere' }, 'custody_account_unknown'],
  ['money without a home', { source: { suspense_of: 'reserve-main' } }, 'request_invalid'],
  ['a text that is too long', { remittance: 'x'.repeat(141) }, 'request_invalid'],
])('a pay-out of %s is refused', async (_what, change, code) => {
  const refused = await http.post('/v1/payouts', http.integrator, payoutBody(change));
  expect(refused.json()).toMatchObject({ code });
});

test('finance sends money without a home back to who sent it', async () => {
  await world.banks({ amount: 777n });
  const body = payoutBody({
    source: { suspense_of: 'reserve-main' },
    amount: { amount: 777, currency: 'CNY' },
  });
  const made = await http.post('/v1/payouts', http.finance, body);
  expect(made.json()).toMatchObject({ source: { account_code: 2301, owner: 'reserve-main' } });
});
