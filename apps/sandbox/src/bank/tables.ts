import type { DatabaseSync } from 'node:sqlite';

/** Amounts are fen, instants epoch milliseconds, days `YYYY-MM-DD` in the world's zone. */
const tables = `
create table if not exists bank_client (
  client_id text primary key, name text not null, public_key_pem text not null, key_id text,
  notify_url text) strict;

create table if not exists bank_nonce (
  client_id text not null, nonce text not null, seen_ms integer not null,
  primary key (client_id, nonce)) strict, without rowid;
create index if not exists bank_nonce_seen on bank_nonce (seen_ms);

create table if not exists bank_account (
  account text primary key, client_id text not null references bank_client, name text not null,
  kind text not null, currency text not null, balance integer not null check (balance >= 0),
  held integer not null check (held >= 0 and held <= balance), opened_on text not null,
  not_before_ms integer not null) strict;

create table if not exists bank_virtual_account (
  number text primary key, account text not null references bank_account, name text not null,
  reference text not null, client_id text not null, request_id text not null,
  balance integer not null check (balance >= 0),
  held integer not null check (held >= 0 and held <= balance),
  opened_ms integer not null, closed_ms integer, unique (client_id, request_id)) strict;
create index if not exists bank_virtual_account_of on bank_virtual_account (account, number);

create table if not exists bank_entry (
  seq integer primary key autoincrement, bank_reference text not null unique,
  account text not null references bank_account, virtual_account text, kind text not null,
  amount integer not null check (amount <> 0), balance_after integer not null,
  booked_ms integer not null, booked_on text not null, end_to_end_id text,
  message_id text, payment_information_id text, instruction_id text,
  debtor_name text not null, debtor_account text not null, creditor_name text not null,
  creditor_account text not null, creditor_agent text, remittance text not null,
  return_reason text, original_reference text) strict;
create index if not exists bank_entry_day on bank_entry (account, booked_on, seq);
create trigger if not exists bank_entry_kept before delete on bank_entry
  begin select raise(abort, 'entries are never deleted'); end;
create trigger if not exists bank_entry_unchanged before update on bank_entry
  begin select raise(abort, 'entries are never changed'); end;

create table if not exists bank_incoming (
  end_to_end_id text not null, debtor_account text not null, content text not null,
  bank_reference text not null, primary key (end_to_end_id, debtor_account))
  strict, without rowid;

create table if not exists bank_message (
  client_id text not null, message_id text not null, body_hash text not null,
  answer text not null, primary key (client_id, message_id)) strict;

create table if not exists bank_payment (
  client_id text not null, end_to_end_id text not null, message_id text not null,
  payment_information_id text not null, instruction_id text, account text not null,
  virtual_account text, amount integer not null, debtor_name text not null,
  creditor_name text not null, creditor_account text not null, creditor_agent text,
  remittance text not null, fingerprint text not null, state text not null,
  reason_code text, reason_text text, submitted_ms integer not null, settled_ms integer,
  bank_reference text, return_reference text, fault text, notify_fault text,
  primary key (client_id, end_to_end_id)) strict;

create table if not exists bank_statement (
  account text not null, day text not null, xml text not null, fault text,
  primary key (account, day)) strict;
`;

/** Makes the bank's tables; entries can only be added, which the database itself sees to. */
export function createBankTables(store: DatabaseSync): void {
  store.exec(tables);
}
