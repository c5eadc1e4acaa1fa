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

export function createRefunds(deps: RefundDeps): Refunds {
  const { orders, store, clock, commits, due, faults, merchants, notifications } = deps;
  faults.declare('acquirer.refund', {
    refuse: { code: 'NOT_ENOUGH', status: null },
    abnormal: { delay_ms: defaultDelayMs },
    stay_processing: {},
  });

  function paidOrder(merchant: Merchant, body: RefundBody): Order {
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
    if (order.transactionId === undefined)
      throw new ApiError('INVALID_REQUEST', '订单未支付，不能退款');
    return order;
  }

  function fundsFor(merchant: Merchant, refund: bigint): string {
    if (orders.unsettled(merchant.mchid) >= refund) return 'UNSETTLED';
    if (merchant.refundOverdraft) return 'AVAILABLE';
    throw new ApiError('NOT_ENOUGH', '基本账户余额不足，请充值后重新发起');
  }

  function accept(merchant: Merchant, body: RefundBody): RefundWithOrder {
    const order = paidOrder(merchant, body);
    const refund = BigInt(body.amount.refund);
    if (BigInt(body.amount.total) !== order.total) {
      throw new ApiError('INVALID_REQUEST', '订单金额与原订单不一致');
    }
    if (order.refunded + order.refunding + refund > order.total) {
      throw new ApiError('INVALID_REQUEST', '累计退款金额超过原订单金额');
    }
    const subject = { ...subjectOf(order), out_refund_no: body.out_refund_no };
    const fault = faults.take('acquirer.refund', subject);
    if (fault?.kind === 'refuse') {
      const status = typeof fault['status'] === 'number' ? fault['status'] : undefined;
      throw new FaultError(String(fault['code']), status);
    }
    const accepted: Refund = {
      mchid: merchant.mchid,
      outRefundNo: body.out_refund_no,
      refundId: newRefundId(clock.now()),
      outTradeNo: order.outTradeNo,
      transactionId: order.transactionId ?? '',
      total: order.total,
      refund,
      reason: body.reason,
      notifyUrl: body.notify_url,
      fundsAccount: fundsFor(merchant, refund),
      request: fingerprint(body),
      status: 'PROCESSING',
      createdMs: clock.nowMs(),
      finalMs: undefined,
      feeReturned: 0n,
    };
    const changed: Order = { ...order, tradeState: 'REFUND', refunding: order.refunding + refund };
    store.insert(accepted);
    orders.update(changed);
    orders.moveUnsettled(merchant.mchid, -refund);
    if (fault?.kind !== 'stay_processing') {
      const outcome = fault?.kind === 'abnormal' ? 'ABNORMAL' : 'SUCCESS';
      const dueAt = clock.now().add({ milliseconds: fault?.delay_ms ?? defaultDelayMs });
      const { mchid, outRefundNo } = accepted;
      due.schedule(dueKind, dueAt, { mchid, out_refund_no: outRefundNo, outcome });
    }
    return { refund: accepted, order: changed };
  }

  /** Takes the refund out of the state it hangs in. Part of the transaction that is open. */
  function finish(merchant: Merchant, found: RefundWithOrder, outcome: Outcome, atMs: number) {
    const { refund, order } = found;
    if (refund.status === 'SUCCESS' || refund.status === 'CLOSED') return found;
    if (outcome === 'ABNORMAL') return tell(merchant, { ...refund, status: outcome }, order);
    const refunding = order.refunding - refund.refund;
    if (outcome === 'CLOSED') {
      orders.moveUnsettled(merchant.mchid, refund.refund);
      const isUntouched = order.refunded === 0n && refunding === 0n;
      const tradeState = isUntouched ? 'SUCCESS' : 'REFUND';
      const closed: Refund = { ...refund, status: outcome, finalMs: atMs };
      return tell(merchant, closed, { ...order, tradeState, refunding });
    }
    const refunded = order.refunded + refund.refund;
    const { fee, total, feeReturned: returnedBefore } = order;
    const back = feeReturned({ fee, total, refundedAfter: refunded, returnedBefore });
    if (merchant.feeMode === 'net') orders.moveUnsettled(merchant.mchid, back);
    const done: Refund = { ...refund, status: outcome, finalMs: atMs, feeReturned: back };
    return tell(merchant, done, {
      ...order,
      refunding,
      refunded,
      feeReturned: returnedBefore + back,
    });
  }

  function tell(merchant: Merchant, refund: Refund, order: Order): RefundWithOrder {
    store.update(refund);
    orders.update(order);
    notifications.refunded(merchant, order, refund);
    return { refund, order };
  }

  function find(mchid: string, outRefundNo: string): RefundWithOrder | undefined {
    const refund = store.find(mchid, outRefundNo);
    const order = refund === undefined ? undefined : orders.find(mchid, refund.outTradeNo);
    return refund === undefined || order === undefined ? undefined : { refund, order };
  }

  due.handle(dueKind, ({ mchid = '', out_refund_no = '', outcome }, at) => {
    const merchant = merchants.find(mchid);
    const found = find(mchid, out_refund_no);
    if (merchant === undefined || found === undefined || !isOutcome(outcome)) {
      throw new Error(`refund ${out_refund_no} of ${mchid} cannot be finished`);
    }
    finish(merchant, found, outcome, at.epochMilliseconds);
  });

  return {
    ask: (merchant, body) =>
      commits.write(() => {
        const existing = find(merchant.mchid, body.out_refund_no);
        if (existing === undefined) return accept(merchant, body);
        if (existing.refund.request === fingerprint(body)) return existing;
        throw new ApiError('INVALID_REQUEST', '商户退款单号重复，参数与首次请求时不一致');
      }),
    get: (merchant, outRefundNo) => {
      const found = find(merchant.mchid, outRefundNo);
      if (found === undefined) throw new ApiError('RESOURCE_NOT_EXISTS', '退款单不存在');
      return found;
    },
    resolve: (mchid, outRefundNo, outcome) =>
      commits.write(() => {
        const merchant = merchants.find(mchid);
        const found = find(mchid, outRefundNo);
        if (merchant === undefined || found === undefined) {
          throw new Refusal(
            404,
            `merchant ${mchid} has no refund ${outRefundNo}: check both numbers`,
          );
        }
        if (found.refund.finalMs !== undefined) {
          throw new Refusal(409, `refund ${outRefundNo} is ${found.refund.status} for good`);
        }
        return finish(merchant, found, outcome, clock.nowMs());
      }),
  };
}

function subjectOf(order: Order): Record<string, string> {
  return { mchid: order.mchid, out_trade_no: order.outTradeNo };
}
