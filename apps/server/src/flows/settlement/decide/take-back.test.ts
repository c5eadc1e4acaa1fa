import { amounts } from '@keyturn/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planTakeBack } from './take-back.ts';

describe('taking a share back', () => {
  it('empties pending, then available, then margin, and names what is missing', () => {
    expect(planTakeBack(100n, { pending: 30n, available: 40n, margin: 20n })).toEqual({
      pending: 30n,
      available: 40n,
      margin: 20n,
      shortfall: 10n,
    });
    expect(planTakeBack(25n, { pending: 30n, available: 40n, margin: 20n })).toEqual({
      pending: 25n,
      available: 0n,
      margin: 0n,
      shortfall: 0n,
    });
  });

  it('never takes more than there is, and always accounts for the whole', () => {
    const amount = amounts({ min: -1_000n });
    const positive = amounts({ min: 0n });
    fc.assert(
      fc.property(positive, amount, amount, amount, (asked, pending, available, margin) => {
        const plan = planTakeBack(asked, { pending, available, margin });
        expect(plan.pending + plan.available + plan.margin + plan.shortfall).toBe(asked);
        const pairs = [
          [plan.pending, pending],
          [plan.available, available],
          [plan.margin, margin],
        ] as const;
        for (const [taken, has] of pairs)
          expect(taken >= 0n && (taken === 0n || taken <= has)).toBe(true);
      }),
    );
  });
});
