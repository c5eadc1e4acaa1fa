import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type AttemptState,
  attemptStates,
  canMoveAttempt,
  isOpenAttempt,
  isPaidAttempt,
  moveAttempt,
} from './attempt-state.ts';
import {
  canMoveOrder,
  isClosedOrder,
  moveOrder,
  type OrderState,
  orderStateOf,
  orderStates,
} from './order-state.ts';
import {
  canMoveRefund,
  isAtChannel,
  isLiveRefund,
  moveRefund,
  type RefundState,
  refundStates,
} from './refund-state.ts';

const attemptSteps: readonly (readonly [AttemptState, AttemptState])[] = [
  ['created', 'submitted'],
  ['submitted', 'pending'],
  ['submitted', 'unknown'],
  ['submitted', 'closing'],
  ['submitted', 'closed'],
  ['submitted', 'succeeded'],
  ['submitted', 'failed'],
  ['pending', 'closing'],
  ['pending', 'closed'],
  ['pending', 'succeeded'],
  ['pending', 'failed'],
  ['unknown', 'pending'],
  ['unknown', 'closing'],
  ['unknown', 'closed'],
  ['unknown', 'succeeded'],
  ['unknown', 'failed'],
  ['closing', 'closed'],
  ['closing', 'succeeded'],
  ['closing', 'failed'],
  ['failed', 'late_success'],
  ['closed', 'late_success'],
];

const refundSteps: readonly (readonly [RefundState, RefundState])[] = [
  ['requested', 'approved'],
  ['requested', 'rejected'],
  ['approved', 'submitted'],
  ['submitted', 'pending'],
  ['submitted', 'unknown'],
  ['submitted', 'succeeded'],
  ['submitted', 'failed'],
  ['submitted', 'abnormal'],
  ['pending', 'succeeded'],
  ['pending', 'failed'],
  ['pending', 'abnormal'],
  ['unknown', 'pending'],
  ['unknown', 'succeeded'],
  ['unknown', 'failed'],
  ['unknown', 'abnormal'],
  ['abnormal', 'succeeded'],
  ['abnormal', 'failed'],
  ['failed', 'approved'],
  ['failed', 'succeeded'],
];

const orderSteps: readonly (readonly [OrderState, OrderState])[] = [
  ...(['requires_payment', 'processing', 'requires_action'] as const).flatMap((from) =>
    (
      [
        'requires_payment',
        'processing',
        'requires_action',
        'partially_funded',
        'succeeded',
        'canceled',
        'expired',
      ] as const
    )
      .filter((to) => to !== from)
      .map((to) => [from, to] as const),
  ),
  ['partially_funded', 'succeeded'],
  ['partially_funded', 'canceled'],
  ['partially_funded', 'expired'],
  ['canceled', 'succeeded'],
  ['expired', 'succeeded'],
];

function everyPair<S extends string>(states: readonly S[]): readonly (readonly [S, S])[] {
  return states.flatMap((from) => states.map((to) => [from, to] as const));
}

function named(steps: readonly (readonly [string, string])[]): readonly string[] {
  return steps.map((step) => step.join(' -> ')).sort();
}

test('an attempt takes exactly the steps of its table, and no other', () => {
  const allowed = everyPair(attemptStates).filter(([from, to]) => canMoveAttempt(from, to));
  expect(named(allowed)).toEqual(named(attemptSteps));
  expect(() => moveAttempt('succeeded', 'failed')).toThrow('an attempt goes from');
});

test('a refund takes exactly the steps of its table, and no other', () => {
  const allowed = everyPair(refundStates).filter(([from, to]) => canMoveRefund(from, to));
  expect(named(allowed)).toEqual(named(refundSteps));
  expect(() => moveRefund('succeeded', 'approved')).toThrow('a refund goes from');
});

test('an order takes exactly the steps of its table, and no other', () => {
  const allowed = everyPair(orderStates).filter(([from, to]) => canMoveOrder(from, to));
  expect(named(allowed)).toEqual(named(orderSteps));
  expect(() => moveOrder('succeeded', 'expired')).toThrow('an order goes from');
});

test('money that came is never taken for money that did not: paid attempts end there', () => {
  for (const state of attemptStates.filter(isPaidAttempt)) {
    expect(attemptStates.filter((to) => canMoveAttempt(state, to))).toEqual([]);
  }
});

test('an unknown answer overwrites no known state: only what was just submitted becomes unknown', () => {
  const before = attemptStates.filter((from) => canMoveAttempt(from, 'unknown'));
  expect(before).toEqual(['submitted']);
  expect(refundStates.filter((from) => canMoveRefund(from, 'unknown'))).toEqual(['submitted']);
});

test('a refund at the channel is live, and what is live is not final', () => {
  for (const state of refundStates) {
    if (isAtChannel(state)) expect(isLiveRefund(state)).toBe(true);
  }
  expect(refundStates.filter((state) => !isLiveRefund(state))).toEqual([
    'failed',
    'rejected',
    'succeeded',
  ]);
});

const facts = fc.record({
  amountMinor: fc.bigInt({ min: 1n, max: 100n }),
  paidMinor: fc.bigInt({ min: 0n, max: 100n }),
  closing: fc.constantFrom(null, 'canceled' as const, 'expired' as const),
  attempts: fc.array(fc.constantFrom(...attemptStates), { maxLength: 5 }),
  state: fc.constantFrom(...orderStates),
});

test('an order is closed only when none of its attempts is open, and paid when its money is there', () => {
  fc.assert(
    fc.property(facts, (made) => {
      const state = orderStateOf(made);
      expect(state === 'succeeded').toBe(made.paidMinor >= made.amountMinor);
      if (isClosedOrder(state)) {
        expect(made.attempts.some(isOpenAttempt)).toBe(false);
        expect(made.closing).toBe(state);
      }
      if (state === 'requires_payment') expect(made.paidMinor).toBe(0n);
    }),
  );
});
