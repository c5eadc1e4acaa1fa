import {
  assert,
  bankDate,
  encodeId,
  multiply,
  ok,
  present,
  type Refusal,
  type Result,
} from '@keyturn/kernel';
import { nextQueryAt, type ProofRule } from '../../../banks/channels/index.ts';
import { refuse } from '../errors.ts';
import type { PaymentsEvent } from '../events.ts';
import type { Attempt, Order, Refund } from '../tables.ts';
import {
  type Aggregate,
  attemptIn,
  type Change,
  changeOf,
  channelSuspenseOf,
  destinationOf,
  eventBase,
  posted,
  receivableOf,
  refundTransitOf,
  withAttempt,
} from './change.ts';
import { notFoundProof, type Proof, refusalProof, stateProof } from './proof.ts';
import { exceedsPaid, refundableOf, refundFacts } from './refund-request.ts';
import { isAtChannel, isLiveRefund, moveRefund } from './refund-state.ts';

function conflict(refund: Refund, wanted: string): Result<never, Refusal> {
  const values = { refund_id: encodeId('rfd', refund.id), state: refund.state, wanted };
  return refuse('refund_state_conflict', { values });
}

/** A second person lets it go. */
export function decideApproveRefund(
  aggregate: Aggregate,
  refund: Refund,
  by: string,
  now: Temporal.Instant,
): Result<Change, Refusal> {
  if (refund.state !== 'requested') return conflict(refund, 'approved');
  const next = {
    ...refund,
    state: moveRefund(refund.state, 'approved'),
    approvedBy: by,
    dueAt: now,
  };
  return ok(changeOf(aggregate, { refunds: [next] }));
}

/** A second person stops it: the money goes back to where it was taken from. */
export function decideRejectRefund(
  aggregate: Aggregate,
  refund: Refund,
  by: string,
  now: Temporal.Instant,
): Result<Change, Refusal> {
  if (refund.state !== 'requested') return conflict(refund, 'rejected');
  const next: Refund = {
    ...refund,
    state: moveRefund(refund.state, 'rejected'),
    approvedBy: by,
    dueAt: null,
    finalAt: now,
  };
  return ok(giveBack(aggregate, next, 'rejected'));
}

/** At most so often is one try sent; then only asked about. */
const submissionLimit = 3;

/** How long the call to the channel may take before somebody asks what became of it. */
const ownCall = { seconds: 30 } as const;

/**
 * Whether a refund is to be sent now: for the first time, or again because the channel does not
 * know it.
 */
export function maySubmitRefund(refund: Refund): boolean {
  if (refund.state === 'approved') return true;
  return refund.state === 'unknown' && refund.submissions < submissionLimit;
}

/** Stored before the channel hears of it. Nothing changes when it is not to be sent. */
export function decideSubmitRefund(
  aggregate: Aggregate,
  refund: Refund,
  now: Temporal.Instant,
): Change {
  if (!maySubmitRefund(refund)) return changeOf(aggregate, {});
  const next: Refund = {
    ...refund,
    state: refund.state === 'approved' ? moveRefund(refund.state, 'submitted') : refund.state,
    submissions: refund.submissions + 1,
    submittedAt: now,
    firstNotFoundAt: null,
    dueAt: now.add(ownCall),
  };
  return changeOf(aggregate, { refunds: [next] });
}

/**
 * Tries a failed refund again: the money is taken again from where it had come from. A number that
 * the channel closed is spent; the next try gets the number with the try behind it.
 */
export function decideRetryRefund(
  aggregate: Aggregate,
  refund: Refund,
  now: Temporal.Instant,
): Result<Change, Refusal> {
  if (refund.state !== 'failed') return conflict(refund, 'retried');
  const left = leftFor(aggregate, refund);
  if (left < refund.amountMinor) return exceedsPaid(aggregate.order, left, refund.amountMinor);
  const spent = refund.proof?.kind === 'channel_state';
  const next: Refund = {
    ...refund,
    state: moveRefund(refund.state, 'approved'),
    submissionNumber: spent ? `${refund.number}-${refund.tries + 1}` : refund.submissionNumber,
    tries: refund.tries + 1,
    submissions: 0,
    submittedAt: null,
    firstNotFoundAt: null,
    proof: null,
    dueAt: now,
    finalAt: null,
  };
  return ok(takeAgain(aggregate, next));
}

/** What of the payment can still be given back from where this refund takes it. */
function leftFor(aggregate: Aggregate, refund: Refund): bigint {
  const attempt = attemptIn(aggregate, refund.attemptId);
  return refund.source === 'placed' ? refundableOf(attempt) : attempt.suspenseMinor;
}

