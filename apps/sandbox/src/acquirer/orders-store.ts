import type { DatabaseSync } from 'node:sqlite';
import { amount, integer, optionalInteger, optionalText, type Row, text } from '../core/store.ts';

export const tradeStates = ['NOTPAY', 'SUCCESS', 'REFUND', 'CLOSED'] as const;
export type TradeState = (typeof tradeStates)[number];

/** What the payer did last; the protocol does not show it, the payer's page does. */
export type PayerNote = 'none' | 'declined' | 'walked_away';

export interface Order {
  mchid: string;
  outTradeNo: string;
  appid: string;
  tradeType: 'NATIVE' | 'MWEB';
  description: string;
  attach: string | undefined;
  notifyUrl: string;
  total: bigint;
  /** The body of the first request, to tell a repetition from another order. */
  request: string;
  token: string;
  expiresMs: number;
  createdMs: number;
  tradeState: TradeState;
  payerNote: PayerNote;
  transactionId: string | undefined;
  openid: string | undefined;
  bankType: string | undefined;
  successMs: number | undefined;
  fee: bigint;
  /** Asked for and not yet given back, or stuck. */
  refunding: bigint;
  refunded: bigint;
  feeReturned: bigint;
}

function tradeState(row: Row): TradeState {
  const value = text(row, 'trade_state');
  const state = tradeStates.find((each) => each === value);
  if (state === undefined) throw new Error(`unknown trade state ${value}`);
  return state;
}

function payerNote(row: Row): PayerNote {
  const value = text(row, 'payer_note');
  return value === 'declined' || value === 'walked_away' ? value : 'none';
}

export function parseOrder(row: Row): Order {
  return {
    mchid: text(row, 'mchid'),
    outTradeNo: text(row, 'out_trade_no'),
    appid: text(row, 'appid'),
    tradeType: text(row, 'trade_type') === 'MWEB' ? 'MWEB' : 'NATIVE',
    description: text(row, 'description'),
    attach: optionalText(row, 'attach'),
    notifyUrl: text(row, 'notify_url'),
    total: amount(row, 'total'),
    request: text(row, 'request'),
    token: text(row, 'token'),
    expiresMs: integer(row, 'expires_ms'),
    createdMs: integer(row, 'created_ms'),
    tradeState: tradeState(row),
    payerNote: payerNote(row),
    transactionId: optionalText(row, 'transaction_id'),
    openid: optionalText(row, 'openid'),
    bankType: optionalText(row, 'bank_type'),
    successMs: optionalInteger(row, 'success_ms'),
    fee: amount(row, 'fee'),
    refunding: amount(row, 'refunding'),
    refunded: amount(row, 'refunded'),
    feeReturned: amount(row, 'fee_returned'),
  };
}

function one(row: Row | undefined): Order | undefined {
  return row === undefined ? undefined : parseOrder(row);
}

export interface OrderStore {
  find(mchid: string, outTradeNo: string): Order | undefined;
  findByTransaction(transactionId: string): Order | undefined;
  findByToken(token: string): Order | undefined;
  /** Orders of any merchant with this number, at most two: a payer's number may be ambiguous. */
  findByNumber(outTradeNo: string): Order[];
  insert(order: Order): void;
  /** Writes the fields that change in an order's life. */
  update(order: Order): void;
  list(mchid: string, after: string, limit: number): Order[];
  totals(mchid: string): Row;
  /** Moves the merchant's unsettled balance by so many fen. */
  moveUnsettled(mchid: string, by: bigint): void;
  unsettled(mchid: string): bigint;
}

function prepareStatements(store: DatabaseSync) {
  return {
    byNumber: store.prepare('select * from acquirer_order where mchid = ? and out_trade_no = ?'),
    byTransaction: store.prepare('select * from acquirer_order where transaction_id = ?'),
    byToken: store.prepare('select * from acquirer_order where token = ?'),
    byNumberAlone: store.prepare('select * from acquirer_order where out_trade_no = ? limit 2'),
    insert: store.prepare(`insert into acquirer_order (mchid, out_trade_no, appid, trade_type,
        description, attach, notify_url, total, request, token, expires_ms, created_ms, trade_state,
        payer_note)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    update: store.prepare(`update acquirer_order set trade_state = ?, payer_note = ?,
        transaction_id = ?, openid = ?, bank_type = ?, success_ms = ?, fee = ?, refunding = ?,
        refunded = ?, fee_returned = ?
      where mchid = ? and out_trade_no = ?`),
    list: store.prepare(`select * from acquirer_order where mchid = ? and out_trade_no > ?
      order by out_trade_no limit ?`),
    totals: store.prepare(`select count(*) as orders,
        count(success_ms) as paid_orders,
        coalesce(sum(case when success_ms is not null then total end), 0) as paid,
        coalesce(sum(fee), 0) as fees, coalesce(sum(refunded), 0) as refunded,
        coalesce(sum(refunding), 0) as refunding, coalesce(sum(fee_returned), 0) as fees_returned
      from acquirer_order where mchid = ?`),
    moveUnsettled: store.prepare(
      'update acquirer_merchant set unsettled = unsettled + ? where mchid = ?',
    ),
    unsettled: store.prepare('select unsettled from acquirer_merchant where mchid = ?'),
  };
}

export function openOrderStore(store: DatabaseSync): OrderStore {
  const sql = prepareStatements(store);
  return {
    find: (mchid, outTradeNo) => one(sql.byNumber.get(mchid, outTradeNo)),
    findByTransaction: (transactionId) => one(sql.byTransaction.get(transactionId)),
    findByToken: (token) => one(sql.byToken.get(token)),
    findByNumber: (outTradeNo) => sql.byNumberAlone.all(outTradeNo).map(parseOrder),
    insert: (order) => {
      sql.insert.run(
        ...[order.mchid, order.outTradeNo, order.appid, order.tradeType, order.description],
        ...[order.attach ?? null, order.notifyUrl, order.total, order.request, order.token],
        ...[order.expiresMs, order.createdMs, order.tradeState, order.payerNote],
      );
    },
    update: (order) => {
      sql.update.run(
        ...[order.tradeState, order.payerNote, order.transactionId ?? null, order.openid ?? null],
        ...[order.bankType ?? null, order.successMs ?? null, order.fee, order.refunding],
        ...[order.refunded, order.feeReturned, order.mchid, order.outTradeNo],
      );
    },
    list: (mchid, after, limit) => sql.list.all(mchid, after, limit).map(parseOrder),
    totals: (mchid) => sql.totals.get(mchid) ?? {},
    moveUnsettled: (mchid, by) => {
      sql.moveUnsettled.run(by, mchid);
    },
    unsettled: (mchid) => {
      const row = sql.unsettled.get(mchid);
      return row === undefined ? 0n : amount(row, 'unsettled');
    },
  };
}
