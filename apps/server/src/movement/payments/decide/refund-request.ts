import { assert, encodeId, ok, type Refusal, type Result } from '@keyturn/kernel';
import { refuse } from '../errors.ts';
import type { PaymentsEvent } from '../events.ts';
import type { Attempt, Order, Refund, RefundCause } from '../tables.ts';
import { isPaidAttempt } from './attempt-state.ts';
import {
  type Aggregate,
  type Change,
  changeOf,
  destinationOf,
  eventBase,
  posted,
  refundTransitOf,
  withAttempt,
} from './change.ts';

/** Whether a second person has to look before money goes back. */
export type RefundApproval =
  | { readonly kind: 'given'; readonly by: string }
  | { readonly kind: 'required' }
  /** Without a second person up to this many minor units. */
  | { readonly kind: 'up_to'; readonly limitMinor: bigint };

export interface RefundRequest {
  readonly amount: bigint;
  readonly reason: string;
  readonly requestedBy: string;
  readonly approval: RefundApproval;
  /** The attempt to give back; the smallest that covers the amount when not said. */
  readonly attemptId?: string;
}

/** Serial number of a thing for people and channels: its id without prefix, 26 characters. */
export function serialNumber(id: string): string {
  return encodeId('', id).slice(1);
}

/** What of an attempt was placed on the order and is not on its way back. Minor units. */
export function refundableOf(attempt: Attempt): bigint {
  if (attempt.contractId === null || !isPaidAttempt(attempt.state)) return 0n;
  const neverPlaced = attempt.amountMinor - attempt.placedMinor;
  const fromSuspense = neverPlaced - attempt.suspenseMinor;
  const fromPlaced = attempt.refundingMinor + attempt.refundedMinor - fromSuspense;
  const left = attempt.placedMinor - fromPlaced;
  assert(left >= 0n, 'live refunds never exceed what was placed');
  return left;
}

/** What can go back through acquirers at once, and the largest part that one refund can take. */
export function refundableOfOrder(aggregate: Aggregate): { total: bigint; largest: bigint } {
  const parts = aggregate.attempts.map(refundableOf);
  return {
    total: parts.reduce((a, b) => a + b, 0n),
    largest: parts.reduce((a, b) => (b > a ? b : a), 0n),
  };
}

function chooseAttempt(aggregate: Aggregate, request: RefundRequest): Attempt | undefined {
  const able = aggregate.attempts
    .filter((attempt) => request.attemptId === undefined || attempt.id === request.attemptId)
    .filter((attempt) => refundableOf(attempt) >= request.amount)
    .sort((a, b) => (refundableOf(a) < refundableOf(b) ? -1 : 1));
  return able[0];
}

/**
 * Takes money of an order that was placed on its way back to who paid it: destination -> refund in
 * transit. Live refunds never exceed what was paid. Refuses `refund_exceeds_paid`; the ledger
 * refuses what the destination does not hold any more.
 */
export function decideRefundRequest(
  aggregate: Aggregate,
  request: RefundRequest,
  id: string,
  now: Temporal.Instant,
): Result<Change, Refusal> {
  const { order } = aggregate;
  const attempt = chooseAttempt(aggregate, request);
  if (request.amount <= 0n || attempt === undefined || attempt.contractId === null) {
    return exceedsPaid(order, refundableOfOrder(aggregate).largest, request.amount);
  }
  const refund = newRefund({ order, attempt, request, id, cause: 'requested', now });
  const nextAttempt = { ...attempt, refundingMinor: attempt.refundingMinor + request.amount };
  const transit = refundTransitOf(order.destinationBook, attempt.contractId);
  return ok(
    changeOf(aggregate, {
      order: { ...order, refundingMinor: order.refundingMinor + request.amount },
      attempts: withAttempt(aggregate, nextAttempt),
      refunds: [refund],
      transfers: [posted(destinationOf(order), transit, request.amount)],
      events: [refundRequested(order, refund)],
    }),
  );
}

/** More is asked for than may go back. Minor units. */
export function exceedsPaid(
  order: Order,
  available: bigint,
  amount: bigint,
): Result<never, Refusal> {
  const values = {
    order_id: encodeId('ord', order.id),
    available: available.toString(),
    amount: amount.toString(),
  };
  return refuse('refund_exceeds_paid', { param: 'amount', values });
}

export function newRefund(made: {
  readonly order: Order;
  readonly attempt: Attempt;
  readonly request: RefundRequest;
  readonly id: string;
  readonly cause: RefundCause;
  readonly now: Temporal.Instant;
}): Refund {
  const { order, attempt, request, id, cause, now } = made;
  assert(attempt.contractId !== null, 'an acquirer refunds what came by it');
  const approvedBy = approverOf(request);
  const number = serialNumber(id);
  return {
    id,
    number,
    submissionNumber: number,
    orderId: order.id,
    attemptId: attempt.id,
    contractId: attempt.contractId,
    amountMinor: request.amount,
    reason: request.reason,
    cause,
    source: cause === 'requested' ? 'placed' : 'suspense',
    state: approvedBy === null ? 'requested' : 'approved',
    requestedBy: request.requestedBy,
    approvedBy,
    tries: 1,
    submissions: 0,
    submittedAt: null,
    firstNotFoundAt: null,
    channelNumber: null,
    feeReturnedMinor: 0n,
    succeededAt: null,
    succeededOn: null,
    queries: 0,
    proof: null,
    dueAt: approvedBy === null ? null : now,
    createdAt: now,
    finalAt: null,
  };
}

function approverOf(request: RefundRequest): string | null {
  const { approval } = request;
  if (approval.kind === 'given') return approval.by;
  if (approval.kind === 'required') return null;
  return request.amount <= approval.limitMinor ? 'automatic' : null;
}

export function refundFacts(order: Order, refund: Refund) {
  return {
    ...eventBase(order),
    refund_id: refund.id,
    attempt_id: refund.attemptId,
    amount: refund.amountMinor,
    cause: refund.cause,
    source: refund.source,
  };
}

export function refundRequested(order: Order, refund: Refund): PaymentsEvent {
  const approval = refund.approvedBy === null ? 'required' : 'given';
  return {
    type: 'payments.refund_requested',
    payload: { ...refundFacts(order, refund), approval },
  };
}
