import { expect, test } from 'vitest';
import { type ComparedDay, measureGate } from './gate.ts';

const today = Temporal.PlainDate.from('2026-03-10');
const ago = (days: number, differing = 0): ComparedDay => {
  return { day: today.subtract({ days }), comparisons: 1, differing };
};
const gate = (days: readonly ComparedDay[], more = {}) =>
  measureGate({ today, needed: 3, days, openDifferences: 0, unbookedRows: 0, ...more });

test('opens after enough whole days in a row without a difference', () => {
  expect(gate([ago(1), ago(2), ago(3)])).toMatchObject({ open: true, cleanDays: 3, missing: [] });
  expect(gate([ago(0), ago(1), ago(2)])).toMatchObject({ open: false, cleanDays: 2 });
});

test('a day that was not compared ends the row, and is named', () => {
  expect(gate([ago(1), ago(3), ago(4), ago(5)])).toMatchObject({
    open: false,
    cleanDays: 1,
    missing: [{ en: '1 of 3 days without a difference (2026-03-08 was not compared)' }],
  });
});

test('a day with a difference ends the row, and one today closes the gate', () => {
  expect(gate([ago(1), ago(2, 4), ago(3)]).missing).toMatchObject([
    { en: '1 of 3 days without a difference (4 accounts differed on 2026-03-08)' },
  ]);
  expect(gate([ago(0, 1), ago(1), ago(2), ago(3)])).toMatchObject({ open: false, cleanDays: 0 });
});

test('what is open or not booked keeps it closed', () => {
  const clean = [ago(1), ago(2), ago(3)];
  expect(gate(clean, { openDifferences: 2 })).toMatchObject({
    open: false,
    missing: [{ en: '2 differences are open', zh: '2 条差异未关闭' }],
  });
  expect(gate(clean, { unbookedRows: 1 }).open).toBe(false);
});
