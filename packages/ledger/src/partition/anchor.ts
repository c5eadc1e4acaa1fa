import { attachedFrom, detachedCount } from './store.ts';

/** Says in SQL whether an entry, of which the moment of recording is given, counts. */
type Counts = (recordedAt: string) => string;

/** Each entry whose version is a multiple of it stands in an index by its moment (0014). */
const spacing = 16;

/**
 * How an account stood at a moment: after its last entry that was recorded before it, or zeros
 * before the first. Where it stood at the ends of the parts says in which of them that entry is,
 * so that no other is read. Within the part an index by moments, of every sixteenth entry, tells
 * from which entry on to look, and the keys by version give the fifteen behind it.
 *
 * Where moments do not rise with the versions, which is a matter of seconds, the sixteenth with the
 * latest moment is not always the last one that counts. Then the next ones are looked at, in
 * growing steps, until one does not count. So the entry that is found counts, and the next version
 * does not, or is not there: whatever stands before the entry was recorded before the moment or
 * some seconds after it, whatever stands behind it after the moment or some seconds before. It
 * depends on nothing but the rows, and stays the same when they do. Only the end of a part that is
 * cut off among such entries can move it by these seconds, once.
 *
 * The row has the version, the counters and `refused`: the part in which the entry would be is
 * detached.
 *
 * @param account an expression: the account's id; its table may be called `p`, or what is not here
 */
export function anchorSql(account: string, counts: Counts): string {
  return `(select coalesce(c.version, b.version) as version, coalesce(c.dp, b.dp) as dp,
      coalesce(c.cp, b.cp) as cp, coalesce(c.dh, b.dh) as dh, coalesce(c.ch, b.ch) as ch,
      coalesce(b.upper <= b.from_transaction, false) as refused
    from (select coalesce(l.version, 0) as version, coalesce(l.dp, 0) as dp,
        coalesce(l.cp, 0) as cp, coalesce(l.dh, 0) as dh, coalesce(l.ch, 0) as ch,
        coalesce((select k.end_transaction from ledger.partition_cut k
          where k.number < coalesce(n.number, 2147483647)
          order by k.number desc limit 1), '0'::xid8) as lower, n.upper,
        coalesce(n.last, (select v.version from ledger.account v where v.id = ${account}), 0)
          as last,
        (select ${attachedFrom}) as from_transaction
      from (values (1)) one
      left join lateral (
        select o.number, o.version, o.debits_posted as dp, o.credits_posted as cp,
          o.debits_pending as dh, o.credits_pending as ch
        from ledger.partition_opening o
        where o.account_id = ${account} and ${counts('o.recorded_at')}
        order by o.number desc limit 1) l on true
      left join lateral (
        select o.number, o.version as last, e.end_transaction as upper
        from ledger.partition_opening o join ledger.partition_cut e on e.number = o.number
        where o.account_id = ${account} and o.number > coalesce(l.number, 0)
          and not (${counts('o.recorded_at')})
        order by o.number limit 1) n on true
      offset 0) b
    left join lateral (
      with recursive reached (version, step, growing) as (
        select greatest(b.version, (select i.version from (
            ${indexed('debit', account, counts)} union all
            ${indexed('credit', account, counts)}) i
            order by i.recorded_at desc, i.version desc limit 1)), ${spacing}::bigint, true
          where b.last > b.version
        union all
        select z.version + case when x.counts then z.step else 0 end,
          case when z.growing and x.counts then z.step * 2 else z.step / 2 end,
          z.growing and x.counts
        from reached z cross join lateral (select z.version + z.step <= b.last and coalesce(
            ${ahead('debit', account, counts)}, ${ahead('credit', account, counts)},
            false) as counts offset 0) x
        where z.step >= ${spacing})
      select u.* from (select z.version from reached z where z.step < ${spacing}) f
      cross join lateral (
        ${entry('debit', account, counts)} union all ${entry('credit', account, counts)}) u
      order by u.version desc limit 1) c on true)`;
}

/** In the part in which the account stood there; others are not looked into. */
const inPart = `t.transaction_id >= b.lower
            and t.transaction_id < coalesce(b.upper, '18446744073709551615'::xid8)`;

/**
 * PostgreSQL supposes that few of an account's rows lie within the bounds of a part, and would
 * rather sort all of them than follow an index in which they stand in order. For the first of ten
 * times as many it follows the index.
 */
const inOrder = 'cross join generate_series(1, 10)';

/** The one with the latest moment of those that stand in the index. */
const indexed = (side: string, account: string, counts: Counts) => `(select
              t.${side}_version as version, t.recorded_at
            from ledger.transfer t ${inOrder} where t.${side}_account = ${account}
              and t.${side}_version & ${spacing - 1} = 0 and ${counts('t.recorded_at')}
              and b.last - b.version >= ${spacing} and ${inPart}
            order by t.recorded_at desc, t.${side}_version desc limit 1)`;

const ahead = (side: string, account: string, counts: Counts) => `(select ${counts('t.recorded_at')}
              from ledger.transfer t where t.${side}_account = ${account}
                and t.${side}_version = z.version + z.step and ${inPart})`;

const entry = (side: string, account: string, counts: Counts) => `(select
            t.${side}_version as version, t.${side}_debits_posted as dp,
            t.${side}_credits_posted as cp, coalesce(t.${side}_debits_pending, 0) as dh,
            coalesce(t.${side}_credits_pending, 0) as ch
          from ledger.transfer t ${inOrder} where t.${side}_account = ${account}
            and t.${side}_version >= f.version and t.${side}_version < f.version + ${spacing}
            and ${counts('t.recorded_at')} and ${inPart}
          order by t.${side}_version desc limit 1)`;

/** An account's last version in the parts that are detached; 0 when it was not moved in them. */
export const detachedVersion = (account: string) => `coalesce((select o.version
    from ledger.partition_opening o where o.account_id = ${account} and o.number <= ${detachedCount}
    order by o.number desc limit 1), 0)`;
