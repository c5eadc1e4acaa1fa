import { type Queryable, selectList, type Tx } from '@keyturn/pipeline';
import type { PayoutFacts, ReceiptFacts } from '../decide/match-entries.ts';
import { type EntryMatchRow, type StatementEntryRow, statementEntryTable } from '../tables.ts';

/** What matching reads of others: only what custody and payouts publish. */

const entriesSql = `select ${selectList(statementEntryTable, 'e')}
  from reconciliation.statement_entry e
  where e.statement_id = $1 and e.status = 'booked' and e.ordinal > $2
  order by e.ordinal limit 5000`;

/** The booked entries of statements, in their order. */
export async function readEntries(
  db: Queryable,
  statementIds: readonly string[],
): Promise<readonly StatementEntryRow[]> {
  const all: StatementEntryRow[] = [];
  for (const id of statementIds) {
    let last = -1;
    for (;;) {
      const page = await db.query<StatementEntryRow>(entriesSql, [id, last]);
      all.push(...page);
      const end = page.at(-1);
      if (end === undefined) break;
      last = end.ordinal;
    }
  }
  return all;
}

export type DatedReceipt = ReceiptFacts & { readonly bookedOn: Temporal.PlainDate };
export type DatedPayout = PayoutFacts & { readonly paidOn: Temporal.PlainDate | null };

const receiptColumns = `r.id, r.bank_reference as "bankReference", r.end_to_end_id as "endToEndId",
  r.direction, r.amount, r.currency, r.booked_on as "bookedOn"`;

const receiptsOfDaysSql = `select ${receiptColumns} from custody.published_receipt r
  where r.account_id = $1 and r.booked_on between $2 and $3 and (r.booked_on, r.id) > ($4, $5::uuid)
  order by r.booked_on, r.id limit 5000`;

const receiptsOfReferencesSql = `select ${receiptColumns} from custody.published_receipt r
  where r.account_id = $1 and r.bank_reference = any($2::text[])`;

const firstId = '00000000-0000-0000-0000-000000000000';

export async function readReceiptsOfDays(
  db: Queryable,
  accountId: string,
  from: Temporal.PlainDate,
  to: Temporal.PlainDate,
): Promise<readonly DatedReceipt[]> {
  const all: DatedReceipt[] = [];
  let after: readonly [string, string] = ['0001-01-01', firstId];
  for (;;) {
    const values = [accountId, from.toString(), to.toString(), ...after];
    const page = await db.query<DatedReceipt>(receiptsOfDaysSql, values);
    all.push(...page);
    const end = page.at(-1);
    if (end === undefined) return all;
    after = [end.bookedOn.toString(), end.id];
  }
}

/** Pieces of a list, so that no statement's parameters grow without bound. */
export function pieces<T>(items: readonly T[], size = 5_000): readonly (readonly T[])[] {
  const cut: (readonly T[])[] = [];
  for (let from = 0; from < items.length; from += size) cut.push(items.slice(from, from + size));
  return cut;
}

export async function readReceiptsOfReferences(
  db: Queryable,
  accountId: string,
  references: readonly string[],
): Promise<readonly DatedReceipt[]> {
  const all: DatedReceipt[] = [];
  for (const piece of pieces(references)) {
    all.push(...(await db.query<DatedReceipt>(receiptsOfReferencesSql, [accountId, piece])));
  }
  return all;
}

const payoutColumns = `p.id, p.number, p.bank_reference as "bankReference",
  p.amount_minor as amount,
  p.currency, p.paid_on as "paidOn", p.state in ('paid', 'returned') as paid,
  p.state not in ('created', 'pending_approval', 'approved', 'canceled', 'failed') as sent`;

const payoutsOfNumbersSql = `select ${payoutColumns} from payouts.published_payout p
  where p.number = any($2::text[]) and p.custody_account_id = $1`;

const payoutsOfDaysSql = `select ${payoutColumns} from payouts.published_payout p
  where p.custody_account_id = $1 and p.paid_on between $2 and $3
  order by p.paid_on, p.id limit 100000`;

export async function readPayouts(
  db: Queryable,
  accountId: string,
  day: Temporal.PlainDate,
  numbers: readonly string[],
): Promise<readonly DatedPayout[]> {
  const found = new Map<string, DatedPayout>();
  const days = [day.subtract({ days: 1 }).toString(), day.add({ days: 1 }).toString()];
  const ofDays = await db.query<DatedPayout>(payoutsOfDaysSql, [accountId, ...days]);
  for (const payout of ofDays) found.set(payout.id, payout);
  for (const piece of pieces(numbers)) {
    const rows = await db.query<DatedPayout>(payoutsOfNumbersSql, [accountId, piece]);
    for (const payout of rows) found.set(payout.id, payout);
  }
  return [...found.values()];
}

const seenSql = `select e.direction, e.bank_reference as "bankReference"
  from reconciliation.statement_entry e
  where e.account_id = $1 and e.bank_reference = any($2::text[]) and e.status = 'booked'
    and e.statement_id = any($3::uuid[])`;

/** Which references stand on other statements in force as well. */
export async function readSeen(
  db: Queryable,
  accountId: string,
  references: readonly string[],
  statementIds: readonly string[],
): Promise<readonly { readonly direction: 'credit' | 'debit'; readonly bankReference: string }[]> {
  const all: { readonly direction: 'credit' | 'debit'; readonly bankReference: string }[] = [];
  if (statementIds.length === 0) return all;
  for (const piece of pieces(references)) {
    all.push(...(await db.query<(typeof all)[number]>(seenSql, [accountId, piece, statementIds])));
  }
  return all;
}

