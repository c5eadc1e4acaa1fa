import { ok, type Refusal, type Result } from '@keyturn/kernel';
import { refuse } from '../errors.ts';
import { availableOf, type Item, missingOf } from '../tables.ts';
import type { AgreementTerms, ConversionTerms } from './agreement.ts';
import { amountText } from './release.ts';

/** The rule by which one item becomes another, or why there is none. */
export function conversionRule(
  terms: AgreementTerms,
  from: string,
  to: string,
): Result<ConversionTerms, Refusal> {
  const rule = terms.conversions.find((rule) => rule.from === from && rule.to === to);
  if (!rule) return refuse('conversion_not_agreed', { values: { from, to } });
  return ok(rule);
}

/**
 * How much is converted: what was asked for, or as much as there is and the target takes. `towards`
 * never overpays the target: what its open order asks for counts as paid.
 */
export function decideConversion(
  rule: ConversionTerms,
  from: Item,
  to: Item,
  asked: bigint | undefined,
  currency: string,
): Result<bigint, Refusal> {
  const available = availableOf(from);
  const room = missingOf(to) - to.openMinor;
  const missing = room > 0n ? room : 0n;
  const most = rule.mode === 'on_top' || missing > available ? available : missing;
  const amount = asked ?? most;
  const show = (value: bigint) => amountText(value, currency);
  if (amount > available || available === 0n) {
    const values = { item: from.key, available: show(available), amount: show(amount) };
    return refuse('conversion_exceeds_held', { values });
  }
  if (amount === 0n || (rule.mode === 'towards' && amount > missing)) {
    const values = { item: to.key, missing: show(missing), amount: show(amount) };
    return refuse('conversion_exceeds_target', { values });
  }
  return ok(amount);
}
