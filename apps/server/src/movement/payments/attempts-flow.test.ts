import { present } from '@keyturn/kernel';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  channelSuspense,
  destination,
  key,
  merchant,
  receivable,
  refundTransit,
  type Steps,
  stepsIn,
  value,
} from './test/steps.ts';
import { createMovementWorld, type MovementWorld } from './test/world.ts';

let world: MovementWorld;
let steps: Steps;

beforeEach(async () => {
  world = await createMovementWorld();
  steps = stepsIn(world);
});

afterEach(async () => {
  expect(await world.close()).toEqual([]);
});

test('a payer pays by code: money stands on the merchant’s account, gross, and its fee is known', async () => {
  const { id } = await steps.makeOrder();
  const attempt = await steps.begin(id);
  expect(attempt).toMatchObject({ state: 'pending', code_url: `weixin://${attempt.number}` });
  expect((await steps.order(id)).state).toBe('requires_action');
  await steps.notify(attempt.number, '4200');
  const after = await steps.order(id);
  expect(after).toMatchObject({ state: 'succeeded', paid: { amount: 100_000n } });
  expect(after.attempts[0]).toMatchObject({ state: 'succeeded', fee: { amount: 600n } });
  expect(await world.posted(merchant)).toBe(100_000n);
  expect(await world.posted(receivable)).toBe(100_000n);
  expect(await world.told(id)).toEqual(['payments.order_created', 'payments.order_paid']);
});

test('the same notification twice, and a query besides, book one payment', async () => {
  const { id } = await steps.makeOrder();
  const attempt = await steps.begin(id);
  world.scripted.payerPays(attempt.number, '4200', world.platform.clock.now());
  await Promise.all([
    steps.notify(attempt.number, '4200', 'a'),
    steps.notify(attempt.number, '4200', 'a'),
    steps.notify(attempt.number, '4200', 'b'),
    world.after({ seconds: 31 }),
  ]);
  expect(await world.posted(merchant)).toBe(100_000n);
  expect(await world.told(id)).toEqual(['payments.order_created', 'payments.order_paid']);
});

test('two processes take the same success at once, and book one payment', async () => {
  const { id } = await steps.makeOrder();
  const attempt = await steps.begin(id);
  const second = world.another();
  const now = world.platform.clock.now();
  const state = {
    state: 'succeeded',
    channelNumber: '4200',
    amount: 100_000n,
    paidAt: now,
  } as const;
  const told = {
    contractId: 'wx-reserve',
    kind: 'payment',
    number: attempt.number,
    state,
  } as const;
  await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      (index % 2 === 0 ? world.payments : second).onAcquirerNotification({
        ...told,
        notificationId: `n${index % 5}`,
      }),
    ),
  );
  expect(await world.posted(merchant)).toBe(100_000n);
  expect((await steps.order(id)).state).toBe('succeeded');
});

test('a callback that comes before our own answer is stored pays the order all the same', async () => {
  const { id } = await steps.makeOrder();
  world.scripted.meanwhile = async (operation) => {
    if (operation !== 'prepay') return;
    const number = present(world.scripted.calls.at(-1), 'a call').slice('prepay '.length);
    await steps.notify(number, '4200');
  };
  const attempt = await steps.begin(id);
  expect(attempt.state).toBe('succeeded');
  expect((await steps.order(id)).state).toBe('succeeded');
  expect(await world.posted(merchant)).toBe(100_000n);
});

test('a time-out is unknown, and asking again under the same number gets the payer the code', async () => {
  const { id } = await steps.makeOrder();
  world.scripted.script('prepay', { outcome: 'unknown', reason: 'time-out' }, 'nothing');
  const attempt = await steps.begin(id);
  expect(attempt.state).toBe('unknown');
  expect((await steps.order(id)).state).toBe('processing');
  await world.after({ seconds: 3 });
  expect((await steps.order(id)).attempts[0]).toMatchObject({
    state: 'pending',
    code_url: `weixin://${attempt.number}`,
  });
  const calls = world.scripted.calls.filter((call) => call.startsWith('prepay'));
  expect(new Set(calls).size).toBe(1);
  expect(calls).toHaveLength(2);
});

