/** A deal between its funding and its end: the deposit is held, the price is to be released. */

const tail = '0000e07s8000000000';
const id = (prefix: string, end: string) => `${prefix}_06fekx${tail}${end}`;
const yuan = (fen: number) => ({ amount: fen, currency: 'CNY' });
const at = (time: string) => `2026-11-20T${time}Z`;

const names = {
  buyer: { zh: '买方', en: 'Buyer' },
  seller: { zh: '卖方', en: 'Seller' },
  store: { zh: '门店', en: 'Store' },
  intention: { zh: '意向金', en: 'Intention money' },
  deposit: { zh: '定金', en: 'Deposit' },
  price: { zh: '房款', en: 'Price' },
  commission: { zh: '佣金', en: 'Commission' },
  to_seller: { zh: '过户放款', en: 'Release at title transfer' },
  title: { zh: '完成过户', en: 'Title transferred' },
};
const role = (key: 'buyer' | 'seller' | 'store') => ({ role: key, name: names[key] });
const named = (key: keyof typeof names) => ({ key, name: names[key] });

export const dealId = id('deal', 'z1');
export const releaseId = id('rel', 'e1');
export const maker = { kind: 'operator', id: id('opr', 'm1'), name: '李娜' };

export const dealSummary = {
  id: dealId,
  number: 'D202611200003',
  agreement_id: id('agr', 'g1'),
  title: '静安区武定路 12 号 3-502',
  city: '上海',
  currency: 'CNY',
  state: 'funded',
  frozen: false,
  deadline: '2026-12-31T16:00:00Z',
  created_at: at('00:50:00'),
};

const nothing = {
  paid: yuan(0),
  missing: yuan(0),
  held: yuan(0),
  promised: yuan(0),
  moving: yuan(0),
  released: yuan(0),
  refunding: yuan(0),
  refunded: yuan(0),
  converted_in: yuan(0),
  converted_out: yuan(0),
  shared: yuan(0),
  frozen: false,
  custody: 'escrow',
  escrowed: true,
  payer: role('buyer'),
  beneficiary: role('seller'),
};

const items = [
  {
    ...nothing,
    ...named('intention'),
    id: id('itm', 'm0'),
    state: 'converted',
    amount: yuan(200_000),
    paid: yuan(200_000),
    converted_out: yuan(200_000),
    order: { id: id('ord', 'r0'), open: yuan(0) },
  },
  {
    ...nothing,
    ...named('deposit'),
    id: id('itm', 'm1'),
    state: 'paid',
    amount: yuan(2_200_000),
    paid: yuan(2_000_000),
    converted_in: yuan(200_000),
    held: yuan(2_200_000),
    promised: yuan(2_200_000),
    order: { id: id('ord', 'r1'), open: yuan(0) },
  },
  {
    ...nothing,
    ...named('price'),
    id: id('itm', 'm2'),
    state: 'paid',
    amount: yuan(297_800_000),
    paid: yuan(297_800_000),
    held: yuan(297_800_000),
    promised: yuan(282_910_000),
    order: { id: id('ord', 'r2'), open: yuan(0) },
  },
  {
    ...nothing,
    ...named('commission'),
    id: id('itm', 'm3'),
    state: 'paid',
    custody: 'reserve',
    escrowed: false,
    beneficiary: role('store'),
    amount: yuan(6_000_000),
    paid: yuan(6_000_000),
    shared: yuan(6_000_000),
    order: { id: id('ord', 'r3'), open: yuan(0) },
  },
];

const leg = (item: 'deposit' | 'price', fen: number) => ({
  item: named(item),
  to: role('seller'),
  way: 'payout',
  amount: yuan(fen),
  state: 'waiting',
  account: '6217 **** **** 0923',
  at: at('02:00:00'),
});

