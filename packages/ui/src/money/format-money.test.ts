import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDecimal, isCurrency } from '../../../kernel/src/index.ts';
import {
  formatAmount,
  formatMoney,
  minorDigits,
  shortMoney,
  spokenMoney,
  sumMoney,
} from './format-money.ts';

const cny = (amount: bigint) => ({ amount, currency: 'CNY' });

test.each([
  [0n, '¥0.00'],
  [5n, '¥0.05'],
  [8_099_997n, '¥80,999.97'],
  [-120_000n, '−¥1,200.00'],
  [100_000_000_000_000n, '¥1,000,000,000,000.00'],
])('%s fen are written %s', (amount, text) => {
  expect(formatMoney(cny(amount))).toBe(text);
});

test('an amount beyond the floats keeps its last fen', () => {
  expect(formatAmount(cny(9_223_372_036_854_775_807n))).toBe('92,233,720,368,547,758.07');
});

test('a yen has no fraction, a Kuwaiti dinar has three digits', () => {
  expect(formatMoney({ amount: 1500n, currency: 'JPY' })).toBe('JPY 1,500');
  expect(formatMoney({ amount: 1500n, currency: 'KWD' })).toBe('KWD 1.500');
});

test('what is shown without its commas is what the platform writes', () => {
  const currencies = Intl.supportedValuesOf('currency').filter(isCurrency);
  expect(currencies.length).toBeGreaterThan(35);
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }),
      fc.constantFrom(...currencies),
      (amount, currency) => {
        const shown = formatAmount({ amount, currency }).replaceAll(',', '').replace('−', '-');
        expect(shown).toBe(formatDecimal(amount, currency));
      },
    ),
  );
});

test('a screen reader hears the currency by name', () => {
  expect(spokenMoney(cny(123_456n), 'zh-CN')).toBe('1,234.56人民币');
  expect(spokenMoney(cny(123_456n), 'en')).toBe('1,234.56 Chinese Yuan');
});

test.each([
  [299_999_900n, 'zh-CN', '¥299.99万'],
  [299_999_900n, 'en', '¥2.99M'],
  [190_000_000n, 'en', '¥1.9M'],
  [12_000_000_000n, 'zh-CN', '¥1.2亿'],
  [99_999n, 'zh-CN', '¥999.99'],
  [999_999n, 'zh-CN', '¥9,999.99'],
] as const)('%s fen in short in %s are %s', (amount, language, text) => {
  expect(shortMoney(cny(amount), language)).toBe(text);
});

test('a short amount never claims more than there is', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 14n }), (amount) => {
      const match = /^¥([\d,]+)(?:\.(\d+))?([万亿]?)$/.exec(shortMoney(cny(amount), 'zh-CN'));
      const unit = { 万: 10_000n, 亿: 100_000_000n }[match?.[3] ?? ''] ?? 1n;
      const whole = BigInt((match?.[1] ?? '').replaceAll(',', ''));
      const hundredths = BigInt((match?.[2] ?? '').padEnd(2, '0'));
      expect((whole * 100n + hundredths) * unit <= amount).toBe(true);
    }),
  );
});

test('amounts of different currencies have no sum', () => {
  expect(sumMoney([cny(1n), cny(2n)])).toEqual(cny(3n));
  expect(sumMoney([cny(1n), { amount: 1n, currency: 'USD' }])).toBeUndefined();
  expect(sumMoney([])).toBeUndefined();
  expect(minorDigits('CNY')).toBe(2);
});
