import { amounts } from '@keyturn/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectedNet, planChannelSettlement } from './channel-settlement.ts';

const day = { gross: 1_000_000n, fees: 6_000n, refunds: 0n, feesReturned: 0n };

describe('the settlement of a channel', () => {
  it('expects gross less refunds less the fees that were kept', () => {
    expect(expectedNet({ gross: 1000n, fees: 6n, refunds: 500n, feesReturned: 3n })).toBe(497n);
  });

  it('pays the whole debt when the right amount arrives', () => {
    const plan = planChannelSettlement([day], undefined, 994_000n);
    expect(plan).toEqual({
      expected: 994_000n,
      settled: 994_000n,
      unexplained: 0n,
      feeNet: 6_000n,
      difference: 0n,
    });
  });

  it('leaves the rest owed when less arrives, and in suspense when more arrives', () => {
    expect(planChannelSettlement([day], undefined, 900_000n)).toMatchObject({
      settled: 900_000n,
      unexplained: 0n,
      difference: -94_000n,
    });
    expect(planChannelSettlement([day], undefined, 994_001n)).toMatchObject({
      settled: 994_000n,
      unexplained: 1n,
      difference: 1n,
    });
  });

  it('takes a day of refunds that was carried over into account', () => {
    const refunds = { gross: 0n, fees: 0n, refunds: 94_000n, feesReturned: 564n };
    const plan = planChannelSettlement([day, refunds], undefined, 900_564n);
    expect(plan).toMatchObject({ difference: 0n, settled: 900_564n, feeNet: 5_436n });
  });

  it('books the rest of a day that was paid short, and its fee only once', () => {
    const plan = planChannelSettlement([day], { owed: 94_000n }, 94_000n);
    expect(plan).toMatchObject({ expected: 94_000n, settled: 94_000n, feeNet: 0n, difference: 0n });
    expect(planChannelSettlement([day], { owed: -5n }, 10n)).toMatchObject({
      settled: 0n,
      unexplained: 10n,
      difference: 15n,
    });
  });

  it('never takes more out of the receivable than the day explains or than arrived', () => {
    const amount = amounts({ min: 0n });
    const days = fc.record({
      gross: amount,
      fees: amount,
      refunds: amount,
      feesReturned: amount,
    });
    fc.assert(
      fc.property(fc.array(days), amounts(), (d, received) => {
        const plan = planChannelSettlement(d, undefined, received);
        expect(plan.settled + plan.unexplained).toBe(received);
        expect(plan.settled >= 0n && plan.unexplained >= 0n).toBe(true);
        expect(plan.settled <= received).toBe(true);
        if (plan.expected > 0n) expect(plan.settled <= plan.expected).toBe(true);
        else expect(plan.settled).toBe(0n);
        expect(plan.difference === 0n).toBe(plan.expected === received);
      }),
    );
  });
});
