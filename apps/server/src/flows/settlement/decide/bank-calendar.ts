import { AssertionError, assert } from '@keyturn/kernel';
import { type Static, Type } from 'typebox';
import Value from 'typebox/value';

/** The calendar file: what differs per country and year is data. */
const CalendarSchema = Type.Object({
  zone: Type.String(),
  note: Type.String(),
  years: Type.Record(
    Type.String({ pattern: '^[0-9]{4}$' }),
    Type.Object({
      status: Type.Union([Type.Literal('announced'), Type.Literal('statutory')]),
      source: Type.String({ minLength: 1 }),
      holidays: Type.Array(
        Type.Object({ name: Type.String(), from: Type.String(), to: Type.String() }),
      ),
      working: Type.Array(Type.String()),
    }),
  ),
});

export type CalendarData = Static<typeof CalendarSchema>;

/** On which days banks book and settle. All days are days of the banks' zone. */
export interface BankCalendar {
  isBankDay(date: Temporal.PlainDate): boolean;
  /** The first bank day after `date`. */
  nextBankDay(date: Temporal.PlainDate): Temporal.PlainDate;
  /** T+n: the n-th bank day after `date`; `n` from 1 to 30. */
  bankDaysAfter(date: Temporal.PlainDate, n: number): Temporal.PlainDate;
  /**
   * Whether the year's calendar is known: `announced` by the State Council, or `statutory` days
   * only.
   */
  yearStatus(year: number): 'announced' | 'statutory' | 'unknown';
}

/** No run of days without a bank is longer than this; longer means that the data is wrong. */
const longestHoliday = 31;

/**
 * Makes a calendar from its data file. A year that the file does not list has plain weeks.
 *
 * @throws AssertionError when the file is not a calendar: a span ends before it begins, lies in
 *   another
 * year, or a make-up working day is not a weekend day.
 */
export function createBankCalendar(source: unknown): BankCalendar {
  assert(Value.Check(CalendarSchema, source), 'the calendar file has the form of a calendar');
  const data: CalendarData = source;
  const holidays = new Set<string>();
  const working = new Set<string>();
  for (const [year, { holidays: spans, working: days }] of Object.entries(data.years)) {
    for (const span of spans) {
      for (const day of daysOf(span.from, span.to)) {
        assert(day.year === Number(year), `holiday ${day} stands under its year`);
        holidays.add(day.toString());
      }
    }
    for (const text of days) {
      const day = Temporal.PlainDate.from(text);
      assert(day.year === Number(year), `working day ${day} stands under its year`);
      assert(day.dayOfWeek > 5, `make-up working day ${day} is a Saturday or Sunday`);
      assert(!holidays.has(text), `${text} is not a holiday and a working day`);
      working.add(text);
    }
  }

  function isBankDay(date: Temporal.PlainDate): boolean {
    const text = date.toString();
    if (working.has(text)) return true;
    return date.dayOfWeek <= 5 && !holidays.has(text);
  }

  function nextBankDay(date: Temporal.PlainDate): Temporal.PlainDate {
    let day = date;
    for (let step = 0; step < longestHoliday; step++) {
      day = day.add({ days: 1 });
      if (isBankDay(day)) return day;
    }
    throw new AssertionError(`no bank day within ${longestHoliday} days after ${date}`);
  }

  return {
    isBankDay,
    nextBankDay,
    bankDaysAfter: (date, n) => {
      assert(Number.isInteger(n) && n >= 1 && n <= 30, 'T+n has n from 1 to 30');
      let day = date;
      for (let step = 0; step < n; step++) day = nextBankDay(day);
      return day;
    },
    yearStatus: (year) => data.years[String(year)]?.status ?? 'unknown',
  };
}

function daysOf(from: string, to: string): Temporal.PlainDate[] {
  const last = Temporal.PlainDate.from(to);
  const days: Temporal.PlainDate[] = [];
  let day = Temporal.PlainDate.from(from);
  assert(
    Temporal.PlainDate.compare(day, last) <= 0,
    `the holiday from ${from} ends after it begins`,
  );
  while (Temporal.PlainDate.compare(day, last) <= 0 && days.length < longestHoliday) {
    days.push(day);
    day = day.add({ days: 1 });
  }
  return days;
}
