import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from 'typebox';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { AcquirerNotification, PrepayRequest } from '../index.ts';
import {
  type ChannelsWorld,
  createChannelsWorld,
  enrolBoth,
  newNumber,
} from '../test/channels-world.ts';
import { eventually } from '../test/outside-world.ts';

const DeliveriesSchema = Type.Object({
  deliveries: Type.Array(Type.Object({ last_answer: Type.Union([Type.String(), Type.Null()]) })),
});
const contractId = 'wx-escrow';
let its: ChannelsWorld;
let told: AcquirerNotification[] = [];
let takes: (notification: AcquirerNotification) => Promise<void>;

beforeAll(async () => {
  its = await createChannelsWorld();
  its.channels.onAcquirerNotification((notification) => takes(notification));
  its.channels.onBankNotification(async () => undefined);
  await enrolBoth(its);
});

afterAll(() => its.close());

beforeEach(() => {
  told = [];
  takes = async (notification) => {
    told.push(notification);
  };
});

afterEach(() => its.world.clearFaults());

function request(number: string, change: Partial<PrepayRequest> = {}): PrepayRequest {
  const now = its.platform.clock.now();
  return {
    contractId,
    number,
    amount: 123_456n,
    currency: 'CNY',
    description: '意向金 Wanda 3-501',
    expiresAt: now.add({ minutes: 15 }),
    scene: 'native',
    now,
    ...change,
  };
}

async function paid(number: string, amount = 123_456n): Promise<void> {
  const answer = await its.channels.acquirer.prepay(request(number, { amount }));
  expect(answer.outcome).toBe('ok');
  await its.world.tell(`/payer/${number}/pay`, { bank_type: 'CMB_DEBIT' });
  await eventually(() => told.find((each) => each.number === number));
}

test('a native order gets its code, and the same order the same code', async () => {
  const order = request(newNumber('A'));
  const first = await its.channels.acquirer.prepay(order);
  expect(first).toMatchObject({ outcome: 'ok', value: { codeUrl: expect.any(String) } });
  expect(await its.channels.acquirer.prepay(order)).toEqual(first);
  const { number } = order;
  expect(await its.channels.acquirer.query({ contractId, number })).toMatchObject({
    outcome: 'ok',
    value: { state: 'unpaid' },
  });
});

test("an h5 order needs the payer's address and gets a page", async () => {
  const number = newNumber('A');
  const without = await its.channels.acquirer.prepay(request(number, { scene: 'h5' }));
  expect(without).toMatchObject({ outcome: 'refused', code: 'PAYER_IP' });
  const order = request(number, { scene: 'h5', payerIp: '203.0.113.9' });
  const answer = await its.channels.acquirer.prepay(order);
  expect(answer).toMatchObject({ outcome: 'ok', value: { h5Url: expect.any(String) } });
});

test('a payment is told with its amount, number and bank, and a query says the same', async () => {
  const number = newNumber('A');
  await paid(number);
  const state = {
    state: 'succeeded',
    channelNumber: expect.any(String),
    amount: 123_456n,
    payerTotal: 123_456n,
    currency: 'CNY',
    bank: 'CMB_DEBIT',
    paidAt: expect.any(Temporal.Instant),
  };
  const [notification] = told;
  expect(notification).toMatchObject({ contractId, kind: 'payment', number, state });
  const queried = await its.channels.acquirer.query({ contractId, number });
  expect(queried).toMatchObject({ outcome: 'ok', value: state });
  expect(queried.outcome === 'ok' && queried.value).toEqual(notification?.state);
});

test.each([
  ['timeout_after_effect', 'unpaid'],
  ['timeout_before_effect', 'not_found'],
] as const)('%s leaves the order unknown, and the query says %s', async (kind, state) => {
  const number = newNumber('A');
  await its.world.fault('acquirer.request', kind, { match: { out_trade_no: number } });
  expect(await its.channels.acquirer.prepay(request(number))).toMatchObject({ outcome: 'unknown' });
  expect(await its.channels.acquirer.query({ contractId, number })).toMatchObject({
    outcome: 'ok',
    value: { state },
  });
});

test.each([
  ['bad_signature', {}],
  ['error', { status: 500, code: 'SYSTEM_ERROR' }],
  ['error', { status: 400, code: 'SOMETHING_NEW' }],
])('an answer with %s %j is unknown, never a failure', async (kind, more) => {
  const number = newNumber('A');
  await its.world.fault('acquirer.request', kind, { match: { out_trade_no: number }, ...more });
  expect(await its.channels.acquirer.prepay(request(number))).toMatchObject({ outcome: 'unknown' });
});

