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
import { readZip } from './zip.ts';

/**
 * Alipay's trade bill (业务明细): GBK, lines of remarks that begin with #, values padded by tabs,
 * alone or in a zip beside its summary. Columns are found by their names. Source: Alipay open
 * platform, "alipay.data.dataservice.bill.downloadurl.query", trade bill.
 */

const firstColumn = '支付宝交易号';

export function readAlipayTradeBill(bytes: Uint8Array): Result<Bill, UnusableBill> {
  const files = isZip(bytes) ? readZip(bytes) : ok([{ bytes: Buffer.from(bytes) }]);
  if (!files.ok) return err({ reason: files.error });
  for (const { bytes: content } of files.value) {
    const text = decode(content);
    if (text?.split(/\r?\n/).some((line) => line.startsWith(firstColumn))) return readText(text);
  }
  return err({
    reason: `no file of it has the column ${firstColumn}; it is no trade bill of Alipay`,
  });
}

export function isZip(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 4)).toString('latin1') === 'PK\x03\x04';
}

function decode(bytes: Uint8Array): string | undefined {
  for (const encoding of ['utf-8', 'gb18030']) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
      // Not in this encoding: the next one, or none.
    }
  }
  return undefined;
}

function readText(text: string): Result<Bill, UnusableBill> {
  const remarks: string[] = [];
  const body = text.split(/\r?\n/).filter((line) => {
    if (line.startsWith('#')) remarks.push(line);
    return line !== '' && !line.startsWith('#');
  });
  let rows: readonly (readonly string[])[];
  try {
    rows = parse(body.join('\n'), { relax_quotes: true, quote: null, relax_column_count: true });
  } catch (error) {
    return err({ reason: `it is not in lines (${error instanceof Error ? error.name : ''})` });
  }
  const header = rows[0]?.map((name) => name.trim()) ?? [];
  const lines: BillLine[] = [];
  for (const [index, row] of rows.slice(1).entries()) {
    const line = readLine(header, row);
    if (!line.ok) return err({ reason: `row ${index + 1}: ${line.error}` });
    lines.push(line.value);
  }
  const findings = checkTotals(remarks, lines);
  return ok({ format: 'alipay_trade_bill', lines, totals: totalsOf(lines), findings });
}

function readLine(header: readonly string[], row: readonly string[]): Result<BillLine, string> {
  if (row.length !== header.length) {
    return err(`it has ${row.length} values, the header ${header.length}`);
  }
  const value = (name: string) => (row[header.indexOf(name)] ?? '').trim();
  const isRefund = value('业务类型').includes('退款');
  const amount = readFen(value('订单金额（元）'));
  const received = readFen(value('商家实收（元）'));
  const fee = readYuan(value('服务费（元）'));
  if (amount === undefined || received === undefined || fee === undefined) {
    return err('an amount is not in yuan and fen');
  }
  const orderNumber = value('商户订单号');
  const refundNumber = value('退款批次号/请求号');
  if (orderNumber === '' || (isRefund && refundNumber === '')) return err('it has no number');
  return ok({
    number: isRefund ? refundNumber : orderNumber,
    kind: isRefund ? 'refund' : 'pay',
    ...(isRefund ? { originalNumber: orderNumber } : {}),
    channelNumber: isRefund ? refundNumber : value(firstColumn),
    amount: isRefund ? -amount : amount,
    settled: isRefund ? -received : received,
    // Negative where Alipay takes it.
    fee: toFen(isRefund ? fee : -fee),
    succeeded: true,
    at: value('完成时间'),
  });
}

/** `#交易合计：35笔，商家实收共40523.56元，…` and the same for refunds. */
function checkTotals(
  remarks: readonly string[],
  lines: readonly BillLine[],
): readonly BillFinding[] {
  const findings: BillFinding[] = [];
  for (const [word, kind] of [
    ['交易合计', 'pay'],
    ['退款合计', 'refund'],
  ] as const) {
    const remark = remarks.find((line) => line.startsWith(`#${word}`));
    const match = /(\d+)笔，商家实收(?:退款)?共(-?[\d.]+)元/.exec(remark ?? '');
    if (!match) {
      const sentence = `${word} is missing; the bill may be cut off`;
      findings.push({ code: 'totals_missing', sentence });
      continue;
    }
    const own = lines.filter((line) => line.kind === kind);
    const sum = own.reduce((total, line) => total + line.settled, 0n);
    const declared = readFen(match[2] ?? '') ?? 0n;
    if (String(own.length) !== match[1]) {
      const sentence = `${word}: ${match[1]} declared, ${own.length} counted`;
      findings.push({ code: 'count_mismatch', sentence });
    }
    if ((kind === 'refund' ? -declared : declared) !== sum) {
      findings.push({
        code: 'sum_mismatch',
        sentence: `${word}: ${declared} declared, ${sum} summed up`,
      });
    }
  }
  return findings;
}
