import { type Finding, finding } from '../findings.ts';
import type { Statement } from '../statement.ts';

/** Balances and entries in another currency than the statement's, which no sum can hold. */
export function checkCurrency(statement: Statement): readonly Finding[] {
  const { currency } = statement;
  const balances = statement.balances
    .filter((balance) => balance.currency !== currency)
    .map((balance) => ({ ...balance, what: `the balance ${balance.type}` }));
  const entries = statement.entries
    .filter((entry) => entry.currency !== currency)
    .map((entry) => ({ ...entry, what: 'the entry' }));
  return [...balances, ...entries].map(({ what, path, line, currency: found }) =>
    finding('currency_mixed', { path, line }, { what, found, expected: currency }),
  );
}
