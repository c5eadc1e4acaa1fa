/**
 * Dates that were made lately, by their number YYYYMMDD. A statement repeats few days over and
 * over, and a date never changes, so it can be shared.
 */
const lately = new Map<number, Temporal.PlainDate>();
const maxLately = 5_000;

/** A calendar date, or undefined when year, month and day don't make one. */
export function plainDate(
  year: number,
  month: number,
  day: number,
): Temporal.PlainDate | undefined {
  const key = year * 10_000 + month * 100 + day;
  const known = lately.get(key);
  if (known !== undefined) return known;
  if (month < 1 || month > 12 || day < 1) return undefined;
  const first = new Temporal.PlainDate(year, month, 1);
  if (day > first.daysInMonth) return undefined;
  const made = first.with({ day });
  if (lately.size >= maxLately) lately.clear();
  lately.set(key, made);
  return made;
}

/**
 * The date in an ISO 8601 date or date and time, as the bank wrote it: `2026-03-18`,
 * `2026-03-18+01:00`, `2026-03-18T23:59:00.000Z`. The day is the bank's own; it is not moved to
 * another zone. Undefined when it is neither.
 */
export function isoDate(text: string): Temporal.PlainDate | undefined {
  const pattern =
    /^(\d{4})-(\d{2})-(\d{2})(?:T([01]\d|2[0-4]):([0-5]\d)(?::([0-5]\d|60)(?:[.,]\d{1,12})?)?)?(?:Z|[+-]\d{2}:?\d{2})?$/;
  const match = pattern.exec(text);
  if (!match) return undefined;
  return plainDate(Number(match[1]), Number(match[2]), Number(match[3]));
}

/** Six digits YYMMDD; 80 to 99 are of the last century (SWIFT standards, dates in MT messages). */
export function swiftYear(twoDigits: string): number {
  const year = Number(twoDigits);
  return year >= 80 ? 1900 + year : 2000 + year;
}
