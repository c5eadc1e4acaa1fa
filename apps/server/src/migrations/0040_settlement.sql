-- Settlement: splits of merchants' money, windows of T+n, what acquirers paid, top-ups of fees.

create schema settlement;

create table settlement.split (
  id uuid primary key,
  order_id uuid not null unique,
  book text not null references ledger.book,
  payer uuid not null,
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null,
  -- Who shares and what the platform takes, as it was agreed.
  rule jsonb not null,
  state text not null check (state in ('planned', 'accepted', 'finished', 'returned')),
  -- How the order was paid: over which contract (null: by bank transfer), on which bank day.
  contract_id text,
  trade_date date,
  -- When an accepted split that the ledger refused is tried again, and why it was refused.
  due_at timestamptz,
  blocked text,
  fee_minor bigint not null default 0 check (fee_minor >= 0),
  vat_minor bigint not null default 0 check (vat_minor >= 0),
  fee_returned_minor bigint not null default 0
    check (fee_returned_minor between 0 and fee_minor + vat_minor),
  -- Refunded out of the payer's pending account without taking shares back: not settled any more.
  refunded_minor bigint not null default 0 check (refunded_minor >= 0),
  planned_at timestamptz not null,
  finished_at timestamptz,
  events bigint not null
);

create index split_due on settlement.split (due_at) where due_at is not null;

create table settlement.split_leg (
  id uuid primary key,
  split_id uuid not null references settlement.split,
  receiver uuid not null,
  amount_minor bigint not null check (amount_minor >= 0),
  state text not null check (state in ('succeeded', 'closed', 'returned')),
  -- Why a leg is closed; its money stays with the payer.
  reason text,
  returned_minor bigint not null default 0 check (returned_minor between 0 and amount_minor),
  window_id uuid,
  at timestamptz not null,
  unique (split_id, receiver)
);

create table settlement.settlement_window (
  id uuid primary key,
  book text not null references ledger.book,
  merchant_id uuid not null,
  trade_date date not null,
  -- The acquirer contract that has to pay first; null when the money came by bank.
  contract_id text,
  -- Earned and not yet settled.
  amount_minor bigint not null check (amount_minor >= 0),
  settled_minor bigint not null default 0 check (settled_minor >= 0),
  state text not null check (state in ('open', 'settled', 'aborted')),
  -- When its day of settlement begins; due_at is when it is looked at next, null when nothing is
  -- open.
  settles_at timestamptz not null,
  due_at timestamptz,
  settled_at timestamptz,
  events bigint not null,
  unique (merchant_id, book, trade_date, contract_id)
);
create index settlement_window_due on settlement.settlement_window (due_at)
  where due_at is not null;

create table settlement.channel_settlement (
  id uuid primary key,
  contract_id text not null,
  trade_date date not null,
  book text not null references ledger.book,
  custody_account_id text not null,
  receipt_id uuid not null unique,
  currency text not null,
  -- The first of the days without a payment of their own that this one brings with it, or its own
  -- day.
  covers_from date not null,
  gross_minor bigint not null,
  refunds_minor bigint not null,
  fees_minor bigint not null,
  fees_returned_minor bigint not null,
  carried_minor bigint not null,
  expected_minor bigint not null,
  received_minor bigint not null check (received_minor > 0),
  settled_minor bigint not null,
  difference_minor bigint not null,
  -- What the acquirer still owes for the day after this payment; negative when it paid too much.
  owed_minor bigint not null,
  state text not null check (state in ('matched', 'different')),
  at timestamptz not null,
  events bigint not null,
  check (covers_from <= trade_date)
);
create index channel_settlement_by_day
  on settlement.channel_settlement (contract_id, trade_date, id);

-- One payment of own money per bank day into a client book, for the acquirers' fees.
create table settlement.fee_top_up (
  id uuid primary key,
  own_book text not null references ledger.book,
  client_book text not null references ledger.book,
  bank_date date not null,
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null,
  payout_id uuid not null,
  payout_number text not null unique,
  receipt_id uuid,
  state text not null check (state in ('sent', 'failed', 'arrived')),
  at timestamptz not null,
  arrived_at timestamptz,
  unique (own_book, client_book, bank_date)
);
create index fee_top_up_payout on settlement.fee_top_up (payout_id);
create index fee_top_up_by_client on settlement.fee_top_up (client_book, at);

create trigger split_is_not_removed before delete on settlement.split
  for each row execute function ledger.refuse_change();
create trigger split_leg_is_not_removed before delete on settlement.split_leg
  for each row execute function ledger.refuse_change();
create trigger channel_settlement_is_insert_only before update or delete
  on settlement.channel_settlement for each row execute function ledger.refuse_change();
create trigger channel_settlement_is_not_truncated before truncate
  on settlement.channel_settlement execute function ledger.refuse_change();

-- For those who watch: what acquirers owed and paid, day by day, and what is on its way to
-- merchants.
create view settlement.published_channel_settlement as
  select id, contract_id, trade_date, book, custody_account_id, receipt_id, currency, covers_from,
    gross_minor, refunds_minor, fees_minor, fees_returned_minor, carried_minor,
    expected_minor, received_minor,
    settled_minor, difference_minor, owed_minor, state, at
  from settlement.channel_settlement;
create view settlement.published_window as
  select id, book, merchant_id, trade_date, contract_id, amount_minor, settled_minor, state,
    settles_at, settled_at
  from settlement.settlement_window;
create view settlement.published_fee_top_up as
  select id, own_book, client_book, bank_date, amount_minor, currency, payout_id, receipt_id, state,
    at, arrived_at
  from settlement.fee_top_up;
create view settlement.published_split as
  select s.id, s.order_id, s.book, s.payer, s.amount_minor, s.currency, s.state, s.fee_minor,
    s.vat_minor, s.fee_returned_minor, s.planned_at, s.finished_at
  from settlement.split s;

grant usage on schema settlement to keyturn_app;
grant select on all tables in schema settlement to keyturn_app;
grant insert on settlement.split, settlement.split_leg, settlement.settlement_window,
  settlement.channel_settlement, settlement.fee_top_up to keyturn_app;
grant update (state, contract_id, trade_date, due_at, blocked, fee_minor, vat_minor,
  fee_returned_minor, refunded_minor, finished_at, events)
  on settlement.split to keyturn_app;
grant update (state, reason, returned_minor) on settlement.split_leg to keyturn_app;
grant update (amount_minor, settled_minor, state, due_at, settled_at, events)
  on settlement.settlement_window to keyturn_app;
grant update (receipt_id, state, arrived_at) on settlement.fee_top_up to keyturn_app;
