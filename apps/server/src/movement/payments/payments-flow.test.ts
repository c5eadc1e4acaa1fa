import { decodeId, present } from '@keyturn/kernel';
import type { AccountSpec } from '@keyturn/ledger';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  approver,
  book,
  createMovementWorld,
  finance,
  integrator,
  type MovementWorld,
  merchantId,
} from './test/world.ts';
import type { AttemptView, OrderView } from './views.ts';

let world: MovementWorld;
let serial = 0;

beforeEach(async () => {
  world = await createMovementWorld();
});

afterEach(async () => {
  expect(await world.close()).toEqual([]);
});

const merchant = { code: 2002, owner: merchantId } as const;
const receivable = { code: 1101, owner: 'wx-reserve' } as const;
const channelSuspense = { code: 2301, owner: 'wx-reserve' } as const;
const refundTransit = { code: 2202, owner: 'wx-reserve' } as const;
const bankSuspense = { code: 2301, owner: 'reserve-main' } as const;
const destination: AccountSpec = { book, ...merchant };

function key(): string {
  serial += 1;
  return `test:${serial}`;
}

function value<T>(outcome: { readonly ok: boolean } & ({ value: T } | { error: unknown })): T {
  if ('value' in outcome) return outcome.value;
  throw new Error(JSON.stringify(outcome.error));
}

function uuid(prefix: string, id: string): string {
  return present(decodeId(prefix, id), 'a uuid');
}

async function makeOrder(
  change: Partial<Parameters<MovementWorld['payments']['createOrder']>[2]> = {},
): Promise<{ id: string; view: OrderView }> {
  const view = value(
    await world.payments.createOrder(key(), integrator, {
      amount: { amount: 100_000n, currency: 'CNY' },
      purpose: 'deposit',
      subject: 'Deposit',
      destination: { kind: 'merchant', id: merchantId },
      methods: ['wechat_native', 'bank_transfer'],
      ...change,
    }),
  );
  return { id: uuid('ord', view.id), view };
}

async function begin(
  orderId: string,
  method: 'wechat_native' | 'bank_transfer' = 'wechat_native',
): Promise<AttemptView> {
  return value(await world.payments.pay(key(), orderId, { method }));
}

function notify(number: string, channelNumber: string, notificationId = `n-${channelNumber}`) {
  return world.payments.onAcquirerNotification({
    contractId: 'wx-reserve',
    notificationId,
    kind: 'payment',
    number,
    state: {
      state: 'succeeded',
      channelNumber,
      amount: 100_000n,
      currency: 'CNY',
      paidAt: world.platform.clock.now(),
    },
  });
}

async function paid(orderId: string, channelNumber = '4200'): Promise<AttemptView> {
  const attempt = await begin(orderId);
  world.scripted.payerPays(attempt.number, channelNumber, world.platform.clock.now());
  await notify(attempt.number, channelNumber);
  return attempt;
}

async function order(id: string): Promise<OrderView> {
  return value(await world.payments.order(id));
}

test('a payer pays by code: money stands on the merchant’s account, gross, and its fee is known', async () => {
  const { id } = await makeOrder();
  const attempt = await begin(id);
  expect(attempt).toMatchObject({ state: 'pending', code_url: `weixin://${attempt.number}` });
  expect((await order(id)).state).toBe('requires_action');
  await notify(attempt.number, '4200');
  const after = await order(id);
  expect(after).toMatchObject({ state: 'succeeded', paid: { amount: 100_000n } });
  expect(after.attempts[0]).toMatchObject({ state: 'succeeded', fee: { amount: 600n } });
  expect(await world.posted(merchant)).toBe(100_000n);
  expect(await world.posted(receivable)).toBe(100_000n);
  expect(await world.told(id)).toEqual(['payments.order_created', 'payments.order_paid']);
});

