import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import data from '../bank-days.json' with { type: 'json' };
import { createBankCalendar } from './bank-calendar.ts';

const calendar = createBankCalendar(data);
const day = (text: string) => Temporal.PlainDate.from(text);

describe('the Chinese bank calendar', () => {
  it('has no bank days on weekends and holidays, and has them on make-up working days', () => {
    expect(calendar.isBankDay(day('2026-11-20'))).toBe(true);
    expect(calendar.isBankDay(day('2026-11-21'))).toBe(false);
    expect(calendar.isBankDay(day('2026-10-05'))).toBe(false);
    expect(calendar.isBankDay(day('2026-10-10'))).toBe(true);
  });

  it('settles what was paid on the eve of the National Day after the holiday', () => {
    expect(calendar.nextBankDay(day('2026-09-30')).toString()).toBe('2026-10-08');
    expect(calendar.bankDaysAfter(day('2026-09-30'), 3).toString()).toBe('2026-10-10');
  });

  it('settles across a Spring Festival of nine days', () => {
    expect(calendar.nextBankDay(day('2026-02-14')).toString()).toBe('2026-02-24');
  });

  it('knows how sure each year is', () => {
    expect(calendar.yearStatus(2026)).toBe('announced');
    expect(calendar.yearStatus(2027)).toBe('statutory');
    expect(calendar.yearStatus(2031)).toBe('unknown');
  });

  it('has the festivals of the lunar year on the days that the lunar calendar says', () => {
    const lunar: readonly (readonly [string, string])[] = [
      ['01', '01'],
      ['05', '05'],
      ['08', '15'],
    ];
    for (const year of [2026, 2027]) {
      for (let date = day(`${year}-01-01`); date.year === year; date = date.add({ days: 1 })) {
        const there = date.withCalendar('chinese');
        const festival = lunar.some(
          ([m, d]) => `M${m}` === there.monthCode && Number(d) === there.day,
        );
        if (festival)
          expect([date.toString(), calendar.isBankDay(date)]).toEqual([date.toString(), false]);
      }
    }
  });

  it('always finds a bank day after any day, never the day itself, with none between', () => {
    const start = day('2026-01-01');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 900 }), (offset) => {
        const from = start.add({ days: offset });
        const next = calendar.nextBankDay(from);
        expect(Temporal.PlainDate.compare(next, from)).toBe(1);
        expect(calendar.isBankDay(next)).toBe(true);
        for (let d = from.add({ days: 1 }); !d.equals(next); d = d.add({ days: 1 })) {
          expect(calendar.isBankDay(d)).toBe(false);
        }
      }),
    );
  });

  it('is refused when a make-up working day is a weekday, or a span runs backwards', () => {
    const year = (holidays: unknown[], working: string[]) => ({
      zone: 'Asia/Shanghai',
      note: '',
      years: { '2026': { status: 'announced', source: 'x', holidays, working } },
    });
    expect(() => createBankCalendar(year([], ['2026-11-20']))).toThrow(/Saturday or Sunday/);
    const backwards = { name: 'x', from: '2026-05-03', to: '2026-05-01' };
    expect(() => createBankCalendar(year([backwards], []))).toThrow(/ends after it begins/);
    expect(() => createBankCalendar({ years: {} })).toThrow(/form of a calendar/);
  });
});
