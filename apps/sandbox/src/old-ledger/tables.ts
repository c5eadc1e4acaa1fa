import type { DatabaseSync } from 'node:sqlite';

const tables = `
create table if not exists old_client (client_id text primary key, key text not null) strict;
create table if not exists old_account (
  account text primary key, subject text not null, balance integer not null) strict;
create table if not exists old_movement (
  position integer primary key autoincrement, id text not null, account text not null,
  subject text not null, amount integer not null, voucher text, order_no text, kind text not null,
  origin text, booked_ms integer not null) strict;
create index if not exists old_movement_time on old_movement (booked_ms, id, position);
create index if not exists old_movement_id on old_movement (id);
create table if not exists old_hidden (
  number integer primary key autoincrement, id text not null, account text not null,
  row text not null) strict;
create table if not exists old_snapshot (
  id text primary key, taken_ms integer not null, position integer not null) strict;
create table if not exists old_snapshot_balance (
  snapshot text not null references old_snapshot on delete cascade, account text not null,
  subject text not null, balance integer not null, primary key (snapshot, account)) strict;
create table if not exists old_mirrored (
  id text primary key, content text not null, position integer not null) strict;
`;

/** Balances are one signed number per account; the list of movements is another thing. */
export function createOldLedgerTables(store: DatabaseSync): void {
  store.exec(tables);
}
