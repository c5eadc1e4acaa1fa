import { type Queryable, selectList } from '@keyturn/pipeline';
import { type ProofLineRow, type ProofRow, proofLineTable, proofTable } from '../tables.ts';

/**
 * A receipt or pay-out that bank and ledger saw on different sides of a cut-off, or only one of
 * them.
 */
export interface Crossing {
  readonly kind: 'receipt' | 'payout';
  readonly id: string;
  readonly reference: string;
  /** Signed: what it adds to the account. */
  readonly amount: bigint;
  /** When the ledger booked it; null when it has not. */
  readonly bookedAt: Temporal.Instant | null;
  /** The bank day that it says itself. */
  readonly saidOn: Temporal.PlainDate | null;
  /** The day of the statement that has it; null when none has. */
  readonly bankDay: Temporal.PlainDate | null;
}

/** Matched, or different in a way that two people have resolved: then the bank has it. */
const settledMatch = `(m.outcome = 'matched' or exists (select 1 from reconciliation.exception x
      where x.key = m.exception_key and x.kind = 'amount_differs' and x.state = 'resolved'))`;

/** The bank never had it, and two people have put that right: the correction stands for it. */
const givenUp = (id: string) => `exists (select 1 from reconciliation.exception x
      where x.key = 'missing_at_bank/' || $1 || '/' || ${id} and x.state = 'resolved')`;

const crossingReceiptsSql = `select 'receipt' as kind, r.id, r.bank_reference as reference,
    r.amount, r.recorded_at as "bookedAt", r.booked_on as "saidOn", m.day as "bankDay"
  from custody.published_receipt r
  left join lateral (select m.day from reconciliation.entry_match m
    join reconciliation.statement_entry e on e.id = m.entry_id
    where m.counterpart_id = r.id and ${settledMatch} and e.statement_id = any($6::uuid[])
    order by m.day limit 1) m on true
  where r.account_id = $1 and r.direction = 'credit' and r.booked_on between $2 and $3
    and case when m.day is null
      then r.recorded_at < $5 and (r.booked_on > $4::date or r.booked_on = any($7::date[]))
        and not ${givenUp('r.id')}
      else (m.day <= $4::date) <> (r.recorded_at < $5) end
  order by r.booked_on, r.id limit 500000`;

const payoutMatch = `left join lateral (select m.day from reconciliation.entry_match m
    join reconciliation.statement_entry e on e.id = m.entry_id
    where m.counterpart_id = p.id and ${settledMatch} and e.statement_id = any($6::uuid[])
    order by m.day limit 1) m on true`;

/**
 * Pay-outs that the bank has debited and we have not booked have no day of payment: found by
 * their match.
 */
const crossingPayoutsSql = `select * from (
    select 'payout' as kind, p.id, p.number as reference, -p.amount_minor as amount,
      p.paid_at as "bookedAt", p.paid_on as "saidOn", m.day as "bankDay"
    from payouts.published_payout p ${payoutMatch}
    where p.custody_account_id = $1 and p.paid_on between $2 and $3
      and case when m.day is null
        then p.paid_at < $5 and (p.paid_on > $4::date or p.paid_on = any($7::date[]))
          and not ${givenUp('p.id')}
        else (m.day <= $4::date) <> (p.paid_at < $5) end
    union all
    select 'payout', p.id, p.number, -p.amount_minor, null, null, m.day
    from reconciliation.entry_match m
    join reconciliation.statement_entry e on e.id = m.entry_id
    join payouts.published_payout p on p.id = m.counterpart_id
    where m.account_id = $1 and m.day between $2 and $4::date and m.outcome = 'matched'
      and m.counterpart_kind = 'payout' and p.paid_on is null and e.statement_id = any($6::uuid[])
  ) crossing order by reference limit 500000`;

export interface Cut {
  readonly accountId: string;
  /** How far around the day is looked. */
  readonly from: Temporal.PlainDate;
  readonly to: Temporal.PlainDate;
  readonly day: Temporal.PlainDate;
  /** The moment at which the day ends. */
  readonly end: Temporal.Instant;
  readonly statementIds: readonly string[];
  /** Up to the day, those that have a statement. */
  readonly provenDays: readonly Temporal.PlainDate[];
}

export async function readCrossings(db: Queryable, cut: Cut): Promise<readonly Crossing[]> {
  const values = [
    cut.accountId,
    cut.from.toString(),
    cut.to.toString(),
    cut.day.toString(),
    cut.end.toString(),
    cut.statementIds,
    cut.provenDays.map((day) => day.toString()),
  ];
  const receipts = await db.query<Crossing>(crossingReceiptsSql, values);
  const payouts = await db.query<Crossing>(crossingPayoutsSql, values);
  return [...receipts, ...payouts];
}

