import type { Result } from '@keyturn/kernel';
import { isZip, readAlipayTradeBill } from './alipay-trade-bill.ts';
import type { Bill, UnusableBill } from './bill.ts';
import { isUnionpayZm, readUnionpayZm } from './unionpay-zm.ts';
import { readWechatTradeBill } from './wechat-trade-bill.ts';

/** Reads a trade bill; its format is told from the content. */
export function readBill(bytes: Uint8Array): Result<Bill, UnusableBill> {
  if (isZip(bytes) || bytes[0] === '#'.charCodeAt(0)) return readAlipayTradeBill(bytes);
  if (isUnionpayZm(bytes)) return readUnionpayZm(bytes);
  return readWechatTradeBill(bytes);
}
