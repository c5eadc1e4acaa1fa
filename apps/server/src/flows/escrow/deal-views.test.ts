import { encodeId, present } from '@keyturn/kernel';
import { toJson } from '@keyturn/pipeline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  amounts,
  codeOf,
  createFlowWorld,
  createSampleDeal,
  type FlowWorld,
  integrator,
  maker,
  otherIntegrator,
  type SampleDeal,
  uuid,
  valued,
} from './test/world.ts';

let world: FlowWorld;
let deal: SampleDeal;

beforeAll(async () => {
  world = await createFlowWorld();
  deal = await createSampleDeal(world);
});
afterAll(async () => {
  await world.close();
});

const seenBy = async (role: string) => {
  const link = valued(await world.escrow.createLink(integrator, deal.id, role));
  return valued(await world.escrow.dealOfLink(link.token));
};

describe('what people see of a deal’s money', () => {
  it('says at each moment who has to do what', async () => {
    const open = await deal.money();
    expect(open.next.map(({ key, item }) => `${key} ${item?.key ?? ''}`)).toEqual([
      'open_order deposit',
      'open_order price',
      'open_order commission',
      'bring_evidence ',
      'bring_evidence ',
    ]);
    await world.payByWechat(await deal.order('intention'));
    const price = await deal.order('price');
    const paying = await deal.money();
    expect(paying.next[0]).toMatchObject({
      key: 'convert',
      item: { key: 'intention' },
      to: { key: 'deposit' },
      amount: { amount: amounts.intention },
    });
    expect(paying.next.find(({ key }) => key === 'pay')).toMatchObject({
      who: { kind: 'role', role: 'buyer', name: { en: 'Buyer', zh: '买方' } },
      amount: { amount: amounts.price },
    });
    await world.transfer(price, 50_000_000n);
    const item = await deal.item('price');
    expect(item).toMatchObject({ state: 'partly_paid', held: { amount: 50_000_000n } });
    expect(item.order?.open.amount).toBe(amounts.price - 50_000_000n);
  });

  it('draws what is paid, waits and is planned, with amounts that agree with the items', async () => {
    const { flow, items } = await deal.money();
    for (const item of items.filter(({ escrowed }) => escrowed)) {
      const node = flow.nodes.find(({ id }) => id === `item:${item.key}`);
      expect(node).toMatchObject({ amount: item.held, label: { name: item.name } });
      const asked = flow.edges
        .filter(({ to, kind }) => to === `item:${item.key}` && kind === 'payment')
        .reduce((sum, { amount }) => sum + BigInt(amount.amount), 0n);
      expect(asked <= BigInt(item.amount.amount)).toBe(true);
    }
    const ids = new Set(flow.nodes.map(({ id }) => id));
    for (const { from, to } of flow.edges) expect(ids.has(from) && ids.has(to)).toBe(true);
    const planned = flow.edges.filter(
      ({ kind, to }) => kind === 'release' && to === 'payee:seller',
    );
    const sum = planned.reduce((total, { amount }) => total + BigInt(amount.amount), 0n);
    expect(sum).toBe(amounts.deposit + amounts.price);
  });

  it('tells the story newest first, in keys that the page translates', async () => {
    const { timeline } = await deal.money();
    expect(timeline.map(({ key }) => key)).toEqual([
      'item_paid',
      'order_opened',
      'item_paid',
      'order_opened',
      'deal_agreed',
      'role_agreed',
      'role_agreed',
      'role_agreed',
      'role_agreed',
      'deal_created',
    ]);
    expect(timeline[0]).toMatchObject({
      item: { key: 'price', name: { zh: '房款', en: 'Price' } },
      role: { role: 'buyer' },
      amount: { amount: 50_000_000n },
    });
  });

  it('shows a party what concerns it, and nobody else’s account, name or share', async () => {
    const all = await deal.money();
    const account = all.flow.nodes.find(({ id }) => id === 'payee:seller')?.label.text ?? '';
    expect(account).toMatch(/\*/);
    const seller = await seenBy('seller');
    expect(seller.items.map(({ key }) => key)).toEqual(['intention', 'deposit', 'price']);
    expect(seller.viewer?.account).toBe(account);
    const buyer = await seenBy('buyer');
    expect(buyer.items).toHaveLength(4);
    expect(toJson(buyer)).not.toContain(account);
    expect(buyer.flow.edges.filter(({ kind }) => kind === 'share' || kind === 'fee')).toEqual([]);
    expect(toJson(buyer)).not.toContain(maker.id);
    expect(buyer.next.find(({ key }) => key === 'pay')?.mine).toBe(true);
    expect(seller.next.find(({ key }) => key === 'pay')?.mine).toBe(false);
    const agency = await seenBy('agency');
    expect(agency.items.map(({ key }) => key)).toEqual(['commission']);
  });

  it('leads a party to paying what it owes, and nobody else to that', async () => {
    const open = async (role: string, item: string, key: string) => {
      const link = valued(await world.escrow.createLink(integrator, deal.id, role));
      const party = valued(await world.escrow.partyOfLink(link.token));
      return world.escrow.payItem(key, party, item);
    };
    const orderOf = async ({ token }: { token: string }) =>
      valued(await world.payments.orderOfToken(token));
    expect(codeOf(await open('seller', 'commission', 'p:1'))).toBe('item_not_yours');
    expect(codeOf(await open('buyer', 'garage', 'p:2'))).toBe('item_not_yours');
    // Nobody has made an order for it: the party's click does.
    const first = await orderOf(valued(await open('buyer', 'commission', 'p:3')));
    const { open: owed } = present((await deal.item('commission')).order, 'an order');
    expect(owed.amount).toBe(amounts.commission);
    expect(await orderOf(valued(await open('buyer', 'commission', 'p:3')))).toBe(first);
    expect(await orderOf(valued(await open('buyer', 'commission', 'p:4')))).toBe(first);
    const { items } = valued(await world.payments.ordersOf([uuid((await deal.item('price')).id)]));
    expect(items[0]).toMatchObject({
      subject: expect.stringContaining('房款'),
      description: expect.stringContaining('交易编号'),
      english: { subject: expect.stringContaining('Price') },
    });
  });

  it('is found by what orders and pay-outs refer to', async () => {
    const find = async (referenceId: string, by = maker) =>
      valued(await world.escrow.deals({ limit: 5, referenceId }, by)).items.map(({ id }) => id);
    const item = uuid((await deal.item('price')).id);
    expect(await find(item)).toEqual([encodeId('deal', deal.id)]);
    expect(await find(deal.id)).toEqual([encodeId('deal', deal.id)]);
    expect(await find(item, otherIntegrator)).toEqual([]);
    expect(await find('01990000-0000-7000-8000-00000000dead')).toEqual([]);
  });

  it('is not for others: another integrator, a role that is not there, a link that is over', async () => {
    expect(codeOf(await world.escrow.dealMoney(deal.id, otherIntegrator))).toBe('deal_not_found');
    expect(codeOf(await world.escrow.createLink(integrator, deal.id, 'notary'))).toBe(
      'deal_key_unknown',
    );
    expect(codeOf(await world.escrow.dealOfLink('x'.repeat(43)))).toBe('deal_link_unknown');
    const link = valued(await world.escrow.createLink(integrator, deal.id, 'buyer'));
    world.platform.clock.advance({ hours: 24 * 181 });
    expect(codeOf(await world.escrow.dealOfLink(link.token))).toBe('deal_link_unknown');
  });
});
