import { present } from '@keyturn/kernel';
import type { AccountSpec, TransferRequest } from '@keyturn/ledger';
import type { PaymentsEvent } from '../events.ts';
import type { AppliedReceipt, Attempt, Order, Refund } from '../tables.ts';
import { isOpenAttempt, moveAttempt } from './attempt-state.ts';
import { isClosedOrder, moveOrder, orderStateOf } from './order-state.ts';

/** An order with all its attempts, as a decision finds them. */
export interface Aggregate {
  readonly order: Order;
  readonly attempts: readonly Attempt[];
}

/**
 * What a decision leaves behind: rows as they will be, one journal's transfers, events in their
 * order.
 */
export interface Change extends Aggregate {
  readonly refunds: readonly Refund[];
  readonly receipts: readonly AppliedReceipt[];
  readonly transfers: readonly TransferRequest[];
  readonly events: readonly PaymentsEvent[];
}

export function changeOf(aggregate: Aggregate, change: Partial<Change>): Change {
  const { order, attempts } = aggregate;
  return { order, attempts, refunds: [], receipts: [], transfers: [], events: [], ...change };
}

export function attemptIn(aggregate: Aggregate, attemptId: string): Attempt {
  const attempt = aggregate.attempts.find(({ id }) => id === attemptId);
  return present(attempt, 'the attempt among those of its order');
}

export function withAttempt(aggregate: Aggregate, next: Attempt): readonly Attempt[] {
  return aggregate.attempts.map((attempt) => (attempt.id === next.id ? next : attempt));
}

/** What every event of an order says. */
export function eventBase(order: Order) {
  return {
    order_id: order.id,
    currency: order.currency,
    ...(order.referenceKind === null ? {} : { reference_kind: order.referenceKind }),
    ...(order.referenceId === null ? {} : { reference_id: order.referenceId }),
  };
}

/** Ends all open attempts but one at their channels: the payer must not be able to pay twice. */
export function closeOthers(
  attempts: readonly Attempt[],
  except: string | undefined,
  now: Temporal.Instant,
): readonly Attempt[] {
  return attempts.map((attempt) => {
    if (attempt.id === except || !isOpenAttempt(attempt.state)) return attempt;
    if (attempt.state === 'closing') return attempt;
    return { ...attempt, state: moveAttempt(attempt.state, 'closing'), dueAt: now };
  });
}

/** Gives the order the state that follows from its money and its attempts, and tells of a close. */
export function conclude(change: Change, now: Temporal.Instant): Change {
  const { order, attempts } = change;
  const state = orderStateOf({ ...order, attempts: attempts.map((attempt) => attempt.state) });
  if (state === order.state) return change;
  moveOrder(order.state, state);
  const final = state === 'succeeded' || isClosedOrder(state);
  const next: Order = {
    ...order,
    state,
    closing: state === 'succeeded' ? null : order.closing,
    finalAt: final ? now : null,
    dueAt: final ? null : order.dueAt,
  };
  if (state !== 'canceled' && state !== 'expired') return { ...change, order: next };
  const closed: PaymentsEvent = {
    type: 'payments.order_closed',
    payload: { ...eventBase(next), reason: state, paid_minor: next.paidMinor },
  };
  return { ...change, order: next, events: [...change.events, closed] };
}

/** The ledger accounts of an order and its acquirer contract. */
export function destinationOf(order: Order): AccountSpec {
  return {
    book: order.destinationBook,
    code: order.destinationCode,
    owner: order.destinationOwner,
  };
}

export function receivableOf(book: string, contractId: string): AccountSpec {
  return { book, code: 1101, owner: contractId };
}

export function refundTransitOf(book: string, contractId: string): AccountSpec {
  return { book, code: 2202, owner: contractId };
}

export function channelSuspenseOf(book: string, contractId: string): AccountSpec {
  return { book, code: 2301, owner: contractId };
}

export function posted(debit: AccountSpec, credit: AccountSpec, amount: bigint): TransferRequest {
  return { kind: 'posted', debit, credit, amount };
}
