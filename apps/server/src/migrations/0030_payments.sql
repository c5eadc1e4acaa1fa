-- Money in and money back: orders, attempts at channels, refunds, cashier links.

create schema payments;

create table payments.order (
  id uuid primary key,
  number text not null unique check (number ~ '^[0-9A-Za-z_*-]{6,32}$'),
  integrator_id text not null,
  purpose text not null,
  subject text not null,
  description text not null,
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  paid_minor bigint not null check (paid_minor between 0 and amount_minor),
  refunding_minor bigint not null check (refunding_minor >= 0),
  refunded_minor bigint not null check (refunded_minor >= 0),
  state text not null check (state in ('requires_payment', 'processing', 'requires_action',
    'partially_funded', 'succeeded', 'canceled', 'expired')),
  closing text check (closing in ('canceled', 'expired')),
  late_success text not null check (late_success in ('settle', 'refund')),
  destination_book text not null references ledger.book,
  destination_code smallint not null references ledger.account_code,
  destination_owner text not null,
  reference_kind text,
  reference_id text,
  methods jsonb not null check (jsonb_typeof(methods) = 'array'),
  contract_id text,
  custody_account_id text,
  payer_id uuid,
  expires_at timestamptz not null,
  due_at timestamptz,
  attempts integer not null check (attempts >= 0),
  events bigint not null check (events >= 0),
  created_at timestamptz not null,
  final_at timestamptz,
  -- What goes back never exceeds what came.
  check (refunding_minor + refunded_minor <= paid_minor),
  check ((reference_kind is null) = (reference_id is null)),
  check ((state = 'succeeded') = (paid_minor = amount_minor))
);
create index order_by_reference on payments.order (reference_id, id) where reference_id is not null;
create index order_by_integrator on payments.order (integrator_id, id);
create index order_due on payments.order (due_at) where due_at is not null;

create table payments.attempt (
  id uuid primary key,
  number text not null unique check (number ~ '^[0-9A-Za-z_*-]{6,32}$'),
  order_id uuid not null references payments.order,
  method text not null check (method in ('wechat_native', 'wechat_h5', 'bank_transfer')),
  contract_id text,
  fee_bps integer not null check (fee_bps between 0 and 10000),
  amount_minor bigint not null check (amount_minor > 0),
  state text not null check (state in ('created', 'submitted', 'pending', 'unknown', 'closing',
    'succeeded', 'failed', 'closed', 'late_success')),
  payer_ip text,
  code_url text,
  h5_url text,
  channel_number text,
  fee_minor bigint not null check (fee_minor >= 0),
  fee_returned_minor bigint not null check (fee_returned_minor between 0 and fee_minor),
  paid_at timestamptz,
  paid_on date,
  placed_minor bigint not null check (placed_minor >= 0),
  suspense_minor bigint not null check (suspense_minor >= 0),
  refunding_minor bigint not null check (refunding_minor >= 0),
  refunded_minor bigint not null check (refunded_minor >= 0),
  queries integer not null check (queries >= 0),
  submissions integer not null check (submissions >= 1),
  submitted_at timestamptz not null,
  first_not_found_at timestamptz,
  proof jsonb,
  contradiction jsonb,
  due_at timestamptz,
  created_at timestamptz not null,
  final_at timestamptz,
  -- Nothing fails or closes without its proof.
  check (state not in ('failed', 'closed') or proof is not null),
  check ((method = 'bank_transfer') = (contract_id is null)),
  check (contract_id is null or (state in ('succeeded', 'late_success')) = (paid_on is not null)),
  check (refunding_minor + refunded_minor <= amount_minor),
  check (placed_minor + suspense_minor <= amount_minor)
);
create index attempt_by_order on payments.attempt (order_id, id);
create index attempt_due on payments.attempt (due_at) where due_at is not null;
-- One payment of a channel is one attempt.
create unique index attempt_channel_number on payments.attempt (contract_id, channel_number)
  where channel_number is not null;
create index attempt_by_day on payments.attempt (contract_id, paid_on, id)
  where paid_on is not null;