const openEntriesSql = `select coalesce(e.bank_reference, e.end_to_end_id, e.id::text) as reference,
    m.amount_minor as amount, x.kind as "exceptionKind"
  from reconciliation.entry_match m
  join reconciliation.statement_entry e on e.id = m.entry_id
  join reconciliation.exception x on x.key = m.exception_key
  where m.account_id = $1 and m.day between $2 and $3 and m.outcome = 'exception'
    and e.statement_id = any($4::uuid[]) and x.state <> 'resolved'
  order by m.day, m.entry_id limit 500000`;

/** Entries whose exception is not resolved. */
export async function readOpenEntries(
  db: Queryable,
  cut: Cut,
): Promise<
  readonly { readonly reference: string; readonly amount: bigint; readonly exceptionKind: string }[]
> {
  const { accountId, from, day, statementIds } = cut;
  return db.query(openEntriesSql, [accountId, from.toString(), day.toString(), statementIds]);
}

const lastProofsSql = `select distinct on (p.day) ${selectList(proofTable, 'p')}
  from reconciliation.proof p where p.day = any($1::date[]) order by p.day, p.version desc`;

export async function readLastProofs(
  db: Queryable,
  days: readonly Temporal.PlainDate[],
): Promise<readonly ProofRow[]> {
  return db.query<ProofRow>(lastProofsSql, [days.map((day) => day.toString())]);
}

const versionSql = `select ${selectList(proofTable, 'p')} from reconciliation.proof p
  where p.day = $1 and p.version = $2`;

export async function readProofVersion(
  db: Queryable,
  day: Temporal.PlainDate,
  version: number,
): Promise<ProofRow | undefined> {
  return (await db.query<ProofRow>(versionSql, [day.toString(), version]))[0];
}

const linesSql = `select ${selectList(proofLineTable, 'l')} from reconciliation.proof_line l
  where l.proof_id = any($1::uuid[]) order by l.proof_id, l.place_kind, l.place`;

export async function readProofLines(
  db: Queryable,
  proofIds: readonly string[],
): Promise<readonly ProofLineRow[]> {
  if (proofIds.length === 0) return [];
  return db.query<ProofLineRow>(linesSql, [proofIds]);
}

const pageSql = `select ${selectList(proofTable, 'p')} from reconciliation.proof p
  where p.day < $1 and p.version =
    (select max(v.version) from reconciliation.proof v where v.day = p.day)
  order by p.day desc limit $2`;

export async function readProofPage(
  db: Queryable,
  before: string | undefined,
  limit: number,
): Promise<readonly ProofRow[]> {
  return db.query<ProofRow>(pageSql, [before ?? 'infinity', limit]);
}

/**
 * What a contract's payments say about the money at the acquirer, from what payments and
 * settlement publish.
 */
export interface ChannelSums {
  /** The last trade day that the acquirer has paid for; null before the first. */
  readonly settledTo: Temporal.PlainDate | null;
  readonly paid: bigint;
  readonly refunded: bigint;
  readonly owed: bigint;
}

const channelSql = `with settled as (
    select s.trade_date, s.covers_from, s.owed_minor, s.at,
      row_number() over (partition by s.trade_date order by s.at desc, s.id desc) as latest,
      min(s.at) over (partition by s.trade_date) as first_at
    from settlement.published_channel_settlement s where s.contract_id = $1 and s.at < $2),
  edge as (select max(trade_date) as day from settled),
  unsettled_attempt as (
    select a.amount_minor as amount from payments.published_attempt a cross join edge
    where a.contract_id = $1 and a.state in ('succeeded', 'late_success') and a.final_at < $2
      and a.paid_on >= (select coalesce(day - $3::int, date '0001-01-01') from edge)
      and (edge.day is null or a.paid_on > edge.day or a.final_at > (
        select max(s.first_at) from settled s
        where a.paid_on between s.covers_from and s.trade_date))),
  unsettled_refund as (
    select r.amount_minor as amount from payments.published_refund r cross join edge
    where r.contract_id = $1 and r.state = 'succeeded' and r.final_at < $2
      and r.succeeded_on >= (select coalesce(day - $3::int, date '0001-01-01') from edge)
      and (edge.day is null or r.succeeded_on > edge.day or r.final_at > (
        select max(s.first_at) from settled s
        where r.succeeded_on between s.covers_from and s.trade_date)))
  select (select day from edge) as "settledTo",
    coalesce((select sum(amount) from unsettled_attempt), 0)::bigint as paid,
    coalesce((select sum(amount) from unsettled_refund), 0)::bigint as refunded,
    coalesce((select sum(s.owed_minor) from settled s where s.latest = 1 and s.owed_minor > 0),
      0)::bigint as owed`;

export async function readChannelSums(
  db: Queryable,
  contractId: string,
  end: Temporal.Instant,
  lateDays: number,
): Promise<ChannelSums> {
  const [row] = await db.query<ChannelSums>(channelSql, [contractId, end.toString(), lateDays]);
  return row ?? { settledTo: null, paid: 0n, refunded: 0n, owed: 0n };
}