test('the same notification twice, and a query besides, book one payment', async () => {
  const { id } = await makeOrder();
  const attempt = await begin(id);
  world.scripted.payerPays(attempt.number, '4200', world.platform.clock.now());
  await Promise.all([
    notify(attempt.number, '4200', 'a'),
    notify(attempt.number, '4200', 'a'),
    notify(attempt.number, '4200', 'b'),
    world.after({ seconds: 31 }),
  ]);
  expect(await world.posted(merchant)).toBe(100_000n);
  expect(await world.told(id)).toEqual(['payments.order_created', 'payments.order_paid']);
});

test('two processes take the same success at once, and book one payment', async () => {
  const { id } = await makeOrder();
  const attempt = await begin(id);
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
  expect((await order(id)).state).toBe('succeeded');
});

test('a callback that comes before our own answer is stored pays the order all the same', async () => {
  const { id } = await makeOrder();
  world.scripted.meanwhile = async (operation) => {
    if (operation !== 'prepay') return;
    const number = present(world.scripted.calls.at(-1), 'a call').slice('prepay '.length);
    await notify(number, '4200');
  };
  const attempt = await begin(id);
  expect(attempt.state).toBe('succeeded');
  expect((await order(id)).state).toBe('succeeded');
  expect(await world.posted(merchant)).toBe(100_000n);
});

test('a time-out is unknown, and asking again under the same number gets the payer the code', async () => {
  const { id } = await makeOrder();
  world.scripted.script('prepay', { outcome: 'unknown', reason: 'time-out' }, 'nothing');
  const attempt = await begin(id);
  expect(attempt.state).toBe('unknown');
  expect((await order(id)).state).toBe('processing');
  await world.after({ seconds: 3 });
  expect((await order(id)).attempts[0]).toMatchObject({
    state: 'pending',
    code_url: `weixin://${attempt.number}`,
  });
  const calls = world.scripted.calls.filter((call) => call.startsWith('prepay'));
  expect(new Set(calls).size).toBe(1);
  expect(calls).toHaveLength(2);
});

test('an unknown prepay that the acquirer did take is paid without a second one', async () => {
  const { id } = await makeOrder();
  world.scripted.script('prepay', { outcome: 'unknown', reason: 'time-out' }, 'done');
  const attempt = await begin(id);
  world.scripted.payerPays(attempt.number, '4200', world.platform.clock.now());
  await world.after({ seconds: 3 });
  expect((await order(id)).state).toBe('succeeded');
  expect(world.scripted.calls.filter((call) => call.startsWith('prepay'))).toHaveLength(1);
});

test('an unknown attempt stays unknown through unknown answers, however often it is asked', async () => {
  const { id } = await makeOrder({ expiresAt: world.platform.clock.now().add({ hours: 24 * 30 }) });
  world.scripted.script('prepay', { outcome: 'unknown', reason: 'time-out' }, 'done');
  await begin(id);
  for (let asked = 0; asked < 12; asked++) {
    world.scripted.script('query', { outcome: 'unknown', reason: 'time-out' });
    await world.after({ hours: 1, minutes: 1 });
    expect((await order(id)).attempts[0]).toMatchObject({ state: 'unknown' });
  }
  expect((await order(id)).attempts[0]?.proof).toBeUndefined();
});

test('a definite refusal fails the attempt with its proof, and another can be begun', async () => {
  const { id } = await makeOrder();
  world.scripted.script('prepay', {
    outcome: 'refused',
    code: 'NO_AUTH',
    message: 'not allowed',
    nextStep: 'ask the acquirer',
  });
  const attempt = await begin(id);
  expect(attempt).toMatchObject({ state: 'failed', proof: { kind: 'refusal', code: 'NO_AUTH' } });
  expect((await order(id)).state).toBe('requires_payment');
  expect((await begin(id)).state).toBe('pending');
  expect(await world.told(id)).toContain('payments.attempt_failed');
});

