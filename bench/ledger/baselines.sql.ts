/**
 * One transfer per call on the ledger's own tables, as ledgers in SQL functions do it: look for the
 * id, lock both accounts in the order of their ids, count, write. The same rows, checks and indexes
 * as the ledger's own way.
 */
export const perCallFunction = `
create or replace function bench_transfer(
  journal uuid, book text, debit uuid, credit uuid, amount bigint, fingerprint uuid
) returns boolean language plpgsql as $$
declare
  d ledger.account;
  c ledger.account;
begin
  perform 1 from ledger.account a where a.id in (debit, credit) order by a.id for no key update;
  if exists (select 1 from ledger.journal j where j.id = journal) then return false; end if;
  update ledger.account a set debits_posted = a.debits_posted + amount, version = a.version + 1
    where a.id = debit returning a.* into d;
  update ledger.account a set credits_posted = a.credits_posted + amount, version = a.version + 1
    where a.id = credit returning a.* into c;
  insert into ledger.journal (id, book_id, cause_module, cause_object, cause_command, fingerprint,
      refusal, effective_at, recorded_at)
    values (journal, book, 'bench', 'transfer', 'per call', fingerprint, null, now(), now());
  insert into ledger.transfer (journal_id, leg, kind, debit_account, credit_account, amount,
      debit_version, debit_debits_posted, debit_credits_posted, debit_debits_pending,
      debit_credits_pending, credit_version, credit_debits_posted, credit_credits_posted,
      credit_debits_pending, credit_credits_pending, recorded_at)
    values (journal, 0, 'posted', debit, credit, amount, d.version, d.debits_posted,
      d.credits_posted, nullif(d.debits_pending, 0), nullif(d.credits_pending, 0), c.version,
      c.debits_posted, c.credits_posted, nullif(c.debits_pending, 0),
      nullif(c.credits_pending, 0), now());
  return true;
end $$`;

/** What one caller alone is held against: a transaction of two plain statements. */
export const twoStatements = {
  table: `create table if not exists bench_balance (id int primary key, balance bigint not null);
    create table if not exists bench_entry (id bigint generated always as identity primary key,
      account int not null, amount bigint not null);
    insert into bench_balance select id, 0 from generate_series(1, 10000) as id
      on conflict do nothing`,
  update: 'update bench_balance set balance = balance + $2 where id = $1',
  insert: 'insert into bench_entry (account, amount) values ($1, $2)',
} as const;

/** Tables like the ledger's two, with the same indexes and checks, for COPY. */
export const copyTables = `
drop table if exists copy_transfer, copy_journal;
create table copy_journal (like ledger.journal including all);
create table copy_transfer (like ledger.transfer_1 including all)`;
