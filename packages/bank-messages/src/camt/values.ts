import { isStatementCurrency, minorDigitsOf, parseStatementAmount } from '../currency.ts';
import { isoDate } from '../date.ts';
import type { Problems } from '../problems.ts';
import { child, pathOf, textAt, type XmlElement } from '../xml/element.ts';

export type Direction = 'credit' | 'debit';

export interface AmountRead {
  readonly amount: bigint;
  readonly currency: string;
}

function whyNot(text: string, currency: string): string {
  if (text.startsWith('-')) return 'amounts have no sign, the direction stands in CdtDbtInd';
  if (!/^\+?(?:\d+\.?\d*|\.\d+)$/.test(text)) return 'it is not a decimal number';
  if (!/\.\d*[1-9]/.test(text)) return 'it is out of range';
  return `${currency} has ${minorDigitsOf(currency)} decimals`;
}

/** Reads the decimal text of `element` as an unsigned amount of `currency`. */
export function decimalOf(element: XmlElement, currency: string, problems: Problems): bigint {
  const text = element.text.replace(/\.$/, '');
  const amount = text.startsWith('-') ? undefined : parseStatementAmount(text, currency);
  if (amount !== undefined) return amount;
  const value = element.text === '' ? '(empty)' : element.text.slice(0, 40);
  const why = element.text === '' ? 'it is empty' : whyNot(element.text, currency);
  problems.refuse('amount_unusable', { path: pathOf(element) }, { value, why });
  return 0n;
}

/** Reads `<Amt Ccy="EUR">8.85</Amt>`. Refuses the file when amount or currency are unusable. */
export function readAmount(element: XmlElement, problems: Problems): AmountRead {
  const currency = element.attributes.get('Ccy')?.trim() ?? '';
  if (!isStatementCurrency(currency)) {
    const place = { path: `${pathOf(element)}/@Ccy` };
    if (currency === '') problems.refuse('element_missing', place, { what: 'the currency' });
    else problems.refuse('currency_unknown', place, { value: currency.slice(0, 40) });
    return { amount: 0n, currency: '' };
  }
  return { amount: decimalOf(element, currency, problems), currency };
}

/** The direction in CdtDbtInd below `element`; `fallback` when it is absent and that is allowed. */
export function readDirection(
  element: XmlElement,
  problems: Problems,
  fallback?: Direction,
): Direction {
  const text = textAt(element, 'CdtDbtInd');
  if (text === 'CRDT') return 'credit';
  if (text === 'DBIT') return 'debit';
  const place = { path: `${pathOf(element)}/CdtDbtInd` };
  if (text !== undefined) {
    const value = text.slice(0, 40);
    problems.refuse('value_unusable', place, { value, why: 'it is neither CRDT nor DBIT' });
  } else if (fallback === undefined) {
    problems.refuse('element_missing', place, { what: 'the direction (CdtDbtInd)' });
  }
  return fallback ?? 'credit';
}

export function signed(amount: bigint, direction: Direction): bigint {
  return direction === 'credit' ? amount : -amount;
}

/** The date in `element` (a choice of Dt and DtTm, or the text itself). */
export function dateOf(element: XmlElement, problems: Problems): Temporal.PlainDate | undefined {
  const holder = child(element, 'Dt') ?? child(element, 'DtTm') ?? element;
  const date = isoDate(holder.text);
  if (date === undefined) {
    const value = holder.text === '' ? '(empty)' : holder.text.slice(0, 40);
    problems.refuse('date_unusable', { path: pathOf(holder) }, { value });
  }
  return date;
}

/** The date in the child `name`, or undefined when there is none. */
export function dateIn(
  element: XmlElement | undefined,
  name: string,
  problems: Problems,
): Temporal.PlainDate | undefined {
  const holder = child(element, name);
  return holder === undefined ? undefined : dateOf(holder, problems);
}

/** A count such as NbOfTxs. What is not a number is noted and left out. */
export function countIn(
  element: XmlElement | undefined,
  name: string,
  problems: Problems,
): bigint | undefined {
  const holder = child(element, name);
  if (holder === undefined) return undefined;
  if (/^\d{1,15}$/.test(holder.text)) return BigInt(holder.text);
  const value = holder.text === '' ? '(empty)' : holder.text.slice(0, 40);
  problems.note('value_ignored', { path: pathOf(holder) }, { what: 'the count', value });
  return undefined;
}

/** `true`/`1` of an XML boolean; false when absent. */
export function flagIn(element: XmlElement, name: string): boolean {
  const text = textAt(element, name);
  return text === 'true' || text === '1';
}
