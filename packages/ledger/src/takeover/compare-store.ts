import { insertRows, type Queryable, selectList, type Tx } from '@keyturn/pipeline';
import type { ComparedDay } from './decide/gate.ts';
import { type Comparison, comparisonTable, type Difference, differenceTable } from './tables.ts';

/** The SQL of comparing: what the ledger has, what explains differences, and what was found. */

const sideSql = (accounts: string) => `select m.number, m.subject, m.account_id as "accountId",
    coalesce(a.debits_posted - a.credits_posted, 0)::bigint as net,
    coalesce(later.amount, 0)::bigint as later, coalesce(unbooked.amount, 0)::bigint as waiting,
    coalesce(unbooked.rows, 0)::int as "waitingRows",
    coalesce(unsent.amount, 0)::bigint as unsent
  from (select t.number, t.subject, t.account_id from takeover.account t
    where t.takeover_id = $1 and ${accounts}) m
  left join ledger.account a on a.id = m.account_id
  left join lateral (select sum(v.amount) as amount from takeover.movement v
    where v.takeover_id = $1 and v.account = m.number and v.position > $2
      and v.booked_at >= $3 and v.state in ('booked', 'adopted')) later on true
  left join lateral (select sum(v.amount) as amount, count(*) as rows from takeover.movement v
    where v.takeover_id = $1 and v.account = m.number
      and v.state in ('waiting', 'unmapped', 'after_switch')
      and (v.position <= $2 or v.booked_at < $3)) unbooked on true
  left join lateral (select sum(l.amount) as amount from takeover.mirror_leg l
    where l.takeover_id = $1 and l.account = m.number and l.position > $2) unsent on true
  order by m.number`;
const rangeSql = sideSql('t.number > $4 and t.number <= $5 order by t.number limit $6');
const namedSql = sideSql('t.number = any($4::text[])');

/** An account as the ledger has it, and what of it a state of the old ledger cannot have. */
export interface LedgerSide {
  readonly number: string;
  readonly subject: string;
  readonly accountId: string | null;
  /** Debits less credits, posted. */
  readonly net: bigint;
  /** Rows that are booked here and came after that state; old sign, like all below. */
  readonly later: bigint;
  /** Rows of that state that are not booked. */
  readonly waiting: bigint;
  readonly waitingRows: number;
  /** What was booked here and written to the old ledger after that state, or not yet. */
  readonly unsent: bigint;
}

/**
 * The accounts of a range of numbers at one moment of the ledger, with what has to be taken off
 * to compare them with a state of the old one. A row belongs to that state when it was visible
 * then, or was booked before it.
 */
export async function readLedgerSide(
  db: Queryable,
  id: string,
  range: { readonly after: string; readonly through: string; readonly limit: number },
  state: { readonly position: bigint; readonly takenAt: Temporal.Instant },
): Promise<readonly LedgerSide[]> {
  const values = [id, state.position.toString(), state.takenAt.toString()];
  return db.query<LedgerSide>(rangeSql, [...values, range.after, range.through, range.limit]);
}

/** The same of accounts by name. */
export async function readLedgerSideOf(
  db: Queryable,
  id: string,
  accounts: readonly string[],
  state: { readonly position: bigint; readonly takenAt: Temporal.Instant },
): Promise<readonly LedgerSide[]> {
  const values = [id, state.position.toString(), state.takenAt.toString()];
  return db.query<LedgerSide>(namedSql, [...values, accounts]);
}

const unbookedSql = `select v.account, v.id, v.amount, v.state from takeover.movement v
  where v.takeover_id = $1 and v.account = any($2::text[])
    and v.state in ('waiting', 'unmapped', 'after_switch')
  order by v.account, v.id limit 10000`;

const twinsSql = `select later.account, later.id, -later.amount as amount
  from takeover.movement later
  where later.takeover_id = $1 and later.account = any($2::text[])
    and (later.voucher is not null or later.order_no is not null)
    and later.state in ('booked', 'waiting')
    and exists (select from takeover.movement m
      where m.takeover_id = $1 and m.account = later.account and m.position < later.position
        and m.amount = later.amount and m.kind = later.kind and m.booked_at = later.booked_at
        and m.voucher is not distinct from later.voucher
        and m.order_no is not distinct from later.order_no and m.state = 'booked')
  order by later.account, later.position limit 10000`;

const conflictsSql = `select c.account, c.id, c.amount - m.amount as amount
  from takeover.conflict c
  join takeover.movement m on m.takeover_id = c.takeover_id and m.id = c.id
  where c.takeover_id = $1 and c.account = any($2::text[]) and m.account = c.account
    and not exists (select from takeover.conflict n
      where n.takeover_id = c.takeover_id and n.id = c.id and n.position > c.position)
  order by c.account, c.position limit 10000`;

