/**
 * Fills the middle of a large ledger without its door, consistently: in each round every wallet is
 * debited once and credited once, so that versions and counters follow from the number of the round
 * and the wallet's place in it.
 */

/** The wallets in their places, as they stand before the first round. */
export const takePlaces = `
create temporary table place as
  select (row_number() over (order by a.owner) - 1)::int as place, a.id, a.owner, a.book_id,
    a.version, a.debits_posted, a.credits_posted
  from ledger.account a where a.owner like 'wallet-%';
alter table place add primary key (place);
analyze place`;

/** Ids as callers make them: UUIDv7, some in each millisecond. */
const idOf = (milliseconds: string, round: string) => `(lpad(to_hex(${milliseconds} + d.place / 25),
    12, '0') || '7' || overlay(substr(md5(${round} || '/' || d.place), 1, 19) placing '8' from 4
    for 1))::uuid`;

/**
 * One round: the wallet in place k pays the one `$1` places further on. `$2` kind, `$3` amount of
 * the transfers, `$4` and `$5` what each adds to the posted and to the pending counters, `$6` and
 * `$7` how many rounds' worth is on these already, `$8` rounds before this one, `$9` Unix
 * milliseconds, `$10` those of the round whose holds are resolved.
 */
export const bookRound = `
with row as materialized (
  select ${idOf('$9::bigint', '$8::bigint')} as id,
    case when $10::bigint is not null then ${idOf('$10::bigint', '($8::bigint - 1)')} end as hold,
    d.book_id, d.id as debit, c.id as credit,
    -- Who is credited before its turn to pay has one more entry then, and the other way round.
    (d.place >= $1::int)::int as debit_second, (c.place < d.place)::int as credit_second,
    d.version as debit_version, d.debits_posted as debit_debits,
    d.credits_posted as debit_credits, c.version as credit_version,
    c.debits_posted as credit_debits, c.credits_posted as credit_credits
  from place d join place c
    on c.place = (d.place + $1::int) % (select count(*) from place)
), journals as (
  insert into ledger.journal (id, book_id, cause_module, cause_object, cause_command, fingerprint,
      refusal, effective_at, recorded_at)
    select id, book_id, 'bench', right(id::text, 11), 'transfer', md5(id::text)::uuid, null, at, at
    from row, to_timestamp($9::bigint / 1000.0) as at order by id
), resolutions as (
  insert into ledger.hold_resolution (hold_journal, hold_leg, journal_id, leg, held, posted)
    select hold, 0, id, 0, -$5::bigint, $2::text = 'post_pending'
    from row where hold is not null order by hold
)
insert into ledger.transfer (journal_id, leg, kind, debit_account, credit_account, amount,
    hold_journal, hold_leg, debit_version, debit_debits_posted, debit_credits_posted,
    debit_debits_pending, debit_credits_pending, credit_version, credit_debits_posted,
    credit_credits_posted, credit_debits_pending, credit_credits_pending, recorded_at)
  select id, 0, $2::text, debit, credit, $3::bigint, hold, case when hold is not null then 0 end,
    debit_version + 2 * $8::bigint + 1 + debit_second,
    debit_debits + $6::bigint + $4::bigint,
    debit_credits + $6::bigint + debit_second * $4::bigint,
    nullif($7::bigint + $5::bigint, 0), nullif($7::bigint + debit_second * $5::bigint, 0),
    credit_version + 2 * $8::bigint + 1 + credit_second,
    credit_debits + $6::bigint + credit_second * $4::bigint,
    credit_credits + $6::bigint + $4::bigint,
    nullif($7::bigint + credit_second * $5::bigint, 0), nullif($7::bigint + $5::bigint, 0),
    to_timestamp($9::bigint / 1000.0)
  from row order by id`;

/** Leaves the wallets as `$1` rounds with `$2` posted in all have left them. */
export const leavePlaces = `
update ledger.account a set version = p.version + 2 * $1::bigint,
    debits_posted = p.debits_posted + $2::bigint, credits_posted = p.credits_posted + $2::bigint
  from place p where p.id = a.id`;

/** What each relation of journals and transfers takes, partitions together; bytes. */
export const relationSizes = `
with own as (
  select c.oid, c.relname, coalesce(i.indrelid, c.oid) as table_id, c.relkind
  from pg_class c left join pg_index i on i.indexrelid = c.oid
  where c.relnamespace = 'ledger'::regnamespace and c.relkind in ('r', 'i')
), named as (
  select o.*, coalesce(p.inhparent, o.table_id)::regclass::text as of_table
  from own o left join pg_inherits p on p.inhrelid = o.table_id
)
select relname as name, relkind = 'i' as index, pg_relation_size(oid) as bytes from named
where of_table in ('ledger.journal', 'ledger.transfer', 'ledger.hold_resolution')
order by relkind desc, relname`;
