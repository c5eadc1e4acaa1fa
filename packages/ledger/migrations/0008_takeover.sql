-- Moving here from another ledger: what is read from it, what was booked of it, how the two
-- compare, who leads, and what is written back to it.

create schema takeover;

create table takeover.takeover (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  book_id text not null references ledger.book,
  -- The cut: the state of the old ledger that imported history is held against.
  cut_snapshot text,
  cut_at timestamptz,
  cut_position bigint,
  -- How far history was read (a cursor of the old ledger's), and what came after the cut.
  history_cursor text,
  history_read_at timestamptz,
  pieces integer not null default 0,
  imported_at timestamptz,
  position bigint not null default 0,
  opened_at timestamptz not null
);

create table takeover.plan (
  takeover_id text not null references takeover.takeover,
  version integer not null check (version > 0),
  content jsonb not null,
  made_by text not null,
  why text not null,
  made_at timestamptz not null,
  primary key (takeover_id, version)
);

-- A bounded part of the history: decided and written down first, then imported.
create table takeover.piece (
  takeover_id text not null references takeover.takeover,
  number integer not null check (number > 0),
  decided_at timestamptz not null,
  imported_at timestamptz,
  primary key (takeover_id, number)
);

create index piece_open on takeover.piece (takeover_id, number) where imported_at is null;

-- Which account of the ledger an account of the old one is; none while its subject has no mapping.
create table takeover.account (
  takeover_id text not null references takeover.takeover,
  number text collate "C" not null,
  subject text not null,
  account_id uuid,
  primary key (takeover_id, number)
);
create unique index account_by_id on takeover.account (account_id, takeover_id)
  where account_id is not null;
create index account_by_subject on takeover.account (takeover_id, subject)
  where account_id is not null;

-- The rows of the old ledger's list of movements, each once, and what became of it here.
create table takeover.movement (
  takeover_id text not null references takeover.takeover,
  id text collate "C" not null,
  position bigint not null,
  account text collate "C" not null,
  subject text not null,
  -- Minor units with the old ledger's sign.
  amount bigint not null,
  voucher text,
  order_no text,
  kind text not null,
  -- The journal of ours that the row is the mirror of.
  origin uuid,
  booked_at timestamptz not null,
  seen_at timestamptz not null,
  state text not null check (state in
    ('booked', 'waiting', 'unmapped', 'after_switch', 'mirrored', 'nothing', 'adopted')),
  reason text,
  plan_version integer not null,
  -- The part of the history that it came with.
  piece integer,
  journal_id uuid,
  primary key (takeover_id, id),
  check ((state in ('booked', 'adopted', 'mirrored')) = (journal_id is not null))
);
-- What tells rows apart stands first: before the table is analyzed, an index that begins with the
-- takeover would look as good for everything.
create index movement_by_account on takeover.movement (account, takeover_id, position);
create index movement_by_order on takeover.movement (order_no, takeover_id, id)
  where order_no is not null;
create index movement_by_voucher on takeover.movement (voucher, takeover_id)
  where voucher is not null;
create index movement_by_piece on takeover.movement (piece, takeover_id, booked_at, id)
  where piece is not null;
create index movement_pending on takeover.movement (takeover_id, id)
  where state in ('waiting', 'unmapped');
create index movement_unbooked on takeover.movement (account, takeover_id)
  where state in ('waiting', 'unmapped', 'after_switch');

-- Rows that came again with another content: the first stays booked.
create table takeover.conflict (
  takeover_id text not null,
  id text collate "C" not null,
  position bigint not null,
  account text collate "C" not null,
  amount bigint not null,
  booked_at timestamptz not null,
  seen_at timestamptz not null,
  primary key (takeover_id, id, position)
);
create index conflict_by_account on takeover.conflict (account, takeover_id, position);

-- Subjects whose movements share vouchers: they change hands together.
create table takeover.subject_pair (
  takeover_id text not null references takeover.takeover,
  subject text not null,
  other text not null,
  voucher text not null,
  seen_at timestamptz not null,
  primary key (takeover_id, subject, other),
  check (subject < other)
);

create table takeover.comparison (
  takeover_id text not null references takeover.takeover,
  number integer not null check (number > 0),
  kind text not null check (kind in ('import', 'shadow')),
  snapshot text not null,
  snapshot_at timestamptz not null,
  position bigint not null,
  made_at timestamptz not null,
  primary key (takeover_id, number)
);
create table takeover.comparison_subject (
  takeover_id text not null,
  number integer not null,
  subject text not null,
  kind text not null,
  -- The calendar day of the old ledger's state, Asia/Shanghai.
  day date not null,
  accounts integer not null,
  differing integer not null,
  old_minor numeric not null,
  ledger_minor numeric not null,
  waiting_minor numeric not null,
  primary key (takeover_id, number, subject),
  foreign key (takeover_id, number) references takeover.comparison
);
create index comparison_subject_by_day on takeover.comparison_subject (takeover_id, day, subject);

create table takeover.difference (
  id uuid primary key,
  takeover_id text not null references takeover.takeover,
  account text collate "C" not null,
  subject text not null,
  class text not null check (class in ('late_row', 'missing_row', 'duplicate', 'unknown_account',
    'amount_differs', 'wrong_sign', 'written_after_switch', 'refused_row', 'not_mirrored')),
  -- With the old ledger's sign: what it has, what the ledger has, what of its rows is not booked
  -- yet, and what is left to explain.
  old_minor bigint,
  ledger_minor bigint not null,
  waiting_minor bigint not null,
  amount bigint not null,
  -- Rows and journals that explain it.
  evidence jsonb not null,
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  last_comparison integer not null,
  closed_at timestamptz,
  closed_by text check (closed_by in ('healed', 'settled')),
  check ((closed_at is null) = (closed_by is null))
);
create unique index difference_open on takeover.difference (takeover_id, account)
  where closed_at is null;
create index difference_by_time on takeover.difference (takeover_id, first_seen, id);

-- Differences that are settled by a journal: named by one person, approved by another.
create table takeover.settlement (
  id uuid primary key,
  takeover_id text not null references takeover.takeover,
  why text not null,
  proposed_by text not null,
  proposed_at timestamptz not null
);
create table takeover.settlement_item (
  settlement_id uuid not null references takeover.settlement,
  difference_id uuid not null references takeover.difference,
  amount bigint not null,
  primary key (settlement_id, difference_id)
);
create table takeover.approval (
  settlement_id uuid primary key references takeover.settlement,
  approved_by text not null,
  approved_at timestamptz not null,
  journal_id uuid
);

-- Who leads a subject, from which moment of the old ledger's clock on.
create table takeover.authority (
  takeover_id text not null references takeover.takeover,
  subject text not null,
  number integer not null check (number > 0),
  leads text not null check (leads in ('old', 'new')),
  since timestamptz not null,
  decided_by text not null,
  why text not null,
  decided_at timestamptz not null,
  primary key (takeover_id, subject, number)
);

-- What has to be written back to the old ledger, one item per journal.
create table takeover.mirror (
  journal_id uuid primary key,
  takeover_id text not null references takeover.takeover,
  order_no text,
  kind text not null,
  booked_at timestamptz not null,
  attempts integer not null default 0,
  due_at timestamptz,
  last_error text,
  sent_at timestamptz,
  check ((due_at is null) = (sent_at is not null))
);
create index mirror_due on takeover.mirror (takeover_id, due_at, journal_id)
  where due_at is not null;
create table takeover.mirror_leg (
  journal_id uuid not null references takeover.mirror,
  leg smallint not null check (leg >= 0),
  takeover_id text not null,
  account text collate "C" not null,
  subject text not null,
  -- With the old ledger's sign.
  amount bigint not null,
  -- Where the old ledger put it; beyond every position until it did.
  position bigint not null default 9223372036854775807,
  primary key (journal_id, leg)
);
create index mirror_leg_by_account on takeover.mirror_leg (account, takeover_id, position);

-- Refunds that were booked here of orders that were paid in the old ledger.
create table takeover.refund (
  journal_id uuid primary key,
  takeover_id text not null references takeover.takeover,
  order_no text not null,
  account text collate "C" not null,
  amount bigint not null check (amount > 0)
);
create index refund_by_order on takeover.refund (takeover_id, order_no);

do $$ declare target text; begin
  foreach target in array array['plan', 'conflict', 'subject_pair', 'comparison',
    'comparison_subject', 'settlement', 'settlement_item', 'approval', 'authority', 'refund'] loop
    execute format('create trigger %I before update or delete on takeover.%I
      for each row execute function ledger.refuse_change()', target || '_is_insert_only', target);
    execute format('create trigger %I before truncate on takeover.%I
      execute function ledger.refuse_change()', target || '_is_not_truncated', target);
  end loop;
  foreach target in array array['takeover', 'piece', 'account', 'movement', 'difference', 'mirror',
    'mirror_leg'] loop
    execute format('create trigger %I before delete on takeover.%I
      for each row execute function ledger.refuse_change()', target || '_is_not_removed', target);
    execute format('create trigger %I before truncate on takeover.%I
      execute function ledger.refuse_change()', target || '_is_not_truncated', target);
  end loop;
end $$;

grant usage on schema takeover to keyturn_app;
grant select, insert on all tables in schema takeover to keyturn_app;
grant update (cut_snapshot, cut_at, cut_position, history_cursor, history_read_at, pieces,
  imported_at, position) on takeover.takeover to keyturn_app;
grant update (imported_at) on takeover.piece to keyturn_app;
grant update (account_id) on takeover.account to keyturn_app;
grant update (state, reason, plan_version, journal_id) on takeover.movement to keyturn_app;
grant update (class, old_minor, ledger_minor, waiting_minor, amount, evidence, last_seen,
  last_comparison, closed_at, closed_by) on takeover.difference to keyturn_app;
grant update (attempts, due_at, last_error, sent_at) on takeover.mirror to keyturn_app;
grant update (position) on takeover.mirror_leg to keyturn_app;

-- Up to which transaction a book was known to be empty behind its imported history: the next
-- import looks at what was booked since, and not at every account of the book again. None for
-- older rows.
alter table ledger.history_import add column horizon xid8;
