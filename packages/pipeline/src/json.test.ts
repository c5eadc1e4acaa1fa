import { expect, test } from 'vitest';
import { fromJson, toJson } from './json.ts';

test('money is exact in both directions beyond what a double holds', () => {
  const value = { amount: 9_223_372_036_854_775_807n, paid_minor: 5n, count: 3, name: '12' };
  expect(toJson(value)).toBe('{"amount":9223372036854775807,"paid_minor":5,"count":3,"name":"12"}');
  expect(fromJson(toJson(value))).toEqual(value);
});
