-- What banks and acquirers say, held against what we booked: files, entries, matches, exceptions,
-- proofs.

create schema reconciliation;

create table reconciliation.statement_file (
  id uuid primary key,
  sha256 text not null unique check (sha256 ~ '^[0-9a-f]{64}$'),
  name text not null,
  -- camt.053, mt940 … or wechat_trade_bill; null when it could not be read.
  format text,
  size integer not null check (size >= 0),
  -- The file itself, compressed and sealed: it is evidence, and it names people.
  content_sealed text not null,
  source text not null check (source in ('uploaded', 'fetched')),
  outcome text not null check (outcome in ('imported', 'reported', 'refused')),
  reason text,
  statements integer not null check (statements >= 0),
  entries integer not null check (entries >= 0),
  opening_minor bigint,
  closing_minor bigint,
  currency text,
  -- Masked numbers.
  accounts jsonb not null,
  findings jsonb not null,
  findings_count integer not null check (findings_count >= 0),
  imported_by text not null,
  imported_at timestamptz not null,
  check ((outcome = 'refused') = (reason is not null))
);
create index statement_file_by_time on reconciliation.statement_file (imported_at, id);

create table reconciliation.statement (
  id uuid primary key,
  file_id uuid not null references reconciliation.statement_file,
  ordinal integer not null,
  format text not null,
  account_number_sealed text not null,
  account_masked text not null,
  -- Of custody; null when the statement is about an account that we do not keep.
  account_id text,
  currency text not null,
  -- The bank day that it closes; null when it says none.
  day date,
  from_on date,
  to_on date,
  opening_minor bigint,
  closing_minor bigint,
  entries integer not null,
  -- Whether opening and entries make the closing balance; null when that cannot be checked.
  balance_holds boolean,
  result text not null check (result in ('verified', 'not_verifiable', 'contradicted')),
  findings jsonb not null,
  message_id text,
  imported_at timestamptz not null,
  unique (file_id, ordinal)
);
create index statement_of_account on reconciliation.statement (account_id, day, imported_at, id)
  where account_id is not null;
create index statement_list_of_account
  on reconciliation.statement (account_id, coalesce(day, date '0001-01-01'), imported_at, id)
  where account_id is not null;
create index statement_by_time on reconciliation.statement (imported_at, id);

create table reconciliation.statement_entry (
  id uuid primary key,
  statement_id uuid not null references reconciliation.statement,
  ordinal integer not null,
  account_id text,
  day date,
  bank_reference text,
  end_to_end_id text,
  -- Signed: what raises the balance is positive.
  amount_minor bigint not null,
  currency text not null,
  direction text not null check (direction in ('credit', 'debit')),
  status text not null,
  booked_on date,
  value_on date,
  virtual_number text,
  -- The other side and the text, of our own accounts only.
  details_sealed text,
  unique (statement_id, ordinal)
);
create index statement_entry_reference
  on reconciliation.statement_entry (account_id, bank_reference, direction)
  where account_id is not null and bank_reference is not null;

-- What became of each entry of our own accounts: exactly one of the two.
create table reconciliation.entry_match (
  entry_id uuid primary key references reconciliation.statement_entry,
  account_id text not null,
  day date not null,
  outcome text not null check (outcome in ('matched', 'exception')),
  counterpart_kind text check (counterpart_kind in ('receipt', 'payout')),
  counterpart_id uuid,
  matched_by text check (matched_by in ('bank_reference', 'end_to_end_id')),
  amount_minor bigint not null,
  exception_key text,
  matched_at timestamptz not null,
  -- An exception names what it would have been matched with, if it were as the bank says.
  check (outcome = 'exception' or counterpart_id is not null),
  check ((outcome = 'exception') = (exception_key is not null))
);
create index entry_match_by_day on reconciliation.entry_match (account_id, day, entry_id);
create index entry_match_counterpart on reconciliation.entry_match (counterpart_id)
  where counterpart_id is not null;

create table reconciliation.bill (
  id uuid primary key,
  file_id uuid not null references reconciliation.statement_file,
  contract_id text not null,
  day date not null,
  lines integer not null,
  paid_minor bigint not null,
  refunded_minor bigint not null,
  fees_minor bigint not null,
  currency text not null,
  findings jsonb not null,
  imported_at timestamptz not null,
  unique (contract_id, day, file_id)
);

create table reconciliation.bill_line (
  bill_id uuid not null references reconciliation.bill,
  ordinal integer not null,
  number text not null,
  kind text not null check (kind in ('pay', 'refund')),
  original_number text,
  channel_number text not null,
  amount_minor bigint not null check (amount_minor >= 0),
  settled_minor bigint not null check (settled_minor >= 0),
  fee_minor bigint not null,
  succeeded boolean not null,
  at text not null,
  primary key (bill_id, ordinal)
);

create table reconciliation.exception (
  id uuid primary key,
  -- What it is about: the same difference is the same exception.
  key text not null unique,
  kind text not null,
  account_id text,
  contract_id text,
  book text,
  day date not null,
  subject text not null,
  -- Signed where money is too much (positive) or missing (negative) at the bank or channel.
  amount_minor bigint,
  currency text,
  state text not null check (state in
    ('open', 'assigned', 'proposed', 'approved', 'resolved', 'reopened')),
  owner_id text,
  deadline timestamptz not null,
  evidence jsonb not null,
  proposal jsonb,
  maker text,
  checker text,
  journal_id uuid references ledger.journal deferrable initially deferred,
  note text,
  opened_at timestamptz not null,
  resolved_at timestamptz,
  events bigint not null check (events >= 0),
  check ((state in ('proposed', 'approved', 'resolved')) = (proposal is not null)),
  check ((state in ('proposed', 'approved', 'resolved')) = (maker is not null)),
  -- Nothing is resolved without a second person, and without a journal or a note.
  check ((state in ('approved', 'resolved')) = (checker is not null)),
  check (checker is null or checker <> maker),
  check (state <> 'resolved'
    or (resolved_at is not null and (journal_id is not null or note is not null)))
);
create index exception_by_state on reconciliation.exception (state, opened_at, id);
create index exception_of_account on reconciliation.exception (account_id, day, id)
  where account_id is not null;
