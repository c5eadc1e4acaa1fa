import { bookTerms } from './book-terms.ts';
import { storyTerms } from './story-terms.ts';

/**
 * Words for what the server names by keys of its own. A key that stands here in neither language
 * is shown as it is: a newer server never breaks the page.
 */
export const terms = {
  'zh-CN': {
    ...bookTerms['zh-CN'],
    ...storyTerms['zh-CN'],
    roles: {
      viewer: '查看',
      finance: '财务',
      approver: '复核',
      admin: '管理员',
      reader: '只读',
      writer: '读写',
    },
    adapters: { wechat_pay_v3: '微信支付 APIv3', escrow_bank_v1: '存管银行直连' },
    methods: {
      wechat_native: '微信扫码',
      wechat_h5: '微信 H5',
      bank_transfer: '银行转账',
      acquirer: '收单渠道',
    },
    purposes: {
      escrow_release: '存管放款',
      escrow_refund: '解约退款',
      escrow_forfeit: '违约归属',
      fee_top_up: '手续费补足',
      intention: '意向金',
      deposit: '定金',
      price: '房款',
      commission: '佣金',
    },
    references: { escrow_leg: '存管划付', deal_item: '交易款项', fee_top_up: '手续费补足' },
    causes: {
      requested: '人工申请',
      late_success: '关闭后到账自动退款',
      double_success: '重复支付自动退款',
    },
    closings: { canceled: '取消中', expired: '过期关闭中' },
    lateSuccess: { settle: '用于支付', refund: '退回' },
    proofs: {
      refusal: '对方明确拒绝',
      not_found: '多次查询均不存在',
      channel_state: '渠道确认状态',
    },
    receiptKinds: {
      transfer: '转账',
      return: '退汇',
      channel_settlement: '渠道结算',
      top_up: '手续费补足',
      debit: '支出',
    },
    sources: { notification: '银行通知', statement: '银行流水' },
  },
  en: {
    ...bookTerms.en,
    ...storyTerms.en,
    roles: {
      viewer: 'viewer',
      finance: 'finance',
      approver: 'approver',
      admin: 'admin',
      reader: 'reader',
      writer: 'writer',
    },
    adapters: { wechat_pay_v3: 'WeChat Pay APIv3', escrow_bank_v1: 'Escrow bank, direct' },
    methods: {
      wechat_native: 'WeChat QR code',
      wechat_h5: 'WeChat H5',
      bank_transfer: 'Bank transfer',
      acquirer: 'Acquirer',
    },
    purposes: {
      escrow_release: 'Release from escrow',
      escrow_refund: 'Refund of a deal',
      escrow_forfeit: 'Forfeit of a deal',
      fee_top_up: 'Top-up for fees',
      intention: 'Intention money',
      deposit: 'Deposit',
      price: 'Price',
      commission: 'Commission',
    },
    references: {
      escrow_leg: 'Movement of a deal',
      deal_item: 'Item of a deal',
      fee_top_up: 'Top-up for fees',
    },
    causes: {
      requested: 'asked for by a person',
      late_success: 'paid after closing: given back by rule',
      double_success: 'paid twice: given back by rule',
    },
    closings: { canceled: 'being canceled', expired: 'expiring' },
    lateSuccess: { settle: 'pays the order', refund: 'is given back' },
    proofs: {
      refusal: 'Refused for good',
      not_found: 'Not there, asked several times',
      channel_state: 'State confirmed by the channel',
    },
    receiptKinds: {
      transfer: 'Transfer',
      return: 'Returned pay-out',
      channel_settlement: 'Settlement of a channel',
      top_up: 'Top-up for fees',
      debit: 'Debit',
    },
    sources: { notification: 'Notification', statement: 'Statement' },
  },
};
