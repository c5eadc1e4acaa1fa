import { encodeId, ok, type Refusal, type Result } from '@keyturn/kernel';
import { type Receipt, suspenseOf } from '../../../banks/custody/index.ts';
import { refuse } from '../errors.ts';
import type { PaymentsEvent } from '../events.ts';
import type { Attempt, Order } from '../tables.ts';
import { isOpenAttempt, moveAttempt } from './attempt-state.ts';
import {
  type Aggregate,
  type Change,
  changeOf,
  closeOthers,
  conclude,
  destinationOf,
  eventBase,
  posted,
} from './change.ts';
import { orderPaid } from './confirm.ts';
import { orderName } from './create-order.ts';
import { isClosedOrder } from './order-state.ts';

/**
 * Who says that a receipt pays an order: the virtual account it arrived on, or a person by name.
 */
export type AppliedBy =
  | { readonly kind: 'arrival' }
  | { readonly kind: 'person'; readonly id: string };

/**
 * Pays an order with a bank transfer, for at most what it misses; the rest stays in suspense. A
 * transfer that arrives by itself for a closed or paid order stays in suspense as a whole and is
 * told; a person may give it to an order that expired, if it is still unpaid.
 *
 * @param blocked the ledger's reason why the destination takes no money now
 */
export function decideApplyReceipt(
  aggregate: Aggregate,
  receipt: Receipt,
  by: AppliedBy,
  now: Temporal.Instant,
  blocked?: string,
): Result<Change, Refusal> {
  const { order } = aggregate;
  const problem = problemOf(order, receipt, by);
  if (problem !== undefined) return leave(aggregate, receipt, by, problem);
  if (blocked !== undefined) return leave(aggregate, receipt, by, blocked);
  const missing = order.amountMinor - order.paidMinor;
  const amount = missing < receipt.amount ? missing : receipt.amount;
  const rest = receipt.amount - amount;
  const next: Order = { ...order, paidMinor: order.paidMinor + amount };
  const full = next.paidMinor === next.amountMinor;
  const events: PaymentsEvent[] = [orderPaid(next, amount, { receiptId: receipt.id })];
  if (rest > 0n) events.push(overpaid(next, receipt, rest));
  const change = changeOf(aggregate, {
    order: next,
    attempts: full
      ? closeOthers(settleTransfers(aggregate, now), undefined, now)
      : aggregate.attempts,
    receipts: [
      {
        receiptId: receipt.id,
        orderId: order.id,
        amountMinor: amount,
        restMinor: rest,
        appliedBy: by.kind === 'person' ? by.id : 'automatic',
        appliedAt: now,
      },
    ],
    transfers: [posted(suspenseOf(receipt), destinationOf(order), amount)],
    events,
  });
  return ok(conclude(change, now));
}

function problemOf(order: Order, receipt: Receipt, by: AppliedBy): string | undefined {
  if (receipt.state !== 'booked') return 'already_assigned';
  if (receipt.kind !== 'transfer') return 'not_a_transfer';
  if (receipt.book !== order.destinationBook || receipt.currency !== order.currency) {
    return 'other_book';
  }
  if (order.paidMinor === order.amountMinor) return 'order_paid';
  // A person may reopen what is closed; a late transfer by itself may not.
  if (by.kind === 'arrival' && isClosedOrder(order.state)) return `order_${order.state}`;
  return undefined;
}

const problems: Readonly<Record<string, readonly [en: string, zh: string]>> = {
  already_assigned: ['it was assigned before', '该款项已认领'],
  not_a_transfer: ['it is not an incoming transfer', '不是转入的款项'],
  other_book: ['it lies in another book or currency', '所在账簿或币种不同'],
  order_paid: ['the order is paid in full', '订单已付清'],
};

/** The money stays in suspense: told to the house when it came by itself, refused to a person. */
function leave(
  aggregate: Aggregate,
  receipt: Receipt,
  by: AppliedBy,
  code: string,
): Result<Change, Refusal> {
  const { order } = aggregate;
  if (by.kind === 'person') {
    const closed = ['its destination takes no money now', '收款账户目前不能入账'] as const;
    const [problem, problem_zh] = problems[code] ?? closed;
    const values = {
      receipt_id: encodeId('rcp', receipt.id),
      order_id: orderName(order),
      problem,
      problem_zh,
    };
    return refuse('receipt_order_mismatch', { values });
  }
  if (code === 'already_assigned' || code === 'not_a_transfer') return ok(changeOf(aggregate, {}));
  if (code === 'order_paid') {
    return ok(changeOf(aggregate, { events: [overpaid(order, receipt, receipt.amount)] }));
  }
  const payload = { ...eventBase(order), receipt_id: receipt.id, amount: receipt.amount, code };
  return ok(changeOf(aggregate, { events: [{ type: 'payments.receipt_unclaimed', payload }] }));
}

function overpaid(order: Order, receipt: Receipt, amount: bigint): PaymentsEvent {
  const payload = { ...eventBase(order), receipt_id: receipt.id, amount };
  return { type: 'payments.overpaid', payload };
}

/** The order is paid by transfer: its attempts by bank transfer did what they were for. */
function settleTransfers({ attempts }: Aggregate, now: Temporal.Instant): readonly Attempt[] {
  return attempts.map((attempt) => {
    if (attempt.method !== 'bank_transfer' || !isOpenAttempt(attempt.state)) return attempt;
    const state = moveAttempt(attempt.state, 'succeeded');
    return { ...attempt, state, dueAt: null, finalAt: now };
  });
}
