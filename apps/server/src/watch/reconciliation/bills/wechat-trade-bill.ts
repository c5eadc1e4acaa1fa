import { err, ok, type Result } from '@keyturn/kernel';
import { parse } from 'csv-parse/sync';
import type { BillLine } from '../decide/match.ts';
import {
  type Bill,
  type BillFinding,
  readFen,
  readYuan,
  toFen,
  totalsOf,
  type UnusableBill,
} from './bill.ts';

/**
 * WeChat Pay's trade bill (交易账单, ALL, SUCCESS or REFUND): UTF-8 with byte order mark, one row per
 * trade, every value behind a back-quote, then a row of totals. Columns are found by their names.
 * Source: WeChat Pay APIv3, "申请交易账单API".
 */

const firstColumn = '交易时间';
const totalsColumn = '总交易单数';
const maxRows = 1_000_000;

type Row = readonly string[];

/** A value without its back-quote. */
function plain(value: string | undefined): string {
  return (value ?? '').replace(/^`/, '').trim();
}

export function readWechatTradeBill(bytes: Uint8Array): Result<Bill, UnusableBill> {
  let rows: readonly Row[];
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // Values are separated by a comma and the next value's back-quote: a name may hold commas.
    // Headers have no back-quotes and come as one value.
    rows = parse(text, {
      delimiter: ',`',
      bom: true,
      quote: null,
      relax_column_count: true,
      skip_empty_lines: true,
      to_line: maxRows,
    });
  } catch (error) {
    return err({
      reason: `it is not UTF-8 text in lines (${error instanceof Error ? error.name : ''})`,
    });
  }
  return readRows(rows);
}

/** The names of a header, which came as one value. */
function namesOf(row: Row | undefined): readonly string[] {
  return (row?.[0] ?? '').split(',').map((name) => name.trim());
}

function readRows(rows: readonly Row[]): Result<Bill, UnusableBill> {
  const header = namesOf(rows[0]);
  if (header[0] !== firstColumn) {
    return err({
      reason: `the first column is not ${firstColumn}; it is no trade bill of WeChat Pay`,
    });
  }
  const totalsAt = rows.findIndex((row) => namesOf(row)[0] === totalsColumn);
  const findings: BillFinding[] = [];
  const lines: BillLine[] = [];
  const trades = rows.slice(1, totalsAt === -1 ? undefined : totalsAt);
  let exactFees = 0n;
  for (const [index, row] of trades.entries()) {
    const line = readLine(header, row);
    if (!line.ok) return err({ reason: `line ${index + 2}: ${line.error}` });
    lines.push(line.value.line);
    exactFees += line.value.exactFee;
  }
  if (totalsAt === -1) {
    findings.push({
      code: 'totals_missing',
      sentence: 'the totals row is missing; the bill may be cut off',
    });
  } else {
    const names = namesOf(rows[totalsAt]);
    const values = rows[totalsAt + 1]?.map(plain) ?? [];
    findings.push(...checkTotals(names, values, lines, exactFees));
  }
  return ok({ format: 'wechat_trade_bill', lines, totals: totalsOf(lines), findings });
}

function readLine(
  header: readonly string[],
  row: Row,
): Result<{ line: BillLine; exactFee: bigint }, string> {
  if (row.length !== header.length) {
    return err(`it has ${row.length} values, the header ${header.length}`);
  }
  const value = (name: string) => plain(row[header.indexOf(name)]);
  const has = (name: string) => header.includes(name);
  const state = value('交易状态');
  const isRefund = state === 'REFUND' || state === 'REVOKED';
  const settled = readFen(value(isRefund ? '退款金额' : '应结订单金额'));
  const orderColumn = isRefund ? '申请退款金额' : '订单金额';
  const ordered = has(orderColumn) ? readFen(value(orderColumn)) : settled;
  const fee = readYuan(value('手续费'));
  if (settled === undefined || ordered === undefined || fee === undefined) {
    return err('an amount is not in yuan and fen');
  }
  const orderNumber = value('商户订单号');
  const refundNumber = value('商户退款单号');
  if (orderNumber === '' || (isRefund && ['', '0'].includes(refundNumber))) {
    return err('it has no number');
  }
  const refundState = value('退款状态');
  const succeeded = isRefund ? ['', 'SUCCESS'].includes(refundState) : state === 'SUCCESS';
  const line: BillLine = {
    number: isRefund ? refundNumber : orderNumber,
    kind: isRefund ? 'refund' : 'pay',
    ...(isRefund ? { originalNumber: orderNumber } : {}),
    channelNumber: value(isRefund ? '微信退款单号' : '微信订单号'),
    amount: ordered,
    settled,
    fee: toFen(isRefund ? -fee : fee),
    succeeded,
    at: value(firstColumn),
  };
  return ok({ line, exactFee: fee });
}

/** Hundred-thousandths of a yuan as a decimal. */
function yuanText(units: bigint): string {
  const digits = (units < 0n ? -units : units).toString().padStart(6, '0');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -5)}.${digits.slice(-5)}`;
}

/**
 * The file's own totals against its lines. A file that was opened in a spreadsheet says `45.0`
 * for 45.
 */
function checkTotals(
  names: readonly string[],
  values: readonly string[],
  lines: readonly BillLine[],
  exactFees: bigint,
): readonly BillFinding[] {
  const sum = (kind: BillLine['kind'], of: 'amount' | 'settled') =>
    lines.filter((line) => line.kind === kind).reduce((total, line) => total + line[of], 0n) *
    1_000n;
  const expected: readonly (readonly [string, bigint])[] = [
    [totalsColumn, BigInt(lines.length) * 100_000n],
    ['应结订单总金额', sum('pay', 'settled')],
    ['退款总金额', sum('refund', 'settled')],
    ['手续费总金额', exactFees],
    ['订单总金额', sum('pay', 'amount')],
    ['申请退款总金额', sum('refund', 'amount')],
  ];
  return expected.flatMap(([name, summed]): BillFinding[] => {
    const at = names.indexOf(name);
    if (at === -1) return [];
    const declared = readYuan(values[at] ?? '');
    if (declared === summed) return [];
    const code = name === totalsColumn ? 'count_mismatch' : 'sum_mismatch';
    const counted = yuanText(summed);
    return [{ code, sentence: `${name}: ${values[at] ?? ''} declared, ${counted} counted` }];
  });
}
