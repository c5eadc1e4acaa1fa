import { isStatementCurrency, minorDigitsOf, parseStatementAmount } from '../currency.ts';
import { plainDate, swiftYear } from '../date.ts';
import type { Place } from '../errors.ts';
import { quote } from '../errors.ts';
import type { Problems } from '../problems.ts';

/**
 * Reads an amount with a decimal comma: `8,85`, `500,`. A point in its place, and whole numbers
 * without a comma, occur and are read as well.
 */
export function mtAmount(text: string, currency: string, place: Place, problems: Problems): bigint {
  const plain = /^\d{1,19}(?:[,.]\d*)?$/.test(text) ? text.replace(',', '.') : undefined;
  const amount = plain === undefined ? undefined : parseStatementAmount(plain, currency);
  if (amount !== undefined) return amount;
  const why =
    plain === undefined
      ? 'it is not digits with a decimal comma'
      : `${currency} has ${minorDigitsOf(currency)} decimals`;
  problems.refuse('amount_unusable', place, { value: quote(text), why });
  return 0n;
}

export function mtCurrency(text: string, place: Place, problems: Problems): string {
  if (!isStatementCurrency(text))
    problems.refuse('currency_unknown', place, { value: quote(text) });
  return text;
}

/** Reads YYMMDD. */
export function mtDate(
  text: string,
  place: Place,
  problems: Problems,
): Temporal.PlainDate | undefined {
  const date = /^\d{6}$/.test(text)
    ? plainDate(swiftYear(text.slice(0, 2)), Number(text.slice(2, 4)), Number(text.slice(4)))
    : undefined;
  if (date === undefined) problems.refuse('date_unusable', place, { value: quote(text) });
  return date;
}

/**
 * Reads a value date. Banks that count interest in months of thirty days write 29 and 30 February
 * in any year; it is taken as the month's last day, and noted.
 */
export function mtValueDate(
  text: string,
  place: Place,
  problems: Problems,
): Temporal.PlainDate | undefined {
  if (!/^\d{2}02(?:29|30)$/.test(text)) return mtDate(text, place, problems);
  const first = new Temporal.PlainDate(swiftYear(text.slice(0, 2)), 2, 1);
  const date = first.with({ day: first.daysInMonth });
  if (date.day !== Number(text.slice(4))) {
    const value = `${date.year}-02-${text.slice(4)}`;
    problems.note('date_adjusted', place, { value, taken: date.toString() });
  }
  return date;
}

/**
 * The entry date MMDD, in the year that puts it closest to the value date: the same one, or a
 * neighbour when the months lie more than half a year apart.
 */
export function mtEntryDate(
  text: string,
  valueDate: Temporal.PlainDate,
  place: Place,
  problems: Problems,
): Temporal.PlainDate | undefined {
  const month = Number(text.slice(0, 2));
  const apart = month - valueDate.month;
  const year = valueDate.year + (apart > 6 ? -1 : apart < -6 ? 1 : 0);
  const date = plainDate(year, month, Number(text.slice(2)));
  if (date === undefined) problems.refuse('date_unusable', place, { value: quote(text) });
  return date;
}
