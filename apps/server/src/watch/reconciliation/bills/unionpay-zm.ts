import { err, ok, type Result } from '@keyturn/kernel';
import type { BillLine } from '../decide/match.ts';
import { type Bill, totalsOf, type UnusableBill } from './bill.ts';

/**
 * UnionPay's merchant file (ZM 对账文件): fields of fixed width in bytes, one space between them,
 * GBK, amounts in fen with a letter for the direction. Source: UnionPay's public developer
 * documentation and demo.
 */

/** Widths of the fields, in bytes. */
// biome-ignore format: one table
const widths = [
  3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32, 1, 21, 15,
  1, 15, 32, 13, 13, 8, 32, 13, 13, 12, 2, 1, 32, 98,
];

const field = {
  code: 0,
  sentAt: 4,
  amount: 6,
  queryNumber: 9,
  orderNumber: 11,
  fee: 15,
  settled: 16,
  type: 19,
  originalNumber: 40,
} as const;

/** Transaction types: 04 is a refund, 31 a reversal of a purchase. */
const refundTypes: ReadonlySet<string> = new Set(['04', '31']);

export interface ZmRules {
  /** The letter of amounts that the merchant gives; acquirers differ. */
  readonly takenFromMerchant: 'D' | 'C';
}

export function isUnionpayZm(bytes: Uint8Array): boolean {
  return /^[SE]\d\d [0-9 ]{11} /.test(Buffer.from(bytes.subarray(0, 20)).toString('latin1'));
}

export function readUnionpayZm(
  bytes: Uint8Array,
  rules: ZmRules = { takenFromMerchant: 'D' },
): Result<Bill, UnusableBill> {
  const lines: BillLine[] = [];
  const rows = Buffer.from(bytes).toString('latin1').split(/\r?\n/);
  for (const [index, row] of rows.entries()) {
    if (row.trim() === '') continue;
    const line = readLine(row, rules);
    if (!line.ok) return err({ reason: `line ${index + 1}: ${line.error}` });
    lines.push(line.value);
  }
  return ok({ format: 'unionpay_zm', lines, totals: totalsOf(lines), findings: [] });
}

function readLine(row: string, rules: ZmRules): Result<BillLine, string> {
  const values: string[] = [];
  let at = 0;
  for (const width of widths) {
    values.push(row.slice(at, at + width).trim());
    at += width + 1;
  }
  const value = (name: keyof typeof field) => values[field[name]] ?? '';
  const fee = signed(value('fee'), rules);
  const settled = signed(value('settled'), rules);
  if (!/^\d{12}$/.test(value('amount')) || fee === undefined || settled === undefined) {
    return err('an amount is not in digits; the line is cut off or of another layout');
  }
  const isRefund = refundTypes.has(value('type'));
  const number = value('orderNumber');
  if (number === '') return err('it has no order number');
  const amount = BigInt(value('amount'));
  // What the merchant gets, before the fee: given and taken turn round for a refund.
  const gross = settled - fee;
  return ok({
    number,
    kind: isRefund ? 'refund' : 'pay',
    ...(isRefund ? { originalNumber: value('originalNumber') } : {}),
    channelNumber: value('queryNumber'),
    amount,
    settled: isRefund ? -gross : gross,
    fee: isRefund ? fee : -fee,
    succeeded: value('code').startsWith('S'),
    at: value('sentAt'),
  });
}

/** `C000000001633`: what the merchant gets is positive. */
function signed(text: string, rules: ZmRules): bigint | undefined {
  const match = /^([CD])(\d{12})$/.exec(text);
  if (!match) return undefined;
  const amount = BigInt(match[2] ?? '0');
  return match[1] === rules.takenFromMerchant ? -amount : amount;
}
