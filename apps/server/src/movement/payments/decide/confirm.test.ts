import type { TransferRequest } from '@keyturn/ledger';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Attempt, Order } from '../tables.ts';
import { aggregateOf, now } from '../test/rows.ts';
import { attemptStates, isPaidAttempt } from './attempt-state.ts';
import { attemptIn, type Change } from './change.ts';
import { decideConfirm, decidePlace, type PlacingRules } from './confirm.ts';

const first = '01990000-0000-7000-8000-0000000000a0';
const second = '01990000-0000-7000-8000-0000000000a1';
const refundId = '01990000-0000-7000-8000-0000000000f0';
const paidAt = Temporal.Instant.from('2026-11-20T15:59:59Z');
const success = { channelNumber: '420001', amount: 10_000n, currency: 'CNY', paidAt };
const rules: PlacingRules = { now, refundId, automaticRefundLimit: 10_000n };

function legs(change: Change): readonly string[] {
  return change.transfers.map((transfer: TransferRequest) =>
    'hold' in transfer
      ? transfer.kind
      : `${transfer.debit.code} -> ${transfer.credit.code} ${transfer.amount}`,
  );
}

function types(change: Change): readonly string[] {
  return change.events.map((event) => event.type.slice('payments.'.length));
}

test('a success pays the order, with the fee of the contract, in one journal', () => {
  const change = decideConfirm(aggregateOf({}, {}), first, success, rules);
  expect(legs(change)).toEqual(['1101 -> 2101 10000']);
  expect(change.order).toMatchObject({ state: 'succeeded', paidMinor: 10_000n, dueAt: null });
  expect(attemptIn(change, first)).toMatchObject({
    state: 'succeeded',
    feeMinor: 60n,
    placedMinor: 10_000n,
    suspenseMinor: 0n,
    channelNumber: '420001',
  });
  expect(attemptIn(change, first).paidOn?.toString()).toBe('2026-11-20');
  expect(types(change)).toEqual(['order_paid']);
  expect(change.events[0]?.payload).toMatchObject({ final: true, remaining_minor: 0n });
});

test('a payment just after midnight in Shanghai belongs to the next day', () => {
  const late = { ...success, paidAt: Temporal.Instant.from('2026-11-20T16:00:00Z') };
  const change = decideConfirm(aggregateOf({}, {}), first, late, rules);
  expect(attemptIn(change, first).paidOn?.toString()).toBe('2026-11-21');
});

test('the same success told again changes nothing', () => {
  const once = decideConfirm(aggregateOf({}, {}), first, success, rules);
  const again = decideConfirm(once, first, success, rules);
  expect(again).toMatchObject({ order: once.order, attempts: once.attempts });
  expect(legs(again)).toEqual([]);
  expect(types(again)).toEqual([]);
});

test('another amount or currency books nothing and is shown, once', () => {
  const said = { ...success, amount: 9_999n };
  const change = decideConfirm(aggregateOf({}, {}), first, said, rules);
  expect(legs(change)).toEqual([]);
  expect(change.order.paidMinor).toBe(0n);
  expect(attemptIn(change, first)).toMatchObject({
    state: 'pending',
    contradiction: { kind: 'amount', expected: '10000 CNY', said: '9999 CNY' },
  });
  expect(types(change)).toEqual(['contradiction']);
  expect(types(decideConfirm(change, first, said, rules))).toEqual([]);
});

test('a paid attempt with another channel number is a contradiction, not a second payment', () => {
  const once = decideConfirm(aggregateOf({}, {}), first, success, rules);
  const other = decideConfirm(once, first, { ...success, channelNumber: '42x' }, rules);
  expect(legs(other)).toEqual([]);
  expect(types(other)).toEqual(['contradiction']);
});

test('when one attempt pays the order, the others are closed at their channels', () => {
  const change = decideConfirm(aggregateOf({}, {}, { state: 'unknown' }), first, success, rules);
  expect(attemptIn(change, second)).toMatchObject({ state: 'closing', dueAt: now });
  expect(change.order.state).toBe('succeeded');
});

test('two attempts succeed for one order: the second goes to suspense and back to the payer', () => {
  const once = decideConfirm(aggregateOf({}, {}, {}), first, success, rules);
  const twice = decideConfirm(once, second, { ...success, channelNumber: '420002' }, rules);
  expect(legs(twice)).toEqual(['1101 -> 2301 10000', '2301 -> 2202 10000']);
  expect(types(twice)).toEqual(['double_success', 'refund_requested']);
  expect(twice.refunds).toMatchObject([
    { state: 'approved', source: 'suspense', cause: 'double_success', approvedBy: 'automatic' },
  ]);
  expect(twice.order.paidMinor).toBe(10_000n);
  expect(attemptIn(twice, second)).toMatchObject({ refundingMinor: 10_000n, suspenseMinor: 0n });
});

test('a refund above the limit that finance set waits for a second person', () => {
  const once = decideConfirm(aggregateOf({}, {}, {}), first, success, rules);
  const strict = { ...rules, automaticRefundLimit: 9_999n };
  const twice = decideConfirm(once, second, { ...success, channelNumber: '2' }, strict);
  expect(twice.refunds).toMatchObject([{ state: 'requested', approvedBy: null, dueAt: null }]);
});

