-- What transfers and journals can mean beyond a plain movement: balancing, closing, reversal,
-- links, holds that run out, value dates, and what accounts are known by.

-- A journal is reversed at most once, and journals that are linked name the first of them.
alter table ledger.journal
  add column reverses uuid references ledger.journal,
  add column link uuid;
create unique index journal_reverses on ledger.journal (reverses) where reverses is not null;

-- A balancing transfer keeps what was asked for beside what was moved; a closing one the side
-- whose account it closes, on its resolution too. What a plain transfer does not have takes no
-- room.
alter table ledger.transfer
  add column balancing text check (balancing in ('debit', 'credit')),
  add column at_most bigint check (at_most >= amount),
  add column closing text check (closing in ('debit', 'credit')),
  add constraint transfer_balancing_has_bound check ((balancing is null) = (at_most is null)),
  add constraint transfer_closing_is_held check (closing is null or kind <> 'posted'),
  -- An account that is empty is closed by a transfer of nothing.
  drop constraint transfer_check1,
  add constraint transfer_moves_something
    check (amount > 0 or kind = 'void_pending' or closing is not null);

-- Holds with a time-out that are still open: what the expiry looks at, kept small by taking out
-- what was resolved. The truth about holds is the transfers.
create table ledger.due_hold (
  journal_id uuid not null,
  leg smallint not null,
  expires_at timestamptz not null,
  primary key (journal_id, leg)
);
create index due_hold_by_time on ledger.due_hold (expires_at, journal_id, leg);
insert into ledger.due_hold (journal_id, leg, expires_at)
  select t.journal_id, t.leg, t.expires_at from ledger.transfer t
  where t.kind = 'pending' and t.expires_at is not null and not exists
    (select 1 from ledger.transfer r where r.hold_journal = t.journal_id and r.hold_leg = t.leg);

-- Entries whose value date is not the moment of their recording: what a balance by value date
-- corrects the recorded one with. Insert-only, so that no later row is ever rewritten.
create table ledger.shifted_entry (
  account_id uuid not null,
  journal_id uuid not null,
  leg smallint not null,
  effective_at timestamptz not null,
  recorded_at timestamptz not null,
  debits bigint not null check (debits >= 0),
  credits bigint not null check (credits >= 0),
  primary key (account_id, journal_id, leg)
);
create index shifted_entry_by_value_date on ledger.shifted_entry (account_id, effective_at);
insert into ledger.shifted_entry
    (account_id, journal_id, leg, effective_at, recorded_at, debits, credits)
  select side.account_id, t.journal_id, t.leg, j.effective_at, t.recorded_at, side.debits,
    side.credits
  from ledger.transfer t join ledger.journal j on j.id = t.journal_id
  cross join lateral (values (t.debit_account, t.amount, 0::bigint),
    (t.credit_account, 0::bigint, t.amount)) as side (account_id, debits, credits)
  where t.kind in ('posted', 'post_pending') and j.effective_at <> t.recorded_at;

-- What an account is known by elsewhere. One row per key, so that a look-up by one key and value
-- is bounded and comes in the order of the accounts.
create table ledger.account_metadata (
  account_id uuid not null references ledger.account,
  key text not null check (char_length(key) between 1 and 40),
  value text not null check (char_length(value) between 1 and 200),
  primary key (account_id, key)
);
create index account_metadata_by_value on ledger.account_metadata (key, value, account_id);

-- Which history was taken over from another ledger, and for which time.
create table ledger.history_import (
  id uuid primary key,
  book_id text not null references ledger.book,
  first_at timestamptz not null,
  last_at timestamptz not null,
  journals integer not null check (journals > 0),
  imported_at timestamptz not null,
  check (first_at <= last_at)
);
create index history_import_by_book on ledger.history_import (book_id, last_at);

create trigger shifted_entry_is_insert_only before update or delete on ledger.shifted_entry
  for each row execute function ledger.refuse_change();
create trigger shifted_entry_is_not_truncated before truncate on ledger.shifted_entry
  execute function ledger.refuse_change();
create trigger account_metadata_is_insert_only before update or delete on ledger.account_metadata
  for each row execute function ledger.refuse_change();
create trigger account_metadata_is_not_truncated before truncate on ledger.account_metadata
  execute function ledger.refuse_change();
create trigger history_import_is_insert_only before update or delete on ledger.history_import
  for each row execute function ledger.refuse_change();
create trigger history_import_is_not_truncated before truncate on ledger.history_import
  execute function ledger.refuse_change();

grant select on ledger.due_hold, ledger.shifted_entry, ledger.account_metadata,
  ledger.history_import to keyturn_app;
grant insert on ledger.due_hold, ledger.shifted_entry, ledger.account_metadata,
  ledger.history_import to keyturn_app;
grant delete on ledger.due_hold to keyturn_app;