const turnedSql = `select v.account, v.id, -2 * v.amount as amount
  from unnest($2::text[], $3::int8[]) as d(account, amount)
  join takeover.movement v on v.takeover_id = $1 and v.account = d.account
    and v.amount * -2 = d.amount and v.state = 'booked'
  order by v.account, v.position limit 10000`;

/** The newest entries of an account that are looked at for journals that passed by the mirror. */
const newestEntries = 200;

const strangersSql = `select d.account, t.journal_id as id,
    case when t.debit_account = d.id then t.amount else -t.amount end as amount
  from unnest($2::text[], $3::uuid[]) as d(account, id)
  join ledger.account a on a.id = d.id
  cross join lateral (
    (select x.* from ledger.transfer x where x.debit_account = d.id
      order by x.debit_version desc limit ${newestEntries})
    union all
    (select x.* from ledger.transfer x where x.credit_account = d.id
      order by x.credit_version desc limit ${newestEntries})) t
  join ledger.journal j on j.id = t.journal_id
  where t.kind in ('posted', 'post_pending') and j.cause_module <> $4
    and not exists (select from takeover.mirror m
      where m.journal_id = t.journal_id and m.takeover_id = $1)
  order by d.account, t.journal_id limit 10000`;

interface AccountFact {
  readonly account: string;
  readonly id: string;
  readonly amount: bigint;
}

/** What was found on accounts that differ. */
export interface Facts {
  readonly unbooked: readonly (AccountFact & { readonly state: string })[];
  readonly twins: readonly AccountFact[];
  readonly conflicts: readonly AccountFact[];
  readonly turned: readonly AccountFact[];
  /** With the sign of debits. */
  readonly strangers: readonly AccountFact[];
}

/**
 * Looks for what may explain differences.
 *
 * @param module the cause of the journals that come from the old ledger
 */
export async function readFacts(
  db: Queryable,
  id: string,
  module: string,
  differing: readonly {
    readonly account: string;
    readonly accountId: string | null;
    readonly amount: bigint;
  }[],
): Promise<Facts> {
  const accounts = differing.map(({ account }) => account);
  const amounts = differing.map(({ amount }) => amount.toString());
  const known = differing.filter(({ accountId }) => accountId !== null);
  const ids = known.map(({ accountId }) => accountId);
  const names = known.map(({ account }) => account);
  const [unbooked, twins, conflicts, turned, strangers] = await Promise.all([
    db.query<Facts['unbooked'][number]>(unbookedSql, [id, accounts]),
    db.query<AccountFact>(twinsSql, [id, accounts]),
    db.query<AccountFact>(conflictsSql, [id, accounts]),
    db.query<AccountFact>(turnedSql, [id, accounts, amounts]),
    db.query<AccountFact>(strangersSql, [id, names, ids, module]),
  ]);
  return { unbooked, twins, conflicts, turned, strangers };
}

const openSql = `select ${selectList(differenceTable, 'd')} from takeover.difference d
  where d.takeover_id = $1 and d.account = any($2::text[]) and d.closed_at is null`;

export async function readOpenOf(
  db: Queryable,
  id: string,
  accounts: readonly string[],
): Promise<readonly Difference[]> {
  return db.query<Difference>(openSql, [id, accounts]);
}

const closeSql = `update takeover.difference d
  set closed_at = $3, closed_by = 'healed', last_comparison = $2
  where d.takeover_id = $1 and d.closed_at is null and d.last_comparison < $2`;

/** Differences that a comparison did not find any more are over. */
export async function closeHealed(
  db: Queryable,
  id: string,
  comparison: number,
  now: Temporal.Instant,
): Promise<void> {
  await db.query(closeSql, [id, comparison, now.toString()]);
}

const nextSql = `select coalesce(max(c.number), 0)::int + 1 as number
  from takeover.comparison c where c.takeover_id = $1`;

export async function nextComparison(db: Queryable, id: string): Promise<number> {
  return (await db.query<{ number: number }>(nextSql, [id]))[0]?.number ?? 1;
}

const subjectsSql = `insert into takeover.comparison_subject (takeover_id, number, subject, kind,
    day, accounts, differing, old_minor, ledger_minor, waiting_minor)
  select $1::text, $2::int, u.subject, $3::text, $4::date, u.accounts, u.differing, u.old,
    u.ledger, u.waiting
  from unnest($5::text[], $6::int[], $7::int[], $8::numeric[], $9::numeric[], $10::numeric[])
    as u(subject, accounts, differing, old, ledger, waiting)`;

/** What a comparison found of a subject; sums over all of its accounts, with the old sign. */
export interface SubjectFigures {
  readonly subject: string;
  readonly accounts: number;
  readonly differing: number;
  readonly oldMinor: bigint;
  readonly ledgerMinor: bigint;
  readonly waitingMinor: bigint;
}

