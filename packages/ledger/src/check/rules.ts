import type { Queryable } from '@keyturn/pipeline';
import { attachedFrom, detachedCount } from '../partition/store.ts';
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

const some = (account: string) => `get_byte(uuid_send(${account}), 0) = any($1::int[])`;

const movementsOf = (side: string, debits: string, credits: string) => `
  select t.${side}_account as account, t.${side}_version as version, 1::bigint as steps,
    t.${side}_debits_posted as dp, t.${side}_credits_posted as cp,
    coalesce(t.${side}_debits_pending, 0) as dh, coalesce(t.${side}_credits_pending, 0) as ch,
    ${debits} * t.posted as add_dp, ${credits} * t.posted as add_cp,
    ${debits} * t.held as add_dh, ${credits} * t.held as add_ch
  from (select x.*,
      case when x.kind in ('posted', 'post_pending') then x.amount else 0 end as posted,
      case when x.kind = 'pending' then x.amount else -coalesce(h.held, 0) end as held
    from ledger.transfer x left join ledger.hold_resolution h
      on h.hold_journal = x.hold_journal and h.hold_leg = x.hold_leg) t
  where ${some(`t.${side}_account`)}`;

/**
 * The movements of some accounts, both sides, as (version, counters after, what the transfer must
 * have added). The amounts come from the transfers and what they resolve alone, not from what was
 * stored as balance. What is detached moved an account at once to where it stood behind it. `$1`
 * says which accounts: by the first byte of their ids.
 */
const movements = `${movementsOf('debit', '1', '0')}
  union all ${movementsOf('credit', '0', '1')}
  union all
  select o.account_id, o.version, o.version, o.debits_posted, o.credits_posted, o.debits_pending,
    o.credits_pending, o.debits_posted, o.credits_posted, o.debits_pending, o.credits_pending
  from (select distinct on (x.account_id) x.* from ledger.partition_opening x
    where x.number <= ${detachedCount} and ${some('x.account_id')}
    order by x.account_id, x.number desc) o`;

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
      from steps where version <> last_version + steps or dp <> last_dp + add_dp
        or cp <> last_cp + add_cp or dh <> last_dh + add_dh or ch <> last_ch + add_ch`,
  },
  {
    rule: 'an account stands where its transfers leave it',
    sql: `with sums as (select m.account, max(m.version) as version, sum(m.steps) as entries,
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
    from ledger.transfer t left join ledger.hold_resolution r
      on r.hold_journal = t.hold_journal and r.hold_leg = t.hold_leg
    left join ledger.journal i on i.id = t.hold_journal
    left join ledger.transfer h on h.transaction_id = i.transaction_id
      and h.journal_id = t.hold_journal and h.leg = t.hold_leg
    where t.hold_journal is not null and (r.held is null or r.journal_id <> t.journal_id
      or r.leg <> t.leg or r.posted <> (t.kind = 'post_pending') or t.amount > r.held
      or i.id is null or (h.journal_id is null and i.transaction_id >= (select ${attachedFrom}))
      or h.kind <> 'pending' or h.amount <> r.held or t.debit_account <> h.debit_account
      or t.credit_account <> h.credit_account)`,
};

export const journalRule: Rule = {
  rule: 'a journal has transfers, or a refusal and none',
  sql: `select j.id::text as subject, coalesce(j.refusal, 'accepted') as detail
    from ledger.journal j
    where j.transaction_id >= (select ${attachedFrom}) and (j.refusal is null) <> exists
      (select 1 from ledger.transfer t
        where t.transaction_id = j.transaction_id and t.journal_id = j.id)`,
};

export const orphanRule: Rule = {
  rule: 'a transfer belongs to a journal',
  sql: `select t.journal_id || '/' || t.leg as subject, 'its journal is not there' as detail
    from ledger.transfer t
    where not exists (select 1 from ledger.journal j
      where j.id = t.journal_id and j.transaction_id = t.transaction_id)`,
};

export const resolutionRule: Rule = {
  rule: 'what is registered as resolved was resolved',
  sql: `select r.hold_journal || '/' || r.hold_leg as subject,
      'not by ' || r.journal_id || '/' || r.leg as detail
    from ledger.hold_resolution r left join ledger.journal i on i.id = r.journal_id
    left join ledger.transfer t on t.transaction_id = i.transaction_id and t.journal_id = i.id
      and t.leg = r.leg and t.hold_journal = r.hold_journal and t.hold_leg = r.hold_leg
    where t.journal_id is null
      and (i.id is null or i.transaction_id >= (select ${attachedFrom}))`,
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