test('a success of another amount books nothing and is shown to people', async () => {
  const { id } = await makeOrder();
  const attempt = await begin(id);
  await world.payments.onAcquirerNotification({
    contractId: 'wx-reserve',
    notificationId: 'n1',
    kind: 'payment',
    number: attempt.number,
    state: { state: 'succeeded', channelNumber: '4200', amount: 1n, currency: 'CNY' },
  });
  const after = await order(id);
  expect(after).toMatchObject({ state: 'requires_action', paid: { amount: 0n } });
  expect(after.attempts[0]?.contradiction).toMatchObject({ kind: 'amount', said: '1 CNY' });
  expect(await world.posted(merchant)).toBe(0n);
  expect(await world.told(id)).toContain('payments.contradiction');
});

test('a channel’s number that another attempt has is a contradiction, and hurts nobody beside it', async () => {
  const first = await makeOrder();
  const second = await makeOrder();
  const third = await makeOrder();
  await paid(first.id, '4200');
  const other = await begin(second.id);
  const third_ = await begin(third.id);
  await Promise.all([notify(other.number, '4200', 'x'), notify(third_.number, '4203', 'y')]);
  expect((await order(second.id)).attempts[0]?.contradiction).toMatchObject({
    kind: 'channel_number',
  });
  expect((await order(third.id)).state).toBe('succeeded');
  expect(await world.posted(merchant)).toBe(200_000n);
});

test('a notification for a number that is not ours is not taken', async () => {
  await expect(notify('0000000000', '1')).rejects.toThrow('attempt_not_found');
});

test('two attempts succeed for one order: both are booked, the second goes back by itself', async () => {
  const { id } = await makeOrder();
  const first = await begin(id);
  const second = await begin(id);
  for (const [index, attempt] of [first, second].entries()) {
    world.scripted.payerPays(attempt.number, `42${index}`, world.platform.clock.now());
    await notify(attempt.number, `42${index}`);
  }
  expect(await world.posted(merchant)).toBe(100_000n);
  expect(await world.posted(receivable)).toBe(200_000n);
  expect(await world.posted(refundTransit)).toBe(100_000n);
  await world.work();
  const [refund] = (await order(id)).refunds;
  expect(refund).toMatchObject({ state: 'pending', cause: 'double_success' });
  const number = present(refund, 'the refund').number;
  world.scripted.refunds.set(number, { state: 'succeeded', amount: 100_000n });
  await world.after({ seconds: 10 });
  expect((await order(id)).refunds[0]).toMatchObject({
    state: 'succeeded',
    fee_returned: { amount: 600n },
  });
  expect(await world.posted(receivable)).toBe(100_000n);
  expect(await world.posted(refundTransit)).toBe(0n);
  expect(await world.posted(channelSuspense)).toBe(0n);
  expect(await order(id)).toMatchObject({ state: 'succeeded', refunded: { amount: 0n } });
});

test('an order expires only after its attempts are closed at the channel', async () => {
  const { id } = await makeOrder();
  const attempt = await begin(id);
  world.scripted.script('close', { outcome: 'unknown', reason: 'time-out' });
  world.scripted.script('query', { outcome: 'unknown', reason: 'time-out' });
  await world.payments.due.attempts();
  world.platform.clock.advance({ hours: 2 });
  await world.payments.due.orders();
  await world.payments.due.attempts();
  expect(await order(id)).toMatchObject({ closing: 'expired', state: 'processing' });
  await world.after({ hours: 2 });
  expect((await order(id)).attempts[0]).toMatchObject({
    state: 'closed',
    proof: { kind: 'channel_state' },
  });
  expect(await order(id)).toMatchObject({ state: 'expired' });
  expect(world.scripted.payments.get(attempt.number)?.state).toBe('closed');
  expect(await world.told(id)).toEqual(['payments.order_created', 'payments.order_closed']);
  expect(await world.payments.pay(key(), id, { method: 'wechat_native' })).toMatchObject({
    error: { code: 'order_not_payable' },
  });
});

test('a payment that beats the close pays the order', async () => {
  const { id } = await makeOrder();
  const attempt = await begin(id);
  world.scripted.payerPays(attempt.number, '4200', world.platform.clock.now());
  const canceled = value(await world.payments.closeOrder(key(), id, 'canceled'));
  expect(canceled.state).toBe('succeeded');
  expect(await world.posted(merchant)).toBe(100_000n);
});

