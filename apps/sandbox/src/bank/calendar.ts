import { readFileSync } from 'node:fs';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { worldDate, worldInstant, worldZone } from '../core/clock.ts';

const date = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' });
const schema = Type.Object({
  note: Type.String(),
  years: Type.Record(
    Type.String(),
    Type.Object({
      source: Type.String(),
      holidays: Type.Array(Type.Object({ name: Type.String(), from: date, to: date })),
      working: Type.Array(date),
    }),
  ),
});

/** Payments above this, in fen, go only while the large-value system is open: 50,000.00 CNY. */
export const largeValueFen = 5_000_000n;
const opening = '09:00';
const closing = '17:00';

/** Which days the bank works, and when money can leave it. */
export interface BankCalendar {
  isBankDay(day: Temporal.PlainDate): boolean;
  /** The first instant, not before `from`, at which this amount, in fen, can be paid. */
  executableFrom(from: Temporal.Instant, amount: bigint): Temporal.Instant;
}

/** Reads the calendar's data file; it is checked, since people edit it once a year. */
export function openBankCalendar(): BankCalendar {
  const file = new URL('./bank-days.json', import.meta.url);
  const data = Value.Parse(schema, JSON.parse(readFileSync(file, 'utf8')));
  const holidays = new Set<string>();
  const working = new Set<string>();
  for (const year of Object.values(data.years)) {
    for (const day of year.working) working.add(day);
    for (const { from, to } of year.holidays) {
      const last = Temporal.PlainDate.from(to);
      let day = Temporal.PlainDate.from(from);
      while (Temporal.PlainDate.compare(day, last) <= 0) {
        holidays.add(day.toString());
        day = day.add({ days: 1 });
      }
    }
  }

  function isBankDay(day: Temporal.PlainDate): boolean {
    if (working.has(day.toString())) return true;
    return day.dayOfWeek <= 5 && !holidays.has(day.toString());
  }

  return {
    isBankDay,
    executableFrom: (from, amount) => {
      if (amount <= largeValueFen) return from;
      let day = worldDate(from);
      const time = from.toZonedDateTimeISO(worldZone).toPlainTime();
      if (isBankDay(day)) {
        if (Temporal.PlainTime.compare(time, Temporal.PlainTime.from(opening)) < 0) {
          return worldInstant(day, opening);
        }
        if (Temporal.PlainTime.compare(time, Temporal.PlainTime.from(closing)) < 0) return from;
      }
      do day = day.add({ days: 1 });
      while (!isBankDay(day));
      return worldInstant(day, opening);
    },
  };
}
