import { bankDate } from '@keyturn/kernel';
import type { FoundDifference } from '../commands/exceptions.ts';
import type { ExceptionKind } from '../decide/exception-state.ts';
import {
  exceptionalClasses,
  matchTrades,
  type OurTrade,
  type TradeClass,
  type TradeMatch,
} from '../decide/match.ts';
import { readBillLines, readBillsInForce } from '../store/files.ts';
import { readTrades } from '../store/matching.ts';
import type { BillLineRow, BillRow } from '../tables.ts';
import type { ReconciliationDeps } from '../types.ts';
import type { Differences } from './differences.ts';

export interface BillMatching {
  readonly lines: number;
  readonly classes: Readonly<Record<string, number>>;
}

const kindOf: Readonly<Partial<Record<TradeClass, ExceptionKind>>> = {
  matched_duplicate_line: 'duplicate_bill_line',
  channel_only: 'unknown_at_channel',
  platform_only: 'missing_at_channel',
  duplicate_payment: 'duplicate_payment',
  status_mismatch: 'channel_status_differs',
  amount_mismatch: 'channel_amount_differs',
  fee_mismatch: 'channel_fee_differs',
};

const kinds: ReadonlySet<ExceptionKind> = new Set<ExceptionKind>([
  ...Object.values(kindOf),
  'missing_bill',
  'bill_contradicts_itself',
]);

export interface BillContract {
  readonly id: string;
  readonly book: string;
}

/**
 * Holds the bills in force up to a day against our payments and refunds. Two days before it count
 * as well: what the day's bill lacks may stand on the next, and what it has on the one before. What
 * the acquirer has done by its bill, and we do not have as done, it is asked about first.
 *
 * @returns undefined when there is no bill of the day
 */
export async function matchBill(
  deps: ReconciliationDeps,
  differences: Differences,
  contract: BillContract,
  day: Temporal.PlainDate,
): Promise<BillMatching | undefined> {
  const { database } = deps;
  const yesterday = day.subtract({ days: 1 });
  const bills = await readBillsInForce(database, contract.id, day.subtract({ days: 2 }), day);
  const bill = bills.find((one) => one.day.equals(day));
  if (!bill) return undefined;
  const lines = await readBillLines(
    database,
    bills.map(({ id }) => id),
  );
  const look = async () =>
    matchTrades({
      ours: await tradesOf(deps, contract.id, bills, lines, day),
      bills: bills.map((one) => ({
        channel: contract.id,
        day: one.day,
        id: one.id,
        lines: lines.filter((line) => line.billId === one.id).map(lineOf),
      })),
      until: day,
    });
  let matches = await look();
  const untold = matches.filter(isUntold).slice(0, mostAsked);
  for (const { kind, number } of untold) {
    await deps.payments.lookAgain({ contractId: contract.id, kind, number });
  }
  if (untold.length > 0) matches = await look();
  const days = [yesterday, day];
  const found: FoundDifference[] = matches.flatMap((match) => {
    const about = dayOf(match);
    if (!exceptionalClasses.has(match.class) || !days.some((one) => one.equals(about))) return [];
    return [differenceOf(contract, bill.currency, match, about)];
  });
  if (bill.findings.length > 0) found.push(contradiction(contract, bill));
  await differences.open(found);
  const keys = new Set(found.map(({ key }) => key));
  const note = `no longer found: the bills up to ${day} agree with ours`;
  for (const one of days) {
    await differences.clear({ contractId: contract.id }, one, kinds, keys, note);
  }
  const ofDay = matches.filter((match) => dayOf(match).equals(day));
  const classes = Object.fromEntries(
    [...Map.groupBy(ofDay, (match) => match.class)].map(([name, all]) => [name, all.length]),
  );
  return { lines: bill.lines, classes };
}

/** So many trades are asked about at a look; the others at the next. */
const mostAsked = 100;

/** Done by the bill, and not by our books. */
function isUntold({ ours, lines }: TradeMatch): boolean {
  return ours !== undefined && !ours.succeeded && lines.some(({ succeeded }) => succeeded);
}

