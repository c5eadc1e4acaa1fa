import { nextQueryAt, type ProofRule } from '../../../banks/channels/index.ts';
import type { PaymentsEvent } from '../events.ts';
import type { Attempt } from '../tables.ts';
import { isOpenAttempt, moveAttempt } from './attempt-state.ts';
import {
  type Aggregate,
  attemptIn,
  type Change,
  changeOf,
  conclude,
  eventBase,
  withAttempt,
} from './change.ts';
import { isPayableOrder } from './order-state.ts';
import { notFoundProof, type Proof, refusalProof, stateProof } from './proof.ts';

/**
 * What a channel said about an attempt, besides that it is paid. Plain data: it is a command's
 * input.
 */
export type AttemptAnswer =
  /** The channel took it; here is what the payer needs. */
  | { readonly kind: 'taken'; readonly codeUrl?: string; readonly h5Url?: string }
  /** The channel refused to take it, for good. */
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly message: string;
      readonly nextStep: string;
    }
  /** Nobody knows whether the channel took it. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unpaid' }
  /** The payer is paying right now. */
  | { readonly kind: 'paying' }
  /** It ended there without money; by our close, by its time, or by the payer's bank. */
  | { readonly kind: 'ended'; readonly state: 'closed' | 'failed' }
  | { readonly kind: 'not_found'; readonly rule: ProofRule }
  /** We are about to send it once more under the same number. */
  | { readonly kind: 'resend' };

/** At most so often is an attempt sent; then only asked about. */
const submissionLimit = 3;

/**
 * Takes a channel's answer about an attempt. An answer about what is final changes nothing, an
 * unknown answer never overwrites what is known, and nothing fails or closes without the proof that
 * is stored with it.
 */
export function decideAttemptAnswer(
  aggregate: Aggregate,
  attemptId: string,
  answer: AttemptAnswer,
  now: Temporal.Instant,
): Change {
  const attempt = attemptIn(aggregate, attemptId);
  if (!isOpenAttempt(attempt.state)) return changeOf(aggregate, {});
  const next = nextAttempt(aggregate, attempt, answer, now);
  if (next === attempt) return changeOf(aggregate, {});
  const failed: PaymentsEvent = {
    type: 'payments.attempt_failed',
    payload: {
      ...eventBase(aggregate.order),
      attempt_id: attempt.id,
      code: next.proof?.kind === 'refusal' ? next.proof.code : (next.proof?.kind ?? ''),
    },
  };
  const change = changeOf(aggregate, {
    attempts: withAttempt(aggregate, next),
    events: next.state === 'failed' ? [failed] : [],
  });
  return conclude(change, now);
}

/**
 * Whether an attempt that the channel does not know may be sent again: always under the same
 * number.
 */
export function maySendAgain(aggregate: Aggregate, attempt: Attempt): boolean {
  const waiting = attempt.state === 'submitted' || attempt.state === 'unknown';
  const { order } = aggregate;
  const wanted = isPayableOrder(order.state) && order.closing === null;
  return waiting && wanted && attempt.submissions < submissionLimit;
}

/** Who has just got the page needs time to pay; before that there is nothing to ask about. */
const payersTime = { seconds: 15 } as const;

function nextAttempt(
  aggregate: Aggregate,
  attempt: Attempt,
  answer: AttemptAnswer,
  now: Temporal.Instant,
): Attempt {
  const uncertain = attempt.state === 'submitted' || attempt.state === 'unknown';
  switch (answer.kind) {
    case 'taken':
      if (attempt.state === 'closing') return attempt;
      return {
        ...attempt,
        state: uncertain ? moveAttempt(attempt.state, 'pending') : attempt.state,
        codeUrl: answer.codeUrl ?? attempt.codeUrl,
        h5Url: answer.h5Url ?? attempt.h5Url,
        payerIp: null,
        firstNotFoundAt: null,
        dueAt: now.add(payersTime),
      };
    case 'refused':
      // Of what was sent more than once, a refusal speaks only for the last time.
      if (attempt.state !== 'submitted' || attempt.submissions > 1) {
        return uncertain ? unknown(attempt, now) : attempt;
      }
      return ended(attempt, 'failed', refusalProof(answer, now), now);
    case 'unknown':
      return uncertain ? unknown(attempt, now) : attempt;
    case 'unpaid':
    case 'paying': {
      const payable =
        attempt.codeUrl !== null || attempt.h5Url !== null || answer.kind === 'paying';
      const state = uncertain && payable ? moveAttempt(attempt.state, 'pending') : attempt.state;
      if (state === attempt.state && attempt.firstNotFoundAt === null) return attempt;
      return { ...attempt, state, firstNotFoundAt: null };
    }
    case 'ended':
      return ended(attempt, answer.state, stateProof(answer.state, now), now);
    case 'not_found':
      return notFound(attempt, answer.rule, now);
    case 'resend':
      if (!maySendAgain(aggregate, attempt)) return attempt;
      return {
        ...attempt,
        submissions: attempt.submissions + 1,
        submittedAt: now,
        firstNotFoundAt: null,
      };
  }
}

function unknown(attempt: Attempt, now: Temporal.Instant): Attempt {
  const dueAt = nextQueryAt(now, attempt.queries);
  if (attempt.state === 'unknown') return { ...attempt, dueAt };
  return { ...attempt, state: moveAttempt(attempt.state, 'unknown'), dueAt };
}

function notFound(attempt: Attempt, rule: ProofRule, now: Temporal.Instant): Attempt {
  // What the channel has confirmed once is not undone by "not found": it is asked until it ends.
  const confirmed = attempt.codeUrl !== null || attempt.h5Url !== null;
  if (confirmed || attempt.state === 'pending') return attempt;
  const firstNotFoundAt = attempt.firstNotFoundAt ?? now;
  const { submittedAt } = attempt;
  const facts = { submittedAt, firstNotFoundAt: attempt.firstNotFoundAt ?? undefined, now };
  const proof = notFoundProof(rule, facts);
  if (proof === undefined) {
    const state =
      attempt.state === 'submitted' ? moveAttempt(attempt.state, 'unknown') : attempt.state;
    return { ...attempt, state, firstNotFoundAt };
  }
  return ended(attempt, attempt.state === 'closing' ? 'closed' : 'failed', proof, now);
}

function ended(
  attempt: Attempt,
  state: 'closed' | 'failed',
  proof: Proof,
  now: Temporal.Instant,
): Attempt {
  return {
    ...attempt,
    state: moveAttempt(attempt.state, state),
    proof,
    payerIp: null,
    dueAt: null,
    finalAt: now,
  };
}
