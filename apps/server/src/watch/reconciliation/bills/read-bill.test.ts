import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readBill } from './read-bill.ts';

const folder = new URL('../fixtures/channel-bills/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder));

interface Expected {
  readonly order: string;
  readonly kind: string;
  readonly amt: number;
  readonly fee: number;
}
const expected: readonly Expected[] = JSON.parse(read('expected.json').toString());

test.each([
  'wechat_tradebill.csv',
  'alipay_detail_gbk.csv',
  'alipay_trade.csv.zip',
  'INN26050588ZM_898310048160001',
])('%s says the same seven trades', (name) => {
  const bill = readBill(read(name));
  if (!bill.ok) throw new Error(bill.error.reason);
  expect(bill.value.findings).toEqual([]);
  const byNumber = (a: { number: string }, b: { number: string }) => (a.number < b.number ? -1 : 1);
  const said = bill.value.lines.map(({ number, kind, amount, fee }) => ({
    number,
    kind,
    amount,
    // UnionPay's price differs from the others'.
    fee: bill.value.format === 'unionpay_zm' ? 0n : fee,
  }));
  const answers = expected.map(({ order, kind, amt, fee }) => ({
    number: order,
    kind,
    amount: BigInt(amt),
    fee: bill.value.format === 'unionpay_zm' ? 0n : BigInt(fee),
  }));
  expect(said.sort(byNumber)).toEqual(answers.sort(byNumber));
});

test('a real bill is read, though a spreadsheet wrote its totals anew', () => {
  const bill = readBill(read('wechat-bill-ALL.csv'));
  if (!bill.ok) throw new Error(bill.error.reason);
  expect(bill.value.lines).toHaveLength(45);
  expect(bill.value.lines.filter((line) => line.kind === 'refund')).toHaveLength(14);
  expect(bill.value.findings).toEqual([]);
  expect(bill.value.totals.paid).toBe(47n);
});

const tradeBill = read('wechat_tradebill.csv').toString();

test('a changed amount, a dropped line and a cut file contradict the totals', () => {
  const lines = tradeBill.split('\r\n');
  const changed = tradeBill.replace('`123.45,`0.00,`0,`0', '`123.46,`0.00,`0,`0');
  const dropped = lines.filter((line) => !line.includes('ORDA003')).join('\r\n');
  const cut = lines.slice(0, 6).join('\r\n');
  const codes = [changed, dropped, cut].map((text) => {
    const bill = readBill(Buffer.from(text));
    return bill.ok ? bill.value.findings.map(({ code }) => code) : bill.error;
  });
  expect(codes[0]).toEqual(['sum_mismatch']);
  expect(codes[1]).toContain('count_mismatch');
  expect(codes[2]).toEqual(['totals_missing']);
});

test('a comma in a name of goods moves no column', () => {
  const bill = readBill(Buffer.from(tradeBill.replace('苹果', 'apples, pears')));
  expect(bill.ok && bill.value.lines[0]?.number).toBe('ORDA000');
  expect(bill.ok && bill.value.findings).toEqual([]);
});

test.each([
  ['empty', ''],
  ['another table', 'a,b\n1,2\n'],
  ['a broken archive', 'PK\x03\x04 and nothing else'],
  ['a broken amount', tradeBill.replace('`9.90,`0.00,`0,`0', '`9.9x,`0.00,`0,`0')],
])('%s is refused with a reason', (_name, text) => {
  const bill = readBill(Buffer.from(text, 'utf8'));
  expect(bill.ok).toBe(false);
  expect(!bill.ok && bill.error.reason.length).toBeGreaterThan(10);
});
