import { expect, test } from 'vitest';
import { parseAmount } from './amount.ts';

test.each([
  ['1200.50', 120_050n],
  ['1,200.5', 120_050n],
  ['0.01', 1n],
  ['３', undefined],
  ['0', undefined],
  ['1.234', undefined],
  ['-5', undefined],
  ['1e3', undefined],
  ['', undefined],
])('%j typed is %s fen', (typed, minor) => {
  expect(parseAmount(typed, 'CNY')).toBe(minor);
});

test('a currency without minor digits takes no fraction', () => {
  expect(parseAmount('1500', 'JPY')).toBe(1500n);
  expect(parseAmount('15.5', 'JPY')).toBeUndefined();
});