test('an attempt that the channel never got is closed by proof alone: late enough, and asked twice', async () => {
  const { id } = await makeOrder();
  world.scripted.script('prepay', { outcome: 'unknown', reason: 'time-out' }, 'nothing');
  await begin(id);
  value(await world.payments.closeOrder(key(), id, 'canceled'));
  expect((await order(id)).attempts[0]).toMatchObject({ state: 'closing' });
  await world.after({ seconds: 3 });
  expect((await order(id)).attempts[0]).toMatchObject({ state: 'closing' });
  await world.after({ minutes: 5 });
  expect((await order(id)).attempts[0]).toMatchObject({
    state: 'closed',
    proof: { kind: 'not_found', rule: { notFoundProofAfterMs: 60_000 } },
  });
  expect((await order(id)).state).toBe('canceled');
});

test('a success after the close settles the order that is still unpaid, through suspense', async () => {
  const { id } = await makeOrder();
  const attempt = await begin(id);
  value(await world.payments.closeOrder(key(), id, 'canceled'));
  expect((await order(id)).state).toBe('canceled');
  await notify(attempt.number, '4200');
  expect(await order(id)).toMatchObject({ state: 'succeeded', paid: { amount: 100_000n } });
  expect((await order(id)).attempts[0]?.state).toBe('late_success');
  expect(await world.posted(merchant)).toBe(100_000n);
  expect(await world.posted(channelSuspense)).toBe(0n);
});

test('a success after a close that says so goes back to the payer', async () => {
  const { id } = await makeOrder();
  const attempt = await begin(id);
  value(await world.payments.closeOrder(key(), id, 'canceled', 'refund'));
  await notify(attempt.number, '4200');
  await world.work();
  expect(await order(id)).toMatchObject({ state: 'canceled', paid: { amount: 0n } });
  expect((await order(id)).refunds).toMatchObject([{ cause: 'late_success', state: 'pending' }]);
  expect(await world.posted(merchant)).toBe(0n);
});

test('a destination that is frozen keeps its money in suspense, and gets it when it is free again', async () => {
  const warm = await makeOrder();
  await paid(warm.id, '4199');
  await world.freeze(destination, { in: true, out: false });
  const { id } = await makeOrder();
  await paid(id, '4200');
  expect(await order(id)).toMatchObject({ paid: { amount: 0n } });
  expect(await world.posted(channelSuspense)).toBe(100_000n);
  await world.after({ minutes: 16 });
  expect(await world.posted(channelSuspense)).toBe(100_000n);
  await world.freeze(destination, { in: false, out: false });
  await world.after({ minutes: 16 });
  expect(await world.posted(channelSuspense)).toBe(0n);
  expect(await order(id)).toMatchObject({ state: 'succeeded', paid: { amount: 100_000n } });
});

test('a bank transfer pays an order in two parts, and what is too much stays in suspense', async () => {
  const { id } = await makeOrder();
  const attempt = await begin(id, 'bank_transfer');
  const account = present(attempt.bank_transfer?.account_number, 'an account number');
  expect(attempt).toMatchObject({ state: 'pending', bank_transfer: { state: 'open' } });
  await world.banks({ amount: 40_000n, virtualAccount: account });
  expect(await order(id)).toMatchObject({
    state: 'partially_funded',
    paid: { amount: 40_000n },
    attempts: [{ bank_transfer: { amount: { amount: 60_000n } } }],
  });
  await world.banks({ amount: 75_000n, virtualAccount: account });
  expect(await order(id)).toMatchObject({ state: 'succeeded', attempts: [{ state: 'succeeded' }] });
  expect(await world.posted(merchant)).toBe(100_000n);
  expect(await world.posted(bankSuspense)).toBe(15_000n);
  const third = await world.banks({ amount: 1n, virtualAccount: account });
  expect(value(await world.custody.receipt(third)).state).toBe('booked');
  expect(await world.told(id)).toEqual([
    'payments.order_created',
    'payments.order_paid',
    'payments.order_paid',
    'payments.overpaid',
    'payments.overpaid',
  ]);
});

