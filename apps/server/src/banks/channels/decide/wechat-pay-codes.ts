import { type ChannelAnswer, refused, unknown } from '../answer.ts';

/**
 * What WeChat Pay's error codes mean for each operation (public documentation of APIv3, the error
 * tables of "native prepay", "close", "refund", "bill"). Only the codes listed here are definite
 * refusals: nothing was done and nothing will be. Every other code, and those that say that
 * something exists under our number, leave it unknown, and a query has to tell.
 */

export type WechatPayOperation = 'prepay' | 'query' | 'close' | 'refund' | 'query_refund' | 'bill';

const ours = 'This is an error of ours or of the contract: have an engineer look at the request.';
const contract = "Check the contract's merchant number, app id and rights with WeChat Pay.";

const nextSteps = {
  PARAM_ERROR: ours,
  NO_AUTH: contract,
  NOAUTH: contract,
  APPID_MCHID_NOT_MATCH: contract,
  MCH_NOT_EXISTS: contract,
  ACCOUNT_ERROR: 'The payer or the merchant account is restricted: use another way to pay.',
  RULE_LIMIT: 'A limit of the channel is reached: use another way to pay, or a smaller amount.',
  TRADE_ERROR: 'The channel refuses this trade: use another way to pay.',
  REQUEST_BLOCKED: 'The channel blocks this request: ask WeChat Pay for the reason.',
  FREQUENCY_LIMITED: 'Too many requests at a time: try again in a moment.',
  ORDER_CLOSED: 'The order is closed at the channel: start a new attempt.',
  ORDER_NOT_EXIST: 'The channel has no such order: query again before it is given up.',
  NOT_ENOUGH:
    "The merchant's balance at the channel does not cover the refund: top it up, then try again.",
  USER_ACCOUNT_ABNORMAL: "The payer's account cannot take the money: refund it another way.",
  RESOURCE_NOT_EXISTS: 'The channel knows no such payment: check the number.',
  NO_STATEMENT_EXIST: 'There is no bill for that day yet: ask again after 10:00 of the next day.',
  STATEMENT_CREATING: 'The bill is being made: ask again in some minutes.',
} as const;

type Code = keyof typeof nextSteps;

/**
 * Not among them: INVALID_REQUEST, which a new order or refund also gets when its number was used
 * before with another content; what exists under it may have been paid.
 */
const formAndContract = [
  'PARAM_ERROR',
  'NO_AUTH',
  'NOAUTH',
  'APPID_MCHID_NOT_MATCH',
  'MCH_NOT_EXISTS',
] as const;

/**
 * The definite refusals of each operation. A query has none: its failure says nothing about the
 * money.
 */
const definite: Readonly<Record<WechatPayOperation, readonly Code[]>> = {
  prepay: [
    ...formAndContract,
    'ACCOUNT_ERROR',
    'RULE_LIMIT',
    'TRADE_ERROR',
    'REQUEST_BLOCKED',
    'FREQUENCY_LIMITED',
    'ORDER_CLOSED',
  ],
  query: [],
  close: ['ORDER_NOT_EXIST'],
  refund: [
    ...formAndContract,
    'NOT_ENOUGH',
    'USER_ACCOUNT_ABNORMAL',
    'RESOURCE_NOT_EXISTS',
    'RULE_LIMIT',
    'TRADE_ERROR',
  ],
  query_refund: [],
  bill: [...formAndContract, 'NO_STATEMENT_EXIST', 'STATEMENT_CREATING'],
};

function isDefinite(operation: WechatPayOperation, code: string): code is Code {
  const listed: readonly string[] = definite[operation];
  return listed.includes(code);
}

/**
 * A verified error answer as an answer of ours. A status of 500 and above is never definite,
 * whatever its code: the server itself does not know.
 */
export function wechatPayError(
  operation: WechatPayOperation,
  status: number,
  error: { readonly code: string; readonly message: string },
): Exclude<ChannelAnswer<never>, { outcome: 'ok' }> {
  if (status < 500 && isDefinite(operation, error.code)) {
    return refused(error.code, error.message, nextSteps[error.code]);
  }
  return unknown(`WeChat Pay answered ${status} ${error.code}`);
}

/** There is no bill: not yet, or none ever because nothing was traded on that day. */
export const noBill = 'NO_STATEMENT_EXIST';
