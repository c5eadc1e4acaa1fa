-- Money out: pay-outs from custody accounts to bank accounts.

create schema payouts;

create table payouts.payout (
  id uuid primary key,
  -- The bank's EndToEndId.
  number text not null unique check (number ~ '^[0-9A-Za-z]{1,35}$'),
  source_book text not null references ledger.book,
  source_code smallint not null references ledger.account_code,
  source_owner text not null,
  custody_account_id text not null,
  custody_code smallint not null check (custody_code in (1001, 1002, 1003)),
  virtual_account text,
  payee_kind text not null check (payee_kind in ('bank_account', 'custody_account')),
  payee_id text not null,
  payee_shown text not null,
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  purpose text not null,
  remittance text not null,
  reference_kind text,
  reference_id text,
  state text not null check (state in ('created', 'pending_approval', 'approved', 'submitted',
    'unknown', 'in_transit', 'paid', 'failed', 'returned', 'canceled')),
  maker text not null,
  checker text,
  hold_journal uuid not null,
  hold_leg smallint not null,
  submissions integer not null check (submissions >= 0),
  first_submitted_at timestamptz,
  submitted_at timestamptz,
  first_not_found_at timestamptz,
  queries integer not null check (queries >= 0),
  bank_reference text,
  failure_code text,
  failure_message text,
  proof jsonb,
  return_receipt_id uuid,
  return_reason text,
  due_at timestamptz,
  events bigint not null check (events >= 0),
  created_at timestamptz not null,
  approved_at timestamptz,
  paid_at timestamptz,
  paid_on date,
  final_at timestamptz,
  check ((reference_kind is null) = (reference_id is null)),
  -- Nothing fails without its proof, nothing is sent without a second person, nobody checks
  -- what they made.
  check (state <> 'failed' or proof is not null),
  check (state in ('created', 'pending_approval', 'canceled') or checker is not null),
  check (checker is null or state = 'canceled' or checker <> maker),
  check ((state in ('paid', 'returned')) = (paid_on is not null)),
  check (state <> 'returned' or return_receipt_id is not null)
);
create index payout_by_reference on payouts.payout (reference_id, id)
  where reference_id is not null;
create index payout_by_state on payouts.payout (state, id);
create index payout_by_submission on payouts.payout (state, first_submitted_at);
create index payout_due on payouts.payout (due_at) where due_at is not null;
create index payout_by_day on payouts.payout (custody_account_id, paid_on, id)
  where paid_on is not null;
create unique index payout_return on payouts.payout (return_receipt_id)
  where return_receipt_id is not null;

create trigger payout_is_not_removed before delete on payouts.payout
  for each row execute function ledger.refuse_change();
create trigger payout_is_not_truncated before truncate on payouts.payout
  execute function ledger.refuse_change();

-- What the watch floor reads.
create view payouts.published_payout as
  select p.id, p.number, p.source_book as book, p.source_code, p.source_owner,
    p.custody_account_id, p.custody_code, p.virtual_account, p.payee_kind, p.amount_minor,
    p.currency, p.purpose, p.reference_kind, p.reference_id, p.state, p.submissions,
    p.first_submitted_at, p.bank_reference, p.failure_code, p.return_receipt_id, p.created_at,
    p.paid_at, p.paid_on, p.final_at
  from payouts.payout p;

grant usage on schema payouts to keyturn_app;
grant select on all tables in schema payouts to keyturn_app;
grant insert on payouts.payout to keyturn_app;
grant update (state, checker, submissions, first_submitted_at, submitted_at, first_not_found_at,
  queries, bank_reference, failure_code, failure_message, proof, return_receipt_id, return_reason,
  due_at, events, approved_at, paid_at, paid_on, final_at) on payouts.payout to keyturn_app;
