import { amounts, weights } from '@keyturn/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { problemOfRule, type SplitRule, splitParts } from './split.ts';

const shares = (...weights: bigint[]) =>
  weights.map((weight, index) => ({ merchantId: `m${index}`, weight }));

describe('a split', () => {
  it('divides a commission of 80,999.97 by 60/25/5 after a fee of ten per cent with 6 % VAT inside', () => {
    const rule: SplitRule = {
      payer: 'm0',
      fee: { product: 'commission', bps: 1000, vatBps: 600 },
      receivers: shares(60n, 25n, 5n),
    };
    const parts = splitParts(8_099_997n, rule);
    // 10 % is 8,099.997, half up 8,100.00; of it 6/106 is VAT.
    expect(parts.feeNet + parts.vat).toBe(810_000n);
    expect(parts.vat).toBe(45_849n);
    expect(parts.shares).toEqual([4_859_998n, 2_024_999n, 405_000n]);
  });

  it('gives the units left over to the largest remainders', () => {
    const parts = splitParts(8_099_997n, {
      payer: 'm0',
      fee: undefined,
      receivers: shares(60n, 25n, 5n, 10n),
    });
    expect(parts.shares).toEqual([4_859_998n, 2_024_999n, 405_000n, 810_000n]);
  });

  it('always sums to the whole, with no negative part', () => {
    const rules = fc.record({
      amount: amounts({ max: 10n ** 14n }),
      bps: fc.integer({ min: 0, max: 10_000 }),
      vatBps: fc.integer({ min: 0, max: 10_000 }),
      weights: weights(),
    });
    fc.assert(
      fc.property(rules, ({ amount, bps, vatBps, weights: given }) => {
        const rule = {
          payer: 'p',
          fee: { product: 'x', bps, vatBps },
          receivers: shares(...given),
        };
        const parts = splitParts(amount, rule);
        const all = [parts.feeNet, parts.vat, ...parts.shares];
        expect(all.reduce((a, b) => a + b, 0n)).toBe(amount);
        expect(all.every((part) => part >= 0n)).toBe(true);
      }),
    );
  });

  it('is refused with its reason when the rule cannot be carried out', () => {
    const rule = (change: Partial<SplitRule>): SplitRule => ({
      payer: 'p',
      fee: undefined,
      receivers: shares(1n),
      ...change,
    });
    expect(problemOfRule(rule({}))).toBeUndefined();
    expect(problemOfRule(rule({ receivers: [] }))).toMatch(/no receiver/);
    expect(problemOfRule(rule({ receivers: shares(1n, 0n) }))).toMatch(/not positive/);
    const twice = [...shares(1n), ...shares(2n)];
    expect(problemOfRule(rule({ receivers: twice }))).toMatch(/twice/);
    const many = shares(...Array.from({ length: 51 }, () => 1n));
    expect(problemOfRule(rule({ receivers: many }))).toMatch(/50/);
    const dear = { product: 'x', bps: 10_001, vatBps: 0 };
    expect(problemOfRule(rule({ fee: dear }))).toMatch(/fee/);
    expect(problemOfRule(rule({ fee: { product: 'x', bps: 1, vatBps: -1 } }))).toMatch(/VAT/);
  });
});
