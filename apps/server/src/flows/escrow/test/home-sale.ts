import type { AgreementTerms } from '../decide/agreement.ts';

/** The sale of a home as most tests use it: intention money, deposit, price and commission. */
export const homeSale: AgreementTerms = {
  roles: [
    { key: 'buyer', name: { zh: '买方', en: 'Buyer' }, kind: 'person' },
    { key: 'seller', name: { zh: '卖方', en: 'Seller' }, kind: 'person' },
    { key: 'store', name: { zh: '门店', en: 'Store' }, kind: 'merchant' },
    { key: 'agency', name: { zh: '经纪公司', en: 'Agency' }, kind: 'merchant' },
  ],
  items: [
    {
      key: 'intention',
      name: { zh: '意向金', en: 'Intention money' },
      payer: 'buyer',
      beneficiary: 'seller',
      regime: 'escrow',
      destination: 'escrowed',
      refundable: true,
      required: false,
      methods: ['wechat_native'],
    },
    {
      key: 'deposit',
      name: { zh: '定金', en: 'Deposit' },
      payer: 'buyer',
      beneficiary: 'seller',
      regime: 'escrow',
      destination: 'escrowed',
      refundable: true,
      required: true,
      methods: ['wechat_native', 'bank_transfer'],
    },
    {
      key: 'price',
      name: { zh: '房款', en: 'Price' },
      payer: 'buyer',
      beneficiary: 'seller',
      regime: 'escrow',
      destination: 'escrowed',
      refundable: true,
      required: true,
      methods: ['bank_transfer'],
    },
    {
      key: 'commission',
      name: { zh: '佣金', en: 'Commission' },
      payer: 'buyer',
      beneficiary: 'store',
      regime: 'reserve',
      destination: 'merchant',
      refundable: true,
      required: true,
      methods: ['wechat_native'],
      split: {
        fee: { product: 'commission', bps: 1000, vatBps: 600 },
        receivers: [
          { role: 'store', weight: 60 },
          { role: 'agency', weight: 30 },
        ],
      },
    },
  ],
  conditions: [
    {
      key: 'title_transferred',
      name: { zh: '完成过户', en: 'Title transferred' },
      evidence: 'title_transfer',
      by: 'store',
    },
    {
      key: 'handed_over',
      name: { zh: '完成交房', en: 'Home handed over' },
      evidence: 'handover',
      by: 'buyer',
    },
  ],
  releases: [
    {
      key: 'to_seller',
      name: { zh: '过户放款', en: 'Release at title transfer' },
      items: [
        { item: 'deposit', shareBps: 10_000 },
        { item: 'price', shareBps: 9_500 },
      ],
      to: 'seller',
      when: ['title_transferred'],
      approval: 'required',
      beforeFunded: false,
    },
    {
      key: 'at_handover',
      name: { zh: '交房放款', en: 'Release at handover' },
      items: [{ item: 'price', shareBps: 500 }],
      to: 'seller',
      when: ['title_transferred', 'handed_over'],
      approval: 'required',
      beforeFunded: false,
    },
  ],
  conversions: [{ from: 'intention', to: 'deposit', mode: 'towards' }],
  failures: [
    {
      key: 'no_fault',
      name: { zh: '无责解约', en: 'Nobody at fault' },
      items: [
        { item: 'intention', action: 'refund' },
        { item: 'deposit', action: 'refund' },
        { item: 'price', action: 'refund' },
        { item: 'commission', action: 'refund' },
      ],
      feeReturned: true,
      approval: 'required',
    },
    {
      key: 'buyer_at_fault',
      name: { zh: '买方违约', en: 'Buyer at fault' },
      items: [
        { item: 'intention', action: 'refund' },
        { item: 'deposit', action: 'forfeit' },
        { item: 'price', action: 'refund' },
        { item: 'commission', action: 'forfeit' },
      ],
      feeReturned: false,
      approval: 'required',
    },
  ],
};
