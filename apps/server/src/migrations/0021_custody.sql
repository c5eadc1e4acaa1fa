-- Where the money lies: accounts at banks, virtual accounts below them, and every entry that the
-- banks booked.

create schema custody;

create table custody.account (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{1,62}$'),
  book text not null references ledger.book,
  contract_id text not null,
  number text not null check (number ~ '^[0-9]{8,34}$'),
  ledger_code smallint not null check (ledger_code in (1001, 1002, 1003)),
  name text not null,
  bank_code text not null check (bank_code ~ '^[0-9]{12}$'),
  bank_name text not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  state text not null check (state in ('open', 'closed')),
  unique (contract_id, number)
);
create index account_by_book on custody.account (book, id);

create table custody.virtual_account (
  id uuid primary key,
  account_id text not null references custody.account,
  number text unique,
  owner_kind text not null check (owner_kind in ('order', 'deal')),
  owner_id uuid not null,
  name text not null,
  state text not null check (state in ('requested', 'open', 'closing', 'closed', 'refused')),
  request_id text not null unique,
  refusal jsonb,
  requested_at timestamptz not null,
  opened_at timestamptz,
  closed_at timestamptz,
  tries integer not null default 0,
  due_at timestamptz,
  events bigint not null,
  unique (account_id, owner_kind, owner_id),
  check ((number is null) = (opened_at is null)),
  check ((state in ('requested', 'closing')) = (due_at is not null))
);
create index virtual_account_of_owner on custody.virtual_account (owner_id);
create index virtual_account_due on custody.virtual_account (due_at) where due_at is not null;

create table custody.receipt (
  id uuid primary key,
  account_id text not null references custody.account,
  book text not null,
  bank_reference text not null,
  direction text not null check (direction in ('credit', 'debit')),
  amount bigint not null check (amount > 0),
  currency text not null,
  booked_on date not null,
  value_on date not null,
  kind text not null check (kind in
    ('transfer', 'return', 'channel_settlement', 'top_up', 'debit')),
  virtual_number text,
  virtual_account_id uuid references custody.virtual_account,
  owner_kind text,
  owner_id uuid,
  end_to_end_id text,
  counterparty_sealed text,
  counterparty_masked text,
  remittance text,
  return_reason text,
  settled_contract text,
  settled_date date,
  source text not null check (source in ('notification', 'statement')),
  state text not null check (state in ('booked', 'assigned', 'noted')),
  assigned_module text,
  assigned_object uuid,
  assigned_at timestamptz,
  -- Written in the same transaction, after the receipt.
  journal_id uuid references ledger.journal deferrable initially deferred,
  recorded_at timestamptz not null,
  events bigint not null,
  -- A notice and a statement that tell of the same entry meet here.
  unique (account_id, bank_reference, direction),
  check ((direction = 'credit') = (journal_id is not null)),
  check ((direction = 'debit') = (state = 'noted')),
  check ((state = 'assigned') = (assigned_object is not null)),
  check ((state = 'assigned') = (assigned_at is not null))
);
create index receipt_by_state on custody.receipt (state, recorded_at, id);
create index receipt_by_day on custody.receipt (account_id, booked_on, id);

create trigger account_is_not_removed before delete on custody.account
  for each row execute function ledger.refuse_change();
create trigger account_is_not_truncated before truncate on custody.account
  execute function ledger.refuse_change();
create trigger virtual_account_is_not_removed before delete on custody.virtual_account
  for each row execute function ledger.refuse_change();
create trigger virtual_account_is_not_truncated before truncate on custody.virtual_account
  execute function ledger.refuse_change();
create trigger receipt_is_not_removed before delete on custody.receipt
  for each row execute function ledger.refuse_change();
create trigger receipt_is_not_truncated before truncate on custody.receipt
  execute function ledger.refuse_change();

-- What the watch floor may read.
create view custody.published_account as
  select a.id, a.book, a.contract_id, a.number, a.ledger_code, a.name, a.currency, a.state
  from custody.account a;
create view custody.published_receipt as
  select r.id, r.account_id, r.book, r.bank_reference, r.direction, r.amount, r.currency,
    r.booked_on, r.value_on, r.kind, r.virtual_number, r.owner_kind, r.owner_id, r.end_to_end_id,
    r.remittance, r.return_reason, r.settled_contract, r.settled_date, r.source, r.state,
    r.assigned_module, r.assigned_object, r.assigned_at, r.journal_id, r.recorded_at
  from custody.receipt r;

grant usage on schema custody to keyturn_app;
grant select, insert on custody.account, custody.virtual_account, custody.receipt to keyturn_app;
grant select on custody.published_account, custody.published_receipt to keyturn_app;
grant update (state) on custody.account to keyturn_app;
grant update (number, state, request_id, refusal, opened_at, closed_at, tries, due_at, events)
  on custody.virtual_account to keyturn_app;
grant update (state, assigned_module, assigned_object, assigned_at, events)
  on custody.receipt to keyturn_app;