test('an unknown prepay that the acquirer did take is paid without a second one', async () => {
  const { id } = await steps.makeOrder();
  world.scripted.script('prepay', { outcome: 'unknown', reason: 'time-out' }, 'done');
  const attempt = await steps.begin(id);
  world.scripted.payerPays(attempt.number, '4200', world.platform.clock.now());
  await world.after({ seconds: 3 });
  expect((await steps.order(id)).state).toBe('succeeded');
  expect(world.scripted.calls.filter((call) => call.startsWith('prepay'))).toHaveLength(1);
});

test('an unknown attempt stays unknown through unknown answers, however often it is asked', async () => {
  const { id } = await steps.makeOrder({
    expiresAt: world.platform.clock.now().add({ hours: 24 * 30 }),
  });
  world.scripted.script('prepay', { outcome: 'unknown', reason: 'time-out' }, 'done');
  await steps.begin(id);
  for (let asked = 0; asked < 12; asked++) {
    world.scripted.script('query', { outcome: 'unknown', reason: 'time-out' });
    await world.after({ hours: 1, minutes: 1 });
    expect((await steps.order(id)).attempts[0]).toMatchObject({ state: 'unknown' });
  }
  expect((await steps.order(id)).attempts[0]?.proof).toBeUndefined();
});

test('a definite refusal fails the attempt with its proof, and another can be begun', async () => {
  const { id } = await steps.makeOrder();
  world.scripted.script('prepay', {
    outcome: 'refused',
    code: 'NO_AUTH',
    message: 'not allowed',
    nextStep: 'ask the acquirer',
  });
  const attempt = await steps.begin(id);
  expect(attempt).toMatchObject({ state: 'failed', proof: { kind: 'refusal', code: 'NO_AUTH' } });
  expect((await steps.order(id)).state).toBe('requires_payment');
  expect((await steps.begin(id)).state).toBe('pending');
  expect(await world.told(id)).toContain('payments.attempt_failed');
});

test('a success of another amount books nothing and is shown to people', async () => {
  const { id } = await steps.makeOrder();
  const attempt = await steps.begin(id);
  await world.payments.onAcquirerNotification({
    contractId: 'wx-reserve',
    notificationId: 'n1',
    kind: 'payment',
    number: attempt.number,
    state: { state: 'succeeded', channelNumber: '4200', amount: 1n, currency: 'CNY' },
  });
  const after = await steps.order(id);
  expect(after).toMatchObject({ state: 'requires_action', paid: { amount: 0n } });
  expect(after.attempts[0]?.contradiction).toMatchObject({ kind: 'amount', said: '1 CNY' });
  expect(await world.posted(merchant)).toBe(0n);
  expect(await world.told(id)).toContain('payments.contradiction');
});

test('a channel’s number that another attempt has is a contradiction, and hurts nobody beside it', async () => {
  const first = await steps.makeOrder();
  const second = await steps.makeOrder();
  const third = await steps.makeOrder();
  await steps.paid(first.id, '4200');
  const other = await steps.begin(second.id);
  const third_ = await steps.begin(third.id);
  await Promise.all([
    steps.notify(other.number, '4200', 'x'),
    steps.notify(third_.number, '4203', 'y'),
  ]);
  expect((await steps.order(second.id)).attempts[0]?.contradiction).toMatchObject({
    kind: 'channel_number',
  });
  expect((await steps.order(third.id)).state).toBe('succeeded');
  expect(await world.posted(merchant)).toBe(200_000n);
});

test('a notification for a number that is not ours is not taken', async () => {
  await expect(steps.notify('0000000000', '1')).rejects.toThrow('attempt_not_found');
});

test('two attempts succeed for one order: both are booked, the second goes back by itself', async () => {
  const { id } = await steps.makeOrder();
  const first = await steps.begin(id);
  const second = await steps.begin(id);
  for (const [index, attempt] of [first, second].entries()) {
    world.scripted.payerPays(attempt.number, `42${index}`, world.platform.clock.now());
    await steps.notify(attempt.number, `42${index}`);
  }
  expect(await world.posted(merchant)).toBe(100_000n);
  expect(await world.posted(receivable)).toBe(200_000n);
  expect(await world.posted(refundTransit)).toBe(100_000n);
  await world.work();
  const [refund] = (await steps.order(id)).refunds;
  expect(refund).toMatchObject({ state: 'pending', cause: 'double_success' });
  const number = present(refund, 'the refund').number;
  world.scripted.refunds.set(number, { state: 'succeeded', amount: 100_000n });
  await world.after({ seconds: 10 });
  expect((await steps.order(id)).refunds[0]).toMatchObject({
    state: 'succeeded',
    fee_returned: { amount: 600n },
  });
  expect(await world.posted(receivable)).toBe(100_000n);
  expect(await world.posted(refundTransit)).toBe(0n);
  expect(await world.posted(channelSuspense)).toBe(0n);
  expect(await steps.order(id)).toMatchObject({ state: 'succeeded', refunded: { amount: 0n } });
});