export const dealMoney = {
  deal: { ...dealSummary, frozen: undefined, agreement_id: undefined },
  server_time: at('03:00:00'),
  totals: {
    owed: yuan(308_000_000),
    paid: yuan(308_000_000),
    held: yuan(300_000_000),
    moving: yuan(0),
    released: yuan(0),
    refunded: yuan(0),
    shared: yuan(6_000_000),
  },
  items,
  next: [
    {
      key: 'approve_release',
      who: { kind: 'operator' },
      mine: true,
      release: named('to_seller'),
      to: { key: 'seller', name: names.seller },
      amount: yuan(285_110_000),
      release_id: releaseId,
    },
    {
      key: 'bring_evidence',
      who: { kind: 'role', role: 'buyer', name: names.buyer },
      mine: false,
      condition: { key: 'handed_over', name: { zh: '完成交房', en: 'Home handed over' } },
    },
  ],
  conditions: [
    {
      ...named('title'),
      evidence: 'title_transfer',
      by: role('store'),
      fulfilled: true,
      fulfilled_at: at('01:50:00'),
      reference: '沪(2026)静字不动产权第008812号',
    },
    {
      key: 'handed_over',
      name: { zh: '完成交房', en: 'Home handed over' },
      evidence: 'handover',
      by: role('buyer'),
      fulfilled: false,
    },
  ],
  releases: [
    {
      id: releaseId,
      ...named('to_seller'),
      state: 'pending_approval',
      to: role('seller'),
      amount: yuan(285_110_000),
      maker,
      requested_at: at('02:00:00'),
      parts: [leg('deposit', 2_200_000), leg('price', 282_910_000)],
    },
  ],
  refunds: [],
  shortfalls: [],
  timeline: [
    {
      at: at('02:00:00'),
      key: 'release_requested',
      role: role('seller'),
      amount: yuan(285_110_000),
      parameters: { release: names.to_seller },
    },
    {
      at: at('01:50:00'),
      key: 'evidence_added',
      role: role('store'),
      parameters: { condition: names.title, reference: '沪(2026)静字不动产权第008812号' },
    },
    { at: at('01:40:00'), key: 'deal_funded', parameters: {} },
    {
      at: at('01:39:00'),
      key: 'item_paid',
      item: named('price'),
      role: role('buyer'),
      amount: yuan(297_800_000),
      parameters: { method: 'bank_transfer' },
    },
    { at: at('00:50:00'), key: 'deal_created', parameters: {} },
  ],
  flow: {
    nodes: [
      {
        id: 'payer:buyer',
        kind: 'payer',
        label: { key: 'flow.payer', name: names.buyer, text: '陈**' },
        amount: yuan(308_000_000),
      },
      ...(['intention', 'deposit', 'price'] as const).map((key, index) => ({
        id: `item:${key}`,
        kind: 'fund',
        label: { key: 'flow.fund', name: names[key] },
        amount: items[index]?.held,
      })),
      {
        id: 'item:commission',
        kind: 'merchant_item',
        label: { key: 'flow.merchant_item', name: names.commission },
        amount: yuan(0),
      },
      {
        id: 'payee:seller',
        kind: 'payee',
        label: { key: 'flow.payee', name: names.seller, text: '6217 **** **** 0923' },
        amount: yuan(0),
      },
      {
        id: 'merchant:store',
        kind: 'merchant',
        label: { key: 'flow.merchant', name: names.store },
        amount: yuan(5_400_000),
      },
      { id: 'fee', kind: 'fee', label: { key: 'flow.fee' }, amount: yuan(600_000) },
    ],
    edges: [
      ['payer:buyer', 'item:intention', 'payment', 'done', 200_000],
      ['payer:buyer', 'item:deposit', 'payment', 'done', 2_000_000],
      ['payer:buyer', 'item:price', 'payment', 'done', 297_800_000],
      ['payer:buyer', 'item:commission', 'payment', 'done', 6_000_000],
      ['item:intention', 'item:deposit', 'conversion', 'done', 200_000],
      ['item:deposit', 'payee:seller', 'release', 'waiting', 2_200_000],
      ['item:price', 'payee:seller', 'release', 'waiting', 282_910_000],
      ['item:commission', 'merchant:store', 'share', 'done', 5_400_000],
      ['item:commission', 'fee', 'fee', 'done', 600_000],
    ].map(([from, to, kind, state, fen]) => ({
      id: `${from}>${to}`,
      from,
      to,
      kind,
      state,
      amount: { amount: fen, currency: 'CNY' },
    })),
  },
};

export const deal = {
  ...dealSummary,
  agreement: { name: '二手房买卖', version: 3 },
  agreed_roles: ['buyer', 'seller', 'store'],
  parties: [
    { ...role('buyer'), kind: 'person', id: id('per', 's1'), shown_as: '陈**' },
    {
      ...role('seller'),
      kind: 'person',
      id: id('per', 's2'),
      shown_as: '林**',
      bank_account_id: id('bac', 'b1'),
      bank_account: '6217 **** **** 0923',
    },
    { ...role('store'), kind: 'merchant', id: id('mer', 'h1'), shown_as: '武定路店' },
  ],
  items: items.map(({ id: itemId, key, name, amount, paid, held }) => ({
    id: itemId,
    key,
    name,
    amount,
    paid,
    held,
  })),
};

export const dealAnswers: Readonly<Record<string, unknown>> = {
  '/v1/deals': {
    items: [
      dealSummary,
      {
        ...dealSummary,
        id: id('deal', 'z2'),
        number: 'D202611200002',
        title: '浦东新区张杨路 500 弄 8-1201',
        state: 'cancel_requested',
        frozen: true,
      },
      {
        ...dealSummary,
        id: id('deal', 'z3'),
        number: 'D202611190011',
        title: '徐汇区天钥桥路 30 号 1-704',
        state: 'funding',
      },
    ],
  },
  [`/v1/deals/${dealId}`]: deal,
  [`/v1/deals/${dealId}/money`]: dealMoney,
  [`/v1/agreements/${dealSummary.agreement_id}`]: {
    id: dealSummary.agreement_id,
    name: '二手房买卖',
    version: 3,
    terms: {
      failures: [{ key: 'no_fault', name: { zh: '无责解约', en: 'Nobody at fault' } }],
      conversions: [{ from: 'intention', to: 'deposit' }],
    },
  },
  '/v1/releases': {
    items: [
      {
        id: releaseId,
        deal_id: dealId,
        key: 'to_seller',
        role: 'seller',
        state: 'pending_approval',
        maker,
        requested_at: at('02:00:00'),
      },
    ],
  },
};
