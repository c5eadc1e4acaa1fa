import { assert } from '@keyturn/kernel';

/**
 * The life of a refund (money.md, "Life cycles"). A failed one is tried again under the same
 * refund; an abnormal one lies with the channel until it is paid or closed there. Channels change
 * their mind: what they had refused may turn out to be given back.
 */
export const refundTransitions = {
  requested: ['approved', 'rejected'],
  approved: ['submitted'],
  submitted: ['pending', 'unknown', 'succeeded', 'failed', 'abnormal'],
  pending: ['succeeded', 'failed', 'abnormal'],
  unknown: ['pending', 'succeeded', 'failed', 'abnormal'],
  abnormal: ['succeeded', 'failed'],
  failed: ['approved', 'succeeded'],
  rejected: [],
  succeeded: [],
} as const satisfies Record<string, readonly string[]>;

export type RefundState = keyof typeof refundTransitions;

export const refundStates = Object.keys(refundTransitions) as readonly RefundState[];

/** States in which the money is on its way: it lies in `refund in transit`. */
const live: ReadonlySet<RefundState> = new Set([
  'requested',
  'approved',
  'submitted',
  'pending',
  'unknown',
  'abnormal',
]);

export function isLiveRefund(state: RefundState): boolean {
  return live.has(state);
}

/** States in which the channel may have the refund. */
const atChannel: ReadonlySet<RefundState> = new Set([
  'submitted',
  'pending',
  'unknown',
  'abnormal',
]);

export function isAtChannel(state: RefundState): boolean {
  return atChannel.has(state);
}

export function canMoveRefund(from: RefundState, to: RefundState): boolean {
  const targets: readonly RefundState[] = refundTransitions[from];
  return targets.includes(to);
}

/** @throws AssertionError when the table does not know the step */
export function moveRefund(from: RefundState, to: RefundState): RefundState {
  assert(canMoveRefund(from, to), `a refund goes from ${from} to ${to}`);
  return to;
}
