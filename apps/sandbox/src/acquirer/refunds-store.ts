import type { DatabaseSync } from 'node:sqlite';
import { amount, integer, optionalInteger, optionalText, type Row, text } from '../core/store.ts';

export const refundStates = ['PROCESSING', 'SUCCESS', 'ABNORMAL', 'CLOSED'] as const;
export type RefundState = (typeof refundStates)[number];

export interface Refund {
  mchid: string;
  outRefundNo: string;
  refundId: string;
  outTradeNo: string;
  transactionId: string;
  /** Of the order. */
  total: bigint;
  refund: bigint;
  reason: string | undefined;
  notifyUrl: string | undefined;
  fundsAccount: string;
  request: string;
  status: RefundState;
  createdMs: number;
  /** When it succeeded or was closed. */
  finalMs: number | undefined;
  feeReturned: bigint;
}

export function parseRefund(row: Row): Refund {
  const status = refundStates.find((each) => each === text(row, 'status'));
  if (status === undefined) throw new Error(`unknown refund status ${text(row, 'status')}`);
  return {
    mchid: text(row, 'mchid'),
    outRefundNo: text(row, 'out_refund_no'),
    refundId: text(row, 'refund_id'),
    outTradeNo: text(row, 'out_trade_no'),
    transactionId: text(row, 'transaction_id'),
    total: amount(row, 'total'),
    refund: amount(row, 'refund'),
    reason: optionalText(row, 'reason'),
    notifyUrl: optionalText(row, 'notify_url'),
    fundsAccount: text(row, 'funds_account'),
    request: text(row, 'request'),
    status,
    createdMs: integer(row, 'created_ms'),
    finalMs: optionalInteger(row, 'final_ms'),
    feeReturned: amount(row, 'fee_returned'),
  };
}

export interface RefundStore {
  find(mchid: string, outRefundNo: string): Refund | undefined;
  insert(refund: Refund): void;
  update(refund: Refund): void;
  list(mchid: string, after: string, limit: number): Refund[];
  totals(mchid: string): Row;
}

export function openRefundStore(store: DatabaseSync): RefundStore {
  const byNumber = store.prepare(
    'select * from acquirer_refund where mchid = ? and out_refund_no = ?',
  );
  const insert = store.prepare(`insert into acquirer_refund (mchid, out_refund_no, refund_id,
      out_trade_no, transaction_id, total, refund, reason, notify_url, funds_account, request,
      status, created_ms)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const update = store.prepare(`update acquirer_refund set status = ?, final_ms = ?,
      fee_returned = ? where mchid = ? and out_refund_no = ?`);
  const list = store.prepare(`select * from acquirer_refund where mchid = ? and out_refund_no > ?
    order by out_refund_no limit ?`);
  const totals = store.prepare(`select count(*) as refunds, coalesce(sum(refund), 0) as asked,
      coalesce(sum(case when status = 'SUCCESS' then refund end), 0) as succeeded,
      coalesce(sum(fee_returned), 0) as fees_returned
    from acquirer_refund where mchid = ?`);
  return {
    find: (mchid, outRefundNo) => {
      const row = byNumber.get(mchid, outRefundNo);
      return row === undefined ? undefined : parseRefund(row);
    },
    insert: (refund) => {
      insert.run(
        ...[refund.mchid, refund.outRefundNo, refund.refundId, refund.outTradeNo],
        ...[refund.transactionId, refund.total, refund.refund, refund.reason ?? null],
        ...[refund.notifyUrl ?? null, refund.fundsAccount, refund.request, refund.status],
        refund.createdMs,
      );
    },
    update: (refund) => {
      const { status, finalMs, feeReturned, mchid, outRefundNo } = refund;
      update.run(status, finalMs ?? null, feeReturned, mchid, outRefundNo);
    },
    list: (mchid, after, limit) => list.all(mchid, after, limit).map(parseRefund),
    totals: (mchid) => totals.get(mchid) ?? {},
  };
}