create table payments.refund (
  id uuid primary key,
  number text not null unique check (number ~ '^[0-9A-Za-z_*-]{6,32}$'),
  submission_number text not null unique check (submission_number ~ '^[0-9A-Za-z_*-]{6,32}$'),
  order_id uuid not null references payments.order,
  attempt_id uuid not null references payments.attempt,
  contract_id text not null,
  amount_minor bigint not null check (amount_minor > 0),
  reason text not null,
  cause text not null check (cause in ('requested', 'late_success', 'double_success')),
  source text not null check (source in ('placed', 'suspense')),
  state text not null check (state in ('requested', 'approved', 'submitted', 'pending', 'unknown',
    'succeeded', 'failed', 'abnormal', 'rejected')),
  requested_by text not null,
  approved_by text,
  tries integer not null check (tries >= 1),
  submissions integer not null check (submissions >= 0),
  submitted_at timestamptz,
  first_not_found_at timestamptz,
  channel_number text,
  fee_returned_minor bigint not null check (fee_returned_minor >= 0),
  succeeded_at timestamptz,
  succeeded_on date,
  queries integer not null check (queries >= 0),
  proof jsonb,
  due_at timestamptz,
  created_at timestamptz not null,
  final_at timestamptz,
  check (state <> 'failed' or proof is not null),
  check ((state = 'succeeded') = (succeeded_on is not null))
);
create index refund_by_order on payments.refund (order_id, id);
create index refund_by_state on payments.refund (state, id);
create index refund_by_submission on payments.refund (state, submitted_at);
create index refund_due on payments.refund (due_at) where due_at is not null;
create index refund_by_day on payments.refund (contract_id, succeeded_on, id)
  where succeeded_on is not null;

create table payments.applied_receipt (
  receipt_id uuid primary key,
  order_id uuid not null references payments.order,
  amount_minor bigint not null check (amount_minor > 0),
  rest_minor bigint not null check (rest_minor >= 0),
  applied_by text not null,
  applied_at timestamptz not null
);
create index applied_receipt_by_order on payments.applied_receipt (order_id, receipt_id);

create table payments.cashier_session (
  id uuid primary key,
  -- Of the token, which is nowhere stored.
  token_sha256 text not null unique check (length(token_sha256) = 64),
  order_id uuid not null references payments.order,
  expires_at timestamptz not null,
  created_at timestamptz not null
);

create trigger applied_receipt_is_insert_only before update or delete on payments.applied_receipt
  for each row execute function ledger.refuse_change();
create trigger applied_receipt_is_not_truncated before truncate on payments.applied_receipt
  execute function ledger.refuse_change();
create trigger cashier_session_is_insert_only before update or delete on payments.cashier_session
  for each row execute function ledger.refuse_change();
create trigger cashier_session_is_not_truncated before truncate on payments.cashier_session
  execute function ledger.refuse_change();
create trigger order_is_not_removed before delete on payments.order
  for each row execute function ledger.refuse_change();
create trigger attempt_is_not_removed before delete on payments.attempt
  for each row execute function ledger.refuse_change();
create trigger refund_is_not_removed before delete on payments.refund
  for each row execute function ledger.refuse_change();

-- What the watch floor reads.
create view payments.published_order as
  select o.id, o.number, o.integrator_id, o.purpose, o.amount_minor, o.currency, o.paid_minor,
    o.refunding_minor, o.refunded_minor, o.state, o.closing, o.destination_book as book,
    o.destination_code, o.destination_owner, o.reference_kind, o.reference_id, o.contract_id,
    o.custody_account_id, o.expires_at, o.created_at, o.final_at
  from payments.order o;
create view payments.published_attempt as
  select a.id, a.number, a.order_id, o.destination_book as book, a.method, a.contract_id,
    a.amount_minor, o.currency, a.state, a.channel_number, a.fee_minor, a.fee_returned_minor,
    a.paid_at, a.paid_on, a.placed_minor, a.suspense_minor, a.refunding_minor, a.refunded_minor,
    a.contradiction, a.created_at, a.final_at
  from payments.attempt a join payments.order o on o.id = a.order_id;
create view payments.published_refund as
  select r.id, r.number, r.submission_number, r.order_id, r.attempt_id, o.destination_book as book,
    r.contract_id, r.amount_minor, o.currency, r.cause, r.source, r.state, r.channel_number,
    r.fee_returned_minor, r.succeeded_at, r.succeeded_on, r.created_at, r.final_at
  from payments.refund r join payments.order o on o.id = r.order_id;

grant usage on schema payments to keyturn_app;
grant select on all tables in schema payments to keyturn_app;
grant insert on payments.order, payments.attempt, payments.refund, payments.applied_receipt,
  payments.cashier_session to keyturn_app;
grant update (paid_minor, refunding_minor, refunded_minor, state, closing, late_success, due_at,
  attempts, events, final_at) on payments.order to keyturn_app;
grant update (state, payer_ip, code_url, h5_url, channel_number, fee_minor, fee_returned_minor,
  paid_at, paid_on, placed_minor, suspense_minor, refunding_minor, refunded_minor, queries,
  submissions, submitted_at, first_not_found_at, proof, contradiction, due_at, final_at)
  on payments.attempt to keyturn_app;
grant update (submission_number, state, approved_by, tries, submissions, submitted_at,
  first_not_found_at, channel_number, fee_returned_minor, succeeded_at, succeeded_on, queries,
  proof, due_at, final_at)
  on payments.refund to keyturn_app;
