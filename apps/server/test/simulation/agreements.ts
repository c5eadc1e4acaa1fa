import type { Random } from '@keyturn/testkit';

/** An agreement as an integrator sends it. */
export type AgreementDraft = ReturnType<typeof anyAgreement>;

const named = (key: string) => ({ key, name: { zh: key, en: key } });

const methods = ['wechat_native', 'wechat_h5', 'bank_transfer'];

function someMethods(random: Random): readonly string[] {
  const some = methods.filter(() => random.chance(0.6));
  return some.length === 0 ? ['wechat_native'] : some;
}

function escrowed(random: Random, key: string, beneficiary: string, required = true) {
  return {
    ...named(key),
    payer: 'buyer',
    beneficiary,
    regime: key === 'service' ? 'reserve' : 'escrow',
    destination: 'escrowed',
    refundable: true,
    required,
    methods: someMethods(random),
  };
}

function commission(random: Random) {
  const fee = { product: 'brokerage', bps: random.integer(0, 300), vat_bps: 600 };
  const receivers = ['store', 'agency', 'agent', 'platform']
    .filter((role) => role === 'agency' || random.chance(0.7))
    .map((role) => ({ role, weight: random.integer(1, 100) }));
  return {
    ...named('commission'),
    payer: 'buyer',
    beneficiary: 'store',
    regime: 'reserve',
    destination: 'merchant',
    refundable: true,
    required: random.chance(0.7),
    methods: someMethods(random),
    ...(random.chance(0.8) ? { split: { receivers, ...(random.chance(0.6) ? { fee } : {}) } } : {}),
  };
}

const approval = (random: Random) => (random.chance(0.7) ? 'required' : 'not_required');

/** Seller's items go out at once, or in two shares. */
function releases(random: Random, keys: ReadonlySet<string>) {
  const share = random.oneOf([10_000, 10_000, 3_000, 3_333, 5_000]);
  const sellers = ['deposit', 'price'].filter((key) => keys.has(key));
  const part = (bps: number) => sellers.map((item) => ({ item, share_bps: bps }));
  const out = (key: string, to: string, items: readonly object[], when: readonly string[]) => ({
    ...named(key),
    items,
    to,
    when,
    approval: approval(random),
    before_funded: random.chance(0.3),
  });
  const list = [out('to_seller', 'seller', part(share), ['title'])];
  if (share < 10_000) list.push(out('rest', 'seller', part(10_000 - share), ['handover']));
  if (keys.has('guarantee')) {
    list.push(out('to_store', 'store', [{ item: 'guarantee' }], ['handover']));
  }
  if (keys.has('service')) list.push(out('to_agency', 'agency', [{ item: 'service' }], []));
  return list;
}

function failure(random: Random, key: string, items: readonly string[], forfeited: string[]) {
  return {
    ...named(key),
    items: items.map((item) => ({
      item,
      action: forfeited.includes(item) ? 'forfeit' : 'refund',
    })),
    fee_returned: random.chance(0.5),
    approval: approval(random),
  };
}

/** The sale of a home with some of its fund items, shares, conversions and ways to fail. */
export function anyAgreement(random: Random) {
  const items = [
    escrowed(random, 'deposit', 'seller'),
    ...(random.chance(0.6) ? [escrowed(random, 'intention', 'seller', false)] : []),
    ...(random.chance(0.7) ? [escrowed(random, 'price', 'seller')] : []),
    ...(random.chance(0.5) ? [escrowed(random, 'guarantee', 'store', random.chance(0.5))] : []),
    ...(random.chance(0.4) ? [escrowed(random, 'service', 'agency', false)] : []),
    ...(random.chance(0.7) ? [commission(random)] : []),
  ];
  const keys = items.map(({ key }) => key);
  const has = new Set(keys);
  const conversion = (from: string, to: string) =>
    has.has(from) && has.has(to) ? [{ from, to, mode: random.oneOf(['towards', 'on_top']) }] : [];
  const person = (key: string) => ({ ...named(key), kind: 'person' });
  const merchant = (key: string) => ({ ...named(key), kind: 'merchant' });
  return {
    roles: [
      person('buyer'),
      person('seller'),
      ...['store', 'agency', 'agent', 'platform'].map(merchant),
    ],
    items,
    conditions: [
      { ...named('title'), evidence: 'title_transfer', by: 'store' },
      { ...named('handover'), evidence: 'handover', by: 'seller' },
    ],
    releases: releases(random, has),
    conversions: [...conversion('intention', 'deposit'), ...conversion('deposit', 'guarantee')],
    failures: [
      failure(random, 'no_fault', keys, []),
      failure(random, 'buyer_fault', keys, ['deposit', 'intention']),
    ],
  };
}