test('what the acquirer refuses for good is a refusal with a next step', async () => {
  const bad = await its.channels.acquirer.prepay(request('!'));
  expect(bad).toMatchObject({ outcome: 'refused', code: 'PARAM_ERROR' });
  const now = its.platform.clock.now();
  const late = await its.channels.acquirer.prepay(request(newNumber('A'), { expiresAt: now, now }));
  expect(late).toMatchObject({ outcome: 'refused', code: 'EXPIRED' });
});

test('another amount under a number that exists is unknown: the order there may be paid', async () => {
  const number = newNumber('A');
  await its.channels.acquirer.prepay(request(number));
  const other = await its.channels.acquirer.prepay(request(number, { amount: 1n }));
  expect(other).toMatchObject({ outcome: 'unknown' });
});

test('closing closes, tells of a paid order, and refuses one that never got there', async () => {
  const open = newNumber('A');
  await its.channels.acquirer.prepay(request(open));
  const close = (number: string) => its.channels.acquirer.close({ contractId, number });
  expect(await close(open)).toEqual({ outcome: 'ok', value: 'closed' });
  expect(await close(open)).toEqual({ outcome: 'ok', value: 'closed' });
  const done = newNumber('A');
  await paid(done);
  expect(await close(done)).toEqual({ outcome: 'ok', value: 'already_paid' });
  expect(await close(newNumber('A'))).toMatchObject({ code: 'ORDER_NOT_EXIST' });
});

test('a notification that comes twice is handed over once', async () => {
  const number = newNumber('A');
  await its.world.fault('acquirer.notify', 'duplicate', { match: { out_trade_no: number } });
  await paid(number);
  await eventually(async () => {
    const { database } = its.platform;
    const [row] = await database.query<{ applied: bigint }>(
      'select count(*) as applied from channels.notification where applied_at is not null',
    );
    return row !== undefined && row.applied > 0n ? row : undefined;
  });
  expect(told.filter((each) => each.number === number)).toHaveLength(1);
});

test('a notification whose signature does not verify is refused and leaves no trace', async () => {
  const number = newNumber('A');
  await its.world.fault('acquirer.notify', 'bad_signature', { match: { out_trade_no: number } });
  await its.channels.acquirer.prepay(request(number));
  await its.world.tell(`/payer/${number}/pay`, {});
  await eventually(async () => {
    const { deliveries } = await its.world.admin('/deliveries', DeliveriesSchema);
    return deliveries.find((each) => each.last_answer === 'status 401');
  });
  expect(told).toEqual([]);
  const unsigned = await its.app.inject({
    method: 'POST',
    url: '/v1/notifications/wx-escrow',
    payload: '{}',
    headers: { 'content-type': 'application/json' },
  });
  expect(unsigned.json()).toMatchObject({ status: 401, code: 'notification_unverified' });
  const nowhere = await its.app.inject({
    method: 'POST',
    url: '/v1/notifications/wx-nobody',
    payload: '{}',
    headers: { 'content-type': 'application/json' },
  });
  expect(nowhere.json()).toMatchObject({ status: 404, code: 'contract_unknown' });
});

test('what cannot be applied yet is kept, acknowledged, and handed over again when it is due', async () => {
  const number = newNumber('A');
  let refusals = 0;
  takes = async () => {
    refusals += 1;
    throw new Error('the attempt is not there yet');
  };
  await its.channels.acquirer.prepay(request(number));
  await its.world.tell(`/payer/${number}/pay`, {});
  const { database, clock } = its.platform;
  const waiting = await eventually(async () => {
    const [row] = await database.query<{ attempts: number; body: string }>(
      `select attempts, body_sealed as body from channels.notification
        where applied_at is null and attempts = 1 and contract_id = 'wx-escrow'
        order by received_at desc limit 1`,
    );
    return row;
  });
  expect(refusals).toBe(1);
  expect(waiting.body).not.toContain('resource');
  takes = async (notification) => {
    told.push(notification);
  };
  expect(await its.channels.retryNotifications()).toBe(0);
  clock.advance({ seconds: 3 });
  expect(await its.channels.retryNotifications()).toBeGreaterThan(0);
  expect(told.map((each) => each.number)).toContain(number);
  expect(await its.channels.retryNotifications()).toBe(0);
});

test('a notification that overtakes the answer of its own order is applied', async () => {
  const number = newNumber('A');
  await its.world.fault('acquirer.notify', 'early', { match: { out_trade_no: number } });
  let early = false;
  const answer = its.channels.acquirer.prepay(request(number)).then((value) => {
    early = told.some((each) => each.number === number);
    return value;
  });
  expect(await answer).toMatchObject({ outcome: 'ok' });
  expect(early).toBe(true);
});

