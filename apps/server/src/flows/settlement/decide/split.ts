import { allocate, assert, basisPoints, multiply } from '@keyturn/kernel';

/** What the platform takes of a split, with the VAT that is inside it. */
export interface FeeRule {
  /** The owner of the income account: which product earns. */
  readonly product: string;
  /** Of the whole amount, VAT included; 0 to 10000. */
  readonly bps: number;
  /** The VAT rate inside the fee: 600 for 6 %; 0 for none. */
  readonly vatBps: number;
}

/** Who shares the rest, in which proportion. */
export interface SplitShare {
  readonly merchantId: string;
  readonly weight: bigint;
}

export interface SplitRule {
  /**
   * The merchant on whose pending account the money arrives. May be among the receivers: its share
   * stays.
   */
  readonly payer: string;
  readonly fee: FeeRule | undefined;
  readonly receivers: readonly SplitShare[];
}

export interface SplitParts {
  /** What the fee account gets, net of VAT. */
  readonly feeNet: bigint;
  readonly vat: bigint;
  /** One per receiver, in their order; their sum, the fee and the VAT are the whole. */
  readonly shares: readonly bigint[];
}

/** Why a split rule cannot be taken, or undefined when it can. A key for the refusal's sentence. */
export function problemOfRule(rule: SplitRule): string | undefined {
  if (rule.receivers.length === 0) return 'no receiver is named';
  if (rule.receivers.length > 50) return 'more than 50 receivers are named';
  const ids = rule.receivers.map(({ merchantId }) => merchantId);
  if (new Set(ids).size !== ids.length) return 'a receiver is named twice';
  if (rule.receivers.some(({ weight }) => weight <= 0n)) return 'a weight is not positive';
  if (rule.fee && (rule.fee.bps < 0 || rule.fee.bps > 10_000)) {
    return 'the fee is not between 0 and 10000 basis points';
  }
  if (rule.fee && (rule.fee.vatBps < 0 || rule.fee.vatBps > 10_000)) {
    return 'the VAT rate is not between 0 and 10000 basis points';
  }
  return undefined;
}

/**
 * Divides an amount (minor units) by a rule: the fee rounded once half up, its VAT taken from
 * inside it (amount × rate / (1 + rate), rounded once), the rest by the largest remainder.
 */
export function splitParts(amount: bigint, rule: SplitRule): SplitParts {
  assert(amount > 0n, 'a split amount is positive');
  assert(problemOfRule(rule) === undefined, 'a rule was checked before it is used');
  const fee = rule.fee ? multiply(amount, basisPoints(rule.fee.bps)) : 0n;
  const vatBps = BigInt(rule.fee?.vatBps ?? 0);
  const vat = multiply(fee, { numerator: vatBps, denominator: 10_000n + vatBps });
  const weights = rule.receivers.map(({ weight }) => weight);
  const shares = allocate(amount - fee, weights);
  return { feeNet: fee - vat, vat, shares };
}
