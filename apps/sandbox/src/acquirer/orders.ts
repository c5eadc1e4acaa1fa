import type { WorldClock } from '../core/clock.ts';
import type { CommitQueue } from '../core/commit-queue.ts';
import type { Faults } from '../core/faults.ts';
import { Refusal } from '../core/refusal.ts';
import { stateAt } from './answers.ts';
import { ApiError } from './api-error.ts';
import { feeOn } from './fees.ts';
import { newOpenid, newToken, newTransactionId } from './ids.ts';
import type { Merchant, Merchants } from './merchants.ts';
import type { Notifications, Sent } from './notifications.ts';
import type { Order, OrderStore } from './orders-store.ts';
import type { PrepayBody } from './schemas.ts';

/** Without `time_expire` an order can be paid for seven days, as WeChat's can. */
const defaultLifeMs = 7 * 24 * 3_600_000;

export interface Orders {
  /** Creates the order, or finds it again when the same was asked before. Commits. */
  prepay(merchant: Merchant, tradeType: Order['tradeType'], body: PrepayBody): Promise<Order>;
  /** The order of this merchant; throws ORDER_NOT_EXIST. */
  get(merchant: Merchant, outTradeNo: string): Order;
  getByTransaction(merchant: Merchant, transactionId: string): Order;
  close(merchant: Merchant, outTradeNo: string): Promise<void>;
  /** What the payer does. Each commits, and throws a Refusal when the order is past it. */
  pay(token: string, bankType: string): Promise<Order>;
  decline(token: string): Promise<Order>;
  walkAway(token: string): Promise<Order>;
}

export interface OrderDeps {
  store: OrderStore;
  clock: WorldClock;
  commits: CommitQueue;
  faults: Faults;
  merchants: Merchants;
  notifications: Notifications;
}

/** What must be the same for a repeated request to be a repetition. */
function fingerprint(tradeType: Order['tradeType'], body: PrepayBody): string {
  const { appid, description, notify_url, amount, attach = '', time_expire = '' } = body;
  return JSON.stringify([
    tradeType,
    appid,
    description,
    notify_url,
    amount.total,
    attach,
    time_expire,
  ]);
}

function expiry(body: PrepayBody, nowMs: number): number {
  if (body.time_expire === undefined) return nowMs + defaultLifeMs;
  const detail = { field: '/body/time_expire', value: body.time_expire, location: 'body' } as const;
  let expiresMs: number;
  try {
    expiresMs = Temporal.Instant.from(body.time_expire).epochMilliseconds;
  } catch {
    const issue = 'not RFC 3339, for example 2026-05-20T13:29:35+08:00';
    throw new ApiError('PARAM_ERROR', '参数错误：time_expire 格式错误', { ...detail, issue });
  }
  if (expiresMs <= nowMs) {
    const issue = 'lies in the past: give a later time, or none';
    throw new ApiError('PARAM_ERROR', '参数错误：time_expire 已过期', { ...detail, issue });
  }
  return expiresMs;
}

function repeated(order: Order, request: string, nowMs: number): Order {
  const state = stateAt(order, nowMs);
  if (state === 'CLOSED') throw new ApiError('ORDER_CLOSED', '该订单已关闭，请使用新的商户订单号');
  if (order.request !== request && state !== 'NOTPAY') {
    throw new ApiError('OUT_TRADE_NO_USED', '商户订单号重复，该订单已支付');
  }
  if (state !== 'NOTPAY') throw new ApiError('ORDERPAID', '该订单已支付');
  if (order.request !== request) {
    throw new ApiError('INVALID_REQUEST', '请求重入时，参数与首次请求时不一致，请使用原参数重试');
  }
  return order;
}

function created(
  merchant: Merchant,
  tradeType: Order['tradeType'],
  body: PrepayBody,
  at: number,
): Order {
  return {
    mchid: merchant.mchid,
    outTradeNo: body.out_trade_no,
    appid: body.appid,
    tradeType,
    description: body.description,
    attach: body.attach,
    notifyUrl: body.notify_url,
    total: BigInt(body.amount.total),
    request: fingerprint(tradeType, body),
    token: newToken(),
    expiresMs: expiry(body, at),
    createdMs: at,
    tradeState: 'NOTPAY',
    payerNote: 'none',
    transactionId: undefined,
    openid: undefined,
    bankType: undefined,
    successMs: undefined,
    fee: 0n,
    refunding: 0n,
    refunded: 0n,
    feeReturned: 0n,
  };
}

function refuseUnlessWaiting(order: Order, nowMs: number): void {
  const state = stateAt(order, nowMs);
  if (state === 'NOTPAY') return;
  const why = state === 'CLOSED' ? (order.tradeState === 'CLOSED' ? 'closed' : 'expired') : 'paid';
  throw new Refusal(
    409,
    `order ${order.outTradeNo} is ${why} already: ask the merchant for a new one`,
  );
}

