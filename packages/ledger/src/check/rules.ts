import type { Queryable } from '@keyturn/pipeline';
import { type Findings, mostPerRule } from './findings.ts';

/** A rule, and the question for what breaks it, in rows of a subject and a detail. */
export interface Rule {
  readonly rule: string;
  readonly sql: string;
}

export async function ask(
  db: Queryable,
  findings: Findings,
  { rule, sql }: Rule,
  values: readonly unknown[] = [],
): Promise<void> {
  const rows = await db.query<{ subject: string; detail: string }>(
    `${sql} limit ${mostPerRule}`,
    values,
  );
  for (const { subject, detail } of rows) findings.add(rule, subject, detail);
}

/**
 * The movements of some accounts, both sides, as (version, counters after, what the transfer must
 * have added). The amounts come from the transfers and their holds alone, not from what was stored
 * as balance. `$1` says which accounts: by the first byte of their ids.
 */
const movements = `
  select t.debit_account as account, t.debit_version as version,
    t.debit_debits_posted as dp, t.debit_credits_posted as cp,
    coalesce(t.debit_debits_pending, 0) as dh, coalesce(t.debit_credits_pending, 0) as ch,
    case when t.kind in ('posted', 'post_pending') then t.amount else 0 end as add_dp,
    0::bigint as add_cp,
    case when t.kind = 'pending' then t.amount else -coalesce(h.amount, 0) end as add_dh,
    0::bigint as add_ch
  from ledger.transfer t left join ledger.transfer h
    on h.journal_id = t.hold_journal and h.leg = t.hold_leg
  where get_byte(uuid_send(t.debit_account), 0) = any($1::int[])
  union all
  select t.credit_account, t.credit_version, t.credit_debits_posted, t.credit_credits_posted,
    coalesce(t.credit_debits_pending, 0), coalesce(t.credit_credits_pending, 0), 0,
    case when t.kind in ('posted', 'post_pending') then t.amount else 0 end, 0,
    case when t.kind = 'pending' then t.amount else -coalesce(h.amount, 0) end
  from ledger.transfer t left join ledger.transfer h
    on h.journal_id = t.hold_journal and h.leg = t.hold_leg
  where get_byte(uuid_send(t.credit_account), 0) = any($1::int[])`;

/** What may be wrong where the states of accounts do not agree. */
export const chainRules: readonly Rule[] = [
  {
    rule: 'entries are gap-free and each balance follows from the one before',
    sql: `with steps as (
        select m.*, lag(m.version, 1, 0::bigint) over w as last_version,
          lag(m.dp, 1, 0::bigint) over w as last_dp, lag(m.cp, 1, 0::bigint) over w as last_cp,
          lag(m.dh, 1, 0::bigint) over w as last_dh, lag(m.ch, 1, 0::bigint) over w as last_ch
        from (${movements}) m window w as (partition by m.account order by m.version))
      select account::text as subject, 'version ' || version || ' after ' || last_version as detail
      from steps where version <> last_version + 1 or dp <> last_dp + add_dp
        or cp <> last_cp + add_cp or dh <> last_dh + add_dh or ch <> last_ch + add_ch`,
  },
  {
    rule: 'an account stands where its transfers leave it',
    sql: `with sums as (select m.account, max(m.version) as version, count(*) as entries,
          sum(m.add_dp) as dp, sum(m.add_cp) as cp, sum(m.add_dh) as dh, sum(m.add_ch) as ch
        from (${movements}) m group by m.account)
      select coalesce(a.id, s.account)::text as subject, 'stored version ' ||
        coalesce(a.version::text, 'none') || ', replayed ' || coalesce(s.entries, 0) as detail
      from (select * from ledger.account x
        where get_byte(uuid_send(x.id), 0) = any($1::int[])) a
      full join sums s on s.account = a.id
      where a.id is null
        or a.version <> coalesce(s.version, 0) or a.version <> coalesce(s.entries, 0)
        or a.debits_posted <> coalesce(s.dp, 0) or a.credits_posted <> coalesce(s.cp, 0)
        or a.debits_pending <> coalesce(s.dh, 0) or a.credits_pending <> coalesce(s.ch, 0)`,
  },
  {
    rule: 'no transfer crosses books',
    sql: `select t.journal_id || '/' || t.leg as subject, j.book_id as detail
      from ledger.transfer t join ledger.journal j on j.id = t.journal_id
      join ledger.account d on d.id = t.debit_account
      join ledger.account c on c.id = t.credit_account
      where (d.book_id <> j.book_id or c.book_id <> j.book_id)
        and (get_byte(uuid_send(d.id), 0) = any($1::int[])
          or get_byte(uuid_send(c.id), 0) = any($1::int[]))`,
  },
];