/** The day that a match is about: ours, else the bill's. */
function dayOf(match: TradeMatch): Temporal.PlainDate {
  const [line] = match.lines;
  if (match.ours?.succeeded || !line)
    return match.ours?.day ?? Temporal.PlainDate.from('0001-01-01');
  return line.day;
}

async function tradesOf(
  deps: ReconciliationDeps,
  contractId: string,
  bills: readonly BillRow[],
  lines: readonly BillLineRow[],
  day: Temporal.PlainDate,
): Promise<readonly OurTrade[]> {
  const payments = lines.filter(({ kind }) => kind === 'pay').map(({ number }) => number);
  const refunds = lines.filter(({ kind }) => kind === 'refund').map(({ number }) => number);
  const rows = await readTrades(deps.database, contractId, day.subtract({ days: 1 }), day, {
    payments: [...new Set(payments)],
    refunds: [...new Set(refunds)],
  });
  const covered = new Set(bills.map((bill) => bill.day.toString()));
  const named = new Set(lines.map(({ kind, number }) => `${kind} ${number}`));
  return rows.flatMap((row): OurTrade[] => {
    const { number, kind, amount, fee, succeeded } = row;
    const on = row.day ?? bankDate(row.createdAt);
    // Of a day whose bill is not here, nothing is missing.
    if (!covered.has(on.toString()) && !named.has(`${kind} ${number}`)) return [];
    return [{ channel: contractId, number, kind, amount, fee, succeeded, day: on }];
  });
}

function lineOf(row: BillLineRow) {
  const { number, kind, originalNumber, channelNumber, succeeded, at } = row;
  return {
    number,
    kind,
    ...(originalNumber === null ? {} : { originalNumber }),
    channelNumber,
    amount: row.amountMinor,
    settled: row.settledMinor,
    fee: row.feeMinor,
    succeeded,
    at,
  };
}

/** What the channel has of it, less what we have; negative when it is missing there. */
function amountOf(match: TradeMatch): bigint {
  const there = new Map(
    match.lines.filter(({ succeeded }) => succeeded).map((line) => [line.channelNumber, line]),
  );
  const channel = [...there.values()].reduce((sum, line) => sum + line.amount, 0n);
  const ours = match.ours?.succeeded ? match.ours.amount : 0n;
  const difference = channel - ours;
  return match.kind === 'refund' ? -difference : difference;
}

function differenceOf(
  contract: BillContract,
  currency: string,
  match: TradeMatch,
  day: Temporal.PlainDate,
): FoundDifference {
  const kind = kindOf[match.class] ?? 'contradiction';
  const { ours } = match;
  return {
    key: `${kind}/${contract.id}/${match.kind}/${match.number}`,
    kind,
    contractId: contract.id,
    book: contract.book,
    day: day.toString(),
    subject: match.number,
    amount_minor: amountOf(match),
    currency,
    evidence: {
      class: match.class,
      also: [...match.also],
      trade: match.kind,
      ...(ours === undefined
        ? {}
        : {
            ours: {
              amount: ours.amount,
              fee_minor: ours.fee,
              succeeded: ours.succeeded,
              day: ours.day.toString(),
            },
          }),
      lines: match.lines.slice(0, 20).map((line) => ({
        day: line.day.toString(),
        channel_number: line.channelNumber,
        amount: line.amount,
        fee_minor: line.fee,
        succeeded: line.succeeded,
        at: line.at,
      })),
    },
  };
}

function contradiction(contract: BillContract, bill: BillRow): FoundDifference {
  return {
    key: `bill_contradicts_itself/${contract.id}/${bill.id}`,
    kind: 'bill_contradicts_itself',
    contractId: contract.id,
    book: contract.book,
    day: bill.day.toString(),
    subject: `bill of ${bill.day}`,
    currency: bill.currency,
    evidence: { bill_id: bill.id, findings: bill.findings.map(({ sentence }) => sentence) },
  };
}
