import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feeOn, feeReturned, yuan } from './fees.ts';

const fen = fc.bigInt({ min: 1n, max: 10_000_000_000n });

describe('the acquirer’s fee', () => {
  it.each([
    [1n, 60n, 0n],
    [83n, 60n, 0n],
    [84n, 60n, 1n],
    [12_345n, 60n, 74n],
    [16_824_55n, 60n, 100_95n],
    [100n, 0n, 0n],
    [100n, 10_000n, 100n],
  ])('on %d fen at %d bps is %d', (total, bps, fee) => {
    expect(feeOn(total, bps)).toBe(fee);
  });

  it('is never more than half a fen from the exact fraction', () => {
    fc.assert(
      fc.property(fen, fc.bigInt({ min: 0n, max: 10_000n }), (total, bps) => {
        const difference = feeOn(total, bps) * 10_000n - total * bps;
        expect(difference <= 5_000n && difference > -5_000n).toBe(true);
      }),
    );
  });

  it('comes back whole with the parts of a full refund, however it is cut', () => {
    const parts = fc.array(fc.bigInt({ min: 1n, max: 1_000_000n }), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(parts, fc.bigInt({ min: 0n, max: 10_000n }), (refunds, bps) => {
        const total = refunds.reduce((sum, part) => sum + part, 0n);
        const fee = feeOn(total, bps);
        let refundedAfter = 0n;
        let returnedBefore = 0n;
        for (const refund of refunds) {
          refundedAfter += refund;
          const back = feeReturned({ fee, total, refundedAfter, returnedBefore });
          expect(back >= 0n).toBe(true);
          returnedBefore += back;
        }
        expect(returnedBefore).toBe(fee);
      }),
    );
  });
});

describe('yuan', () => {
  it.each([
    [0n, '0.00'],
    [1n, '0.01'],
    [-14n, '-0.14'],
    [123_456n, '1234.56'],
  ])('writes %d fen as %s', (amount, text) => {
    expect(yuan(amount)).toBe(text);
  });
});
