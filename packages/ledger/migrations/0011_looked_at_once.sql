-- A foreign key looks at the old row whenever a row is updated, and is asked about each journal
-- that reverses nothing. What these refer to is never removed or renamed (below, and 0001): one
-- look when a row comes says as much.
create function ledger.refuse_unknown() returns trigger language plpgsql as $$
declare
  there boolean;
begin
  case tg_argv[0]
    when 'account' then
      there := exists (select from ledger.book b where b.id = new.book_id)
        and exists (select from ledger.account_code c where c.code = new.code);
    when 'metadata' then
      there := exists (select from ledger.account a where a.id = new.account_id);
    when 'reversal' then
      there := exists (select from ledger.journal j where j.id = new.reverses);
  end case;
  if not there then
    raise exception 'a row of %.% names what is not there', tg_table_schema, tg_table_name
      using errcode = 'foreign_key_violation';
  end if;
  return null;
end $$;

alter table ledger.account
  drop constraint account_book_id_fkey,
  drop constraint account_code_fkey;
create trigger account_names_what_is_there after insert on ledger.account
  for each row execute function ledger.refuse_unknown('account');
alter table ledger.account_metadata drop constraint account_metadata_account_id_fkey;
create trigger metadata_names_what_is_there after insert on ledger.account_metadata
  for each row execute function ledger.refuse_unknown('metadata');
alter table ledger.journal drop constraint journal_reverses_fkey;
create trigger journal_names_what_is_there after insert on ledger.journal
  for each row when (new.reverses is not null)
  execute function ledger.refuse_unknown('reversal');

create trigger book_is_insert_only before update or delete on ledger.book
  for each row execute function ledger.refuse_change();
create trigger book_is_not_truncated before truncate on ledger.book
  execute function ledger.refuse_change();

-- A rule is read and prepared anew for each statement: one takes less than eight, or twelve. Parts
-- that were taken out keep step, so that they can be put back.
do $$ declare owner regclass; rule text; begin
  for owner in select c.oid from pg_class c
    where c.relnamespace = 'ledger'::regnamespace and c.relkind in ('r', 'p')
      and (c.relname in ('account', 'transfer') or c.relname ~ '^transfer_[0-9]+$')
      and not c.relispartition
  loop
    for rule in select conname from pg_constraint where contype = 'c' and conrelid = owner loop
      execute format('alter table %s drop constraint %I', owner, rule);
    end loop;
    if owner = 'ledger.account'::regclass then continue; end if;
    execute format($rule$alter table %s add constraint transfer_is_in_order check (
      leg >= 0 and debit_account <> credit_account
      and amount >= 0 and (amount > 0 or closing is not null or kind = 'void_pending')
      and case kind
        when 'posted' then hold_journal is null and closing is null
        when 'pending' then hold_journal is null
        when 'post_pending' then hold_journal is not null
        when 'void_pending' then hold_journal is not null
        else false end
      and (hold_journal is null) = (hold_leg is null)
      and (closing is null or closing = 'debit' or closing = 'credit')
      and case when balancing is null then at_most is null
        else (balancing = 'debit' or balancing = 'credit')
          and at_most is not null and at_most >= amount end)$rule$, owner);
  end loop;
end $$;
alter table ledger.account add constraint account_is_in_order check (
  debits_posted >= 0 and credits_posted >= 0 and debits_pending >= 0 and credits_pending >= 0
  and version >= 0
  and case limit_kind
    when 'none' then true
    when 'debits_must_not_exceed_credits' then debits_posted + debits_pending <= credits_posted
    when 'credits_must_not_exceed_debits' then credits_posted + credits_pending <= debits_posted
    else false end);
