import { wireTime } from '../core/clock.ts';
import { stateAt, wireInteger } from './answers.ts';
import type { Order } from './orders-store.ts';

export type PayerState = 'waiting' | 'paid' | 'declined' | 'expired' | 'closed';

/** The order as its payer sees it. */
export function payerState(order: Order, nowMs: number): PayerState {
  const state = stateAt(order, nowMs);
  if (state === 'SUCCESS' || state === 'REFUND') return 'paid';
  if (state === 'CLOSED') return order.tradeState === 'CLOSED' ? 'closed' : 'expired';
  return order.payerNote === 'declined' ? 'declined' : 'waiting';
}

/** The same for machines. */
export function payerView(order: Order, nowMs: number): Record<string, unknown> {
  return {
    state: payerState(order, nowMs),
    walked_away: order.payerNote === 'walked_away',
    trade_state: stateAt(order, nowMs),
    token: order.token,
    mchid: order.mchid,
    out_trade_no: order.outTradeNo,
    description: order.description,
    amount: wireInteger(order.total),
    currency: 'CNY',
    time_expire: wireTime(order.expiresMs),
    transaction_id: order.transactionId ?? null,
    success_time: order.successMs === undefined ? null : wireTime(order.successMs),
  };
}
