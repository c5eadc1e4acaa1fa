import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  billHeaders,
  billText,
  type FundLine,
  fundRows,
  fundTotals,
  type TradeLine,
  totalsHeaders,
  tradeRow,
  tradeTotals,
} from './bill-lines.ts';

const fixtures = join(import.meta.dirname, '../../test/acquirer/fixtures');
const official = readFileSync(join(fixtures, 'wechat-bill-ALL-head.csv'), 'utf8');
const synthetic = readFileSync(join(fixtures, 'synthetic-wechat-tradebill.csv'), 'utf8');

function payment(change: Partial<TradeLine>): TradeLine {
  return {
    ...{ kind: 'SUCCESS', atMs: 0, appid: 'wx0000000000000001', mchid: '1900000109' },
    ...{ transactionId: '', outTradeNo: '', openid: 'oTEST0000000000000000000001' },
    ...{ tradeType: 'JSAPI', bankType: 'OTHERS', description: '', attach: '', amount: 0n },
    ...{ fee: 0n, feeBps: 60n, refundId: '0', outRefundNo: '0', refundAskedMs: 0 },
    ...change,
  };
}

const at = (time: string) => Temporal.Instant.from(`${time}+08:00`).epochMilliseconds;

describe('a trade bill', () => {
  it('has the header and the totals’ header of a real one', () => {
    const lines = official.replace('\ufeff', '').split('\r\n');
    expect(billHeaders.ALL).toBe(lines[0]);
    expect(totalsHeaders.TRADE).toBe(lines.find((line) => line.startsWith('总交易单数')));
  });

  it('writes the lines of another maker’s bill to the byte', () => {
    const lines = [
      payment({
        ...{ atMs: at('2026-05-05T11:00:01'), transactionId: '420000002026050500001' },
        ...{ outTradeNo: 'ORDA001', amount: 990n, fee: 6n, description: '带，逗号' },
      }),
      payment({
        ...{ kind: 'REFUND', atMs: at('2026-05-05T18:00:00'), fee: 14n, amount: 2_345n },
        ...{ transactionId: '420000002026050500002', outTradeNo: 'ORDA002' },
        ...{ description: '含"引号"', refundId: '50300000002026050500000000001' },
        ...{ outRefundNo: 'REFA001' },
      }),
    ];
    const theirs = synthetic.replace('\ufeff', '').split('\r\n');
    expect(theirs).toContain(tradeRow('ALL', lines[0] ?? payment({})));
    expect(theirs).toContain(tradeRow('ALL', lines[1] ?? payment({})));
    expect(tradeTotals(lines)).toBe('`2,`9.90,`23.45,`0.00,`-0.08000,`9.90,`23.45');
  });

  it('keeps as many cells as columns whatever merchants write', () => {
    const line = payment({ description: 'a,b\r\nc', attach: ',,' });
    for (const type of ['ALL', 'SUCCESS', 'REFUND'] as const) {
      const columns = billHeaders[type].split(',').length;
      expect(tradeRow(type, line).split(',')).toHaveLength(columns);
      expect(tradeRow(type, line)).not.toMatch(/[\r\n]/);
    }
  });

  it('begins with a byte order mark and ends each line with CRLF', () => {
    const text = billText('h', ['`1'], 't', '`2');
    expect(text).toBe('\ufeffh\r\n`1\r\nt\r\n`2\r\n');
  });
});

describe('a fund-flow bill', () => {
  it('carries the balance along and sums both directions', () => {
    const line = (isIncome: boolean, amount: bigint): FundLine => ({
      ...{ atMs: 0, businessNumber: 'B', name: 'n', type: 't', isIncome, amount },
      ...{ applicant: 'system', note: '', voucher: 'v' },
    });
    const lines = [line(true, 500n), line(false, 3n), line(false, 600n)];
    const cells = fundRows(lines, 100n).map((row) => row.split(',').map((cell) => cell.slice(1)));
    expect(cells.map((row) => row[7])).toEqual(['6.00', '5.97', '-0.03']);
    expect(new Set(cells.map((row) => row[2])).size).toBe(3);
    expect(cells[0]).toHaveLength(billHeaders.FUNDFLOW.split(',').length);
    expect(fundTotals(lines)).toBe('`3,`1,`5.00,`2,`6.03');
  });
});
