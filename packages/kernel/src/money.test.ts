import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allocate, basisPoints, formatDecimal, multiply, parseDecimal } from './money.ts';

test('a decimal is read exactly and written back', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), (amount) => {
      for (const currency of ['CNY', 'JPY', 'KWD'] as const) {
        expect(parseDecimal(formatDecimal(amount, currency), currency)).toBe(amount);
      }
    }),
  );
});

test.each([
  ['2999999.00', 'CNY', 299_999_900n],
  ['0.5', 'CNY', 50n],
  ['-80999.97', 'CNY', -8_099_997n],
  ['1.000', 'CNY', 100n],
  ['12.', 'CNY', 1_200n],
  ['7', 'JPY', 7n],
  ['1.234', 'KWD', 1_234n],
] as const)('%s %s is %s minor units', (text, currency, amount) => {
  expect(parseDecimal(text, currency)).toBe(amount);
});

test.each(['', '.', '1,00', '1.005', '1e3', '0x1', ' 1', '--1', '99999999999999999999'])(
  '%j is not an amount in yuan',
  (text) => {
    expect(parseDecimal(text, 'CNY')).toBeUndefined();
  },
);

test('a yen has no fraction', () => {
  expect(parseDecimal('1.5', 'JPY')).toBeUndefined();
});

test('2.7 % of the price is rounded once, half up', () => {
  expect(multiply(299_999_900n, { numerator: 27n, denominator: 1000n })).toBe(8_099_997n);
  expect(multiply(250n, basisPoints(60))).toBe(2n);
  expect(multiply(-250n, basisPoints(60))).toBe(-2n);
});

test('parts always sum to the whole, differ from their share by less than one unit, and keep the order', () => {
  const weights = fc
    .array(fc.bigInt({ min: 0n, max: 10n ** 9n }), { minLength: 1, maxLength: 20 })
    .filter((list) => list.some((weight) => weight > 0n));
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), weights, (total, list) => {
      const parts = allocate(total, list);
      const sum = list.reduce((a, b) => a + b, 0n);
      expect(parts.reduce((a, b) => a + b, 0n)).toBe(total);
      for (const [index, part] of parts.entries()) {
        const exact = total * (list[index] ?? 0n);
        expect(part * sum - exact < sum && exact - part * sum < sum).toBe(true);
      }
    }),
  );
});

test('the commission splits 60/25/5/10 with its odd fen', () => {
  expect(allocate(8_099_997n, [60n, 25n, 5n, 10n])).toEqual([
    4_859_998n,
    2_024_999n,
    405_000n,
    810_000n,
  ]);
});
