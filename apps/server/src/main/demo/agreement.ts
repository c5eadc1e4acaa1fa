/**
 * The demo's agreement, as an integrator would send it: the sale of a home with its four fund
 * items.
 */
export const agreementTerms = {
  roles: [
    { key: 'buyer', name: { zh: '买方', en: 'Buyer' }, kind: 'person' },
    { key: 'seller', name: { zh: '卖方', en: 'Seller' }, kind: 'person' },
    { key: 'store', name: { zh: '门店', en: 'Store' }, kind: 'merchant' },
    { key: 'agency', name: { zh: '经纪公司', en: 'Agency' }, kind: 'merchant' },
    { key: 'agent', name: { zh: '经纪人', en: 'Agent' }, kind: 'merchant' },
    { key: 'platform', name: { zh: '平台', en: 'Platform' }, kind: 'merchant' },
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
      methods: ['wechat_native', 'wechat_h5'],
    },
    {
      key: 'deposit',
      name: { zh: '定金', en: 'Deposit' },
      payer: 'buyer',
      beneficiary: 'seller',
      regime: 'escrow',
      destination: 'escrowed',
      refundable: true,
      methods: ['wechat_native', 'wechat_h5', 'bank_transfer'],
    },
    {
      key: 'price',
      name: { zh: '房款', en: 'Price' },
      payer: 'buyer',
      beneficiary: 'seller',
      regime: 'escrow',
      destination: 'escrowed',
      refundable: true,
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
      methods: ['wechat_native', 'wechat_h5'],
      split: {
        receivers: [
          { role: 'store', weight: 60 },
          { role: 'agency', weight: 25 },
          { role: 'agent', weight: 5 },
          { role: 'platform', weight: 10 },
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
  ],
  releases: [
    {
      key: 'to_seller',
      name: { zh: '过户放款', en: 'Release at title transfer' },
      items: [{ item: 'deposit' }, { item: 'price' }],
      to: 'seller',
      when: ['title_transferred'],
      approval: 'required',
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
      fee_returned: true,
      approval: 'required',
    },
  ],
};

/** The demo's real figures, in fen. The commission is 2.7 % of the price. */
export const figures = {
  intention: 1_000_000,
  deposit: 5_000_000,
  price: 299_999_900,
  commission: 8_099_997,
};