test('an order expires only after its attempts are closed at the channel', async () => {
  const { id } = await steps.makeOrder();
  const attempt = await steps.begin(id);
  world.scripted.script('close', { outcome: 'unknown', reason: 'time-out' });
  world.scripted.script('query', { outcome: 'unknown', reason: 'time-out' });
  await world.payments.due.attempts();
  world.platform.clock.advance({ hours: 2 });
  await world.payments.due.orders();
  await world.payments.due.attempts();
  expect(await steps.order(id)).toMatchObject({ closing: 'expired', state: 'processing' });
  await world.after({ hours: 2 });
  expect((await steps.order(id)).attempts[0]).toMatchObject({
    state: 'closed',
    proof: { kind: 'channel_state' },
  });
  expect(await steps.order(id)).toMatchObject({ state: 'expired' });
  expect(world.scripted.payments.get(attempt.number)?.state).toBe('closed');
  expect(await world.told(id)).toEqual(['payments.order_created', 'payments.order_closed']);
  expect(await world.payments.pay(key(), id, { method: 'wechat_native' })).toMatchObject({
    error: { code: 'order_not_payable' },
  });
});

test('a payment that beats the close pays the order', async () => {
  const { id } = await steps.makeOrder();
  const attempt = await steps.begin(id);
  world.scripted.payerPays(attempt.number, '4200', world.platform.clock.now());
  const canceled = value(await world.payments.closeOrder(key(), id, 'canceled'));
  expect(canceled.state).toBe('succeeded');
  expect(await world.posted(merchant)).toBe(100_000n);
});

test('an attempt that the channel never got is closed by proof alone: late enough, and asked twice', async () => {
  const { id } = await steps.makeOrder();
  world.scripted.script('prepay', { outcome: 'unknown', reason: 'time-out' }, 'nothing');
  await steps.begin(id);
  value(await world.payments.closeOrder(key(), id, 'canceled'));
  expect((await steps.order(id)).attempts[0]).toMatchObject({ state: 'closing' });
  await world.after({ seconds: 3 });
  expect((await steps.order(id)).attempts[0]).toMatchObject({ state: 'closing' });
  await world.after({ minutes: 5 });
  expect((await steps.order(id)).attempts[0]).toMatchObject({
    state: 'closed',
    proof: { kind: 'not_found', rule: { notFoundProofAfterMs: 60_000 } },
  });
  expect((await steps.order(id)).state).toBe('canceled');
});

test('a success after the close settles the order that is still unpaid, through suspense', async () => {
  const { id } = await steps.makeOrder();
  const attempt = await steps.begin(id);
  value(await world.payments.closeOrder(key(), id, 'canceled'));
  expect((await steps.order(id)).state).toBe('canceled');
  await steps.notify(attempt.number, '4200');
  expect(await steps.order(id)).toMatchObject({ state: 'succeeded', paid: { amount: 100_000n } });
  expect((await steps.order(id)).attempts[0]?.state).toBe('late_success');
  expect(await world.posted(merchant)).toBe(100_000n);
  expect(await world.posted(channelSuspense)).toBe(0n);
});

test('what somebody else says is paid is asked about, though we had closed it', async () => {
  const { id } = await steps.makeOrder();
  const attempt = await steps.begin(id);
  value(await world.payments.closeOrder(key(), id, 'canceled'));
  const trade = { contractId: 'wx-reserve', kind: 'pay', number: attempt.number } as const;
  await world.payments.lookAgain(trade);
  expect((await steps.order(id)).attempts[0]?.state).toBe('closed');
  world.scripted.payerPays(attempt.number, '4200', world.platform.clock.now());
  await world.payments.lookAgain({ ...trade, contractId: 'wx-escrow' });
  expect((await steps.order(id)).attempts[0]?.state).toBe('closed');
  await world.payments.lookAgain(trade);
  expect(await steps.order(id)).toMatchObject({ state: 'succeeded', paid: { amount: 100_000n } });
});

