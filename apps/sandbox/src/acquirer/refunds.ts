import type { WorldClock } from '../core/clock.ts';
import type { CommitQueue } from '../core/commit-queue.ts';
import type { Due } from '../core/due.ts';
import type { Faults } from '../core/faults.ts';
import { Refusal } from '../core/refusal.ts';
import { ApiError, FaultError } from './api-error.ts';
import { feeReturned } from './fees.ts';
import { newRefundId } from './ids.ts';
import type { Merchant, Merchants } from './merchants.ts';
import type { Notifications } from './notifications.ts';
import type { Order, OrderStore } from './orders-store.ts';
import type { Refund, RefundStore } from './refunds-store.ts';
import type { RefundBody } from './schemas.ts';

/** How long the payer's bank takes, in world time, unless a fault says otherwise. */
const defaultDelayMs = 3_000;

type Outcome = 'SUCCESS' | 'ABNORMAL' | 'CLOSED';

export interface RefundWithOrder {
  refund: Refund;
  order: Order;
}

export interface Refunds {
  /** Accepts the refund, or finds it again when the same was asked before. Commits. */
  ask(merchant: Merchant, body: RefundBody): Promise<RefundWithOrder>;
  get(merchant: Merchant, outRefundNo: string): RefundWithOrder;
  /** What a clerk of the acquirer decides about a refund that is stuck. Commits. */
  resolve(mchid: string, outRefundNo: string, outcome: Outcome): Promise<RefundWithOrder>;
}

export interface RefundDeps {
  orders: OrderStore;
  store: RefundStore;
  clock: WorldClock;
  commits: CommitQueue;
  due: Due;
  faults: Faults;
  merchants: Merchants;
  notifications: Notifications;
}

const dueKind = 'acquirer.refund';

function fingerprint(body: RefundBody): string {
  const { transaction_id = '', out_trade_no = '', reason = '', notify_url = '', amount } = body;
  return JSON.stringify([
    transaction_id,
    out_trade_no,
    reason,
    notify_url,
    amount.refund,
    amount.total,
  ]);
}

function isOutcome(value: string | undefined): value is Outcome {
  return value === 'SUCCESS' || value === 'ABNORMAL' || value === 'CLOSED';
}

function subjectOf(order: Order): Record<string, string> {
  return { mchid: order.mchid, out_trade_no: order.outTradeNo };
}

/** The paid order that the request names. Throws when there is none of this merchant. */
function paidOrder(orders: OrderStore, merchant: Merchant, body: RefundBody) {
  if (body.transaction_id === undefined && body.out_trade_no === undefined) {
    const issue = 'name the order by transaction_id or out_trade_no';
    throw new ApiError('PARAM_ERROR', '参数错误：缺少原订单号', { location: 'body', issue });
  }
  const order =
    body.transaction_id === undefined
      ? orders.find(merchant.mchid, body.out_trade_no ?? '')
      : orders.findByTransaction(body.transaction_id);
  const isTheirs = order?.mchid === merchant.mchid;
  const isNamed = body.out_trade_no === undefined || body.out_trade_no === order?.outTradeNo;
  if (order === undefined || !isTheirs || !isNamed) {
    throw new ApiError('RESOURCE_NOT_EXISTS', '订单不存在');
  }
  const { transactionId } = order;
  if (transactionId === undefined) throw new ApiError('INVALID_REQUEST', '订单未支付，不能退款');
  return { order, transactionId };
}

function refuseBadAmounts(order: Order, body: RefundBody): void {
  if (BigInt(body.amount.total) !== order.total) {
    throw new ApiError('INVALID_REQUEST', '订单金额与原订单不一致');
  }
  if (order.refunded + order.refunding + BigInt(body.amount.refund) > order.total) {
    throw new ApiError('INVALID_REQUEST', '累计退款金额超过原订单金额');
  }
}

/** Unsettled money first; beyond it the acquirer advances to merchants that may have that. */
function fundsFor(orders: OrderStore, merchant: Merchant, refund: bigint): string {
  if (orders.unsettled(merchant.mchid) >= refund) return 'UNSETTLED';
  if (merchant.refundOverdraft) return 'AVAILABLE';
  throw new ApiError('NOT_ENOUGH', '基本账户余额不足，请充值后重新发起');
}

function accept(deps: RefundDeps, merchant: Merchant, body: RefundBody): RefundWithOrder {
  const { orders, store, clock, due, faults } = deps;
  const { order, transactionId } = paidOrder(orders, merchant, body);
  refuseBadAmounts(order, body);
  const subject = { ...subjectOf(order), out_refund_no: body.out_refund_no };
  const fault = faults.take('acquirer.refund', subject);
  if (fault?.kind === 'refuse') {
    const status = typeof fault['status'] === 'number' ? fault['status'] : undefined;
    throw new FaultError(String(fault['code']), status);
  }
  const refund = BigInt(body.amount.refund);
  const { mchid } = merchant;
  const accepted: Refund = {
    mchid,
    outRefundNo: body.out_refund_no,
    refundId: newRefundId(clock.now()),
    outTradeNo: order.outTradeNo,
    transactionId,
    total: order.total,
    refund,
    reason: body.reason,
    notifyUrl: body.notify_url,
    fundsAccount: fundsFor(orders, merchant, refund),
    request: fingerprint(body),
    status: 'PROCESSING',
    createdMs: clock.nowMs(),
    finalMs: undefined,
    feeReturned: 0n,
  };
  const changed: Order = { ...order, tradeState: 'REFUND', refunding: order.refunding + refund };
  store.insert(accepted);
  orders.update(changed);
  orders.moveUnsettled(mchid, -refund);
  if (fault?.kind !== 'stay_processing') {
    const outcome = fault?.kind === 'abnormal' ? 'ABNORMAL' : 'SUCCESS';
    const dueAt = clock.now().add({ milliseconds: fault?.delay_ms ?? defaultDelayMs });
    due.schedule(dueKind, dueAt, { mchid, out_refund_no: body.out_refund_no, outcome });
  }
  return { refund: accepted, order: changed };
}

