import { assert } from '@keyturn/kernel';

/**
 * The life of one try at one channel (money.md, "Life cycles"). Every change of an attempt's state
 * goes through this table.
 */
export const attemptTransitions = {
  created: ['submitted'],
  // From here on the channel may know it, whatever we heard.
  submitted: ['pending', 'unknown', 'closing', 'closed', 'succeeded', 'failed'],
  pending: ['closing', 'closed', 'succeeded', 'failed'],
  unknown: ['pending', 'closing', 'closed', 'succeeded', 'failed'],
  closing: ['closed', 'succeeded', 'failed'],
  succeeded: [],
  // Channels change their mind: what was closed or refused may still turn out to be paid.
  failed: ['late_success'],
  closed: ['late_success'],
  late_success: [],
} as const satisfies Record<string, readonly string[]>;

export type AttemptState = keyof typeof attemptTransitions;

export const attemptStates = Object.keys(attemptTransitions) as readonly AttemptState[];

/** States in which the payer's money may still arrive in the ordinary way. */
const open: ReadonlySet<AttemptState> = new Set([
  'created',
  'submitted',
  'pending',
  'unknown',
  'closing',
]);

export function isOpenAttempt(state: AttemptState): boolean {
  return open.has(state);
}

export function isPaidAttempt(state: AttemptState): boolean {
  return state === 'succeeded' || state === 'late_success';
}

export function canMoveAttempt(from: AttemptState, to: AttemptState): boolean {
  const targets: readonly AttemptState[] = attemptTransitions[from];
  return targets.includes(to);
}

/** @throws AssertionError when the table does not know the step */
export function moveAttempt(from: AttemptState, to: AttemptState): AttemptState {
  assert(canMoveAttempt(from, to), `an attempt goes from ${from} to ${to}`);
  return to;
}