test('a transfer for an order that is closed stays in suspense until a person gives it a home', async () => {
  const { id } = await makeOrder();
  const attempt = await begin(id, 'bank_transfer');
  const account = present(attempt.bank_transfer?.account_number, 'an account number');
  value(await world.payments.closeOrder(key(), id, 'canceled'));
  expect((await order(id)).state).toBe('canceled');
  const receipt = await world.banks({ amount: 100_000n, virtualAccount: account });
  expect(await world.told(id)).toContain('payments.receipt_unclaimed');
  expect(await world.posted(bankSuspense)).toBe(100_000n);
  const given = value(await world.payments.assignReceipt(key(), finance, receipt, id));
  expect(given).toMatchObject({ state: 'succeeded', transfers: [{ rest: { amount: 0n } }] });
  const again = await world.payments.assignReceipt(key(), finance, receipt, id);
  expect(again).toMatchObject({ error: { code: 'receipt_order_mismatch' } });
  expect(await world.posted(bankSuspense)).toBe(0n);
});

test('an event that is handled twice applies its receipt once', async () => {
  const { id } = await makeOrder();
  const attempt = await begin(id, 'bank_transfer');
  const account = present(attempt.bank_transfer?.account_number, 'an account number');
  const receipt = await world.banks({ amount: 30_000n, virtualAccount: account });
  await world.payments.onReceipt('01990000-0000-7000-8000-00000000eeee', receipt, id);
  await world.payments.onReceipt('01990000-0000-7000-8000-00000000eeee', receipt, id);
  expect(await order(id)).toMatchObject({ paid: { amount: 30_000n } });
});

test('refunds never exceed what was paid, and give the fee back to the fen', async () => {
  const { id } = await makeOrder();
  await paid(id);
  const refund = (amount: bigint) =>
    world.payments.requestRefund(key(), integrator, {
      orderId: id,
      amount,
      currency: 'CNY',
      reason: 'changed mind',
    });
  value(await refund(33_333n));
  const race = await Promise.all([refund(66_667n), refund(66_666n)]);
  const won = race.filter(({ ok }) => ok);
  expect(won).toHaveLength(1);
  expect(race.find(({ ok }) => !ok)).toMatchObject({ error: { code: 'refund_exceeds_paid' } });
  const winner = value(present(won[0], 'the winner'));
  if (BigInt(winner.amount.amount) === 66_666n) value(await refund(1n));
  expect(await refund(1n)).toMatchObject({ error: { code: 'refund_exceeds_paid' } });
  await world.work();
  for (const view of (await order(id)).refunds) {
    world.scripted.refunds.set(view.number, {
      state: 'succeeded',
      at: world.platform.clock.now(),
    });
  }
  await world.after({ seconds: 10 });
  const after = await order(id);
  expect(after).toMatchObject({ state: 'succeeded', refunded: { amount: 100_000n } });
  const fees = after.refunds.map((view) => BigInt(view.fee_returned?.amount ?? 0));
  expect(fees.reduce((a, b) => a + b, 0n)).toBe(600n);
  expect(await world.posted(receivable)).toBe(0n);
  const day = Temporal.PlainDate.from('2026-11-20');
  expect(await world.payments.channelDay('wx-reserve', day)).toEqual({
    payments: 1n,
    gross: 100_000n,
    fees: 600n,
    refunds: BigInt(after.refunds.length),
    refunded: 100_000n,
    feesReturned: 600n,
    net: 0n,
  });
});