test('a success after the close settles the order that is still unpaid, through suspense', () => {
  const closed = aggregateOf(
    { state: 'expired', closing: 'expired', dueAt: null },
    { state: 'closed', proof: { kind: 'channel_state', state: 'closed', at: now.toString() } },
  );
  const change = decideConfirm(closed, first, success, rules);
  expect(legs(change)).toEqual(['1101 -> 2301 10000', '2301 -> 2101 10000']);
  expect(change.order).toMatchObject({ state: 'succeeded', closing: null });
  expect(attemptIn(change, first).state).toBe('late_success');
  expect(types(change)).toEqual(['late_success', 'order_paid']);
});

test('a success after the close goes back when the order’s rule says so', () => {
  const closed = aggregateOf(
    { state: 'canceled', closing: 'canceled', lateSuccess: 'refund' },
    { state: 'closed' },
  );
  const change = decideConfirm(closed, first, success, rules);
  expect(legs(change)).toEqual(['1101 -> 2301 10000', '2301 -> 2202 10000']);
  expect(change.order).toMatchObject({ state: 'canceled', paidMinor: 0n });
  expect(change.refunds).toMatchObject([{ cause: 'late_success' }]);
});

test('what a transfer paid meanwhile is not paid again: the rest of the attempt goes back', () => {
  const partly = aggregateOf({ paidMinor: 4_000n, state: 'partially_funded' }, {});
  const change = decideConfirm(partly, first, success, rules);
  expect(legs(change)).toEqual(['1101 -> 2101 6000', '1101 -> 2301 4000', '2301 -> 2202 4000']);
  expect(change.order).toMatchObject({ state: 'succeeded', paidMinor: 10_000n });
});

test('a destination that takes no money keeps it in suspense, and is tried again', () => {
  const blocked = { ...rules, blocked: 'account_frozen' };
  const change = decideConfirm(aggregateOf({}, {}), first, success, blocked);
  expect(legs(change)).toEqual(['1101 -> 2301 10000']);
  expect(types(change)).toEqual(['payment_suspended']);
  expect(attemptIn(change, first)).toMatchObject({ state: 'succeeded', suspenseMinor: 10_000n });
  expect(attemptIn(change, first).dueAt).not.toBeNull();
  const placed = decidePlace(change, first, rules);
  expect(legs(placed)).toEqual(['2301 -> 2101 10000']);
  expect(types(placed)).toEqual(['order_paid']);
  expect(decidePlace(placed, first, rules).transfers).toEqual([]);
});

const amounts = fc.bigInt({ min: 1n, max: 10_000_000n });
const worlds = fc
  .record({
    amountMinor: amounts,
    paidShare: fc.integer({ min: 0, max: 100 }),
    attemptMinor: amounts,
    state: fc.constantFrom(...attemptStates.filter((state) => !isPaidAttempt(state))),
    closed: fc.boolean(),
    lateSuccess: fc.constantFrom('settle' as const, 'refund' as const),
    blocked: fc.constantFrom(undefined, 'account_frozen'),
    limit: fc.bigInt({ min: 0n, max: 10_000_000n }),
  })
  .filter((world) => world.state !== 'created');

function sum(change: Change, debit: number, credit: number): bigint {
  return change.transfers.reduce((total, transfer) => {
    if ('hold' in transfer) return total;
    const same = transfer.debit.code === debit && transfer.credit.code === credit;
    return same ? total + transfer.amount : total;
  }, 0n);
}

function worldOf(world: typeof worlds extends fc.Arbitrary<infer W> ? W : never) {
  const paidMinor = (world.amountMinor * BigInt(world.paidShare)) / 100n;
  const full = paidMinor === world.amountMinor;
  const order: Partial<Order> = {
    amountMinor: world.amountMinor,
    paidMinor,
    lateSuccess: world.lateSuccess,
    state: full ? 'succeeded' : paidMinor > 0n ? 'partially_funded' : 'requires_payment',
  };
  const closed: Partial<Order> =
    world.closed && !full && !['submitted', 'pending', 'unknown', 'closing'].includes(world.state)
      ? { state: 'expired', closing: 'expired' }
      : {};
  const attempt: Partial<Attempt> = { amountMinor: world.attemptMinor, state: world.state };
  return aggregateOf({ ...order, ...closed }, attempt);
}

test('every fen that a channel took is booked once: placed, in suspense, or on its way back', () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const aggregate = worldOf(world);
      const told = { ...success, amount: world.attemptMinor };
      const change = decideConfirm(aggregate, first, told, {
        ...rules,
        automaticRefundLimit: world.limit,
        ...(world.blocked === undefined ? {} : { blocked: world.blocked }),
      });
      const attempt = attemptIn(change, first);
      expect(sum(change, 1101, 2101) + sum(change, 1101, 2301)).toBe(world.attemptMinor);
      expect(attempt.placedMinor + attempt.suspenseMinor + attempt.refundingMinor).toBe(
        world.attemptMinor,
      );
      expect(sum(change, 2301, 2202)).toBe(attempt.refundingMinor);
      const placed = sum(change, 1101, 2101) + sum(change, 2301, 2101);
      expect(change.order.paidMinor - aggregate.order.paidMinor).toBe(placed);
      expect(change.order.paidMinor <= change.order.amountMinor).toBe(true);
      expect(change.transfers.every((t) => 'hold' in t || t.amount > 0n)).toBe(true);
    }),
  );
});