test('an attempt that the channel refuses to close because it is paid is not taken for lost', async () => {
  const { id } = await steps.makeOrder();
  world.scripted.script('prepay', { outcome: 'unknown', reason: 'time-out' }, 'done');
  const attempt = await steps.begin(id);
  for (let asked = 0; asked < 8; asked++) {
    world.scripted.script('close', { outcome: 'ok', value: 'already_paid' });
    world.scripted.script('query', { outcome: 'ok', value: { state: 'not_found' } });
  }
  value(await world.payments.closeOrder(key(), id, 'canceled'));
  for (let step = 0; step < 4; step++) await world.after({ hours: 1 });
  expect((await steps.order(id)).attempts[0]?.state).toBe('closing');
  await steps.notify(attempt.number, '4200');
  expect(await steps.order(id)).toMatchObject({ state: 'succeeded' });
});

test('a success after a close that says so goes back to the payer', async () => {
  const { id } = await steps.makeOrder();
  const attempt = await steps.begin(id);
  value(await world.payments.closeOrder(key(), id, 'canceled', 'refund'));
  await steps.notify(attempt.number, '4200');
  await world.work();
  expect(await steps.order(id)).toMatchObject({ state: 'canceled', paid: { amount: 0n } });
  expect((await steps.order(id)).refunds).toMatchObject([
    { cause: 'late_success', state: 'pending' },
  ]);
  expect(await world.posted(merchant)).toBe(0n);
});

test('a destination that is frozen keeps its money in suspense, and gets it when it is free again', async () => {
  const warm = await steps.makeOrder();
  await steps.paid(warm.id, '4199');
  await world.freeze(destination, { in: true, out: false });
  const { id } = await steps.makeOrder();
  await steps.paid(id, '4200');
  expect(await steps.order(id)).toMatchObject({ paid: { amount: 0n } });
  expect(await world.posted(channelSuspense)).toBe(100_000n);
  await world.after({ minutes: 16 });
  expect(await world.posted(channelSuspense)).toBe(100_000n);
  await world.freeze(destination, { in: false, out: false });
  await world.after({ minutes: 16 });
  expect(await world.posted(channelSuspense)).toBe(0n);
  expect(await steps.order(id)).toMatchObject({ state: 'succeeded', paid: { amount: 100_000n } });
});

test('a crash between the channel and our own record costs nothing: the attempt is asked about', async () => {
  const { id } = await steps.makeOrder();
  world.scripted.meanwhile = async (operation) => {
    if (operation === 'prepay') throw new Error('the process dies here');
  };
  await expect(steps.begin(id)).rejects.toThrow('dies here');
  expect((await steps.order(id)).attempts[0]?.state).toBe('submitted');
  world.scripted.meanwhile = undefined;
  await world.after({ minutes: 1 });
  expect((await steps.order(id)).attempts[0]?.state).toBe('pending');
});

test('a cashier link shows the order to its payer, and is over a week after the order', async () => {
  const { id } = await steps.makeOrder();
  const session = value(await world.payments.createCashierSession(id));
  expect(session.url).toBe(`http://keyturn.test/pay/${session.token}`);
  expect(value(await world.payments.cashier(session.token))).toMatchObject({
    subject: 'Deposit',
    remaining: { amount: 100_000n },
  });
  expect(await world.payments.cashier('x'.repeat(43))).toMatchObject({
    error: { code: 'cashier_link_invalid' },
  });
  await world.after({ hours: 24 * 8 });
  expect(await world.payments.cashier(session.token)).toMatchObject({ ok: false });
});

test('a repeat of the same call makes one attempt and shows it again', async () => {
  const { id } = await steps.makeOrder();
  const same = key();
  const first = await world.payments.pay(same, id, { method: 'wechat_native' });
  const second = await world.payments.pay(same, id, { method: 'wechat_native' });
  expect(value(second).id).toBe(value(first).id);
  expect([first.replayed, second.replayed]).toEqual([false, true]);
  expect(world.scripted.calls).toHaveLength(1);
  const other = await world.payments.pay(same, id, { method: 'bank_transfer' });
  expect(other).toMatchObject({ error: { code: 'idempotency_conflict' } });
});