const matchedElsewhereSql = `select m.counterpart_id as id from reconciliation.entry_match m
  join reconciliation.statement_entry e on e.id = m.entry_id
  where m.counterpart_id = any($1::uuid[]) and m.outcome = 'matched'
    and e.statement_id = any($2::uuid[])`;

/** Which receipts and pay-outs are matched on other statements in force. */
export async function readMatchedElsewhere(
  db: Queryable,
  counterparts: readonly string[],
  statementIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  if (statementIds.length === 0) return ids;
  for (const piece of pieces(counterparts)) {
    const rows = await db.query<{ id: string }>(matchedElsewhereSql, [piece, statementIds]);
    for (const { id } of rows) ids.add(id);
  }
  return ids;
}

const writeSql = `insert into reconciliation.entry_match (entry_id, account_id, day, outcome,
    counterpart_kind, counterpart_id, matched_by, amount_minor, exception_key, matched_at)
  select * from unnest($1::uuid[], $2::text[], $3::date[], $4::text[], $5::text[], $6::uuid[],
    $7::text[], $8::bigint[], $9::text[], $10::timestamptz[])
  on conflict (entry_id) do update set outcome = excluded.outcome,
    counterpart_kind = excluded.counterpart_kind, counterpart_id = excluded.counterpart_id,
    matched_by = excluded.matched_by, amount_minor = excluded.amount_minor,
    exception_key = excluded.exception_key, matched_at = excluded.matched_at
  where (entry_match.outcome, entry_match.counterpart_id, entry_match.exception_key)
    is distinct from (excluded.outcome, excluded.counterpart_id, excluded.exception_key)`;

/** Writes what became of entries; what stands already stays as it is. */
export async function writeMatches(tx: Tx, rows: readonly EntryMatchRow[]): Promise<void> {
  const sorted = [...rows].sort((a, b) => (a.entryId < b.entryId ? -1 : 1));
  for (const piece of pieces(sorted, 2_000)) {
    await tx.query(writeSql, [
      piece.map((row) => row.entryId),
      piece.map((row) => row.accountId),
      piece.map((row) => row.day.toString()),
      piece.map((row) => row.outcome),
      piece.map((row) => row.counterpartKind),
      piece.map((row) => row.counterpartId),
      piece.map((row) => row.matchedBy),
      piece.map((row) => row.amountMinor.toString()),
      piece.map((row) => row.exceptionKey),
      piece.map((row) => row.matchedAt.toString()),
    ]);
  }
}

export interface OurTradeRow {
  readonly number: string;
  readonly kind: 'pay' | 'refund';
  readonly amount: bigint;
  readonly fee: bigint;
  readonly succeeded: boolean;
  readonly day: Temporal.PlainDate | null;
  readonly createdAt: Temporal.Instant;
}

const attemptColumns = `a.number, 'pay' as kind, a.amount_minor as amount, a.fee_minor as fee,
  a.state in ('succeeded', 'late_success') as succeeded, a.paid_on as day,
  a.created_at as "createdAt"`;
const refundColumns = `r.submission_number as number, 'refund' as kind, r.amount_minor as amount,
  r.fee_returned_minor as fee, r.state = 'succeeded' as succeeded, r.succeeded_on as day,
  r.created_at as "createdAt"`;

const tradesOfDaysSql = `(select ${attemptColumns} from payments.published_attempt a
    where a.contract_id = $1 and a.paid_on between $2 and $3 order by a.paid_on limit 500000)
  union all (select ${refundColumns} from payments.published_refund r
    where r.contract_id = $1 and r.succeeded_on between $2 and $3
    order by r.succeeded_on limit 500000)`;

const anyTradeSql = `select exists (select from payments.published_attempt a
    where a.contract_id = $1 and a.paid_on = $2)
  or exists (select from payments.published_refund r
    where r.contract_id = $1 and r.succeeded_on = $2) as found`;

/** Whether we have a payment or a refund over a contract on a day. */
export async function hasTrades(
  db: Queryable,
  contractId: string,
  day: Temporal.PlainDate,
): Promise<boolean> {
  const [row] = await db.query<{ found: boolean }>(anyTradeSql, [contractId, day.toString()]);
  return row?.found === true;
}

const tradesOfNumbersSql = `select ${attemptColumns} from payments.published_attempt a
    where a.contract_id = $1 and a.number = any($2::text[])
  union all select ${refundColumns} from payments.published_refund r
    where r.contract_id = $1 and r.submission_number = any($3::text[])`;

/** Our payments and refunds over a contract: those of some days, and those that bills name. */
export async function readTrades(
  db: Queryable,
  contractId: string,
  from: Temporal.PlainDate,
  to: Temporal.PlainDate,
  named: { readonly payments: readonly string[]; readonly refunds: readonly string[] },
): Promise<readonly OurTradeRow[]> {
  const found = new Map<string, OurTradeRow>();
  const days = [contractId, from.toString(), to.toString()];
  for (const row of await db.query<OurTradeRow>(tradesOfDaysSql, days)) {
    found.set(`${row.kind} ${row.number}`, row);
  }
  const payments = pieces(named.payments);
  const refunds = pieces(named.refunds);
  for (let at = 0; at < Math.max(payments.length, refunds.length); at++) {
    const values = [contractId, payments[at] ?? [], refunds[at] ?? []];
    for (const row of await db.query<OurTradeRow>(tradesOfNumbersSql, values)) {
      found.set(`${row.kind} ${row.number}`, row);
    }
  }
  return [...found.values()];
}
