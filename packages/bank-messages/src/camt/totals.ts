import { parseStatementAmount } from '../currency.ts';
import type { Problems } from '../problems.ts';
import type { DeclaredTotal } from '../statement.ts';
import { at, child, childrenOf, pathOf, textAt, type XmlElement } from '../xml/element.ts';
import { readTransactionCode } from './detail.ts';
import { countIn } from './values.ts';

/** A declared figure that cannot be read is noted: it is the bank's proof, not the money itself. */
function figure(
  element: XmlElement | undefined,
  currency: string,
  problems: Problems,
): bigint | undefined {
  if (element === undefined) return undefined;
  const amount = parseStatementAmount(element.text, currency);
  if (amount === undefined) {
    const value = element.text === '' ? '(empty)' : element.text.slice(0, 40);
    problems.note('value_ignored', { path: pathOf(element) }, { what: 'the total', value });
  }
  return amount;
}

/** The net: TtlNetNtryAmt beside CdtDbtInd (to version 03), or TtlNetNtry with both inside. */
function net(element: XmlElement, currency: string, problems: Problems): bigint | undefined {
  const inside = child(element, 'TtlNetNtry');
  const holder = child(element, 'TtlNetNtryAmt') ?? at(inside, 'Amt');
  const amount = figure(holder, currency, problems);
  const direction = textAt(inside ?? element, 'CdtDbtInd');
  if (amount === undefined || direction === undefined || amount < 0n) return amount;
  return direction === 'DBIT' ? -amount : amount;
}

function total(
  element: XmlElement,
  of: DeclaredTotal['of'],
  currency: string,
  problems: Problems,
): DeclaredTotal {
  return {
    path: pathOf(element),
    line: undefined,
    of,
    code: readTransactionCode(child(element, 'BkTxCd')),
    count: countIn(element, 'NbOfNtries', problems),
    sum: figure(child(element, 'Sum'), currency, problems),
    net: of === 'all' ? net(element, currency, problems) : undefined,
  };
}

/** Reads TxsSummry: what the bank says about number and sum of its entries. */
export function readTotals(
  summary: XmlElement | undefined,
  currency: string,
  problems: Problems,
): readonly DeclaredTotal[] {
  if (summary === undefined) return [];
  const names: readonly (readonly [string, DeclaredTotal['of']])[] = [
    ['TtlNtries', 'all'],
    ['TtlCdtNtries', 'credits'],
    ['TtlDbtNtries', 'debits'],
    ['TtlNtriesPerBkTxCd', 'all'],
  ];
  return names.flatMap(([name, of]) =>
    childrenOf(summary, name)
      // A forecast counts entries that are still to come.
      .filter((element) => textAt(element, 'FcstInd') !== 'true')
      .map((element) => total(element, of, currency, problems))
      .filter((item) => name !== 'TtlNtriesPerBkTxCd' || item.code !== undefined),
  );
}
