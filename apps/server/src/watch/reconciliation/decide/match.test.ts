import { readFileSync } from 'node:fs';
import { present } from '@keyturn/kernel';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readBill } from '../bills/read-bill.ts';
import { readTradeExport } from '../bills/trade-export.ts';
import {
  type BillLine,
  type DayBill,
  matchTrades,
  type OurTrade,
  type TradeClass,
  type TradeMatch,
} from './match.ts';

const folder = new URL('../fixtures/recon-case-1/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder));

interface Answer {
  readonly day_D: string;
  readonly day_D1: string;
  readonly counts: Readonly<Record<'after_D' | 'after_D1', Readonly<Record<string, number>>>>;
  readonly file_totals_fen: Readonly<
    Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>
  >;
  readonly orders: readonly { channel: string; order: string; after_D: string; after_D1: string }[];
}

const answer: Answer = JSON.parse(read('expected.json').toString());
const day = Temporal.PlainDate.from(answer.day_D);
const next = Temporal.PlainDate.from(answer.day_D1);

const files = [
  ['WX', day, 'wechat_tradebill_20260317.csv'],
  ['WX', next, 'wechat_tradebill_20260318.csv'],
  ['ALI', day, 'alipay_trade_20260317.csv.zip'],
  ['ALI', next, 'alipay_trade_20260318.csv.zip'],
  ['UNP', day, 'INN26031788ZM_898310048160001'],
  ['UNP', next, 'INN26031888ZM_898310048160001'],
] as const;

function billOf(name: string) {
  const bill = readBill(read(name));
  if (!bill.ok) throw new Error(`${name}: ${bill.error.reason}`);
  return bill.value;
}

const bills: readonly DayBill[] = files.map(([channel, date, name]) => ({
  channel,
  day: date,
  id: name,
  lines: billOf(name).lines,
}));
const exported = readTradeExport(read('platform.csv').toString());
if (!exported.ok) throw new Error(exported.error);
const ours = exported.value;

/** How the labelled case calls the classes. */
function label(of: TradeClass): string {
  return of === 'pending_here' ? 'CHANNEL_ONLY_PENDING' : of.toUpperCase();
}

function labels(matches: readonly TradeMatch[]): ReadonlyMap<string, string> {
  return new Map(matches.map((m) => [`${m.channel} ${m.number}`, label(m.class)]));
}

test.each([
  ['after_D', day],
  ['after_D1', next],
] as const)('every trade of the labelled case has its class %s', (run, until) => {
  const found = labels(matchTrades({ ours, bills, until }));
  const wrong = answer.orders.flatMap((order) => {
    const got = found.get(`${order.channel} ${order.order}`);
    return got === order[run] ? [] : [{ ...order, got }];
  });
  expect(wrong).toEqual([]);
  const counts = Object.fromEntries(
    Object.keys(answer.counts[run]).map((name) => [
      name,
      [...found.values()].filter((value) => value === name).length,
    ]),
  );
  expect(counts).toEqual(answer.counts[run]);
  expect(found.size).toBe(Object.values(answer.counts[run]).reduce((a, b) => a + b, 0));
});

test('the same file twice changes nothing', () => {
  const twice = [...bills, ...bills];
  expect(matchTrades({ ours, bills: twice, until: next })).toEqual(
    matchTrades({ ours, bills, until: next }),
  );
});

test('the files of the labelled case hold their totals and do not contradict themselves', () => {
  for (const [channel, date, name] of files) {
    const { totals, findings } = billOf(name);
    expect(findings).toEqual([]);
    const expected = present(answer.file_totals_fen[date.toString()], 'the totals of a day');
    if (channel === 'WX') {
      const { settle, refund, fee } = present(expected['wechat'], 'totals');
      expect([totals.paid, totals.refunded, totals.fees].map(Number)).toEqual([
        settle,
        refund,
        fee,
      ]);
    } else if (channel === 'ALI') {
      const { settle, fee } = present(expected['alipay'], 'totals');
      expect([totals.paid - totals.refunded, -totals.fees].map(Number)).toEqual([settle, fee]);
    } else {
      expect(Number(totals.net)).toBe(expected['unionpay']?.['net']);
    }
  }
});

const numbers = fc.constantFrom('A1', 'A2', 'A3', 'A4', 'A5');
const kinds = fc.constantFrom<'pay' | 'refund'>('pay', 'refund');
const amounts = fc.bigInt(1n, 3n);
const days = fc.integer({ min: 0, max: 3 }).map((n) => day.add({ days: n }));

const anyOurs: fc.Arbitrary<OurTrade> = fc.record({
  channel: fc.constantFrom('WX', 'ALI'),
  number: numbers,
  kind: kinds,
  amount: amounts,
  fee: fc.constant(0n),
  succeeded: fc.boolean(),
  day: days,
});
const anyLine: fc.Arbitrary<BillLine> = fc.record({
  number: numbers,
  kind: kinds,
  channelNumber: fc.constantFrom('c1', 'c2'),
  amount: amounts,
  settled: amounts,
  fee: fc.bigInt(0n, 1n),
  succeeded: fc.boolean(),
  at: fc.constantFrom('10:00', '11:00'),
});
const anyBill: fc.Arbitrary<DayBill> = fc.record({
  channel: fc.constantFrom('WX', 'ALI'),
  day: days,
  id: fc.uuid(),
  lines: fc.array(anyLine, { maxLength: 6 }),
});

test('every line on which money moved, and every success of ours, is in exactly one match', () => {
  fc.assert(
    fc.property(fc.array(anyOurs), fc.array(anyBill), days, (trades, billsOfDays, until) => {
      const matches = matchTrades({ ours: trades, bills: billsOfDays, until });
      const keys = matches.map((m) => `${m.channel} ${m.kind} ${m.number}`);
      expect(new Set(keys).size).toBe(keys.length);
      const read = billsOfDays.filter((b) => Temporal.PlainDate.compare(b.day, until) <= 0);
      const moved = read.flatMap((b) => b.lines.filter((line) => line.succeeded));
      const told = matches.flatMap((m) => m.lines.filter((line) => line.succeeded));
      const sum = (lines: readonly BillLine[]) => lines.reduce((total, l) => total + l.amount, 0n);
      expect(told.length).toBe(moved.length);
      expect(sum(told)).toBe(sum(moved));
      const unseen = new Set(trades.map((t) => `${t.channel} ${t.kind} ${t.number}`));
      for (const trade of trades) {
        const key = `${trade.channel} ${trade.kind} ${trade.number}`;
        if (!unseen.delete(key) || !trade.succeeded) continue;
        expect(keys).toContain(key);
      }
    }),
  );
});

test('a match is never made by amount: another number with the same amount is two exceptions', () => {
  const trade = present(
    ours.find((t) => t.succeeded && t.kind === 'pay'),
    'a payment',
  );
  const line: BillLine = {
    number: `${trade.number}-other`,
    kind: 'pay',
    channelNumber: 'c1',
    amount: trade.amount,
    settled: trade.amount,
    fee: trade.fee,
    succeeded: true,
    at: '10:00',
  };
  const bill = { channel: trade.channel, day, id: 'x', lines: [line] };
  const matches = matchTrades({ ours: [{ ...trade, day }], bills: [bill], until: next });
  expect(matches.map((m) => m.class).sort()).toEqual(['channel_only', 'platform_only']);
});