function byToken(store: OrderStore, token: string): Order {
  const order = store.findByToken(token);
  if (order === undefined) throw new Refusal(404, 'there is no such order: check the code');
  return order;
}

function byNumber(store: OrderStore, merchant: Merchant, outTradeNo: string): Order {
  const order = store.find(merchant.mchid, outTradeNo);
  if (order === undefined) throw new ApiError('ORDER_NOT_EXIST', '订单不存在');
  return order;
}

/** Part of the transaction that is open: the payer's money is there. */
function settlePayment(
  deps: OrderDeps,
  payment: { order: Order; bankType: string; early: boolean },
): { order: Order; sent: Sent } {
  const { store, clock, merchants, notifications } = deps;
  const { order, bankType, early } = payment;
  const merchant = merchants.find(order.mchid);
  if (merchant === undefined) throw new Error(`merchant ${order.mchid} is not there`);
  const fee = feeOn(order.total, merchant.feeBps);
  const paid: Order = {
    ...order,
    tradeState: 'SUCCESS',
    payerNote: 'none',
    transactionId: newTransactionId(clock.now()),
    openid: newOpenid(),
    bankType,
    successMs: clock.nowMs(),
    fee,
  };
  store.update(paid);
  store.moveUnsettled(order.mchid, order.total - (merchant.feeMode === 'net' ? fee : 0n));
  return { order: paid, sent: notifications.paid(merchant, paid, early) };
}

function note(deps: OrderDeps, token: string, payerNote: Order['payerNote']): Promise<Order> {
  const { store, clock, commits } = deps;
  return commits.write(() => {
    const order = byToken(store, token);
    refuseUnlessWaiting(order, clock.nowMs());
    const noted = { ...order, payerNote };
    store.update(noted);
    return noted;
  });
}

async function pay(deps: OrderDeps, token: string, bankType: string): Promise<Order> {
  const { store, clock, commits, faults } = deps;
  const { order, sent } = await commits.write(() => {
    const before = byToken(store, token);
    refuseUnlessWaiting(before, clock.nowMs());
    const subject = { mchid: before.mchid, out_trade_no: before.outTradeNo };
    if (faults.take('acquirer.pay', subject)?.kind !== 'decline') {
      return settlePayment(deps, { order: before, bankType, early: false });
    }
    const declined: Order = { ...before, payerNote: 'declined' };
    store.update(declined);
    return { order: declined, sent: undefined };
  });
  await sent?.beforeAnswer();
  return order;
}

async function prepay(
  deps: OrderDeps,
  merchant: Merchant,
  tradeType: Order['tradeType'],
  body: PrepayBody,
): Promise<Order> {
  const { store, clock, commits, faults } = deps;
  const { order, isNew } = await commits.write(() => {
    const existing = store.find(merchant.mchid, body.out_trade_no);
    if (existing !== undefined) {
      const request = fingerprint(tradeType, body);
      return { order: repeated(existing, request, clock.nowMs()), isNew: false };
    }
    const fresh = created(merchant, tradeType, body, clock.nowMs());
    store.insert(fresh);
    return { order: fresh, isNew: true };
  });
  // A payer who is quicker than the answer: the notification overtakes it.
  const subject = { mchid: order.mchid, out_trade_no: order.outTradeNo };
  if (isNew && faults.take('acquirer.notify', subject, ['early']) !== undefined) {
    const payment = { order, bankType: 'OTHERS', early: true };
    const { sent } = await commits.write(() => settlePayment(deps, payment));
    await sent.beforeAnswer();
  }
  return order;
}

export function createOrders(deps: OrderDeps): Orders {
  const { store, commits, faults } = deps;
  faults.declare('acquirer.pay', { decline: {} });
  return {
    prepay: (merchant, tradeType, body) => prepay(deps, merchant, tradeType, body),
    get: (merchant, outTradeNo) => byNumber(store, merchant, outTradeNo),
    getByTransaction: (merchant, transactionId) => {
      const order = store.findByTransaction(transactionId);
      if (order?.mchid === merchant.mchid) return order;
      throw new ApiError('ORDER_NOT_EXIST', '订单不存在');
    },
    close: (merchant, outTradeNo) =>
      commits.write(() => {
        const order = byNumber(store, merchant, outTradeNo);
        if (order.tradeState === 'CLOSED') return;
        if (order.tradeState !== 'NOTPAY') throw new ApiError('ORDERPAID', '订单已支付，不能关闭');
        store.update({ ...order, tradeState: 'CLOSED' });
      }),
    pay: (token, bankType) => pay(deps, token, bankType),
    decline: (token) => note(deps, token, 'declined'),
    walkAway: (token) => note(deps, token, 'walked_away'),
  };
}
