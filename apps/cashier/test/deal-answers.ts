/** Answers of `GET /v1/deal-views/{token}`: one sale of a home, at several moments of its life. */

type Amounts = Readonly<Record<string, number>>;
type Wire = Readonly<Record<string, unknown>>;

const cny = (amount: number) => ({ amount, currency: 'CNY' });
const named = (zh: string, en: string) => ({ zh, en });

const roles = {
  buyer: { role: 'buyer', name: named('买方', 'Buyer') },
  seller: { role: 'seller', name: named('卖方', 'Seller') },
  store: { role: 'store', name: named('门店', 'Store') },
};
const names = {
  intention: named('意向金', 'Intention money'),
  deposit: named('定金', 'Deposit'),
  price: named('房款', 'Price'),
  commission: named('佣金', 'Commission'),
};
type Key = keyof typeof names;
const part = (key: Key) => ({ key, name: names[key] });

const owed = {
  intention: 2_000_000,
  deposit: 20_000_000,
  price: 279_999_900,
  commission: 8_099_997,
};

function item(key: Key, state: string, amounts: Amounts = {}): Wire {
  const money = (name: string) => cny(amounts[name] ?? 0);
  const merchant = key === 'commission';
  return {
    id: `itm_06c8q2v1m4000000000000000${Object.keys(names).indexOf(key)}`,
    key,
    name: names[key],
    state,
    custody: merchant ? 'reserve' : 'escrow',
    escrowed: !merchant,
    payer: roles.buyer,
    beneficiary: merchant ? roles.store : roles.seller,
    amount: cny(owed[key]),
    paid: money('paid'),
    missing: money('missing'),
    held: money('held'),
    promised: money('promised'),
    moving: money('moving'),
    released: money('released'),
    refunding: money('refunding'),
    refunded: money('refunded'),
    converted_in: money('converted_in'),
    converted_out: money('converted_out'),
    shared: money('shared'),
    frozen: false,
  };
}

const conditions = (shown: boolean) => [
  {
    key: 'title_transferred',
    name: named('完成过户', 'Title transferred'),
    evidence: 'title_transfer',
    by: roles.store,
    fulfilled: shown,
    ...(shown ? { fulfilled_at: '2026-11-19T06:20:00Z' } : {}),
  },
  {
    key: 'handed_over',
    name: named('完成交房', 'Home handed over'),
    evidence: 'handover',
    by: roles.buyer,
    fulfilled: false,
  },
];

const releases = {
  to_seller: { key: 'to_seller', name: named('过户放款', 'Release at title transfer') },
};

const node = (id: string, kind: string, name: Wire | undefined, amount: number, text?: string) => ({
  id,
  kind,
  label: {
    key: `flow.${kind}`,
    ...(name === undefined ? {} : { name }),
    ...(text === undefined ? {} : { text }),
  },
  amount: cny(amount),
});

const edge = (from: string, to: string, kind: string, state: string, amount: number) => ({
  id: `${from}>${to}:${kind}:${state}`,
  from,
  to,
  kind,
  state,
  amount: cny(amount),
});

function deal(state: string, change: Wire = {}): Wire {
  return {
    id: 'deal_06c8q2v1m40000000000000000',
    number: '2026111800120031',
    title: '望京花园 3 号楼 1202 室',
    city: '北京',
    state,
    currency: 'CNY',
    deadline: '2026-12-31T15:59:59Z',
    created_at: '2026-11-18T01:00:00Z',
    ...change,
  };
}

const empty = { conditions: conditions(false), releases: [], refunds: [], shortfalls: [] };
const line = (at: string, key: string, rest: Wire = {}) => ({ at, key, parameters: {}, ...rest });

const begun = [
  line('2026-11-18T02:10:00Z', 'deal_agreed'),
  line('2026-11-18T02:10:00Z', 'role_agreed', { role: roles.seller }),
  line('2026-11-18T01:40:00Z', 'role_agreed', { role: roles.buyer }),
  line('2026-11-18T01:00:00Z', 'deal_created'),
];

const nodes = [
  node('payer:buyer', 'payer', roles.buyer.name, 22_000_000, '王**'),
  node('item:intention', 'fund', names.intention, 0),
  node('item:deposit', 'fund', names.deposit, 20_000_000),
  node('item:price', 'fund', names.price, 0),
  node('item:commission', 'merchant_item', names.commission, 0),
  node('payee:seller', 'payee', roles.seller.name, 0),
];