/** Where it was taken from -> refund in transit, a second time. */
function takeAgain(aggregate: Aggregate, refund: Refund): Change {
  const attempt = attemptIn(aggregate, refund.attemptId);
  const { order } = aggregate;
  const amount = refund.amountMinor;
  const fromPlaced = refund.source === 'placed';
  const transit = refundTransitOf(order.destinationBook, refund.contractId);
  return changeOf(aggregate, {
    order: { ...order, refundingMinor: order.refundingMinor + (fromPlaced ? amount : 0n) },
    attempts: withAttempt(aggregate, {
      ...attempt,
      refundingMinor: attempt.refundingMinor + amount,
      suspenseMinor: attempt.suspenseMinor - (fromPlaced ? 0n : amount),
    }),
    refunds: [refund],
    transfers: [posted(sourceOf(order, refund), transit, amount)],
  });
}

/** What a channel said about a refund. Plain data: it is a command's input. */
export type RefundAnswer =
  | { readonly kind: 'processing'; readonly channelNumber?: string }
  | {
      readonly kind: 'succeeded';
      readonly channelNumber?: string;
      /** RFC 3339; the moment of the call when the channel does not say. */
      readonly at?: string;
    }
  | { readonly kind: 'closed' }
  | { readonly kind: 'abnormal'; readonly channelNumber?: string }
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly message: string;
      readonly nextStep: string;
    }
  | { readonly kind: 'not_found'; readonly rule: ProofRule }
  | { readonly kind: 'unknown' };

/**
 * Takes a channel's answer about a refund. What is final stays; an unknown answer changes nothing
 * known. Given back after a failure contradicts what the channel said before: it is shown to
 * people, and booked if the money is still there.
 *
 * @param blocked the ledger's reason why the source cannot give the money a second time
 */
export function decideRefundAnswer(
  aggregate: Aggregate,
  refund: Refund,
  answer: RefundAnswer,
  now: Temporal.Instant,
  blocked?: string,
): Change {
  if (refund.state === 'failed' && answer.kind === 'succeeded') {
    return succeededAfterFailure(aggregate, refund, answer, now, blocked);
  }
  if (!isAtChannel(refund.state)) return changeOf(aggregate, {});
  const uncertain = refund.state === 'submitted' || refund.state === 'unknown';
  const dueAt = nextQueryAt(now, refund.queries);
  switch (answer.kind) {
    case 'unknown': {
      if (refund.state !== 'submitted') return changeOf(aggregate, {});
      const state = moveRefund(refund.state, 'unknown');
      return changeOf(aggregate, { refunds: [{ ...refund, state, dueAt }] });
    }
    case 'processing': {
      if (!uncertain) return changeOf(aggregate, {});
      const state = moveRefund(refund.state, 'pending');
      const channelNumber = answer.channelNumber ?? refund.channelNumber;
      return changeOf(aggregate, { refunds: [{ ...refund, state, channelNumber, dueAt }] });
    }
    case 'abnormal':
      return abnormal(aggregate, refund, answer.channelNumber, now);
    case 'succeeded':
      return succeeded(aggregate, refund, answer, now);
    case 'closed':
      return failed(aggregate, refund, stateProof('closed', now), now);
    case 'not_found':
      return uncertain ? notFound(aggregate, refund, answer.rule, now) : changeOf(aggregate, {});
    case 'refused':
      // Of what was sent more than once, a refusal speaks only for the last time: it is asked
      // about.
      if (!uncertain || refund.submissions > 1) return changeOf(aggregate, {});
      return failed(aggregate, refund, refusalProof(answer, now), now);
  }
}

/** The channel does not know it: proves that nothing happened only late enough and twice. */
function notFound(
  aggregate: Aggregate,
  refund: Refund,
  rule: ProofRule,
  now: Temporal.Instant,
): Change {
  const submittedAt = present(refund.submittedAt, 'when a refund at the channel was sent');
  const facts = { submittedAt, firstNotFoundAt: refund.firstNotFoundAt ?? undefined, now };
  const proof = notFoundProof(rule, facts);
  if (proof !== undefined) return failed(aggregate, refund, proof, now);
  const state = refund.state === 'submitted' ? moveRefund(refund.state, 'unknown') : refund.state;
  const next: Refund = { ...refund, state, firstNotFoundAt: refund.firstNotFoundAt ?? now };
  return changeOf(aggregate, { refunds: [next] });
}

function abnormal(
  aggregate: Aggregate,
  refund: Refund,
  channelNumber: string | undefined,
  now: Temporal.Instant,
): Change {
  if (refund.state === 'abnormal') return changeOf(aggregate, {});
  const next: Refund = {
    ...refund,
    state: moveRefund(refund.state, 'abnormal'),
    channelNumber: channelNumber ?? refund.channelNumber,
    dueAt: now.add({ hours: 1 }),
  };
  const payload = refundFacts(aggregate.order, next);
  return changeOf(aggregate, {
    refunds: [next],
    events: [{ type: 'payments.refund_abnormal', payload }],
  });
}

