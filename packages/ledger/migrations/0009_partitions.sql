-- Transfers in partitions, by the number of their transaction, which is the order of the seals: a
-- writer that is late lands in the part where it belongs, without a lock. What has to be unique
-- for ever stands in tables without partitions: the ids of journals, and what resolved each hold.

create table ledger.hold_resolution (
  hold_journal uuid not null,
  hold_leg smallint not null,
  journal_id uuid not null,
  leg smallint not null,
  -- What was held, of which the resolution takes all from the pending counters.
  held bigint not null,
  posted boolean not null,
  -- A second resolution of a hold is impossible.
  primary key (hold_journal, hold_leg)
);
insert into ledger.hold_resolution (hold_journal, hold_leg, journal_id, leg, held, posted)
  select t.hold_journal, t.hold_leg, t.journal_id, t.leg, h.amount, t.kind = 'post_pending'
  from ledger.transfer t
  join ledger.transfer h on h.journal_id = t.hold_journal and h.leg = t.hold_leg
  where t.hold_journal is not null;

-- Where each part begins; the first has all from the beginning.
create table ledger.partition (
  number integer primary key check (number > 0),
  first_transaction xid8 not null unique,
  made_at timestamptz not null
);

-- A part that is full and sealed: the seal that ends it, and how its accounts stood at its end,
-- where the next part opens. Signed as the seals are.
create table ledger.partition_cut (
  -- The part that ends here.
  number integer primary key references ledger.partition,
  end_transaction xid8 not null,
  -- The last seal before the end; 0 when nothing was booked before it.
  seal_number bigint not null check (seal_number >= 0),
  transfers bigint not null check (transfers >= 0),
  accounts bigint not null check (accounts >= 0),
  openings_digest bytea not null check (octet_length(openings_digest) = 32),
  digest bytea not null check (octet_length(digest) = 32),
  cut_at timestamptz not null,
  key_id text not null references ledger.seal_key,
  signature bytea not null check (octet_length(signature) = 64)
);

-- How an account stood when a part ended in which it was moved.
create table ledger.partition_opening (
  account_id uuid not null,
  -- The part that ended.
  number integer not null,
  version bigint not null check (version > 0),
  debits_posted bigint not null,
  credits_posted bigint not null,
  debits_pending bigint not null,
  credits_pending bigint not null,
  -- When its last transfer in the part was recorded.
  recorded_at timestamptz not null,
  primary key (account_id, number)
);
create index partition_opening_by_part on ledger.partition_opening (number, account_id);

-- Which parts were taken out, and put back: always the oldest one that is there, and the newest
-- one that is not.
create table ledger.partition_move (
  serial integer primary key,
  number integer not null references ledger.partition,
  attached boolean not null,
  moved_at timestamptz not null
);

do $$ declare own text; begin
  foreach own in array array['hold_resolution', 'partition', 'partition_cut', 'partition_opening',
    'partition_move'] loop
    execute format('create trigger %I before update or delete on ledger.%I
      for each row execute function ledger.refuse_change()', own || '_is_insert_only', own);
    execute format('create trigger %I before truncate on ledger.%I
      execute function ledger.refuse_change()', own || '_is_not_truncated', own);
  end loop;
end $$;
grant select on ledger.hold_resolution, ledger.partition, ledger.partition_cut,
  ledger.partition_opening, ledger.partition_move to keyturn_app;
grant insert on ledger.hold_resolution, ledger.partition_cut, ledger.partition_opening
  to keyturn_app;

-- A key of a partition's rows would have to hold the number of the transaction.
do $$ declare key record; begin
  for key in select conname, conrelid::regclass as owner from pg_constraint
    where contype = 'f' and confrelid = 'ledger.transfer'::regclass
  loop
    execute format('alter table %s drop constraint %I', key.owner, key.conname);
  end loop;
end $$;

alter table ledger.transfer rename to transfer_before;
create table ledger.transfer (
  like ledger.transfer_before including defaults including constraints,
  transaction_id xid8 not null default pg_current_xact_id()
) partition by range (transaction_id);
create trigger transfer_is_not_truncated before truncate on ledger.transfer
  execute function ledger.refuse_change();
grant select, insert on ledger.transfer to keyturn_app;

-- Makes the table of a part, which is not attached yet: with its own keys, since a key of all parts
-- would cost eight bytes more in each, and its own triggers, which stay when it is taken out.
create function ledger.make_partition(part integer) returns void language plpgsql as $$
declare
  name text := 'transfer_' || part;
begin
  execute format('create table ledger.%I (like ledger.transfer including defaults
    including constraints, primary key (journal_id, leg))', name);
  execute format('create unique index %I on ledger.%I (debit_account, debit_version)',
    name || '_debit_version', name);
  execute format('create unique index %I on ledger.%I (credit_account, credit_version)',
    name || '_credit_version', name);
  execute format('create trigger %I before update or delete on ledger.%I
    for each row execute function ledger.refuse_change()', name || '_is_insert_only', name);
  execute format('create trigger %I before truncate on ledger.%I
    execute function ledger.refuse_change()', name || '_is_not_truncated', name);
  execute format('alter table ledger.%I owner to %I', name, (select pg_get_userbyid(c.relowner)
    from pg_class c where c.oid = 'ledger.transfer'::regclass));
  execute format('grant select on ledger.%I to keyturn_app', name);
end $$;
revoke execute on function ledger.make_partition(integer) from public;

insert into ledger.partition (number, first_transaction, made_at) values (1, '0', now());
select ledger.make_partition(1);
alter table ledger.transfer attach partition ledger.transfer_1 for values from ('0') to (maxvalue);
insert into ledger.transfer select t.*, j.transaction_id
  from ledger.transfer_before t join ledger.journal j on j.id = t.journal_id
  order by j.transaction_id, j.id, t.leg;
drop table ledger.transfer_before;