/** The deposit is held, the price is to come; seen by the buyer. */
const funding = {
  deal: deal('funding'),
  viewer: { ...roles.buyer, account: '6228 **** 0018' },
  server_time: '2026-11-20T02:00:00Z',
  totals: {
    owed: cny(310_099_897),
    paid: cny(20_000_000),
    held: cny(20_000_000),
    moving: cny(0),
    released: cny(0),
    refunded: cny(0),
    shared: cny(0),
  },
  items: [
    item('intention', 'converted', { paid: 2_000_000, converted_out: 2_000_000 }),
    item('deposit', 'paid', { paid: 18_000_000, converted_in: 2_000_000, held: 20_000_000 }),
    item('price', 'ordered', { missing: 279_999_900 }),
    item('commission', 'open', { missing: 8_099_997 }),
  ],
  next: [
    {
      key: 'pay',
      who: { kind: 'role', role: 'buyer', name: roles.buyer.name },
      mine: true,
      item: part('price'),
      amount: cny(279_999_900),
    },
    {
      key: 'open_order',
      who: { kind: 'role', role: 'buyer', name: roles.buyer.name },
      mine: true,
      item: part('commission'),
      amount: cny(8_099_997),
    },
    {
      key: 'bring_evidence',
      who: { kind: 'role', role: 'store', name: roles.store.name },
      mine: false,
      condition: { key: 'title_transferred', name: named('完成过户', 'Title transferred') },
    },
  ],
  ...empty,
  timeline: [
    line('2026-11-19T03:05:00Z', 'order_opened', {
      item: part('price'),
      role: roles.buyer,
      amount: cny(279_999_900),
    }),
    line('2026-11-18T08:30:00Z', 'converted', {
      item: part('intention'),
      amount: cny(2_000_000),
      parameters: { to: names.deposit },
    }),
    line('2026-11-18T08:29:00Z', 'item_paid', {
      item: part('deposit'),
      role: roles.buyer,
      amount: cny(18_000_000),
      parameters: { method: 'wechat_native' },
    }),
    ...begun,
  ],
  flow: {
    nodes,
    edges: [
      edge('payer:buyer', 'item:intention', 'payment', 'done', 2_000_000),
      edge('payer:buyer', 'item:deposit', 'payment', 'done', 18_000_000),
      edge('payer:buyer', 'item:price', 'payment', 'waiting', 279_999_900),
      edge('payer:buyer', 'item:commission', 'payment', 'planned', 8_099_997),
      edge('item:intention', 'item:deposit', 'conversion', 'done', 2_000_000),
      edge('item:deposit', 'payee:seller', 'release', 'planned', 20_000_000),
      edge('item:price', 'payee:seller', 'release', 'planned', 279_999_900),
    ],
  },
};

const legs = [
  {
    item: part('deposit'),
    to: roles.seller,
    way: 'payout',
    amount: cny(20_000_000),
    state: 'paid',
    account: '6217 **** 4321',
    at: '2026-11-19T08:00:00Z',
    final_at: '2026-11-19T08:02:00Z',
  },
  {
    item: part('price'),
    to: roles.seller,
    way: 'payout',
    amount: cny(265_999_905),
    state: 'moving',
    account: '6217 **** 4321',
    at: '2026-11-19T08:00:00Z',
  },
];

/** The title is transferred, money is on its way to the seller, who looks. */
const releasing = {
  ...funding,
  deal: deal('releasing'),
  viewer: { ...roles.seller, account: '6217 **** 4321' },
  totals: {
    owed: cny(301_999_900),
    paid: cny(299_999_900),
    held: cny(13_999_995),
    moving: cny(265_999_905),
    released: cny(20_000_000),
    refunded: cny(0),
    shared: cny(0),
  },
  items: [
    item('intention', 'converted', { paid: 2_000_000, converted_out: 2_000_000 }),
    item('deposit', 'released', {
      paid: 18_000_000,
      converted_in: 2_000_000,
      released: 20_000_000,
    }),
    item('price', 'moving', { paid: 279_999_900, held: 13_999_995, moving: 265_999_905 }),
  ],
  next: [
    {
      key: 'bank_pays',
      who: { kind: 'bank' },
      mine: false,
      item: part('price'),
      to: { key: 'seller', name: roles.seller.name },
      amount: cny(265_999_905),
    },
    {
      key: 'bring_evidence',
      who: { kind: 'role', role: 'buyer', name: roles.buyer.name },
      mine: false,
      condition: { key: 'handed_over', name: named('完成交房', 'Home handed over') },
    },
  ],
  conditions: conditions(true),
  releases: [
    {
      id: 'rel_06c8q2v1m40000000000000000',
      ...releases.to_seller,
      state: 'moving',
      to: roles.seller,
      amount: cny(285_999_905),
      requested_at: '2026-11-19T07:00:00Z',
      decided_at: '2026-11-19T08:00:00Z',
      parts: legs,
    },
  ],
  timeline: [
    line('2026-11-19T08:02:00Z', 'release_paid', {
      item: part('deposit'),
      role: roles.seller,
      amount: cny(20_000_000),
    }),
    line('2026-11-19T08:00:00Z', 'release_approved', {
      role: roles.seller,
      amount: cny(285_999_905),
      parameters: { release: releases.to_seller.name },
    }),
    line('2026-11-19T06:20:00Z', 'evidence_added', {
      role: roles.store,
      parameters: { condition: named('完成过户', 'Title transferred') },
    }),
    ...begun,
  ],
  flow: {
    nodes: [
      node('payer:buyer', 'payer', roles.buyer.name, 299_999_900),
      node('item:intention', 'fund', names.intention, 0),
      node('item:deposit', 'fund', names.deposit, 0),
      node('item:price', 'fund', names.price, 13_999_995),
      node('payee:seller', 'payee', roles.seller.name, 20_000_000, '6217 **** 4321'),
    ],
    edges: [
      edge('payer:buyer', 'item:intention', 'payment', 'done', 2_000_000),
      edge('payer:buyer', 'item:deposit', 'payment', 'done', 18_000_000),
      edge('payer:buyer', 'item:price', 'payment', 'done', 279_999_900),
      edge('item:intention', 'item:deposit', 'conversion', 'done', 2_000_000),
      edge('item:deposit', 'payee:seller', 'release', 'done', 20_000_000),
      edge('item:price', 'payee:seller', 'release', 'moving', 265_999_905),
      edge('item:price', 'payee:seller', 'release', 'planned', 13_999_995),
    ],
  },
};