create index exception_of_contract on reconciliation.exception (contract_id, day, id)
  where contract_id is not null;

create table reconciliation.exception_step (
  exception_id uuid not null references reconciliation.exception,
  sequence bigint not null,
  state text not null,
  by text not null,
  detail jsonb not null,
  at timestamptz not null,
  primary key (exception_id, sequence)
);

create table reconciliation.proof (
  id uuid primary key,
  day date not null,
  version integer not null check (version >= 1),
  balanced boolean not null,
  digest text not null,
  made_at timestamptz not null,
  unique (day, version)
);

create table reconciliation.proof_line (
  proof_id uuid not null references reconciliation.proof,
  -- A custody account's or a channel contract's id.
  place text not null,
  place_kind text not null check (place_kind in ('custody', 'channel')),
  entity text not null,
  regime text not null,
  book text not null,
  currency text not null,
  bank_minor bigint,
  ledger_minor bigint not null,
  liabilities_minor bigint not null,
  in_transit_minor bigint not null,
  difference_minor bigint,
  balanced boolean not null,
  items jsonb not null,
  primary key (proof_id, place_kind, place)
);

-- One row per bank day: when it is worked on next.
create table reconciliation.run (
  day date primary key,
  state text not null check (state in ('due', 'complete', 'given_up')),
  due_at timestamptz,
  tries integer not null default 0,
  last_error text,
  started_at timestamptz,
  finished_at timestamptz,
  check ((state = 'due') = (due_at is not null))
);
create index run_due on reconciliation.run (due_at) where due_at is not null;

create trigger statement_file_is_insert_only before update or delete
  on reconciliation.statement_file for each row execute function ledger.refuse_change();
create trigger statement_file_is_not_truncated before truncate
  on reconciliation.statement_file execute function ledger.refuse_change();
create trigger statement_is_insert_only before update or delete
  on reconciliation.statement for each row execute function ledger.refuse_change();
create trigger statement_is_not_truncated before truncate
  on reconciliation.statement execute function ledger.refuse_change();
create trigger statement_entry_is_insert_only before update or delete
  on reconciliation.statement_entry for each row execute function ledger.refuse_change();
create trigger statement_entry_is_not_truncated before truncate
  on reconciliation.statement_entry execute function ledger.refuse_change();
create trigger bill_is_insert_only before update or delete
  on reconciliation.bill for each row execute function ledger.refuse_change();
create trigger bill_is_not_truncated before truncate
  on reconciliation.bill execute function ledger.refuse_change();
create trigger bill_line_is_insert_only before update or delete
  on reconciliation.bill_line for each row execute function ledger.refuse_change();
create trigger bill_line_is_not_truncated before truncate
  on reconciliation.bill_line execute function ledger.refuse_change();
create trigger exception_is_not_removed before delete on reconciliation.exception
  for each row execute function ledger.refuse_change();
create trigger exception_is_not_truncated before truncate on reconciliation.exception
  execute function ledger.refuse_change();
create trigger exception_step_is_insert_only before update or delete
  on reconciliation.exception_step for each row execute function ledger.refuse_change();
create trigger exception_step_is_not_truncated before truncate
  on reconciliation.exception_step execute function ledger.refuse_change();
create trigger proof_is_insert_only before update or delete on reconciliation.proof
  for each row execute function ledger.refuse_change();
create trigger proof_is_not_truncated before truncate on reconciliation.proof
  execute function ledger.refuse_change();
create trigger proof_line_is_insert_only before update or delete on reconciliation.proof_line
  for each row execute function ledger.refuse_change();
create trigger proof_line_is_not_truncated before truncate on reconciliation.proof_line
  execute function ledger.refuse_change();

-- For those of the watch floor who come after.
create view reconciliation.published_exception as
  select e.id, e.kind, e.account_id, e.contract_id, e.book, e.day, e.subject, e.amount_minor,
    e.currency, e.state, e.owner_id, e.deadline, e.journal_id, e.opened_at, e.resolved_at
  from reconciliation.exception e;
create view reconciliation.published_proof as
  select p.id, p.day, p.version, p.balanced, p.made_at, l.place, l.place_kind, l.entity, l.regime,
    l.book, l.currency, l.bank_minor, l.ledger_minor, l.liabilities_minor, l.in_transit_minor,
    l.difference_minor, l.balanced as place_balanced
  from reconciliation.proof p join reconciliation.proof_line l on l.proof_id = p.id;

grant usage on schema reconciliation to keyturn_app;
grant select, insert on all tables in schema reconciliation to keyturn_app;
grant update (outcome, counterpart_kind, counterpart_id, matched_by, amount_minor, exception_key,
  matched_at) on reconciliation.entry_match to keyturn_app;
grant update (state, owner_id, deadline, evidence, proposal, maker, checker, journal_id, note,
  resolved_at, events) on reconciliation.exception to keyturn_app;
grant update (state, due_at, tries, last_error, started_at, finished_at)
  on reconciliation.run to keyturn_app;
