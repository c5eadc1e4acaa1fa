import { wireTime } from '../core/clock.ts';
import type { Order, TradeState } from './orders-store.ts';
import type { Refund } from './refunds-store.ts';

const stateSentences: Record<TradeState, string> = {
  NOTPAY: '订单未支付',
  SUCCESS: '支付成功',
  REFUND: '订单发生过退款，退款详情请查询退款单',
  CLOSED: '订单已关闭',
};

/** An unpaid order past its time cannot be paid any more; nothing needs to happen for that. */
export function stateAt(order: Order, nowMs: number): TradeState {
  return order.tradeState === 'NOTPAY' && nowMs >= order.expiresMs ? 'CLOSED' : order.tradeState;
}

/** The wire has integers in fen. Throws when JSON's numbers could not hold it exactly. */
export function wireInteger(exact: bigint): number {
  const integer = Number(exact);
  if (!Number.isSafeInteger(integer)) throw new RangeError(`${exact} does not fit into JSON`);
  return integer;
}

/** The transaction as queries and notifications show it. */
export function orderAnswer(order: Order, nowMs: number): Record<string, unknown> {
  const state = stateAt(order, nowMs);
  const total = wireInteger(order.total);
  const always = {
    appid: order.appid,
    mchid: order.mchid,
    out_trade_no: order.outTradeNo,
    attach: order.attach ?? '',
    trade_state: state,
    trade_state_desc: stateSentences[state],
    promotion_detail: [],
  };
  if (order.transactionId === undefined || order.successMs === undefined) {
    return { ...always, amount: { total, currency: 'CNY' }, payer: {} };
  }
  return {
    ...always,
    transaction_id: order.transactionId,
    trade_type: order.tradeType,
    bank_type: order.bankType,
    success_time: wireTime(order.successMs),
    payer: { openid: order.openid },
    amount: { total, payer_total: total, currency: 'CNY', payer_currency: 'CNY' },
  };
}

/** A query that has not heard of the payment yet: the order as it was before. */
export function unpaidAnswer(order: Order, nowMs: number): Record<string, unknown> {
  const before: Order = {
    ...order,
    tradeState: 'NOTPAY',
    transactionId: undefined,
    successMs: undefined,
    expiresMs: Number.MAX_SAFE_INTEGER,
  };
  return orderAnswer(before, nowMs);
}

const bankNames: Record<string, string> = {
  CMB_DEBIT: '招商银行借记卡0403',
  ICBC_DEBIT: '工商银行借记卡0403',
  CCB_DEBIT: '建设银行借记卡0403',
  ABC_DEBIT: '农业银行借记卡0403',
  BOC_DEBIT: '中国银行借记卡0403',
  CMB_CREDIT: '招商银行信用卡0403',
};

function receivedAccount(bankType: string | undefined): string {
  return bankNames[bankType ?? 'OTHERS'] ?? '支付用户零钱';
}

/** The refund as the answers of asking and querying show it. */
export function refundAnswer(
  refund: Refund,
  bankType: string | undefined,
): Record<string, unknown> {
  const asked = wireInteger(refund.refund);
  const total = wireInteger(refund.total);
  return {
    refund_id: refund.refundId,
    out_refund_no: refund.outRefundNo,
    transaction_id: refund.transactionId,
    out_trade_no: refund.outTradeNo,
    channel: 'ORIGINAL',
    user_received_account: receivedAccount(bankType),
    ...(refund.status === 'SUCCESS' && refund.finalMs !== undefined
      ? { success_time: wireTime(refund.finalMs) }
      : {}),
    create_time: wireTime(refund.createdMs),
    status: refund.status,
    funds_account: refund.fundsAccount,
    amount: {
      total,
      refund: asked,
      from: [],
      payer_total: total,
      payer_refund: asked,
      settlement_refund: asked,
      settlement_total: total,
      discount_refund: 0,
      currency: 'CNY',
    },
    promotion_detail: [],
  };
}

/** The refund as its notification shows it: other names, fewer fields. */
export function refundNotice(
  refund: Refund,
  bankType: string | undefined,
): Record<string, unknown> {
  const asked = wireInteger(refund.refund);
  const total = wireInteger(refund.total);
  return {
    mchid: refund.mchid,
    out_trade_no: refund.outTradeNo,
    transaction_id: refund.transactionId,
    out_refund_no: refund.outRefundNo,
    refund_id: refund.refundId,
    refund_status: refund.status,
    ...(refund.status === 'SUCCESS' && refund.finalMs !== undefined
      ? { success_time: wireTime(refund.finalMs) }
      : {}),
    user_received_account: receivedAccount(bankType),
    amount: { total, refund: asked, payer_total: total, payer_refund: asked },
  };
}