export function insertComparison(
  tx: Tx,
  comparison: Comparison,
  day: Temporal.PlainDate,
  subjects: readonly SubjectFigures[],
): void {
  insertRows(tx, comparisonTable, [comparison]);
  tx.write(subjectsSql, [
    ...[comparison.takeoverId, comparison.number, comparison.kind, day.toString()],
    subjects.map(({ subject }) => subject),
    subjects.map(({ accounts }) => accounts),
    subjects.map(({ differing }) => differing),
    subjects.map(({ oldMinor }) => oldMinor.toString()),
    subjects.map(({ ledgerMinor }) => ledgerMinor.toString()),
    subjects.map(({ waitingMinor }) => waitingMinor.toString()),
  ]);
}

const lastSql = `select ${selectList(comparisonTable, 'c')} from takeover.comparison c
  where c.takeover_id = $1 order by c.number desc limit 1`;

export async function readLastComparison(
  db: Queryable,
  id: string,
): Promise<Comparison | undefined> {
  return (await db.query<Comparison>(lastSql, [id]))[0];
}

const figuresSql = `select s.subject, s.accounts, s.differing, s.old_minor::text as "oldMinor",
    s.ledger_minor::text as "ledgerMinor", s.waiting_minor::text as "waitingMinor"
  from takeover.comparison_subject s where s.takeover_id = $1 and s.number = $2
  order by s.subject limit 1000`;

export async function readFigures(
  db: Queryable,
  id: string,
  comparison: number,
): Promise<readonly SubjectFigures[]> {
  const rows = await db.query<
    Pick<SubjectFigures, 'subject' | 'accounts' | 'differing'> & {
      readonly oldMinor: string;
      readonly ledgerMinor: string;
      readonly waitingMinor: string;
    }
  >(figuresSql, [id, comparison]);
  return rows.map((row) => ({
    ...row,
    oldMinor: BigInt(row.oldMinor),
    ledgerMinor: BigInt(row.ledgerMinor),
    waitingMinor: BigInt(row.waitingMinor),
  }));
}

const daysSql = `select s.subject, s.day, count(*)::int as comparisons,
    max(s.differing)::int as differing
  from takeover.comparison_subject s
  where s.takeover_id = $1 and s.day >= $2 and s.day <= $3 and s.kind = 'shadow'
  group by s.subject, s.day order by s.subject, s.day desc limit 100000`;

/** What the comparisons of each of some days found, by subject. */
export async function readComparedDays(
  db: Queryable,
  id: string,
  from: Temporal.PlainDate,
  through: Temporal.PlainDate,
): Promise<ReadonlyMap<string, readonly ComparedDay[]>> {
  const values = [id, from.toString(), through.toString()];
  const rows = await db.query<ComparedDay & { readonly subject: string }>(daysSql, values);
  return Map.groupBy(rows, ({ subject }) => subject);
}

const openCountSql = `select d.subject, count(*)::int as count from takeover.difference d
  where d.takeover_id = $1 and d.closed_at is null group by d.subject limit 1000`;
const unbookedCountSql = `select m.subject, count(*)::int as count from takeover.movement m
  where m.takeover_id = $1 and m.state in ('waiting', 'unmapped', 'after_switch')
  group by m.subject limit 1000`;

type Counts = ReadonlyMap<string, number>;

/** Open differences and rows that are not booked, by subject. */
export async function readOpenCounts(
  db: Queryable,
  id: string,
): Promise<{ readonly differences: Counts; readonly unbooked: Counts }> {
  const count = async (sql: string) => {
    const rows = await db.query<{ subject: string; count: number }>(sql, [id]);
    return new Map(rows.map((row) => [row.subject, row.count]));
  };
  const [differences, unbooked] = await Promise.all([count(openCountSql), count(unbookedCountSql)]);
  return { differences, unbooked };
}

const listOpenSql = `select ${selectList(differenceTable, 'd')} from takeover.difference d
  where d.takeover_id = $1 and d.closed_at is null and d.account > $2
  order by d.account limit $3`;
const listAllSql = `select ${selectList(differenceTable, 'd')} from takeover.difference d
  where d.takeover_id = $1 and d.id > $2::uuid order by d.id limit $3`;

/** Open differences by account, after an account's number. */
export async function listOpenDifferences(
  db: Queryable,
  id: string,
  after: string,
  limit: number,
): Promise<readonly Difference[]> {
  return db.query<Difference>(listOpenSql, [id, after, limit]);
}

/** All differences that ever were, in the order in which they were found, after one. */
export async function listAllDifferences(
  db: Queryable,
  id: string,
  after: string,
  limit: number,
): Promise<readonly Difference[]> {
  return db.query<Difference>(listAllSql, [id, after, limit]);
}
