import { createHash, randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { type WorldClock, worldInstant } from '../core/clock.ts';
import type { Fault, Faults } from '../core/faults.ts';
import { amount, integer, optionalText, type Row, text, transact } from '../core/store.ts';
import { ApiError } from './api-error.ts';
import {
  billHeaders,
  billText,
  type FundLine,
  fundRows,
  fundTotals,
  type TradeBillType,
  type TradeLine,
  totalsHeaders,
  tradeRow,
  tradeTotals,
} from './bill-lines.ts';
import { newTransactionId } from './ids.ts';
import type { Merchant } from './merchants.ts';

export type BillType = TradeBillType | 'FUNDFLOW';

export interface Bill {
  token: string;
  content: string;
  /** Hexadecimal, of the uncompressed bytes. */
  sha1: string;
}

export interface Bills {
  /** The day's bill: made once, the same ever after. Throws NO_STATEMENT_EXIST, PARAM_ERROR. */
  get(merchant: Merchant, billDate: string, type: BillType): Bill;
  /** The bill behind a download address, if it is this merchant's. */
  download(merchant: Merchant, token: string): Bill | undefined;
}

/** Bills of a day are there from this time of the next day on. */
const readyTime = '10:00';

function prepareStatements(store: DatabaseSync) {
  return {
    paid: store.prepare(`select * from acquirer_order
      where mchid = ? and success_ms >= ? and success_ms < ? order by success_ms, out_trade_no`),
    refunded: store.prepare(`select r.*, o.appid, o.trade_type, o.openid, o.bank_type,
        o.description, o.attach
      from acquirer_refund r
      join acquirer_order o on o.mchid = r.mchid and o.out_trade_no = r.out_trade_no
      where r.mchid = ? and r.final_ms >= ? and r.final_ms < ? and r.status = 'SUCCESS'
      order by r.final_ms, r.out_refund_no`),
    settled: store.prepare(`select * from acquirer_settlement
      where mchid = ? and at_ms >= ? and at_ms < ? and paid > 0 order by at_ms`),
    opening: store.prepare(`select
      (select coalesce(sum(total - case when :net then fee else 0 end), 0) from acquirer_order
        where mchid = :mchid and success_ms < :before)
      - (select coalesce(sum(refund - case when :net then fee_returned else 0 end), 0)
        from acquirer_refund where mchid = :mchid and final_ms < :before and status = 'SUCCESS')
      - (select coalesce(sum(paid + withheld), 0) from acquirer_settlement
        where mchid = :mchid and at_ms < :before) as balance`),
    find: store.prepare('select * from acquirer_bill where mchid = ? and day = ? and type = ?'),
    byToken: store.prepare('select * from acquirer_bill where mchid = ? and token = ?'),
    insert: store.prepare(`insert into acquirer_bill (token, mchid, day, type, content, sha1)
      values (?, ?, ?, ?, ?, ?)`),
  };
}

type Statements = ReturnType<typeof prepareStatements>;

interface Day {
  from: number;
  to: number;
}

function paymentLine(row: Row, merchant: Merchant): TradeLine {
  return {
    kind: 'SUCCESS',
    atMs: integer(row, 'success_ms'),
    appid: text(row, 'appid'),
    mchid: merchant.mchid,
    transactionId: text(row, 'transaction_id'),
    outTradeNo: text(row, 'out_trade_no'),
    openid: text(row, 'openid'),
    tradeType: text(row, 'trade_type'),
    bankType: text(row, 'bank_type'),
    description: text(row, 'description'),
    attach: optionalText(row, 'attach') ?? '',
    amount: amount(row, 'total'),
    fee: amount(row, 'fee'),
    feeBps: merchant.feeBps,
    refundId: '0',
    outRefundNo: '0',
    refundAskedMs: 0,
  };
}

function refundLine(row: Row, merchant: Merchant): TradeLine {
  return {
    kind: 'REFUND',
    atMs: integer(row, 'final_ms'),
    appid: text(row, 'appid'),
    mchid: merchant.mchid,
    transactionId: text(row, 'transaction_id'),
    outTradeNo: text(row, 'out_trade_no'),
    openid: text(row, 'openid'),
    tradeType: text(row, 'trade_type'),
    bankType: text(row, 'bank_type'),
    description: text(row, 'description'),
    attach: optionalText(row, 'attach') ?? '',
    amount: amount(row, 'refund'),
    fee: amount(row, 'fee_returned'),
    feeBps: merchant.feeBps,
    refundId: text(row, 'refund_id'),
    outRefundNo: text(row, 'out_refund_no'),
    refundAskedMs: integer(row, 'created_ms'),
  };
}

function tradeLines(sql: Statements, merchant: Merchant, day: Day): TradeLine[] {
  const { mchid } = merchant;
  const paid = sql.paid.all(mchid, day.from, day.to).map((row) => paymentLine(row, merchant));
  const back = sql.refunded.all(mchid, day.from, day.to).map((row) => refundLine(row, merchant));
  return [...paid, ...back].sort((one, other) => one.atMs - other.atMs);
}

/** A trade moves money twice: the amount, and the fee when settlements are net of it. */
function tradeFunds(line: TradeLine, isNet: boolean): FundLine[] {
  const isPayment = line.kind === 'SUCCESS';
  const businessNumber = isPayment ? line.transactionId : line.refundId;
  const voucher = isPayment ? line.outTradeNo : line.outRefundNo;
  const name = isPayment ? '交易' : '退款';
  const base = { atMs: line.atMs, businessNumber, name, applicant: 'system', voucher };
  const main = { ...base, type: name, isIncome: isPayment, amount: line.amount, note: '' };
  if (!isNet || line.fee === 0n) return [main];
  const type = isPayment ? '扣除交易手续费' : '退还交易手续费';
  const note = `费率${line.feeBps}bps`;
  return [main, { ...base, type, isIncome: !isPayment, amount: line.fee, note }];
}

function settlementFund(row: Row): FundLine {
  const reference = text(row, 'end_to_end_id');
  const businessNumber = reference.replaceAll(' ', '');
  const base = { atMs: integer(row, 'at_ms'), businessNumber, applicant: 'system' };
  const note = `结算日${text(row, 'day')}`;
  const paid = amount(row, 'paid') + amount(row, 'withheld');
  return {
    ...base,
    name: '自动提现',
    type: '提现',
    isIncome: false,
    amount: paid,
    note,
    voucher: reference,
  };
}

/** A line that no order stands behind. */
function strangeLine(merchant: Merchant, day: Day, like: TradeLine | undefined): TradeLine {
  const at = Temporal.Instant.fromEpochMilliseconds(day.from + 12 * 3_600_000);
  const base = like ?? {
    ...{ kind: 'SUCCESS', appid: merchant.appid, mchid: merchant.mchid, openid: '', attach: '' },
    ...{ tradeType: 'NATIVE', bankType: 'OTHERS', description: '未知交易', amount: 100n, fee: 1n },
    ...{ feeBps: merchant.feeBps, refundId: '0', outRefundNo: '0', refundAskedMs: 0 },
  };
  const outTradeNo = `X${randomBytes(8).toString('hex')}`;
  const transactionId = newTransactionId(at);
  return { ...base, kind: 'SUCCESS', atMs: at.epochMilliseconds, transactionId, outTradeNo };
}

/** What a lying bill does to its lines. The line is the one that the fault names, or the first. */
function spoil(lines: TradeLine[], fault: Fault, merchant: Merchant, day: Day): TradeLine[] {
  const wanted = fault['out_trade_no'];
  const found = lines.findIndex((line) => line.outTradeNo === wanted);
  const index = found === -1 ? 0 : found;
  const line = lines[index];
  if (fault.kind === 'extra_line') return [...lines, strangeLine(merchant, day, lines[0])];
  if (line === undefined) return lines;
  if (fault.kind === 'drop_line') return lines.toSpliced(index, 1);
  if (fault.kind === 'duplicate_line') return lines.toSpliced(index, 0, line);
  const by = fault['by'];
  const change = typeof by === 'number' && Number.isSafeInteger(by) ? BigInt(by) : 1n;
  return lines.toSpliced(index, 1, { ...line, amount: line.amount + change });
}

function dayOf(billDate: string): Temporal.PlainDate {
  try {
    const day = Temporal.PlainDate.from(billDate);
    if (day.toString() === billDate) return day;
  } catch {
    // Falls through to the refusal below, which also meets 2026-3-1.
  }
  throw new ApiError('PARAM_ERROR', '参数错误：bill_date 格式应为 yyyy-MM-dd', {
    ...{ field: '/query/bill_date', value: billDate, location: 'query' },
    issue: 'not a day as yyyy-MM-dd',
  });
}

function fundFlow(sql: Statements, merchant: Merchant, day: Day, lines: TradeLine[]) {
  const { mchid, feeMode } = merchant;
  const isNet = feeMode === 'net';
  const settled = sql.settled.all(mchid, day.from, day.to).map(settlementFund);
  const funds = [...lines.flatMap((line) => tradeFunds(line, isNet)), ...settled];
  if (funds.length === 0) return undefined;
  funds.sort((one, other) => one.atMs - other.atMs);
  const opening = sql.opening.get({ mchid, net: isNet ? 1 : 0, before: day.from }) ?? {};
  const rows = fundRows(funds, amount(opening, 'balance'));
  return billText(billHeaders.FUNDFLOW, rows, totalsHeaders.FUNDFLOW, fundTotals(funds));
}

function tradeBill(lines: TradeLine[], type: TradeBillType): string | undefined {
  const shown = lines.filter((each) => type === 'ALL' || each.kind === type);
  if (shown.length === 0) return undefined;
  const rows = shown.map((each) => tradeRow(type, each));
  return billText(billHeaders[type], rows, totalsHeaders.TRADE, tradeTotals(shown));
}

function parseBill(row: Row): Bill {
  return { token: text(row, 'token'), content: text(row, 'content'), sha1: text(row, 'sha1') };
}

/** Throws unless the day's bills can be made by now. */
function refuseEarly(date: Temporal.PlainDate, now: Temporal.Instant): void {
  const ready = worldInstant(date.add({ days: 1 }), readyTime);
  if (Temporal.Instant.compare(now, ready) >= 0) return;
  const issue = `the bill of ${date} is there from ${readyTime} of the next day on`;
  throw new ApiError('NO_STATEMENT_EXIST', '账单文件不存在，请于次日10点后获取', { issue });
}

export function createBills(deps: {
  store: DatabaseSync;
  clock: WorldClock;
  faults: Faults;
}): Bills {
  const { store, clock, faults } = deps;
  const sql = prepareStatements(store);
  const line = { out_trade_no: null };
  faults.declare('acquirer.bill', {
    drop_line: line,
    change_amount: { ...line, by: 1 },
    duplicate_line: line,
    extra_line: {},
  });

  function write(merchant: Merchant, date: Temporal.PlainDate, type: BillType): Bill {
    const { mchid } = merchant;
    const from = worldInstant(date, '00:00').epochMilliseconds;
    const day = { from, to: worldInstant(date.add({ days: 1 }), '00:00').epochMilliseconds };
    const subject = { mchid, bill_date: date.toString(), bill_type: type };
    const fault = faults.take('acquirer.bill', subject);
    const lines = tradeLines(sql, merchant, day);
    const told = fault === undefined ? lines : spoil(lines, fault, merchant, day);
    const content =
      type === 'FUNDFLOW' ? fundFlow(sql, merchant, day, told) : tradeBill(told, type);
    if (content === undefined) {
      const issue = `nothing happened on ${date}: there is no bill and will be none`;
      throw new ApiError('NO_STATEMENT_EXIST', '账单文件不存在，当天无交易', { issue });
    }
    const sha1 = createHash('sha1').update(content, 'utf8').digest('hex');
    const token = randomBytes(24).toString('base64url');
    sql.insert.run(token, mchid, date.toString(), type, content, sha1);
    return { token, content, sha1 };
  }

  return {
    get: (merchant, billDate, type) => {
      const date = dayOf(billDate);
      const stored = sql.find.get(merchant.mchid, date.toString(), type);
      if (stored !== undefined) return parseBill(stored);
      refuseEarly(date, clock.now());
      return transact(store, () => write(merchant, date, type));
    },
    download: (merchant, token) => {
      const row = sql.byToken.get(merchant.mchid, token);
      return row === undefined ? undefined : parseBill(row);
    },
  };
}
