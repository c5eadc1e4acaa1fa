import { ok, type Refusal, type Result } from '@keyturn/kernel';
import { refuse } from '../errors.ts';
import type { Closing } from '../tables.ts';
import { type Aggregate, type Change, changeOf, closeOthers, conclude } from './change.ts';
import { orderName } from './create-order.ts';
import { isPayableOrder } from './order-state.ts';

/**
 * Begins to close an order: every open attempt is closed at its channel first, and only then is the
 * order canceled or expired. Money that arrives meanwhile pays it as ever.
 *
 * @param lateSuccess what becomes of money that arrives after the close; as the order says when not
 * given
 */
export function decideCloseOrder(
  aggregate: Aggregate,
  reason: Closing,
  lateSuccess: 'settle' | 'refund' | undefined,
  now: Temporal.Instant,
): Result<Change, Refusal> {
  const { order } = aggregate;
  if (!isPayableOrder(order.state)) {
    const values = { order_id: orderName(order), state: order.state };
    return refuse('order_not_closable', { values });
  }
  const change = changeOf(aggregate, {
    order: {
      ...order,
      closing: order.closing ?? reason,
      lateSuccess: lateSuccess ?? order.lateSuccess,
      dueAt: null,
    },
    attempts: closeOthers(aggregate.attempts, undefined, now),
  });
  return ok(conclude(change, now));
}

/** Whether the time of an order is over and nothing closes it yet. */
export function isOverdue(aggregate: Aggregate, now: Temporal.Instant): boolean {
  const { order } = aggregate;
  const over = Temporal.Instant.compare(now, order.expiresAt) >= 0;
  return over && order.closing === null && isPayableOrder(order.state);
}
