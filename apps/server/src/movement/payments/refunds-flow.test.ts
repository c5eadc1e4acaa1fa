import { present } from '@keyturn/kernel';
import { openDatabase } from '@keyturn/pipeline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  destination,
  key,
  merchant,
  receivable,
  refundTransit,
  type Steps,
  stepsIn,
  uuid,
  value,
} from './test/steps.ts';
import {
  approver,
  book,
  createMovementWorld,
  finance,
  integrator,
  type MovementWorld,
} from './test/world.ts';

let world: MovementWorld;
let steps: Steps;

beforeEach(async () => {
  world = await createMovementWorld();
  steps = stepsIn(world);
});

afterEach(async () => {
  expect(await world.close()).toEqual([]);
});

test('what belongs to something of the platform goes back by its rules, not by hand', async () => {
  const reserved = { kind: 'deal_item', id: 'item' };
  const claimed = await world.payments.createOrder(key(), integrator, {
    amount: { amount: 100_000n, currency: 'CNY' },
    purpose: 'deposit',
    subject: 'Deposit',
    destination: { kind: 'merchant', id: merchant.owner },
    methods: ['wechat_native'],
    reference: reserved,
  });
  expect(claimed).toMatchObject({ error: { code: 'order_reference_reserved' } });
  const { id } = await steps.makeOrder();
  await steps.paid(id);
  await claim(id, reserved);
  const refund = { orderId: id, amount: 1n, currency: 'CNY', reason: 'changed mind' };
  expect(await world.payments.requestRefund(key(), integrator, refund)).toMatchObject({
    error: { code: 'refund_by_owner' },
  });
});

/** Makes an order one of the platform's own, as the module above would have made it. */
async function claim(id: string, { kind, id: of }: { kind: string; id: string }): Promise<void> {
  const url = world.platform.testDatabase.superuserUrl;
  const database = openDatabase({ url, applicationName: 'claim' });
  const sql = 'update payments.order set reference_kind = $2, reference_id = $3 where id = $1';
  await database.query(sql, [id, kind, of]);
  await database.close();
}

test('refunds never exceed what was paid, and give the fee back to the fen', async () => {
  const { id } = await steps.makeOrder();
  await steps.paid(id);
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
  for (const view of (await steps.order(id)).refunds) {
    world.scripted.refunds.set(view.number, {
      state: 'succeeded',
      at: world.platform.clock.now(),
    });
  }
  await world.after({ seconds: 10 });
  const after = await steps.order(id);
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
  const { id } = await steps.makeOrder({ amount: { amount: 100_001n, currency: 'CNY' } });
  const attempt = await steps.begin(id);
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
  expect(approved).toMatchObject({ state: 'approved', approved_by: { id: approver.id } });
  await world.work();
  expect(value(await world.payments.refund(refundId)).state).toBe('pending');
});

test('a refund that is rejected gives the money back to the order', async () => {
  const { id } = await steps.makeOrder({ amount: { amount: 100_001n, currency: 'CNY' } });
  const attempt = await steps.begin(id);
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
  expect(await steps.order(id)).toMatchObject({ refunding: { amount: 0n } });
});

test('money that has left the destination cannot be refunded from it', async () => {
  const { id } = await steps.makeOrder();
  await steps.paid(id);
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
  const { id } = await steps.makeOrder();
  await steps.paid(id);
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

test('what the channel gives back after it had refused it is shown, and taken again, once', async () => {
  const { id, refundId } = await refunding();
  world.scripted.script('refund', {
    outcome: 'refused',
    code: 'NOT_ENOUGH',
    message: 'no balance',
    nextStep: 'top up',
  });
  await world.work();
  const { number } = value(await world.payments.refund(refundId));
  expect(await world.posted(merchant)).toBe(100_000n);
  const state = {
    state: 'succeeded',
    channelNumber: '5000',
    at: world.platform.clock.now(),
  } as const;
  world.scripted.refunds.set(number, state);
  const trade = { contractId: 'wx-reserve', kind: 'refund', number } as const;
  await world.payments.lookAgain(trade);
  await world.payments.lookAgain(trade);
  expect(value(await world.payments.refund(refundId)).state).toBe('succeeded');
  expect(await world.posted(merchant)).toBe(50_000n);
  expect(await world.posted(refundTransit)).toBe(0n);
  const told = await world.told(id);
  expect(told.filter((type) => type === 'payments.contradiction')).toHaveLength(1);
  expect(told.filter((type) => type === 'payments.refund_succeeded')).toHaveLength(1);
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
