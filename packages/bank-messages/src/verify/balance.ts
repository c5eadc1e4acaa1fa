import { formatStatementAmount } from '../currency.ts';
import { type Finding, finding } from '../findings.ts';
import type { Statement, StatementEntry } from '../statement.ts';

/** The figures of opening + booked = closing, in minor units of the statement's currency. */
export interface BalanceFigures {
  readonly opening: bigint | undefined;
  /** Sum of the booked entries in the statement's currency. */
  readonly booked: bigint;
  readonly expectedClosing: bigint | undefined;
  readonly closing: bigint | undefined;
  /** closing less expectedClosing. */
  readonly difference: bigint | undefined;
}

export interface BalanceCheck {
  readonly figures: BalanceFigures;
  readonly findings: readonly Finding[];
  /** Why it cannot be checked; undefined when it was. */
  readonly notVerifiable: string | undefined;
}

/** Formats without opening or closing balance by design: interim reports and notifications. */
function balancesOptional(statement: Statement): boolean {
  return /^(?:camt\.05[24]|mt942)$/.test(statement.format);
}

/** The booked entries in the statement's currency: what moves its booked balance. */
export function bookedEntries(statement: Statement): readonly StatementEntry[] {
  return statement.entries.filter(
    (entry) => entry.status === 'booked' && entry.currency === statement.currency,
  );
}

function sum(entries: readonly StatementEntry[]): bigint {
  return entries.reduce((total, entry) => total + entry.amount, 0n);
}

/** Checks that opening balance plus booked entries make the closing balance. */
export function checkBalance(statement: Statement): BalanceCheck {
  const { currency } = statement;
  const inCurrency = (balance: Statement['opening']) =>
    balance?.currency === currency ? balance : undefined;
  const opening = inCurrency(statement.opening)?.amount;
  const closing = inCurrency(statement.closing)?.amount;
  const booked = sum(bookedEntries(statement));
  // MT941 tells balances and totals without the entries.
  const counted = statement.format !== 'mt941' || statement.entries.length > 0;
  const expectedClosing = opening === undefined || !counted ? undefined : opening + booked;
  const difference =
    closing === undefined || expectedClosing === undefined ? undefined : closing - expectedClosing;
  const figures = { opening, booked, expectedClosing, closing, difference };
  const findings = missingBalances(statement);
  if (difference === undefined) {
    return { figures, findings, notVerifiable: whyNot(statement, figures) };
  }
  if (difference === 0n) return { figures, findings, notVerifiable: undefined };
  const money = (amount: bigint | undefined) => formatStatementAmount(amount ?? 0n, currency);
  const values = {
    opening: money(opening),
    booked: money(booked),
    expected: money(expectedClosing),
    closing: money(closing),
    difference: money(difference),
  };
  const place = { path: statement.closing?.path, line: statement.closing?.line };
  return {
    figures,
    findings: [...findings, finding('balance_mismatch', place, values)],
    notVerifiable: undefined,
  };
}

function missingBalances(statement: Statement): Finding[] {
  if (balancesOptional(statement)) return [];
  const place = { path: statement.path, line: statement.line };
  const findings: Finding[] = [];
  if (statement.opening === undefined) findings.push(finding('opening_missing', place));
  if (statement.closing === undefined) findings.push(finding('closing_missing', place));
  return findings;
}

function whyNot(statement: Statement, figures: BalanceFigures): string {
  if (statement.format === 'mt941') return 'an MT941 tells balances without their entries';
  const missing = [
    figures.opening === undefined ? 'opening' : undefined,
    figures.closing === undefined ? 'closing' : undefined,
  ].filter((name) => name !== undefined);
  const noun = missing.length === 2 ? 'balances' : 'balance';
  const what = `${missing.join(' and ')} ${noun} in ${statement.currency}`;
  return `the entries cannot be proven: no ${what}`;
}
