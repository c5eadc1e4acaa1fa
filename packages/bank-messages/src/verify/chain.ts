import { formatStatementAmount } from '../currency.ts';
import { type Finding, finding } from '../findings.ts';
import type { Statement, StatementFile } from '../statement.ts';

function gap(before: Statement, next: Statement): Finding | undefined {
  const { closing } = before;
  const { opening } = next;
  if (closing === undefined || opening === undefined) return undefined;
  if (closing.amount === opening.amount || closing.currency !== opening.currency) return undefined;
  const place = { path: opening.path, line: opening.line };
  const values = {
    opening: formatStatementAmount(opening.amount, opening.currency),
    closing: formatStatementAmount(closing.amount, closing.currency),
  };
  const followsAsPage = opening.subType === 'INTM' && closing.subType === 'INTM';
  if (followsAsPage) return finding('page_gap', place, values);
  if (!opening.date.equals(closing.date) || next.format === 'camt.052') return undefined;
  return finding('chain_gap', place, { ...values, date: opening.date.toString() });
}

/**
 * Checks the statements of a file against each other: where one account's statement opens on the
 * day on which the one before it closed, or is its next page, the balances must be the same.
 *
 * Returns the findings by the position of the later statement.
 */
export function checkChain(file: StatementFile): ReadonlyMap<number, Finding> {
  const findings = new Map<number, Finding>();
  const last = new Map<string, Statement>();
  for (const [index, statement] of file.statements.entries()) {
    const key = `${statement.account.id}\n${statement.currency}`;
    const before = last.get(key);
    const found = before === undefined ? undefined : gap(before, statement);
    if (found !== undefined) findings.set(index, found);
    last.set(key, statement);
  }
  return findings;
}
