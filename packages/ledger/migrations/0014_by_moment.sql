-- Balances at past moments: of every sixteenth entry of an account, when it was recorded. A moment
-- is looked up there, and what is left is to look at the entries up to the next one.
create function ledger.index_by_moment(part integer) returns void language plpgsql as $$
declare
  own text := 'transfer_' || part;
  side text;
begin
  foreach side in array array['debit', 'credit'] loop
    -- A part that is put back may have them already.
    continue when to_regclass(format('ledger.%I', own || '_' || side || '_time')) is not null;
    execute format('create index %I on ledger.%I (%I, recorded_at, %I) where %4$I & 15 = 0',
      own || '_' || side || '_time', own, side || '_account', side || '_version');
  end loop;
end $$;
revoke execute on function ledger.index_by_moment(integer) from public;

-- As before (0009), with these indexes.
create or replace function ledger.make_partition(part integer) returns void language plpgsql as $$
declare
  name text := 'transfer_' || part;
begin
  execute format('create table ledger.%I (like ledger.transfer including defaults
    including constraints, primary key (journal_id, leg))', name);
  execute format('create unique index %I on ledger.%I (debit_account, debit_version)',
    name || '_debit_version', name);
  execute format('create unique index %I on ledger.%I (credit_account, credit_version)',
    name || '_credit_version', name);
  perform ledger.index_by_moment(part);
  execute format('create trigger %I before update or delete on ledger.%I
    for each row execute function ledger.refuse_change()', name || '_is_insert_only', name);
  execute format('create trigger %I before truncate on ledger.%I
    execute function ledger.refuse_change()', name || '_is_not_truncated', name);
  execute format('alter table ledger.%I owner to %I', name, (select pg_get_userbyid(c.relowner)
    from pg_class c where c.oid = 'ledger.transfer'::regclass));
  execute format('grant select on ledger.%I to keyturn_app', name);
end $$;

-- Parts that were taken out, too, so that they can be put back.
select ledger.index_by_moment(substr(c.relname, 10)::integer) from pg_class c
  where c.relnamespace = 'ledger'::regnamespace and c.relkind = 'r'
    and c.relname ~ '^transfer_[0-9]+$';
