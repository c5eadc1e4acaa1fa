import { answered, type ChannelAnswer, unknown } from '../answer.ts';
import { refundStateOf, tradeStateOf } from '../decide/wechat-pay-states.ts';
import type { AcquirerState, RefundState } from '../types.ts';

/** An instant as WeChat Pay writes it (RFC 3339 with an offset); undefined when it is none. */
function instantOf(text: string | undefined): Temporal.Instant | undefined {
  if (text === undefined) return undefined;
  try {
    return Temporal.Instant.from(text);
  } catch {
    return undefined; // The time of a payment is for show; its absence changes nothing.
  }
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}

export interface TransactionMessage {
  readonly mchid: string;
  readonly out_trade_no: string;
  readonly trade_state: string;
  readonly transaction_id?: string;
  readonly bank_type?: string;
  readonly success_time?: string;
  readonly amount?: {
    readonly total?: bigint;
    readonly payer_total?: bigint;
    readonly currency?: string;
  };
}

/**
 * The payment's state; unknown when the message is about another payment, or does not hold
 * together.
 */
export function transactionOf(
  message: TransactionMessage,
  asked: { readonly mchid: string; readonly number: string },
): ChannelAnswer<AcquirerState> {
  if (message.mchid !== asked.mchid || message.out_trade_no !== asked.number) {
    return unknown('the answer is about another payment');
  }
  const state = tradeStateOf(message.trade_state);
  if (state === undefined) return unknown(`trade state ${message.trade_state} is not known`);
  const { transaction_id: channelNumber, amount } = message;
  if (state === 'succeeded' && (channelNumber === undefined || amount?.total === undefined)) {
    return unknown('a payment is said to have succeeded, without its number or amount');
  }
  return answered({
    state,
    ...optional('channelNumber', channelNumber),
    ...optional('paidAt', instantOf(message.success_time)),
    ...optional('amount', amount?.total),
    ...optional('payerTotal', amount?.payer_total),
    ...optional('currency', amount?.currency),
    ...optional('bank', message.bank_type),
    ...(message.trade_state === 'REFUND' ? { refunded: true } : {}),
  });
}

export interface RefundMessage {
  readonly out_refund_no: string;
  readonly refund_id: string;
  readonly status: string;
  readonly success_time?: string;
  readonly amount: { readonly refund: bigint };
}

export function refundOf(message: RefundMessage, number: string): ChannelAnswer<RefundState> {
  if (message.out_refund_no !== number) return unknown('the answer is about another refund');
  const state = refundStateOf(message.status);
  if (state === undefined) return unknown(`refund state ${message.status} is not known`);
  return answered({
    state,
    channelNumber: message.refund_id,
    amount: message.amount.refund,
    ...optional('at', instantOf(message.success_time)),
  });
}