/** Writes both and tells the merchant. */
function tell(deps: RefundDeps, merchant: Merchant, found: RefundWithOrder): RefundWithOrder {
  deps.store.update(found.refund);
  deps.orders.update(found.order);
  deps.notifications.refunded(merchant, found.order, found.refund);
  return found;
}

/** Takes the refund out of the state it hangs in. Part of the transaction that is open. */
function finish(
  deps: RefundDeps,
  merchant: Merchant,
  found: RefundWithOrder,
  end: { outcome: Outcome; atMs: number },
): RefundWithOrder {
  const { orders } = deps;
  const { refund, order } = found;
  const { outcome, atMs } = end;
  if (refund.status === 'SUCCESS' || refund.status === 'CLOSED') return found;
  if (outcome === 'ABNORMAL') {
    return tell(deps, merchant, { refund: { ...refund, status: outcome }, order });
  }
  const refunding = order.refunding - refund.refund;
  const ended: Refund = { ...refund, status: outcome, finalMs: atMs };
  if (outcome === 'CLOSED') {
    orders.moveUnsettled(merchant.mchid, refund.refund);
    const isUntouched = order.refunded === 0n && refunding === 0n;
    const tradeState = isUntouched ? 'SUCCESS' : 'REFUND';
    return tell(deps, merchant, { refund: ended, order: { ...order, tradeState, refunding } });
  }
  const refunded = order.refunded + refund.refund;
  const { fee, total, feeReturned: returnedBefore } = order;
  const back = feeReturned({ fee, total, refundedAfter: refunded, returnedBefore });
  if (merchant.feeMode === 'net') orders.moveUnsettled(merchant.mchid, back);
  return tell(deps, merchant, {
    refund: { ...ended, feeReturned: back },
    order: { ...order, refunding, refunded, feeReturned: returnedBefore + back },
  });
}

function find(
  { store, orders }: RefundDeps,
  mchid: string,
  outRefundNo: string,
): RefundWithOrder | undefined {
  const refund = store.find(mchid, outRefundNo);
  const order = refund === undefined ? undefined : orders.find(mchid, refund.outTradeNo);
  return refund === undefined || order === undefined ? undefined : { refund, order };
}

function resolve(
  deps: RefundDeps,
  name: { mchid: string; outRefundNo: string },
  outcome: Outcome,
): RefundWithOrder {
  const { mchid, outRefundNo } = name;
  const merchant = deps.merchants.find(mchid);
  const found = find(deps, mchid, outRefundNo);
  if (merchant === undefined || found === undefined) {
    throw new Refusal(404, `merchant ${mchid} has no refund ${outRefundNo}: check both numbers`);
  }
  if (found.refund.finalMs !== undefined) {
    throw new Refusal(409, `refund ${outRefundNo} is ${found.refund.status} for good`);
  }
  return finish(deps, merchant, found, { outcome, atMs: deps.clock.nowMs() });
}

export function createRefunds(deps: RefundDeps): Refunds {
  const { commits, due, faults, merchants } = deps;
  faults.declare('acquirer.refund', {
    refuse: { code: 'NOT_ENOUGH', status: null },
    abnormal: { delay_ms: defaultDelayMs },
    stay_processing: {},
  });
  due.handle(dueKind, ({ mchid = '', out_refund_no = '', outcome }, at) => {
    const merchant = merchants.find(mchid);
    const found = find(deps, mchid, out_refund_no);
    if (merchant === undefined || found === undefined || !isOutcome(outcome)) {
      throw new Error(`refund ${out_refund_no} of ${mchid} cannot be finished`);
    }
    finish(deps, merchant, found, { outcome, atMs: at.epochMilliseconds });
  });
  return {
    ask: (merchant, body) =>
      commits.write(() => {
        const existing = find(deps, merchant.mchid, body.out_refund_no);
        if (existing === undefined) return accept(deps, merchant, body);
        if (existing.refund.request === fingerprint(body)) return existing;
        throw new ApiError('INVALID_REQUEST', '商户退款单号重复，参数与首次请求时不一致');
      }),
    get: (merchant, outRefundNo) => {
      const found = find(deps, merchant.mchid, outRefundNo);
      if (found === undefined) throw new ApiError('RESOURCE_NOT_EXISTS', '退款单不存在');
      return found;
    },
    resolve: (mchid, outRefundNo, outcome) =>
      commits.write(() => resolve(deps, { mchid, outRefundNo }, outcome)),
  };
}
