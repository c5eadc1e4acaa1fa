import { assert } from '@keyturn/kernel';

/**
 * The life of a pay-out (money.md, "Life cycles"). It fails only on a proof that the bank did not
 * pay, is canceled only before it is submitted, and may come back weeks after it was paid. Banks
 * change their mind: what they had refused may turn out to be paid.
 */
export const payoutTransitions = {
  created: ['pending_approval', 'approved'],
  pending_approval: ['approved', 'canceled'],
  approved: ['submitted', 'canceled'],
  submitted: ['unknown', 'in_transit', 'paid', 'failed'],
  unknown: ['in_transit', 'paid', 'failed'],
  in_transit: ['paid', 'failed'],
  paid: ['returned'],
  failed: ['paid'],
  canceled: [],
  returned: [],
} as const satisfies Record<string, readonly string[]>;

export type PayoutState = keyof typeof payoutTransitions;

export const payoutStates = Object.keys(payoutTransitions) as readonly PayoutState[];

/** States in which the bank may have the payment. */
const atBank: ReadonlySet<PayoutState> = new Set(['submitted', 'unknown', 'in_transit']);

export function isAtBank(state: PayoutState): boolean {
  return atBank.has(state);
}

/** States before the bank can have heard of it. */
export function isBeforeSubmit(state: PayoutState): boolean {
  return state === 'created' || state === 'pending_approval' || state === 'approved';
}

export function canMovePayout(from: PayoutState, to: PayoutState): boolean {
  const targets: readonly PayoutState[] = payoutTransitions[from];
  return targets.includes(to);
}

/** @throws AssertionError when the table does not know the step */
export function movePayout(from: PayoutState, to: PayoutState): PayoutState {
  assert(canMovePayout(from, to), `a pay-out goes from ${from} to ${to}`);
  return to;
}
