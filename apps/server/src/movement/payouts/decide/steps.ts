import { ok, type Refusal, type Result } from '@keyturn/kernel';
import { refuse } from '../errors.ts';
import type { PayoutsEvent } from '../events.ts';
import type { Payout } from '../tables.ts';
import { type Change, changeOf, eventBase, holdOf, payoutName } from './change.ts';
import { isBeforeSubmit, movePayout } from './payout-state.ts';

function conflict(payout: Payout, wanted: string): Result<never, Refusal> {
  const values = { payout_id: payoutName(payout), state: payout.state, wanted };
  return refuse('payout_state_conflict', { values });
}

/** A second person lets it go. */
export function decideApprove(
  payout: Payout,
  checker: string,
  now: Temporal.Instant,
): Result<Change, Refusal> {
  if (payout.state !== 'pending_approval') return conflict(payout, 'approved');
  const next: Payout = {
    ...payout,
    state: movePayout(payout.state, 'approved'),
    checker,
    approvedAt: now,
    dueAt: now,
  };
  const approved: PayoutsEvent = {
    type: 'payouts.approved',
    payload: { ...eventBase(next), checker },
  };
  return ok(changeOf(next, { events: [approved] }));
}

/** Why a pay-out is stopped before the bank hears of it. */
export interface Stop {
  readonly kind: 'rejected' | 'canceled' | 'payee_unusable';
  readonly reason: string;
  /** Who decided, when a person did. */
  readonly by?: string;
}

/** Stops a pay-out before it is submitted: the hold is lifted. */
export function decideStop(
  payout: Payout,
  stop: Stop,
  now: Temporal.Instant,
): Result<Change, Refusal> {
  const wanted = stop.kind === 'rejected' ? 'rejected' : 'canceled';
  const rejectable = stop.kind !== 'rejected' || payout.state === 'pending_approval';
  if (!isBeforeSubmit(payout.state) || !rejectable) return conflict(payout, wanted);
  const next: Payout = {
    ...payout,
    state: movePayout(payout.state, 'canceled'),
    checker: stop.kind === 'rejected' ? (stop.by ?? null) : payout.checker,
    failureCode: stop.kind,
    failureMessage: stop.reason,
    dueAt: null,
    finalAt: now,
  };
  const canceled: PayoutsEvent = {
    type: 'payouts.canceled',
    payload: { ...eventBase(next), reason: stop.reason },
  };
  return ok(
    changeOf(next, {
      transfers: [{ kind: 'void_pending', hold: holdOf(payout) }],
      events: [canceled],
    }),
  );
}

/** At most so often is a pay-out sent, always as the same message; then it is only asked about. */
const submissionLimit = 3;

/** How long the call to the bank may take before somebody asks what became of it. */
const ownCall = { seconds: 30 } as const;

/**
 * Whether a pay-out is to be sent now: for the first time, or again because the bank does not know
 * it.
 */
export function maySubmit(payout: Payout): boolean {
  if (payout.state === 'approved') return true;
  return payout.state === 'unknown' && payout.submissions < submissionLimit;
}

/**
 * Stored before the bank hears of it: the hold becomes money in transit. A repeat is the same
 * message, with the moment of the first submission. Nothing changes when it is not to be sent.
 */
export function decideSubmit(payout: Payout, now: Temporal.Instant): Change {
  if (!maySubmit(payout)) return changeOf(payout);
  const first = payout.state === 'approved';
  const next: Payout = {
    ...payout,
    state: first ? movePayout(payout.state, 'submitted') : payout.state,
    submissions: payout.submissions + 1,
    firstSubmittedAt: payout.firstSubmittedAt ?? now,
    submittedAt: now,
    firstNotFoundAt: null,
    dueAt: now.add(ownCall),
  };
  if (!first) return changeOf(next);
  return changeOf(next, {
    transfers: [{ kind: 'post_pending', hold: holdOf(payout) }],
    events: [{ type: 'payouts.submitted', payload: eventBase(next) }],
  });
}