const back = {
  item: part('deposit'),
  to: roles.buyer,
  way: 'acquirer',
  amount: cny(18_000_000),
  state: 'moving',
  at: '2026-11-20T01:30:00Z',
};

/** The deal failed: the deposit goes back, a part of the commission is owed by the store. */
const refunding = {
  ...funding,
  deal: deal('refunding', {
    failure: { key: 'no_fault', name: named('无责解约', 'Nobody at fault') },
  }),
  totals: {
    ...funding.totals,
    paid: cny(28_099_997),
    held: cny(0),
    moving: cny(18_000_000),
    refunded: cny(2_000_000),
    shared: cny(8_099_997),
  },
  items: [
    item('intention', 'refunded', { paid: 2_000_000, refunded: 2_000_000 }),
    item('deposit', 'moving', { paid: 18_000_000, refunding: 18_000_000 }),
    item('commission', 'paid', { paid: 8_099_997, shared: 8_099_997 }),
  ],
  next: [
    {
      key: 'channel_refunds',
      who: { kind: 'bank' },
      mine: false,
      item: part('deposit'),
      to: { key: 'buyer', name: roles.buyer.name },
      amount: cny(18_000_000),
    },
    {
      key: 'settle_shortfall',
      who: { kind: 'role', role: 'store', name: roles.store.name },
      mine: false,
      item: part('commission'),
      amount: cny(8_099_997),
    },
  ],
  refunds: [back, { ...back, item: part('intention'), amount: cny(2_000_000), state: 'paid' }],
  shortfalls: [
    {
      item: part('commission'),
      owed_by: roles.store,
      reason: 'split_spent',
      amount: cny(8_099_997),
    },
  ],
  timeline: [
    line('2026-11-20T01:30:00Z', 'refund_started', { amount: cny(20_000_000) }),
    line('2026-11-20T01:00:00Z', 'cancel_requested', {
      parameters: { failure: named('无责解约', 'Nobody at fault') },
    }),
    ...begun,
  ],
  flow: {
    nodes: [
      node('payer:buyer', 'payer', roles.buyer.name, 26_099_997, '王**'),
      node('item:intention', 'fund', names.intention, 0),
      node('item:deposit', 'fund', names.deposit, 0),
      node('item:commission', 'merchant_item', names.commission, 8_099_997),
    ],
    edges: [
      edge('payer:buyer', 'item:intention', 'payment', 'done', 2_000_000),
      edge('payer:buyer', 'item:deposit', 'payment', 'done', 18_000_000),
      edge('payer:buyer', 'item:commission', 'payment', 'done', 8_099_997),
      edge('item:intention', 'payer:buyer', 'refund', 'done', 2_000_000),
      edge('item:deposit', 'payer:buyer', 'refund', 'moving', 18_000_000),
    ],
  },
};

const nothing = Object.fromEntries(Object.keys(funding.totals).map((key) => [key, cny(0)]));

export const dealAnswers = {
  draft: {
    ...funding,
    deal: deal('draft'),
    totals: { ...nothing, owed: cny(310_099_897) },
    items: [
      item('deposit', 'open', { missing: 20_000_000 }),
      item('price', 'open', { missing: 279_999_900 }),
    ],
    next: [
      {
        key: 'agree',
        who: { kind: 'role', role: 'buyer', name: roles.buyer.name },
        mine: true,
      },
    ],
    timeline: begun.slice(3),
    flow: { nodes: [], edges: [] },
  },
  funding,
  frozen: {
    ...funding,
    deal: deal('funding', { freeze: { items: ['deposit'], until: '2026-12-01T00:00:00Z' } }),
    items: funding.items.map((one) => ({ ...one, frozen: one['key'] === 'deposit' })),
    next: [{ key: 'lift_freeze', who: { kind: 'operator' }, mine: false }],
  },
  releasing,
  refunding,
  released: {
    ...releasing,
    deal: deal('released', { final_at: '2026-11-20T01:00:00Z' }),
    totals: {
      ...nothing,
      owed: cny(299_999_900),
      paid: cny(299_999_900),
      released: cny(299_999_900),
    },
    next: [],
    releases: releasing.releases.map((one) => ({
      ...one,
      state: 'done',
      parts: legs.map((leg) => ({ ...leg, state: 'paid' })),
    })),
  },
};

export type DealAnswer = keyof typeof dealAnswers;
