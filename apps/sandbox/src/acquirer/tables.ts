import type { DatabaseSync } from 'node:sqlite';

/** The acquirer's tables. Amounts are fen, moments epoch milliseconds of the world. */
export function createTables(store: DatabaseSync): void {
  store.exec(`
    create table if not exists acquirer_merchant (
      mchid text primary key, name text not null, appid text not null, api_v3_key text not null,
      certificate_serial text not null, public_key_pem text not null, fee_bps integer not null,
      fee_mode text not null, settlement_account text, refund_overdraft integer not null,
      unsettled integer not null default 0, carried integer not null default 0
    ) strict;
    create table if not exists acquirer_order (
      mchid text not null, out_trade_no text not null, appid text not null,
      trade_type text not null, description text not null, attach text, notify_url text not null,
      total integer not null, request text not null, token text not null unique,
      expires_ms integer not null, created_ms integer not null, trade_state text not null,
      payer_note text not null, transaction_id text unique, openid text, bank_type text,
      success_ms integer, fee integer not null default 0, refunding integer not null default 0,
      refunded integer not null default 0, fee_returned integer not null default 0,
      primary key (mchid, out_trade_no)
    ) strict, without rowid;
    create index if not exists acquirer_order_day on acquirer_order (mchid, success_ms)
      where success_ms is not null;
    create index if not exists acquirer_order_number on acquirer_order (out_trade_no);
    create table if not exists acquirer_refund (
      mchid text not null, out_refund_no text not null, refund_id text not null unique,
      out_trade_no text not null, transaction_id text not null, total integer not null,
      refund integer not null, reason text, notify_url text, funds_account text not null,
      request text not null, status text not null, created_ms integer not null,
      final_ms integer, fee_returned integer not null default 0,
      primary key (mchid, out_refund_no)
    ) strict, without rowid;
    create index if not exists acquirer_refund_day on acquirer_refund (mchid, final_ms)
      where final_ms is not null;
    create index if not exists acquirer_refund_order on acquirer_refund (mchid, out_trade_no);
    create table if not exists acquirer_nonce (
      mchid text not null, nonce text not null, seen_ms integer not null,
      primary key (mchid, nonce)
    ) strict, without rowid;
    create index if not exists acquirer_nonce_age on acquirer_nonce (seen_ms);
    create table if not exists acquirer_settlement (
      mchid text not null, day text not null, gross integer not null, refunds integer not null,
      fees integer not null, carried_in integer not null, paid integer not null,
      carried_out integer not null, withheld integer not null, account text,
      end_to_end_id text not null, at_ms integer not null, primary key (mchid, day)
    ) strict, without rowid;
    create table if not exists acquirer_bill (
      token text primary key, mchid text not null, day text not null, type text not null,
      content text not null, sha1 text not null, unique (mchid, day, type)
    ) strict;
  `);
}