test('a refund goes from processing to succeeded, by query and by notification', async () => {
  const paymentNumber = newNumber('A');
  await paid(paymentNumber, 10_000n);
  // The acquirer takes refunds from money that is not settled yet: another payment covers its fee.
  await paid(newNumber('A'), 10_000n);
  const number = newNumber('R');
  const refund = {
    contractId,
    number,
    paymentNumber,
    amount: 4_000n,
    total: 10_000n,
    reason: '退意向金',
  };
  const first = await its.channels.acquirer.refund(refund);
  expect(first).toMatchObject({ outcome: 'ok', value: { state: 'processing', amount: 4_000n } });
  expect(await its.channels.acquirer.refund(refund)).toEqual(first);
  await its.world.advance(its.platform.clock, 'PT10S');
  const state = { state: 'succeeded', amount: 4_000n, channelNumber: expect.any(String) };
  expect(await its.channels.acquirer.queryRefund({ contractId, number })).toMatchObject({
    outcome: 'ok',
    value: state,
  });
  const notice = await eventually(() => told.find((each) => each.number === number));
  expect(notice).toMatchObject({ kind: 'refund', state });
  const payment = await its.channels.acquirer.query({ contractId, number: paymentNumber });
  expect(payment).toMatchObject({ value: { state: 'succeeded', refunded: true } });
});

test('a refund that the acquirer cannot place is abnormal; one it refuses is refused', async () => {
  const paymentNumber = newNumber('A');
  await paid(paymentNumber, 10_000n);
  await paid(newNumber('A'), 10_000n);
  const number = newNumber('R');
  const refund = { contractId, number, paymentNumber, amount: 5_000n, total: 10_000n, reason: 'x' };
  await its.world.fault('acquirer.refund', 'abnormal', { match: { out_refund_no: number } });
  await its.channels.acquirer.refund(refund);
  await its.world.advance(its.platform.clock, 'PT10S');
  expect(await its.channels.acquirer.queryRefund({ contractId, number })).toMatchObject({
    value: { state: 'abnormal' },
  });
  const other = newNumber('R');
  await its.world.fault('acquirer.refund', 'refuse', {
    match: { out_refund_no: other },
    code: 'NOT_ENOUGH',
  });
  const refused = await its.channels.acquirer.refund({ ...refund, number: other });
  expect(refused).toMatchObject({ outcome: 'refused', code: 'NOT_ENOUGH' });
  const missing = await its.channels.acquirer.queryRefund({ contractId, number: newNumber('R') });
  expect(missing).toEqual({ outcome: 'ok', value: { state: 'not_found' } });
});

test('a bill comes with its digest checked, and not before its time', async () => {
  const number = newNumber('A');
  await paid(number);
  const { clock } = its.platform;
  const date = clock.now().toZonedDateTimeISO('Asia/Shanghai').toPlainDate();
  const bill = { contractId, date, kind: 'trade' } as const;
  expect(await its.channels.acquirer.bill(bill)).toMatchObject({ outcome: 'refused' });
  await its.world.advance(clock, 'P1DT12H');
  const answer = await its.channels.acquirer.bill(bill);
  expect(answer.outcome).toBe('ok');
  const text = answer.outcome === 'ok' ? Buffer.from(answer.value).toString('utf8') : '';
  expect(text).toContain(number);
  const flow = await its.channels.acquirer.bill({ ...bill, kind: 'fund_flow' });
  expect(flow.outcome).toBe('ok');
});

test('the raw log tells the story of a number, without the payer', async () => {
  const number = newNumber('A');
  await paid(number);
  await its.channels.acquirer.query({ contractId, number });
  const log = await eventually(async () => {
    const page = await its.channels.messages({ contractId, reference: number, limit: 10 });
    return page.ok && page.value.items.length === 3 ? page.value.items : undefined;
  });
  expect(log.map((row) => row.operation).sort()).toEqual(['notify.payment', 'prepay', 'query']);
  const text = JSON.stringify(log);
  expect(text).toContain('SUCCESS');
  expect(text).toContain('"openid\\":\\"***');
  const secret = await readFile(join(its.world.keyDirectory, 'wx-escrow.secret.json'), 'utf8');
  expect(text).not.toContain(JSON.parse(secret).api_v3_key);
});

test('without the platform certificate at hand it is fetched, opened and trusted', async () => {
  const terms = {
    id: 'wx-fresh',
    mchid: '1900000002',
    book: 'kt-escrow/escrow/CNY',
    settlesTo: 'escrow-main',
    settlementAccount: null,
    notifyUrl: `${its.address}/v1/notifications/wx-fresh`,
  };
  const draft = await its.world.enrolAcquirer(terms);
  await rm(join(its.world.keyDirectory, 'wx-fresh.peer.pem'));
  expect((await its.channels.upsertContract(draft)).ok).toBe(true);
  const order = { ...request(newNumber('A')), contractId: 'wx-fresh' };
  expect(await its.channels.acquirer.prepay(order)).toMatchObject({ outcome: 'ok' });
});
