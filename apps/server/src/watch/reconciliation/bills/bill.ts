import type { BillLine } from '../decide/match.ts';

/** A bill as its file says it. Amounts in fen; all three formats are in yuan. */
export interface Bill {
  readonly format: 'wechat_trade_bill' | 'alipay_trade_bill' | 'unionpay_zm';
  readonly lines: readonly BillLine[];
  readonly totals: BillTotals;
  /** Where the file contradicts itself. */
  readonly findings: readonly BillFinding[];
}

/** Sums of the file's own lines, repeated ones included: what the channel settles. */
export interface BillTotals {
  /** Payments as settled. */
  readonly paid: bigint;
  readonly refunded: bigint;
  /** Of payments less those of refunds. */
  readonly fees: bigint;
  /** paid − refunded − fees. */
  readonly net: bigint;
}

export interface BillFinding {
  readonly code: 'count_mismatch' | 'sum_mismatch' | 'totals_missing' | 'line_unusable';
  readonly sentence: string;
  readonly line?: number;
}

/** A bill that cannot be used at all, and why. */
export interface UnusableBill {
  readonly reason: string;
}

/**
 * Reads yuan with up to five decimals (WeChat's fees have them) into hundred-thousandths of a yuan.
 * Undefined when the text is no such number.
 */
export function readYuan(text: string): bigint | undefined {
  const match = /^([+-]?)(\d{1,13})(?:\.(\d{1,5}))?$/.exec(text.trim());
  if (!match) return undefined;
  const units = BigInt(`${match[2]}${(match[3] ?? '').padEnd(5, '0')}`);
  return match[1] === '-' ? -units : units;
}

/** Rounds hundred-thousandths of a yuan to fen, half away from zero. */
export function toFen(units: bigint): bigint {
  const magnitude = units < 0n ? -units : units;
  const fen = (magnitude + 500n) / 1_000n;
  return units < 0n ? -fen : fen;
}

/** Reads yuan as whole fen. Undefined when it is no number, or has a part of a fen. */
export function readFen(text: string): bigint | undefined {
  const units = readYuan(text);
  if (units === undefined || units % 1_000n !== 0n) return undefined;
  return units / 1_000n;
}

/** Sums of lines as they are settled. */
export function totalsOf(lines: readonly BillLine[]): BillTotals {
  let paid = 0n;
  let refunded = 0n;
  let fees = 0n;
  for (const line of lines) {
    if (!line.succeeded) continue;
    if (line.kind === 'pay') {
      paid += line.settled;
      fees += line.fee;
    } else {
      refunded += line.settled;
      fees -= line.fee;
    }
  }
  return { paid, refunded, fees, net: paid - refunded - fees };
}
