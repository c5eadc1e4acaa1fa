import { ok, type Refusal, type Result } from '@keyturn/kernel';
import { refuse } from '../errors.ts';
import type { Attempt, Method } from '../tables.ts';
import { isOpenAttempt, moveAttempt } from './attempt-state.ts';
import { type Aggregate, type Change, changeOf, conclude } from './change.ts';
import { orderName } from './create-order.ts';
import { isPayableOrder } from './order-state.ts';
import { serialNumber } from './refund-request.ts';

export interface AttemptRequest {
  readonly method: Method;
  /** The payer's network address; `wechat_h5` needs it. */
  readonly payerIp?: string;
  /** The contract's rate now, basis points. */
  readonly feeBps: number;
}

/** At most so many attempts per order, and so many of them open at a time. */
export const attemptLimit = 20;
export const openAttemptLimit = 5;

/** How long the caller's own call to the channel may take before a job looks after the attempt. */
const ownCall = { seconds: 30 } as const;

/**
 * One more try to pay what the order still misses. The attempt is stored as submitted before the
 * channel hears of it, so that nothing that the channel does is ever unknown to us. A second
 * attempt by bank transfer is the first one again: an order has one virtual account.
 */
export function decideCreateAttempt(
  aggregate: Aggregate,
  request: AttemptRequest,
  id: string,
  now: Temporal.Instant,
): Result<{ readonly change: Change; readonly attempt: Attempt }, Refusal> {
  const { order, attempts } = aggregate;
  const overdue = Temporal.Instant.compare(now, order.expiresAt) >= 0;
  if (!isPayableOrder(order.state) || order.closing !== null || overdue) {
    const state = overdue && order.closing === null ? 'expired' : (order.closing ?? order.state);
    return refuse('order_not_payable', { values: { order_id: orderName(order), state } });
  }
  if (!order.methods.includes(request.method)) {
    const problem = `this order takes ${order.methods.join(', ')}`;
    const values = { method: request.method, problem };
    return refuse('order_method_unavailable', { param: 'method', values });
  }
  if (request.method === 'wechat_h5' && request.payerIp === undefined) {
    return refuse('attempt_payer_ip_missing', { param: 'payer_ip' });
  }
  const open = attempts.filter((attempt) => isOpenAttempt(attempt.state));
  const same = open.find((attempt) => attempt.method === 'bank_transfer');
  if (request.method === 'bank_transfer' && same) {
    return ok({ change: changeOf(aggregate, {}), attempt: same });
  }
  if (attempts.length >= attemptLimit || open.length >= openAttemptLimit) {
    const values = {
      order_id: orderName(order),
      count: String(attempts.length),
      open: String(open.length),
      limit: String(attemptLimit),
      open_limit: String(openAttemptLimit),
    };
    return refuse('attempt_limit_reached', { values });
  }
  const attempt = attemptRow(aggregate, request, id, now);
  const change = changeOf(aggregate, {
    order: { ...order, attempts: order.attempts + 1 },
    attempts: [...attempts, attempt],
  });
  return ok({ change: conclude(change, now), attempt });
}

function attemptRow(
  { order }: Aggregate,
  request: AttemptRequest,
  id: string,
  now: Temporal.Instant,
): Attempt {
  const transfer = request.method === 'bank_transfer';
  return {
    id,
    number: serialNumber(id),
    orderId: order.id,
    method: request.method,
    contractId: transfer ? null : order.contractId,
    feeBps: transfer ? 0 : request.feeBps,
    amountMinor: order.amountMinor - order.paidMinor,
    state: moveAttempt('created', 'submitted'),
    payerIp: request.payerIp ?? null,
    codeUrl: null,
    h5Url: null,
    channelNumber: null,
    feeMinor: 0n,
    feeReturnedMinor: 0n,
    paidAt: null,
    paidOn: null,
    placedMinor: 0n,
    suspenseMinor: 0n,
    refundingMinor: 0n,
    refundedMinor: 0n,
    queries: 0,
    submissions: 1,
    submittedAt: now,
    firstNotFoundAt: null,
    proof: null,
    contradiction: null,
    dueAt: now.add(ownCall),
    createdAt: now,
    finalAt: null,
  };
}
