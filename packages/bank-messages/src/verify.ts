import type { Finding } from './findings.ts';
import type { Statement } from './statement.ts';
import { type BalanceFigures, checkBalance } from './verify/balance.ts';
import { checkBatches } from './verify/batches.ts';
import { checkCurrency } from './verify/currency.ts';
import { checkTotals } from './verify/totals.ts';

/** What a statement proves about itself. */
export interface StatementCheck {
  /**
   * `verified`: opening plus booked entries make the closing balance and nothing contradicts.
   * `not_verifiable`: nothing contradicts, but it has no balances to prove it by.
   * `contradicted`: there are findings.
   */
  readonly result: 'verified' | 'not_verifiable' | 'contradicted';
  /** Whether the balance equation itself holds; undefined when it cannot be checked. */
  readonly balanceHolds: boolean | undefined;
  readonly figures: BalanceFigures;
  readonly findings: readonly Finding[];
  /** What could not be checked, and why. */
  readonly notVerifiable: readonly string[];
  /** What a person may want to know and is no mistake. */
  readonly remarks: readonly string[];
}

const turnedRemark =
  'this bank marks a reversal with the direction of the entry that it takes back; ' +
  'its balances or totals hold when such entries are counted the other way round';

/**
 * Checks a statement by its own figures: opening + booked entries = closing, declared counts and
 * sums against the entries, batches against their payments, one currency throughout. Pending,
 * future and informational entries don't count; a reversal counts in its own direction.
 */
export function verifyStatement(statement: Statement): StatementCheck {
  const balance = checkBalance(statement);
  const totals = checkTotals(statement);
  const findings = [
    ...balance.findings,
    ...totals.findings,
    ...checkBatches(statement),
    ...checkCurrency(statement),
    ...statement.notes,
  ];
  const notVerifiable = [balance.notVerifiable, totals.notVerifiable].filter(
    (why) => why !== undefined,
  );
  const proven = balance.notVerifiable === undefined;
  return {
    result: findings.length > 0 ? 'contradicted' : proven ? 'verified' : 'not_verifiable',
    balanceHolds: proven ? balance.figures.difference === 0n : undefined,
    figures: balance.figures,
    findings,
    notVerifiable,
    remarks: statement.reversalsTurned ? [turnedRemark] : [],
  };
}
