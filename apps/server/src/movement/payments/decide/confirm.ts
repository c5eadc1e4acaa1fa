import { assert, bankDate, basisPoints, multiply } from '@keyturn/kernel';
import type { TransferRequest } from '@keyturn/ledger';
import type { PaymentsEvent } from '../events.ts';
import type { Attempt, Contradiction, Order, RefundCause } from '../tables.ts';
import { isOpenAttempt, isPaidAttempt, moveAttempt } from './attempt-state.ts';
import {
  type Aggregate,
  attemptIn,
  type Change,
  changeOf,
  channelSuspenseOf,
  closeOthers,
  conclude,
  destinationOf,
  eventBase,
  posted,
  receivableOf,
  refundTransitOf,
  withAttempt,
} from './change.ts';
import { isClosedOrder } from './order-state.ts';
import { newRefund, refundRequested } from './refund-request.ts';

/** What the channel says about a payment that it took. Amount in minor units. */
export interface Success {
  readonly channelNumber: string;
  readonly amount: bigint;
  /** Checked when the channel says one. */
  readonly currency?: string;
  readonly paidAt: Temporal.Instant;
}

export interface PlacingRules {
  readonly now: Temporal.Instant;
  /** The id of the refund, should one be needed. */
  readonly refundId: string;
  /** Up to this many minor units, what is too much goes back without a second person. */
  readonly automaticRefundLimit: bigint;
  /** The ledger's reason why the destination takes no money now. */
  readonly blocked?: string;
}

/** How often a destination that takes no money is tried again. */
const placeAgain = { minutes: 15 } as const;

/**
 * Books a payment that a channel took. What the order misses goes to its destination; what is too
 * much (paid twice, or after a close whose rule says so) goes to suspense and back to the payer.
 * Telling it twice changes nothing. A success that contradicts what we know books nothing and is
 * shown to people.
 */
export function decideConfirm(
  aggregate: Aggregate,
  attemptId: string,
  success: Success,
  rules: PlacingRules,
): Change {
  const attempt = attemptIn(aggregate, attemptId);
  const contradiction = contradictionOf(aggregate.order, attempt, success, rules.now);
  if (contradiction) return contradict(aggregate, attempt, contradiction, rules.now);
  if (isPaidAttempt(attempt.state)) return changeOf(aggregate, {});
  const late = !isOpenAttempt(attempt.state);
  const paid: Attempt = {
    ...attempt,
    state: moveAttempt(attempt.state, late ? 'late_success' : 'succeeded'),
    channelNumber: success.channelNumber,
    feeMinor: multiply(attempt.amountMinor, basisPoints(attempt.feeBps)),
    paidAt: success.paidAt,
    paidOn: bankDate(success.paidAt),
    suspenseMinor: attempt.amountMinor,
    payerIp: null,
    contradiction: null,
    dueAt: null,
    finalAt: rules.now,
  };
  const shared = { ...aggregate, attempts: withAttempt(aggregate, paid) };
  return place(shared, paid, rules, late ? 'late' : 'first');
}

/**
 * Tries again to place what lies in suspense because the destination took no money. By then the
 * order may have been paid otherwise: then it goes back.
 */
export function decidePlace(aggregate: Aggregate, attemptId: string, rules: PlacingRules): Change {
  const attempt = attemptIn(aggregate, attemptId);
  const waits = isPaidAttempt(attempt.state) && attempt.suspenseMinor > 0n;
  if (!waits) return changeOf(aggregate, {});
  return place(aggregate, attempt, rules, 'again');
}

function contradictionOf(
  order: Order,
  attempt: Attempt,
  success: Success,
  now: Temporal.Instant,
): Contradiction | undefined {
  const at = now.toString();
  const currency = success.currency ?? order.currency;
  if (success.amount !== attempt.amountMinor || currency !== order.currency) {
    const expected = `${attempt.amountMinor} ${order.currency}`;
    return { kind: 'amount', expected, said: `${success.amount} ${currency}`, at };
  }
  if (attempt.channelNumber !== null && attempt.channelNumber !== success.channelNumber) {
    const { channelNumber: expected } = attempt;
    return { kind: 'channel_number', expected, said: success.channelNumber, at };
  }
  return undefined;
}

/** Notes what cannot be true; tells it once. */
export function contradict(
  aggregate: Aggregate,
  attempt: Attempt,
  contradiction: Contradiction,
  now: Temporal.Instant,
): Change {
  const known = attempt.contradiction;
  if (known?.kind === contradiction.kind && known.said === contradiction.said) {
    return changeOf(aggregate, {});
  }
  const { kind, expected, said } = contradiction;
  const dueAt = isOpenAttempt(attempt.state) ? now.add({ minutes: 15 }) : attempt.dueAt;
  return changeOf(aggregate, {
    attempts: withAttempt(aggregate, { ...attempt, contradiction, dueAt }),
    events: [
      {
        type: 'payments.contradiction',
        payload: {
          ...eventBase(aggregate.order),
          attempt_id: attempt.id,
          kind,
          expected,
          said,
        },
      },
    ],
  });
}

/** Where the money of one attempt goes. The parts sum to what is in suspense. */
interface Parts {
  readonly placed: bigint;
  /** Wanted by the order, and its destination takes nothing now. */
  readonly waiting: bigint;
  readonly refunded: bigint;
  readonly cause: RefundCause;
}