export const holdRule: Rule = {
  rule: 'a hold is resolved for at most its amount, between the same accounts',
  sql: `select t.journal_id || '/' || t.leg as subject,
      'resolves ' || t.hold_journal || '/' || t.hold_leg as detail
    from ledger.transfer t left join ledger.transfer h
      on h.journal_id = t.hold_journal and h.leg = t.hold_leg
    where t.hold_journal is not null and (h.journal_id is null or h.kind <> 'pending'
      or t.amount > h.amount or t.debit_account <> h.debit_account
      or t.credit_account <> h.credit_account)`,
};

export const journalRule: Rule = {
  rule: 'a journal has transfers, or a refusal and none',
  sql: `select j.id::text as subject, coalesce(j.refusal, 'accepted') as detail
    from ledger.journal j
    where (j.refusal is null) <> exists
      (select 1 from ledger.transfer t where t.journal_id = j.id)`,
};

export const orphanRule: Rule = {
  rule: 'a transfer belongs to a journal',
  sql: `select t.journal_id || '/' || t.leg as subject, 'its journal is not there' as detail
    from ledger.transfer t
    where not exists (select 1 from ledger.journal j where j.id = t.journal_id)`,
};

export const strayRule: Rule = {
  rule: 'every journal before the last seal is in a seal',
  sql: `select p.id::text as subject, 'before seal ' || s.number as detail
    from (select x.number, x.first_transaction, x.first_journal,
        lag(x.last_transaction, 1, '0'::xid8) over w as after_transaction,
        lag(x.last_journal, 1, '00000000-0000-0000-0000-000000000000'::uuid) over w
          as after_journal
      from ledger.seal x window w as (order by x.number)) s
    cross join lateral (select j.id from ledger.journal j
      where (j.transaction_id, j.id) > (s.after_transaction, s.after_journal)
        and (j.transaction_id, j.id) < (s.first_transaction, s.first_journal)
      order by j.transaction_id, j.id limit ${mostPerRule}) p`,
};

/** What is asked each time: these read little, or what nothing else reads. */
export const standingRules: readonly Rule[] = [
  {
    rule: 'the debits of a book equal its credits',
    sql: `select a.book_id as subject, 'debits ' || sum(a.debits_posted) || ', credits ' ||
        sum(a.credits_posted) as detail
      from ledger.account a group by a.book_id
      having sum(a.debits_posted) <> sum(a.credits_posted)
        or sum(a.debits_pending) <> sum(a.credits_pending)`,
  },
  {
    rule: 'a hold is resolved at most once',
    sql: `select t.hold_journal || '/' || t.hold_leg as subject,
        'resolved ' || count(*) || ' times' as detail
      from ledger.transfer t where t.hold_journal is not null
      group by t.hold_journal, t.hold_leg having count(*) > 1`,
  },
  {
    rule: 'no limit is broken',
    sql: `select a.id::text as subject, a.limit_kind as detail from ledger.account a
      where (a.limit_kind = 'debits_must_not_exceed_credits'
          and a.debits_posted + a.debits_pending > a.credits_posted)
        or (a.limit_kind = 'credits_must_not_exceed_debits'
          and a.credits_posted + a.credits_pending > a.debits_posted)`,
  },
];
