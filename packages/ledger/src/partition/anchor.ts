import { attachedFrom, detachedCount } from './store.ts';

/** Says in SQL whether an entry, of which the moment of recording is given, counts. */
type Counts = (recordedAt: string) => string;

/**
 * How an account stood at a moment: after its last entry that was recorded before it, or zeros
 * before the first. Where it stood at the ends of the parts says in which of them that entry is,
 * so that no other is read; within the part it is found by halving, so that an account with
 * millions of entries costs some dozen look-ups. Where moments do not rise with the versions, which
 * is a matter of seconds, it is an entry of these seconds, and always the same one.
 *
 * The row has the version, the counters and `refused`: the part in which the entry would be is
 * detached.
 *
 * @param account an expression: the account's id; its table may be called `p`, or what is not here
 */
export function anchorSql(account: string, counts: Counts): string {
  return `(select coalesce(c.version, b.version, 0) as version, coalesce(c.dp, b.dp, 0) as dp,
      coalesce(c.cp, b.cp, 0) as cp, coalesce(c.dh, b.dh, 0) as dh, coalesce(c.ch, b.ch, 0) as ch,
      coalesce(b.upper <= b.from_transaction, false) as refused
    from (select l.*, coalesce(k.end_transaction, '0'::xid8) as lower, n.upper,
        coalesce(n.last, (select v.version from ledger.account v where v.id = ${account}), 0)
          - coalesce(l.version, 0) as entries,
        (select ${attachedFrom}) as from_transaction
      from (values (1)) one
      left join lateral (
        select o.number, o.version, o.debits_posted as dp, o.credits_posted as cp,
          o.debits_pending as dh, o.credits_pending as ch
        from ledger.partition_opening o
        where o.account_id = ${account} and ${counts('o.recorded_at')}
        order by o.number desc limit 1) l on true
      left join ledger.partition_cut k on k.number = l.number
      left join lateral (
        select o.version as last, e.end_transaction as upper
        from ledger.partition_opening o join ledger.partition_cut e on e.number = o.number
        where o.account_id = ${account} and not (${counts('o.recorded_at')})
        order by o.number limit 1) n on true) b
    left join lateral (
      with recursive probe (step, version) as (
        select 1::bigint << ceil(log(2.0, b.entries + 1.0))::int, coalesce(b.version, 0)
        union all
        select z.step / 2, z.version + case when coalesce(
            ${probed('debit', account, counts)}, ${probed('credit', account, counts)})
          then z.step / 2 else 0 end
        from probe z where z.step > 1)
      select u.* from (select z.version from probe z where z.step = 1) f cross join lateral (
        ${entry('debit', account)} union all ${entry('credit', account)}) u) c on true)`;
}

/** In the part in which the account stood there; others are not looked into. */
const inPart = `t.transaction_id >= b.lower
            and t.transaction_id < coalesce(b.upper, '18446744073709551615'::xid8)`;

const probed = (
  side: string,
  account: string,
  counts: Counts,
) => `(select ${counts('t.recorded_at')}
              from ledger.transfer t where t.${side}_account = ${account}
                and t.${side}_version = z.version + z.step / 2 and ${inPart})`;

const entry = (side: string, account: string) => `(select t.${side}_version as version,
            t.${side}_debits_posted as dp, t.${side}_credits_posted as cp,
            coalesce(t.${side}_debits_pending, 0) as dh,
            coalesce(t.${side}_credits_pending, 0) as ch
          from ledger.transfer t where t.${side}_account = ${account}
            and t.${side}_version = f.version and ${inPart})`;

/** An account's last version in the parts that are detached; 0 when it was not moved in them. */
export const detachedVersion = (account: string) => `coalesce((select o.version
    from ledger.partition_opening o where o.account_id = ${account} and o.number <= ${detachedCount}
    order by o.number desc limit 1), 0)`;
