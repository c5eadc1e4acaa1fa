import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { homeSale } from '../test/home-sale.ts';
import { sampleItem } from '../test/rows.ts';
import { conversionRule, decideConversion } from './conversion.ts';

const towards = { from: 'intention', to: 'deposit', mode: 'towards' } as const;
const onTop = { ...towards, mode: 'on_top' } as const;
const intention = sampleItem('intention', { amountMinor: 100n, paidMinor: 100n });
const deposit = sampleItem('deposit', { amountMinor: 500n });

describe('a conversion', () => {
  it('is possible only where the agreement says so', () => {
    expect(conversionRule(homeSale, 'intention', 'deposit').ok).toBe(true);
    expect(conversionRule(homeSale, 'deposit', 'intention')).toMatchObject({
      error: { code: 'conversion_not_agreed' },
    });
  });

  it('takes what there is, at most what the target lacks beyond its open order', () => {
    expect(decideConversion(towards, intention, deposit, undefined, 'CNY')).toEqual({
      ok: true,
      value: 100n,
    });
    const asking = { ...deposit, openMinor: 450n };
    expect(decideConversion(towards, intention, asking, undefined, 'CNY')).toEqual({
      ok: true,
      value: 50n,
    });
    expect(decideConversion(towards, intention, asking, 51n, 'CNY')).toMatchObject({
      error: { code: 'conversion_exceeds_target' },
    });
    const paid = { ...deposit, paidMinor: 500n };
    expect(decideConversion(towards, intention, paid, undefined, 'CNY')).toMatchObject({
      error: { code: 'conversion_exceeds_target' },
    });
    expect(decideConversion(onTop, intention, paid, undefined, 'CNY')).toEqual({
      ok: true,
      value: 100n,
    });
  });

  it('never takes more than is held and not promised', () => {
    const amount = fc.bigInt({ min: 0n, max: 1000n });
    fc.assert(
      fc.property(amount, amount, fc.option(amount), fc.boolean(), (paid, reserved, asked, top) => {
        const reservedMinor = reserved < paid ? reserved : paid;
        const from = sampleItem('intention', { paidMinor: paid, reservedMinor });
        const rule = top ? onTop : towards;
        const decided = decideConversion(rule, from, deposit, asked ?? undefined, 'CNY');
        if (!decided.ok) return;
        expect(decided.value > 0n && decided.value <= paid - reservedMinor).toBe(true);
        if (!top) expect(decided.value <= 500n).toBe(true);
      }),
    );
  });
});