function partsOf(order: Order, attempt: Attempt, rules: PlacingRules): Parts {
  const missing = order.amountMinor - order.paidMinor;
  const refusedByRule = isClosedOrder(order.state) && order.lateSuccess === 'refund';
  const wanted = refusedByRule
    ? 0n
    : missing < attempt.suspenseMinor
      ? missing
      : attempt.suspenseMinor;
  return {
    placed: rules.blocked === undefined ? wanted : 0n,
    waiting: rules.blocked === undefined ? 0n : wanted,
    refunded: attempt.suspenseMinor - wanted,
    cause: missing === 0n ? 'double_success' : refusedByRule ? 'late_success' : 'double_success',
  };
}

function place(
  aggregate: Aggregate,
  attempt: Attempt,
  rules: PlacingRules,
  when: 'first' | 'late' | 'again',
): Change {
  const { order } = aggregate;
  const parts = partsOf(order, attempt, rules);
  assert(
    parts.placed + parts.waiting + parts.refunded === attempt.suspenseMinor,
    'the parts sum to the whole',
  );
  const nextAttempt: Attempt = {
    ...attempt,
    placedMinor: attempt.placedMinor + parts.placed,
    suspenseMinor: parts.waiting,
    refundingMinor: attempt.refundingMinor + parts.refunded,
    dueAt: parts.waiting > 0n ? rules.now.add(placeAgain) : null,
  };
  const nextOrder = { ...order, paidMinor: order.paidMinor + parts.placed };
  const attempts = withAttempt(aggregate, nextAttempt);
  const full = nextOrder.paidMinor === nextOrder.amountMinor;
  const refunds = refundsOf(order, attempt, parts, rules);
  const change = changeOf(aggregate, {
    order: nextOrder,
    attempts: full ? closeOthers(attempts, attempt.id, rules.now) : attempts,
    refunds,
    transfers: transfersOf(order, attempt, parts, when),
    events: [
      ...eventsOf(nextOrder, attempt, parts, rules, when),
      ...refunds.map((refund) => refundRequested(nextOrder, refund)),
    ],
  });
  return conclude(change, rules.now);
}

function refundsOf(order: Order, attempt: Attempt, parts: Parts, rules: PlacingRules) {
  if (parts.refunded === 0n) return [];
  const { refundId: id, now } = rules;
  const approval = { kind: 'up_to', limitMinor: rules.automaticRefundLimit } as const;
  const request = {
    amount: parts.refunded,
    reason: parts.cause === 'late_success' ? 'paid after the close' : 'paid twice',
    requestedBy: 'automatic',
    approval,
  };
  return [newRefund({ order, attempt, request, id, cause: parts.cause, now })];
}

function transfersOf(
  order: Order,
  attempt: Attempt,
  parts: Parts,
  when: 'first' | 'late' | 'again',
): readonly TransferRequest[] {
  assert(attempt.contractId !== null, 'a channel took it');
  const book = order.destinationBook;
  const receivable = receivableOf(book, attempt.contractId);
  const suspense = channelSuspenseOf(book, attempt.contractId);
  const transit = refundTransitOf(book, attempt.contractId);
  const destination = destinationOf(order);
  const transfers: TransferRequest[] = [];
  const add = (amount: bigint, transfer: TransferRequest) => {
    if (amount > 0n) transfers.push(transfer);
  };
  const direct = when === 'first' ? parts.placed : 0n;
  const arriving = when === 'again' ? 0n : attempt.suspenseMinor - direct;
  add(direct, posted(receivable, destination, direct));
  add(arriving, posted(receivable, suspense, arriving));
  const later = parts.placed - direct;
  add(later, posted(suspense, destination, later));
  add(parts.refunded, posted(suspense, transit, parts.refunded));
  return transfers;
}

function eventsOf(
  order: Order,
  attempt: Attempt,
  parts: Parts,
  rules: PlacingRules,
  when: 'first' | 'late' | 'again',
): readonly PaymentsEvent[] {
  const base = { ...eventBase(order), attempt_id: attempt.id };
  const events: PaymentsEvent[] = [];
  if (when === 'late') {
    const payload = { ...base, amount: attempt.amountMinor, placed_minor: parts.placed };
    events.push({ type: 'payments.late_success', payload });
  }
  if (parts.refunded > 0n && parts.cause === 'double_success') {
    events.push({ type: 'payments.double_success', payload: { ...base, amount: parts.refunded } });
  }
  if (parts.waiting > 0n && when !== 'again') {
    const code = rules.blocked ?? '';
    const payload = { ...base, amount: parts.waiting, code };
    events.push({ type: 'payments.payment_suspended', payload });
  }
  if (parts.placed > 0n) events.push(orderPaid(order, parts.placed, attempt));
  return events;
}

/** Tells that money is on the destination; `order` as it is afterwards. */
export function orderPaid(
  order: Order,
  amount: bigint,
  by: Pick<Attempt, 'id' | 'method'> | { readonly receiptId: string },
): PaymentsEvent {
  return {
    type: 'payments.order_paid',
    payload: {
      ...eventBase(order),
      amount,
      paid_minor: order.paidMinor,
      remaining_minor: order.amountMinor - order.paidMinor,
      final: order.paidMinor === order.amountMinor,
      ...('receiptId' in by
        ? { method: 'bank_transfer', receipt_id: by.receiptId }
        : { method: by.method, attempt_id: by.id }),
    },
  };
}