/**
 * The share of the fee that comes back with what is refunded so far, half up, less what came back
 * before: the parts of a full refund bring the whole fee back, to the fen.
 */
export function feeReturnedBy(attempt: Attempt, amount: bigint): bigint {
  const refunded = attempt.refundedMinor + amount;
  const share = multiply(attempt.feeMinor, {
    numerator: refunded,
    denominator: attempt.amountMinor,
  });
  return share - attempt.feeReturnedMinor;
}

function succeeded(
  aggregate: Aggregate,
  refund: Refund,
  answer: Extract<RefundAnswer, { kind: 'succeeded' }>,
  now: Temporal.Instant,
): Change {
  const { order } = aggregate;
  const attempt = attemptIn(aggregate, refund.attemptId);
  const amount = refund.amountMinor;
  const at = answer.at === undefined ? now : Temporal.Instant.from(answer.at);
  const feeReturnedMinor = feeReturnedBy(attempt, amount);
  const next: Refund = {
    ...refund,
    state: moveRefund(refund.state, 'succeeded'),
    channelNumber: answer.channelNumber ?? refund.channelNumber,
    feeReturnedMinor,
    succeededAt: at,
    succeededOn: bankDate(at),
    dueAt: null,
    finalAt: now,
  };
  const placed = refund.source === 'placed' ? amount : 0n;
  const book = order.destinationBook;
  return changeOf(aggregate, {
    order: {
      ...order,
      refundingMinor: order.refundingMinor - placed,
      refundedMinor: order.refundedMinor + placed,
    },
    attempts: withAttempt(aggregate, {
      ...attempt,
      refundingMinor: attempt.refundingMinor - amount,
      refundedMinor: attempt.refundedMinor + amount,
      feeReturnedMinor: attempt.feeReturnedMinor + feeReturnedMinor,
    }),
    refunds: [next],
    transfers: [
      posted(
        refundTransitOf(book, refund.contractId),
        receivableOf(book, refund.contractId),
        amount,
      ),
    ],
    events: [{ type: 'payments.refund_succeeded', payload: refundFacts(order, next) }],
  });
}

/**
 * After a failure the money is back where it was taken from. It is taken from there again, so that
 * nobody can give it back a second time unknowingly; what is not there any more is left to people.
 */
function succeededAfterFailure(
  aggregate: Aggregate,
  refund: Refund,
  answer: Extract<RefundAnswer, { kind: 'succeeded' }>,
  now: Temporal.Instant,
  blocked: string | undefined,
): Change {
  const contradiction: PaymentsEvent = {
    type: 'payments.contradiction',
    payload: {
      ...eventBase(aggregate.order),
      attempt_id: refund.attemptId,
      kind: 'refund_after_failure',
      expected: refund.submissionNumber,
      said: answer.channelNumber ?? 'succeeded',
    },
  };
  const gone = blocked !== undefined || leftFor(aggregate, refund) < refund.amountMinor;
  if (gone) return changeOf(aggregate, { events: [contradiction] });
  const taken = takeAgain(aggregate, refund);
  const { order, attempts } = taken;
  const late = succeeded({ ...aggregate, order, attempts }, refund, answer, now);
  return {
    ...late,
    transfers: [...taken.transfers, ...late.transfers],
    events: [contradiction, ...late.events],
  };
}

function failed(aggregate: Aggregate, refund: Refund, proof: Proof, now: Temporal.Instant): Change {
  const state = moveRefund(refund.state, 'failed');
  const next: Refund = { ...refund, state, proof, dueAt: null, finalAt: now };
  return giveBack(aggregate, next, proof.kind === 'refusal' ? proof.code : proof.kind);
}

function sourceOf(order: Order, refund: Refund) {
  return refund.source === 'placed'
    ? destinationOf(order)
    : channelSuspenseOf(order.destinationBook, refund.contractId);
}

/** Refund in transit -> where it was taken from. */
function giveBack(aggregate: Aggregate, refund: Refund, code: string): Change {
  assert(!isLiveRefund(refund.state), 'what is given back is not on its way any more');
  const { order } = aggregate;
  const attempt = attemptIn(aggregate, refund.attemptId);
  const amount = refund.amountMinor;
  const fromPlaced = refund.source === 'placed';
  const event: PaymentsEvent = {
    type: 'payments.refund_failed',
    payload: { ...refundFacts(order, refund), code },
  };
  return changeOf(aggregate, {
    order: { ...order, refundingMinor: order.refundingMinor - (fromPlaced ? amount : 0n) },
    attempts: withAttempt(aggregate, {
      ...attempt,
      refundingMinor: attempt.refundingMinor - amount,
      suspenseMinor: attempt.suspenseMinor + (fromPlaced ? 0n : amount),
    }),
    refunds: [refund],
    transfers: [
      posted(
        refundTransitOf(order.destinationBook, refund.contractId),
        sourceOf(order, refund),
        amount,
      ),
    ],
    events: [event],
  });
}