test('a refund above the limit waits for another person than who asked for it', async () => {
  const { id } = await makeOrder({ amount: { amount: 100_001n, currency: 'CNY' } });
  const attempt = await begin(id);
  await world.payments.onAcquirerNotification({
    contractId: 'wx-reserve',
    notificationId: 'big',
    kind: 'payment',
    number: attempt.number,
    state: { state: 'succeeded', channelNumber: '4200', amount: 100_001n },
  });
  const input = { orderId: id, amount: 100_001n, currency: 'CNY', reason: 'too big' };
  const view = value(await world.payments.requestRefund(key(), finance, input));
  expect(view.state).toBe('requested');
  const refundId = uuid('rfd', view.id);
  expect(await world.payments.approveRefund(key(), finance, refundId)).toMatchObject({
    error: { code: 'approver_is_maker' },
  });
  await world.work();
  expect(world.scripted.calls.some((call) => call.startsWith('refund'))).toBe(false);
  const approved = value(await world.payments.approveRefund(key(), approver, refundId));
  expect(approved).toMatchObject({ state: 'approved', approved_by: approver.id });
  await world.work();
  expect(value(await world.payments.refund(refundId)).state).toBe('pending');
});

test('a refund that is rejected gives the money back to the order', async () => {
  const { id } = await makeOrder({ amount: { amount: 100_001n, currency: 'CNY' } });
  const attempt = await begin(id);
  await world.payments.onAcquirerNotification({
    contractId: 'wx-reserve',
    notificationId: 'big',
    kind: 'payment',
    number: attempt.number,
    state: { state: 'succeeded', channelNumber: '4200', amount: 100_001n },
  });
  const input = { orderId: id, amount: 100_001n, currency: 'CNY', reason: 'too big' };
  const view = value(await world.payments.requestRefund(key(), integrator, input));
  expect(await world.posted(merchant)).toBe(0n);
  value(await world.payments.rejectRefund(key(), approver, uuid('rfd', view.id)));
  expect(await world.posted(merchant)).toBe(100_001n);
  expect(await order(id)).toMatchObject({ refunding: { amount: 0n } });
});

test('money that has left the destination cannot be refunded from it', async () => {
  const { id } = await makeOrder();
  await paid(id);
  await world.endow({ book, code: 2002, owner: 'x' }, 1n);
  const spent = await world.another().requestRefund(key(), integrator, {
    orderId: id,
    amount: 60_000n,
    currency: 'CNY',
    reason: 'first',
  });
  expect(spent.ok).toBe(true);
  await world.freeze(destination, { in: false, out: true });
  const frozen = await world.payments.requestRefund(key(), integrator, {
    orderId: id,
    amount: 1n,
    currency: 'CNY',
    reason: 'second',
  });
  expect(frozen).toMatchObject({ error: { code: 'account_frozen' } });
});

async function refunding(): Promise<{ id: string; refundId: string }> {
  const { id } = await makeOrder();
  await paid(id);
  const view = value(
    await world.payments.requestRefund(key(), integrator, {
      orderId: id,
      amount: 50_000n,
      currency: 'CNY',
      reason: 'half',
    }),
  );
  return { id, refundId: uuid('rfd', view.id) };
}

test('a refund refused for good gives the money back, and is tried again under the same refund', async () => {
  const { refundId } = await refunding();
  world.scripted.script('refund', {
    outcome: 'refused',
    code: 'NOT_ENOUGH',
    message: 'no balance',
    nextStep: 'top up',
  });
  await world.work();
  const failed = value(await world.payments.refund(refundId));
  expect(failed).toMatchObject({ state: 'failed', proof: { code: 'NOT_ENOUGH' } });
  expect(await world.posted(merchant)).toBe(100_000n);
  value(await world.payments.retryRefund(key(), finance, refundId));
  expect(await world.posted(merchant)).toBe(50_000n);
  await world.work();
  const again = value(await world.payments.refund(refundId));
  expect(again).toMatchObject({ state: 'pending', tries: 2, number: failed.number });
});

