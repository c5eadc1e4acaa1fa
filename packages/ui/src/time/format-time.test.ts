import { expect, test } from 'vitest';
import { clockText, durationParts, formatDate, formatInstant } from './format-time.ts';

test('an instant is shown in Beijing time in both languages', () => {
  expect(formatInstant('2026-11-20T18:30:05Z', 'zh-CN')).toBe('2026年11月21日 02:30');
  expect(formatInstant('2026-11-20T18:30:05Z', 'en')).toBe('21 Nov 2026, 02:30');
  expect(formatInstant('2026-11-20T16:00:05Z', 'zh-CN', 'second')).toBe('2026年11月21日 00:00:05');
});

test('a day stays the day that it is', () => {
  expect(formatDate('2026-11-20', 'en')).toBe('20 Nov 2026');
  expect(formatDate('2026-11-20', 'zh-CN')).toBe('2026年11月20日');
});

test('what is no instant is shown as it is', () => {
  expect(formatInstant('soon', 'en')).toBe('soon');
});

test.each([
  [309_999, '05:09'],
  [3_909_000, '01:05:09'],
  [90_061_000, '01:01:01'],
  [-5, '00:00'],
])('%i milliseconds read %s', (milliseconds, text) => {
  expect(clockText(milliseconds)).toBe(text);
});

test('the days of a long wait are counted apart', () => {
  expect(durationParts(90_061_000)).toEqual({ days: 1, hours: 1, minutes: 1, seconds: 1 });
});
