import type { Queryable } from '@keyturn/pipeline';

/** One thing that is not as it must be, with the row where it was found. */
export interface LedgerFinding {
  readonly rule: string;
  readonly subject: string;
  readonly detail: string;
}

export interface LedgerCheck {
  readonly balanced: boolean;
  readonly accounts: bigint;
  readonly journals: bigint;
  readonly transfers: bigint;
  /** At most 100 per rule. */
  readonly findings: readonly LedgerFinding[];
}

/**
 * Each account's movements, both sides, as (version, counters after, what the transfer must have
 * added). The amounts come from the transfers and their holds alone, not from what was stored as
 * balance.
 */
const movements = `
  select t.debit_account as account, t.debit_version as version,
    t.debit_debits_posted as dp, t.debit_credits_posted as cp,
    t.debit_debits_pending as dh, t.debit_credits_pending as ch,
    case when t.kind in ('posted', 'post_pending') then t.amount else 0 end as add_dp,
    0::bigint as add_cp,
    case when t.kind = 'pending' then t.amount else -coalesce(h.amount, 0) end as add_dh,
    0::bigint as add_ch
  from ledger.transfer t left join ledger.transfer h
    on h.journal_id = t.hold_journal and h.leg = t.hold_leg
  union all
  select t.credit_account, t.credit_version, t.credit_debits_posted, t.credit_credits_posted,
    t.credit_debits_pending, t.credit_credits_pending, 0,
    case when t.kind in ('posted', 'post_pending') then t.amount else 0 end, 0,
    case when t.kind = 'pending' then t.amount else -coalesce(h.amount, 0) end
  from ledger.transfer t left join ledger.transfer h
    on h.journal_id = t.hold_journal and h.leg = t.hold_leg`;

const rules: readonly { readonly rule: string; readonly sql: string }[] = [
  {
    rule: 'entries are gap-free and each balance follows from the one before',
    sql: `with steps as (
        select m.*, lag(m.version, 1, 0::bigint) over w as last_version,
          lag(m.dp, 1, 0::bigint) over w as last_dp, lag(m.cp, 1, 0::bigint) over w as last_cp,
          lag(m.dh, 1, 0::bigint) over w as last_dh, lag(m.ch, 1, 0::bigint) over w as last_ch
        from (${movements}) m window w as (partition by m.account order by m.version))
      select account::text as subject, 'version ' || version || ' after ' || last_version as detail
      from steps where version <> last_version + 1 or dp <> last_dp + add_dp
        or cp <> last_cp + add_cp or dh <> last_dh + add_dh or ch <> last_ch + add_ch limit 100`,
  },
  {
    rule: 'an account stands where its transfers leave it',
    sql: `with sums as (select m.account, max(m.version) as version, count(*) as entries,
          sum(m.add_dp) as dp, sum(m.add_cp) as cp, sum(m.add_dh) as dh, sum(m.add_ch) as ch
        from (${movements}) m group by m.account)
      select a.id::text as subject, 'stored version ' || a.version || ', replayed ' ||
        coalesce(s.entries, 0) as detail
      from ledger.account a left join sums s on s.account = a.id
      where a.version <> coalesce(s.version, 0) or a.version <> coalesce(s.entries, 0)
        or a.debits_posted <> coalesce(s.dp, 0) or a.credits_posted <> coalesce(s.cp, 0)
        or a.debits_pending <> coalesce(s.dh, 0) or a.credits_pending <> coalesce(s.ch, 0)
      limit 100`,
  },
  {
    rule: 'the debits of a book equal its credits',
    sql: `select a.book_id as subject, 'debits ' || sum(a.debits_posted) || ', credits ' ||
        sum(a.credits_posted) as detail
      from ledger.account a group by a.book_id
      having sum(a.debits_posted) <> sum(a.credits_posted)
        or sum(a.debits_pending) <> sum(a.credits_pending) limit 100`,
  },
  {
    rule: 'no transfer crosses books',
    sql: `select t.journal_id || '/' || t.leg as subject, j.book_id as detail
      from ledger.transfer t join ledger.journal j on j.id = t.journal_id
      join ledger.account d on d.id = t.debit_account
      join ledger.account c on c.id = t.credit_account
      where d.book_id <> j.book_id or c.book_id <> j.book_id limit 100`,
  },
  {
    rule: 'a hold is resolved at most once, for at most its amount, between the same accounts',
    sql: `select t.journal_id || '/' || t.leg as subject,
        'resolves ' || h.journal_id || '/' || h.leg as detail
      from ledger.transfer t join ledger.transfer h
        on h.journal_id = t.hold_journal and h.leg = t.hold_leg
      where h.kind <> 'pending' or t.amount > h.amount
        or t.debit_account <> h.debit_account or t.credit_account <> h.credit_account limit 100`,
  },
  {
    rule: 'no limit is broken',
    sql: `select a.id::text as subject, a.limit_kind as detail from ledger.account a
      where (a.limit_kind = 'debits_must_not_exceed_credits'
          and a.debits_posted + a.debits_pending > a.credits_posted)
        or (a.limit_kind = 'credits_must_not_exceed_debits'
          and a.credits_posted + a.credits_pending > a.debits_posted) limit 100`,
  },
  {
    rule: 'a journal has transfers, or a refusal and none',
    sql: `select j.id::text as subject, coalesce(j.refusal, 'accepted') as detail
      from ledger.journal j
      where (j.refusal is null) <> exists
        (select 1 from ledger.transfer t where t.journal_id = j.id) limit 100`,
  },
];

/**
 * Replays every transfer and compares every projection with it. Reads everything: for a
 * connection without a statement time-out, off the hot path. All rules look at one snapshot.
 */
export async function checkLedger(db: {
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
}): Promise<LedgerCheck> {
  return db.transaction(async (tx) => {
    await tx.query('set transaction isolation level repeatable read, read only');
    const findings: LedgerFinding[] = [];
    for (const { rule, sql } of rules) {
      const rows = await tx.query<{ subject: string; detail: string }>(sql);
      findings.push(...rows.map((row) => ({ rule, ...row })));
    }
    const [counts] = await tx.query<{ accounts: bigint; journals: bigint; transfers: bigint }>(
      `select (select count(*) from ledger.account) as accounts,
        (select count(*) from ledger.journal) as journals,
        (select count(*) from ledger.transfer) as transfers`,
    );
    return {
      balanced: findings.length === 0,
      accounts: counts?.accounts ?? 0n,
      journals: counts?.journals ?? 0n,
      transfers: counts?.transfers ?? 0n,
      findings,
    };
  });
}
