import type { PayerState } from './payer-state.ts';

export const languages = ['zh-CN', 'en'] as const;
export type Language = (typeof languages)[number];

export interface PayerTexts {
  title: string;
  sandbox: string;
  payTo: string;
  description: string;
  orderNumber: string;
  transactionNumber: string;
  paidAt: string;
  payBefore: string;
  pay: string;
  payAgain: string;
  decline: string;
  walkAway: string;
  walkedAway: string;
  back: string;
  otherLanguage: string;
  scan: string;
  notFound: string;
  notFoundHint: string;
  states: Record<PayerState, { heading: string; hint: string }>;
}

export const payerTexts: Record<Language, PayerTexts> = {
  'zh-CN': {
    title: '收银台',
    sandbox: '沙盒环境，不会扣取真实资金',
    payTo: '收款方',
    description: '商品',
    orderNumber: '商户单号',
    transactionNumber: '交易单号',
    paidAt: '支付时间',
    payBefore: '支付截止',
    pay: '确认支付',
    payAgain: '重新支付',
    decline: '模拟银行拒付',
    walkAway: '暂不支付，离开',
    walkedAway: '您已离开过此页面，订单仍可继续支付。',
    back: '返回商户',
    otherLanguage: 'English',
    scan: '用手机扫码，在手机上打开此页面',
    notFound: '没有找到这笔订单',
    notFoundHint: '请核对链接，或请商户重新生成付款码。',
    states: {
      waiting: { heading: '待支付', hint: '请核对收款方与金额后确认支付。' },
      paid: { heading: '支付成功', hint: '款项已支付，结果正在通知商户。' },
      declined: { heading: '支付被拒绝', hint: '银行拒绝了这次付款，没有扣款，您可以重新支付。' },
      expired: { heading: '订单已过期', hint: '已超过支付时限，请返回商户重新下单。' },
      closed: { heading: '订单已关闭', hint: '商户已关闭此订单，请返回商户重新下单。' },
    },
  },
  en: {
    title: 'Checkout',
    sandbox: 'Sandbox: no real money moves',
    payTo: 'Pay to',
    description: 'For',
    orderNumber: 'Order',
    transactionNumber: 'Transaction',
    paidAt: 'Paid at',
    payBefore: 'Pay before',
    pay: 'Pay',
    payAgain: 'Try again',
    decline: 'Let the bank decline',
    walkAway: 'Not now, leave',
    walkedAway: 'You left this page before; the order can still be paid.',
    back: 'Back to the merchant',
    otherLanguage: '中文',
    scan: 'Scan to open this page on your phone',
    notFound: 'There is no such order',
    notFoundHint: 'Check the link, or ask the merchant for a new code.',
    states: {
      waiting: { heading: 'Waiting for payment', hint: 'Check payee and amount, then pay.' },
      paid: { heading: 'Paid', hint: 'The payment is done; the merchant is being told.' },
      declined: {
        heading: 'Declined',
        hint: 'The bank declined this payment. Nothing was taken; you can try again.',
      },
      expired: {
        heading: 'Expired',
        hint: 'The time for paying is over. Go back and order again.',
      },
      closed: {
        heading: 'Closed',
        hint: 'The merchant closed this order. Go back and order again.',
      },
    },
  },
};

/** The language asked for by the address, else by the browser, else Chinese. */
export function chooseLanguage(
  asked: string | undefined,
  acceptLanguage: string | undefined,
): Language {
  const named = languages.find((language) => language === asked);
  if (named !== undefined) return named;
  const first = (acceptLanguage ?? '').trim().toLowerCase().split(/[,;]/)[0] ?? '';
  return first === '' || first.startsWith('zh') || first === '*' ? 'zh-CN' : 'en';
}
