import { assert } from './assert.ts';

/**
 * ISO 4217 currencies and the number of their minor digits. Those which the banks' files in our
 * tests carry, and the ones Keyturn trades in; an unknown code is refused, never guessed.
 * Source: ISO 4217:2015, table A.1.
 */
// biome-ignore format: one table
const minorDigits = {
  AUD: 2, BHD: 3, BRL: 2, CAD: 2, CHF: 2, CLP: 0, CNY: 2, CZK: 2, DKK: 2, EUR: 2, GBP: 2, HKD: 2,
  HUF: 2, INR: 2, ISK: 0, JOD: 3, JPY: 0, KRW: 0, KWD: 3, MOP: 2, MXN: 2, MYR: 2, NOK: 2, NZD: 2,
  OMR: 3, PHP: 2, PLN: 2, RON: 2, SAR: 2, SEK: 2, SGD: 2, THB: 2, TND: 3, TRY: 2, TWD: 2, UAH: 2,
  USD: 2, VND: 0, ZAR: 2,
} as const;

export type Currency = keyof typeof minorDigits;

/** An amount in minor units of its currency: fen for CNY, cents for EUR, yen for JPY. */
export interface Money {
  readonly amount: bigint;
  readonly currency: Currency;
}

/** The largest amount that a column of type `bigint` can hold, in minor units. */
export const maxAmount = 9_223_372_036_854_775_807n;

export function isCurrency(code: string): code is Currency {
  return Object.hasOwn(minorDigits, code);
}

export function scaleOf(currency: Currency): number {
  return minorDigits[currency];
}

/**
 * Reads a decimal such as `2999999.00` or `-0.5` into minor units. Returns undefined when the
 * text is not a plain decimal, has more non-zero digits than the currency knows, or is out of
 * range.
 */
export function parseDecimal(text: string, currency: Currency): bigint | undefined {
  const match = /^([+-]?)(\d{1,19})(?:\.(\d*))?$/.exec(text);
  if (!match) return undefined;
  const scale = scaleOf(currency);
  const fraction = match[3] ?? '';
  if (/[1-9]/.test(fraction.slice(scale))) return undefined;
  const digits = `${match[2]}${fraction.slice(0, scale).padEnd(scale, '0')}`;
  const amount = BigInt(digits);
  if (amount > maxAmount) return undefined;
  return match[1] === '-' ? -amount : amount;
}

/** Writes minor units as a plain decimal with the currency's digits: 8099997n CNY is `80999.97`. */
export function formatDecimal(amount: bigint, currency: Currency): string {
  const scale = scaleOf(currency);
  const sign = amount < 0n ? '-' : '';
  const digits = (amount < 0n ? -amount : amount).toString().padStart(scale + 1, '0');
  if (scale === 0) return sign + digits;
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** A rate as an exact fraction: 2.7 % is `{ numerator: 27n, denominator: 1000n }`. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Basis points as a fraction: 60 bps is 0.6 %. */
export function basisPoints(bps: number | bigint): Fraction {
  return { numerator: BigInt(bps), denominator: 10_000n };
}

/**
 * `amount` times `rate`, rounded once to the minor unit, half up (half away from zero for
 * negatives). Every fee and rate of the platform goes through here.
 */
export function multiply(amount: bigint, rate: Fraction): bigint {
  assert(rate.denominator > 0n, 'a rate has a positive denominator');
  const product = amount * rate.numerator;
  const magnitude = product < 0n ? -product : product;
  const rounded = (2n * magnitude + rate.denominator) / (2n * rate.denominator);
  return product < 0n ? -rounded : rounded;
}

/**
 * Divides `total` in proportion to `weights` so that the parts sum to the whole: each gets its
 * floor, and the units left over go one by one to the largest remainders, the earlier one on a
 * tie (the largest-remainder method of Hare and Niemeyer). The only division of money in the
 * platform.
 *
 * @param total minor units, not negative
 * @param weights not negative, at least one positive
 */
export function allocate(total: bigint, weights: readonly bigint[]): bigint[] {
  assert(total >= 0n, 'an allocated total is not negative');
  assert(
    weights.every((weight) => weight >= 0n),
    'weights are not negative',
  );
  const sum = weights.reduce((a, b) => a + b, 0n);
  assert(sum > 0n, 'at least one weight is positive');
  const parts = weights.map((weight) => (total * weight) / sum);
  let left = total - parts.reduce((a, b) => a + b, 0n);
  const byRemainder = weights
    .map((weight, index) => ({ index, remainder: (total * weight) % sum }))
    .sort((a, b) =>
      a.remainder === b.remainder ? a.index - b.index : a.remainder < b.remainder ? 1 : -1,
    );
  for (const { index } of byRemainder) {
    if (left === 0n) break;
    parts[index] = (parts[index] ?? 0n) + 1n;
    left -= 1n;
  }
  assert(left === 0n, 'parts sum to the whole');
  return parts;
}
