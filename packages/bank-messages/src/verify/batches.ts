import { formatStatementAmount } from '../currency.ts';
import { type Finding, finding } from '../findings.ts';
import type { Charge, Statement, StatementEntry } from '../statement.ts';

function total(amounts: readonly bigint[]): bigint {
  return amounts.reduce((sum, amount) => sum + amount, 0n);
}

function inCurrency(charges: readonly Charge[], currency: string): bigint {
  return total(charges.filter((one) => one.currency === currency).map((one) => one.amount));
}

/** Whether details and entry differ by nothing, or by the charges that the bank names. */
function explained(entry: StatementEntry, details: bigint): boolean {
  const own = inCurrency(entry.charges, entry.currency);
  const inner = total(entry.details.map((detail) => inCurrency(detail.charges, entry.currency)));
  const gap = entry.amount - details;
  return [0n, own, inner, own + inner, -own, -inner, -own - inner].includes(gap);
}

/**
 * Checks that the details of an entry sum up to it. A single payment is compared only by its own
 * amount in the entry's currency, a batch when each of its payments has one.
 */
function checkSum(entry: StatementEntry): readonly Finding[] {
  const single = entry.details.length === 1 && entry.batch === undefined;
  if (single && entry.details[0]?.amountOf !== 'payment') return [];
  const amounts = entry.details.flatMap((detail) =>
    detail.amount === undefined || detail.currency !== entry.currency ? [] : [detail.amount],
  );
  if (amounts.length === 0 || amounts.length < entry.details.length) return [];
  const declared = entry.batch?.count;
  // Fewer details than payments: the bank tells only some of them.
  if (declared !== undefined && declared > BigInt(amounts.length)) return [];
  const sum = total(amounts);
  if (explained(entry, sum)) return [];
  const values = {
    details: formatStatementAmount(sum, entry.currency),
    entry: formatStatementAmount(entry.amount, entry.currency),
  };
  return [finding('batch_mismatch', { path: entry.path, line: entry.line }, values)];
}

function checkBatch(entry: StatementEntry): readonly Finding[] {
  const batch = entry.batch;
  if (batch === undefined) return [];
  const place = { path: entry.path, line: entry.line };
  const findings: Finding[] = [];
  const present = BigInt(entry.details.length);
  if (batch.count !== undefined && present > 0n && batch.count !== present) {
    const values = { what: 'payments in the batch', declared: String(batch.count) };
    findings.push(finding('count_mismatch', place, { ...values, counted: String(present) }));
  }
  const fits = batch.total === undefined || explained(entry, batch.total);
  if (batch.total !== undefined && batch.currency === entry.currency && !fits) {
    const values = {
      what: 'amount of the batch',
      declared: formatStatementAmount(batch.total, entry.currency),
      counted: formatStatementAmount(entry.amount, entry.currency),
    };
    findings.push(finding('sum_mismatch', place, values));
  }
  return findings;
}

/** Checks what batch entries say about their payments. */
export function checkBatches(statement: Statement): readonly Finding[] {
  return statement.entries.flatMap((entry) => [...checkBatch(entry), ...checkSum(entry)]);
}
