import { assert } from '@keyturn/kernel';
import { type AttemptState, isOpenAttempt } from './attempt-state.ts';

/**
 * The life of an order (money.md, "Life cycles"). `canceled` and `expired` lead on only by money
 * that arrives late: the order is still unpaid, so it takes it. A closed order that is paid in part
 * stays closed.
 */
export const orderTransitions = {
  requires_payment: [
    'processing',
    'requires_action',
    'partially_funded',
    'succeeded',
    'canceled',
    'expired',
  ],
  processing: [
    'requires_payment',
    'requires_action',
    'partially_funded',
    'succeeded',
    'canceled',
    'expired',
  ],
  requires_action: [
    'requires_payment',
    'processing',
    'partially_funded',
    'succeeded',
    'canceled',
    'expired',
  ],
  partially_funded: ['succeeded', 'canceled', 'expired'],
  succeeded: [],
  canceled: ['succeeded'],
  expired: ['succeeded'],
} as const satisfies Record<string, readonly string[]>;

export type OrderState = keyof typeof orderTransitions;

export const orderStates = Object.keys(orderTransitions) as readonly OrderState[];

export function isClosedOrder(state: OrderState): boolean {
  return state === 'canceled' || state === 'expired';
}

/** Whether a payer may begin an attempt. */
export function isPayableOrder(state: OrderState): boolean {
  return !isClosedOrder(state) && state !== 'succeeded';
}

export function canMoveOrder(from: OrderState, to: OrderState): boolean {
  const targets: readonly OrderState[] = orderTransitions[from];
  return targets.includes(to);
}

/** @throws AssertionError when the table does not know the step */
export function moveOrder(from: OrderState, to: OrderState): OrderState {
  if (from === to) return to;
  assert(canMoveOrder(from, to), `an order goes from ${from} to ${to}`);
  return to;
}

/** What the state of an order follows from. */
export interface OrderFacts {
  readonly state: OrderState;
  readonly amountMinor: bigint;
  readonly paidMinor: bigint;
  readonly closing: 'canceled' | 'expired' | null;
  readonly attempts: readonly AttemptState[];
}

/**
 * The state that the facts make: money first, then a close that is complete, then what the payer is
 * doing. An order is closed only when none of its attempts is open any more.
 */
export function orderStateOf(facts: OrderFacts): OrderState {
  if (facts.paidMinor >= facts.amountMinor) return 'succeeded';
  const open = facts.attempts.filter(isOpenAttempt);
  if (facts.closing !== null && open.length === 0) return facts.closing;
  if (facts.paidMinor > 0n) return 'partially_funded';
  if (open.includes('pending')) return 'requires_action';
  return open.length > 0 ? 'processing' : 'requires_payment';
}
