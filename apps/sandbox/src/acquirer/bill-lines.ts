import { wireTime } from '../core/clock.ts';
import { yuan } from './fees.ts';

/** The official columns (public documentation of "trade bill" and "fund-flow bill"). */
const tradeColumns =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额';
const refundColumns = '微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态';
const refundTimes = '退款申请时间,退款成功时间';

export const billHeaders = {
  ALL: `${tradeColumns},${refundColumns},商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注`,
  SUCCESS: `${tradeColumns},商品名称,商户数据包,手续费,费率,订单金额,费率备注`,
  REFUND: `${tradeColumns},${refundTimes},${refundColumns},商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注`,
  FUNDFLOW:
    '记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号',
} as const;

export const totalsHeaders = {
  TRADE:
    '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额',
  FUNDFLOW: '资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额',
} as const;

export type TradeBillType = 'ALL' | 'SUCCESS' | 'REFUND';

/** One line of a trade bill before it is text. */
export interface TradeLine {
  kind: 'SUCCESS' | 'REFUND';
  /** When it was paid, or when the refund succeeded. Epoch milliseconds. */
  atMs: number;
  appid: string;
  mchid: string;
  transactionId: string;
  outTradeNo: string;
  openid: string;
  tradeType: string;
  bankType: string;
  description: string;
  attach: string;
  /** Fen: of the order for a payment, of the refund for a refund. */
  amount: bigint;
  /** Fen, positive; a refund gives it back. */
  fee: bigint;
  feeBps: bigint;
  refundId: string;
  outRefundNo: string;
  refundAskedMs: number;
}

/** One movement on the merchant's account at the acquirer. */
export interface FundLine {
  atMs: number;
  businessNumber: string;
  name: string;
  type: string;
  isIncome: boolean;
  amount: bigint;
  applicant: string;
  note: string;
  voucher: string;
}

/** `2026-03-17 08:17:27`, in the world's zone. */
function billTime(epochMs: number): string {
  return wireTime(epochMs).slice(0, 19).replace('T', ' ');
}

/** The format has no way to escape a comma or a line end: they become what looks alike. */
function cell(value: string): string {
  return `\`${value.replaceAll(',', '，').replace(/[\r\n]+/g, ' ')}`;
}

function row(cells: string[]): string {
  return cells.map(cell).join(',');
}

/** Fees carry five decimals in bills. */
function feeYuan(fee: bigint): string {
  return `${yuan(fee)}000`;
}

function rate(feeBps: bigint): string {
  return `${yuan(feeBps)}%`;
}

/** A line in the columns of the bill's type; the numbers of refunds are 0 or empty for payments. */
export function tradeRow(type: TradeBillType, line: TradeLine): string {
  const isRefund = line.kind === 'REFUND';
  const paid = yuan(isRefund ? 0n : line.amount);
  const given = yuan(isRefund ? line.amount : 0n);
  const start = [
    ...[billTime(line.atMs), line.appid, line.mchid, '0', '', line.transactionId, line.outTradeNo],
    ...[line.openid, line.tradeType, line.kind, line.bankType, 'CNY', paid, '0.00'],
  ];
  const times = [billTime(line.refundAskedMs), billTime(line.atMs)];
  const refund = isRefund
    ? [line.refundId, line.outRefundNo, given, '0.00', 'ORIGINAL', 'SUCCESS']
    : ['0', '0', '0.00', '0.00', '', ''];
  const goods = [line.description, line.attach];
  const fee = [feeYuan(isRefund ? -line.fee : line.fee), rate(line.feeBps)];
  if (type === 'SUCCESS') return row([...start, ...goods, ...fee, paid, '']);
  const timed = type === 'REFUND' ? times : [];
  return row([...start, ...timed, ...refund, ...goods, ...fee, paid, given, '']);
}

/** The totals row of a trade bill. */
export function tradeTotals(lines: TradeLine[]): string {
  const sum = (kind: TradeLine['kind'], field: 'amount' | 'fee') =>
    lines.filter((line) => line.kind === kind).reduce((total, line) => total + line[field], 0n);
  const paid = yuan(sum('SUCCESS', 'amount'));
  const refunded = yuan(sum('REFUND', 'amount'));
  const fees = feeYuan(sum('SUCCESS', 'fee') - sum('REFUND', 'fee'));
  return row([String(lines.length), paid, refunded, '0.00', fees, paid, refunded]);
}

/** The rows of a fund-flow bill, each with the balance after it. */
export function fundRows(lines: FundLine[], openingBalance: bigint): string[] {
  let balance = openingBalance;
  return lines.map((line, index) => {
    balance += line.isIncome ? line.amount : -line.amount;
    // The flow's own number: the business number with the place in the day, unique for ever.
    const flow = `${line.businessNumber}${String(index + 1).padStart(6, '0')}`;
    const direction = line.isIncome ? '收入' : '支出';
    return row([
      ...[billTime(line.atMs), line.businessNumber, flow, line.name, line.type, direction],
      ...[yuan(line.amount), yuan(balance), line.applicant, line.note, line.voucher],
    ]);
  });
}

export function fundTotals(lines: FundLine[]): string {
  const part = (isIncome: boolean) => {
    const own = lines.filter((line) => line.isIncome === isIncome);
    return [String(own.length), yuan(own.reduce((total, line) => total + line.amount, 0n))];
  };
  return row([String(lines.length), ...part(true), ...part(false)]);
}

/** A bill's text: UTF-8 with byte order mark and CRLF, as the official files have. */
export function billText(header: string, rows: string[], totalsHeader: string, totals: string) {
  return `\ufeff${[header, ...rows, totalsHeader, totals].join('\r\n')}\r\n`;
}