test('a refund that the channel closed gets a new number when it is tried again', async () => {
  const { refundId } = await refunding();
  await world.work();
  const { number } = value(await world.payments.refund(refundId));
  world.scripted.refunds.set(number, { state: 'closed' });
  await world.after({ seconds: 10 });
  expect(value(await world.payments.refund(refundId)).state).toBe('failed');
  value(await world.payments.retryRefund(key(), finance, refundId));
  expect(value(await world.payments.refund(refundId)).number).toBe(`${number}-2`);
});

test('an unknown refund is asked about and sent again under its number, never given back by itself', async () => {
  const { refundId } = await refunding();
  world.scripted.script('refund', { outcome: 'unknown', reason: 'time-out' }, 'nothing');
  await world.work();
  expect(value(await world.payments.refund(refundId)).state).toBe('unknown');
  await world.after({ seconds: 10 });
  expect(value(await world.payments.refund(refundId)).state).toBe('pending');
  const sent = world.scripted.calls.filter((call) => call.startsWith('refund '));
  expect(sent).toHaveLength(2);
  expect(new Set(sent).size).toBe(1);
});

test('a crash between the channel and our own record costs nothing: the refund is asked about', async () => {
  const { refundId } = await refunding();
  world.scripted.meanwhile = async (operation) => {
    if (operation === 'refund') throw new Error('the process dies here');
  };
  await world.payments.due.refunds();
  expect(value(await world.payments.refund(refundId)).state).toBe('submitted');
  world.scripted.meanwhile = undefined;
  await world.after({ minutes: 2 });
  expect(value(await world.payments.refund(refundId)).state).toBe('pending');
  expect(world.scripted.calls.filter((call) => call.startsWith('refund '))).toHaveLength(1);
});

test('a crash between the channel and our own record costs nothing: the attempt is asked about', async () => {
  const { id } = await makeOrder();
  world.scripted.meanwhile = async (operation) => {
    if (operation === 'prepay') throw new Error('the process dies here');
  };
  await expect(begin(id)).rejects.toThrow('dies here');
  expect((await order(id)).attempts[0]?.state).toBe('submitted');
  world.scripted.meanwhile = undefined;
  await world.after({ minutes: 1 });
  expect((await order(id)).attempts[0]?.state).toBe('pending');
});

test('an abnormal refund lies with the channel until it says how it ended', async () => {
  const { refundId, id } = await refunding();
  await world.work();
  const { number } = value(await world.payments.refund(refundId));
  world.scripted.refunds.set(number, { state: 'abnormal' });
  await world.after({ seconds: 10 });
  expect(value(await world.payments.refund(refundId)).state).toBe('abnormal');
  expect(await world.posted(refundTransit)).toBe(50_000n);
  world.scripted.refunds.set(number, { state: 'succeeded' });
  await world.after({ hours: 2 });
  expect(value(await world.payments.refund(refundId)).state).toBe('succeeded');
  expect(await world.told(id)).toContain('payments.refund_abnormal');
});

test('a refund of another amount than ours is not taken for ours', async () => {
  const { refundId } = await refunding();
  await world.work();
  const { number } = value(await world.payments.refund(refundId));
  const told = world.payments.onAcquirerNotification({
    contractId: 'wx-reserve',
    notificationId: 'r1',
    kind: 'refund',
    number,
    state: { state: 'succeeded', amount: 1n },
  });
  await expect(told).rejects.toThrow('another amount');
  expect(value(await world.payments.refund(refundId)).state).toBe('pending');
});

test('a cashier link shows the order to its payer, and is over a week after the order', async () => {
  const { id } = await makeOrder();
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
  const { id } = await makeOrder();
  const same = key();
  const first = await world.payments.pay(same, id, { method: 'wechat_native' });
  const second = await world.payments.pay(same, id, { method: 'wechat_native' });
  expect(value(second).id).toBe(value(first).id);
  expect([first.replayed, second.replayed]).toEqual([false, true]);
  expect(world.scripted.calls).toHaveLength(1);
  const other = await world.payments.pay(same, id, { method: 'bank_transfer' });
  expect(other).toMatchObject({ error: { code: 'idempotency_conflict' } });
});
