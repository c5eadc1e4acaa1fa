import { type Action, anyAmount, cny, type KnownDeal, type Stage, said } from '../stage.ts';

type OnDeal = (stage: Stage, deal: KnownDeal) => Promise<string | undefined>;

/** Something about one of the deals; the younger ones more often. */
function onDeal(name: string, weight: number, act: OnDeal): Action {
  return {
    name,
    weight,
    act: async (stage) => {
      const { deals } = stage.known;
      const deal = stage.random.pick(stage.random.chance(0.7) ? deals.slice(-6) : deals);
      const done = deal && (await act(stage, deal));
      return done === undefined ? undefined : `${deal?.name}: ${done}`;
    },
  };
}

export async function openDeal(stage: Stage): Promise<string | undefined> {
  const { random, known, world } = stage;
  const agreement = random.pick(known.agreements);
  const [buyer, seller] = [random.pick(known.persons), random.pick(known.persons)];
  if (!agreement || !buyer || !seller) return undefined;
  const { terms } = agreement;
  const account = (of: typeof buyer) => {
    const id = random.pick(of.accounts);
    return random.chance(0.95) ? { bank_account_id: id } : {};
  };
  const merchant = () => ({ merchant_id: random.pick(known.merchants)?.id });
  const body = {
    agreement_id: agreement.id,
    title: `deal ${known.deals.length + 1}`,
    city: '北京',
    parties: {
      buyer: { person_id: buyer.id, ...account(buyer) },
      seller: { person_id: seller.id, ...account(seller) },
      store: merchant(),
      agency: merchant(),
      agent: merchant(),
      platform: merchant(),
    },
    items: Object.fromEntries(terms.items.map(({ key }) => [key, cny(anyAmount(stage))])),
  };
  const reply = await stage.call(world.people.shop, 'open deal', '/v1/deals', body);
  if (reply.status >= 400) return said(reply);
  const name = `deal ${known.deals.length + 1}`;
  known.deals.push({ id: reply.body.id, name, terms });
  return `${name} by ${terms.items.map(({ key }) => key).join(', ')}: ${said(reply)}`;
}

async function order(stage: Stage, deal: KnownDeal): Promise<string | undefined> {
  const { random, known, world } = stage;
  const item = random.pick(deal.terms.items);
  if (!item) return undefined;
  const amount = random.chance(0.2) ? { amount: cny(anyAmount(stage)) } : {};
  const hours = random.integer(1, 60);
  const soon = world.now().add({ hours }).toInstant().toString();
  const expires = random.chance(0.3) ? { expires_at: soon } : {};
  const path = `/v1/deals/${deal.id}/items/${item.key}/order`;
  const reply = await stage.call(world.people.shop, 'order', path, { ...amount, ...expires });
  if (reply.status >= 400) return `${item.key} ${said(reply)}`;
  const name = `order ${known.orders.length + 1}`;
  known.orders.push({ id: reply.body.order_id, name, methods: item.methods });
  return `${item.key} asks for ${name}`;
}

async function convert(stage: Stage, deal: KnownDeal): Promise<string | undefined> {
  const { random, world } = stage;
  const rule = random.pick(deal.terms.conversions);
  if (!rule) return undefined;
  const amount = random.chance(0.4) ? { amount: cny(anyAmount(stage)) } : {};
  const body = { from: rule.from, to: rule.to, ...amount };
  const path = `/v1/deals/${deal.id}/conversions`;
  return said(await stage.call(world.people.shop, 'convert', path, body));
}

async function evidence(stage: Stage, deal: KnownDeal): Promise<string | undefined> {
  const condition = stage.random.pick(deal.terms.conditions);
  if (!condition) return undefined;
  const body = { kind: condition.evidence, role: condition.by, reference: 'No. 12345' };
  const path = `/v1/deals/${deal.id}/evidence`;
  return `${body.kind} ${said(await stage.call(stage.world.people.shop, 'evidence', path, body))}`;
}

async function release(stage: Stage, deal: KnownDeal): Promise<string | undefined> {
  const { random, world } = stage;
  const terms = random.pick(deal.terms.releases);
  if (!terms) return undefined;
  const one = random.pick(deal.terms.items);
  const some = random.chance(0.25) && one ? { [one.key]: cny(anyAmount(stage)) } : undefined;
  const body = { key: terms.key, ...(some ? { items: some } : {}) };
  const path = `/v1/deals/${deal.id}/releases`;
  const person = random.oneOf([world.people.finance, world.people.shop, world.people.approver]);
  return `${terms.key} ${said(await stage.call(person, 'release', path, body))}`;
}

async function cancel(stage: Stage, deal: KnownDeal): Promise<string | undefined> {
  const { random, world } = stage;
  const terms = random.pick(deal.terms.failures);
  const body = { reason: '双方协商解除', ...(terms ? { failure: terms.key } : {}) };
  const person = random.oneOf([world.people.finance, world.people.shop]);
  const path = `/v1/deals/${deal.id}/cancel`;
  return `${body.failure} ${said(await stage.call(person, 'cancel', path, body))}`;
}

async function freeze(stage: Stage, deal: KnownDeal): Promise<string | undefined> {
  const { random, world } = stage;
  const one = random.pick(deal.terms.items);
  const hours = random.integer(1, 30);
  const body = {
    reason: '法院协助冻结',
    ...(random.chance(0.5) && one ? { items: [one.key] } : {}),
    ...(random.chance(0.5) ? { until: world.now().add({ hours }).toInstant().toString() } : {}),
  };
  const path = `/v1/deals/${deal.id}/freeze`;
  return said(await stage.call(world.people.finance, 'freeze', path, body));
}

/** What only needs a deal and a person. */
function plain(name: string, weight: number, who: 'shop' | 'approver', path: string): Action {
  return onDeal(name, weight, async (stage, deal) =>
    said(await stage.call(stage.world.people[who], name, `/v1/deals/${deal.id}/${path}`)),
  );
}

async function decideRelease(stage: Stage): Promise<string | undefined> {
  const { random, world } = stage;
  const waiting = random.pick(await stage.list('/v1/releases?state=pending_approval&limit=100'));
  if (!waiting) return undefined;
  const path = `/v1/releases/${waiting.id}`;
  if (random.chance(0.15)) {
    const reply = await stage.call(world.people.approver, 'reject release', `${path}/reject`, {
      reason: '材料不全',
    });
    return `rejected: ${said(reply)}`;
  }
  return said(await stage.call(world.people.approver, 'approve release', `${path}/approve`));
}

/** The shop looks at a deal's money now and then. */
async function look(stage: Stage, deal: KnownDeal): Promise<string | undefined> {
  return said(await stage.world.people.shop.get(`/v1/deals/${deal.id}/money`));
}

export const dealActions: readonly Action[] = [
  { name: 'open deal', weight: 2, act: openDeal },
  plain('agree', 2, 'shop', 'agree'),
  onDeal('order', 6, order),
  onDeal('convert', 5, convert),
  onDeal('evidence', 3, evidence),
  onDeal('release', 6, release),
  { name: 'decide release', weight: 8, act: decideRelease },
  onDeal('cancel', 3, cancel),
  plain('approve cancel', 3, 'approver', 'cancel/approve'),
  plain('withdraw cancel', 1, 'shop', 'cancel/withdraw'),
  plain('continue refund', 3, 'approver', 'refunds'),
  onDeal('freeze', 1, freeze),
  plain('unfreeze', 2, 'approver', 'unfreeze'),
  onDeal('look', 2, look),
];
