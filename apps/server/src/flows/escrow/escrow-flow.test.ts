import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  amounts,
  checker,
  codeOf,
  createFlowWorld,
  createSampleDeal,
  escrowBook,
  type FlowWorld,
  findingsOf,
  integrator,
  maker,
  type SampleDeal,
  uuid,
  valued,
} from './test/world.ts';

let world: FlowWorld;
const deals: SampleDeal[] = [];

beforeAll(async () => {
  world = await createFlowWorld();
});
afterAll(async () => {
  await world.close();
});

async function newDeal(): Promise<SampleDeal> {
  const deal = await createSampleDeal(world);
  deals.push(deal);
  return deal;
}

const bring = (deal: SampleDeal, kind: string, role: string) =>
  world.escrow.addEvidence(world.key(), integrator, deal.id, { kind, role, reference: 'T-1' });

const convert = (deal: SampleDeal) =>
  world.escrow.convert(world.key(), maker, deal.id, { from: 'intention', to: 'deposit' });

const release = (deal: SampleDeal, items?: Record<string, bigint>) =>
  world.escrow.requestRelease(world.key(), maker, deal.id, {
    key: 'to_seller',
    ...(items
      ? {
          items: Object.entries(items).map(([key, amount]) => ({
            key,
            amount: { amount, currency: 'CNY' as const },
          })),
        }
      : {}),
  });

/**
 * Pays intention, converts it, pays the rest of the deposit, the price in two parts and the
 * commission.
 */
async function fund(deal: SampleDeal): Promise<void> {
  await world.payByWechat(await deal.order('intention'));
  valued(await convert(deal));
  await world.payByWechat(await deal.order('deposit'));
  const price = await deal.order('price');
  await world.transfer(price, 100_000_000n);
  await world.transfer(price, amounts.price - 100_000_000n);
  await world.payByWechat(await deal.order('commission'));
}

const amountOf = (money: { readonly amount: number }) => BigInt(money.amount);

describe('a deal', () => {
  it('is paid, converted, released on evidence by two people, and paid out by the bank', async () => {
    const deal = await newDeal();
    await fund(deal);
    const funded = await deal.money();
    expect(funded.deal.state).toBe('funded');
    expect(amountOf(funded.totals.held)).toBe(amounts.deposit + amounts.price);
    expect(codeOf(await release(deal))).toBe('release_condition_open');
    valued(await bring(deal, 'title_transfer', 'store'));
    const asked = valued(await release(deal));
    const requested = asked.releases[0];
    expect(requested?.state).toBe('pending_approval');
    const waiting = valued(await world.escrow.releases('pending_approval', { limit: 10 }));
    expect(waiting.items.find(({ deal_id }) => deal_id === asked.deal.id)).toMatchObject({
      deal_number: asked.deal.number,
      deal_title: asked.deal.title,
      amount: { amount: requested?.amount.amount },
      to: { role: 'seller' },
      maker: { id: maker.id },
    });
    const id = uuid(requested?.id ?? '');
    expect(await world.escrow.approveRelease(world.key(), checker, id)).toMatchObject({
      error: { code: 'release_not_settled', values: { date: '2026-11-20' } },
    });
    await world.acquirerSettles();
    expect(codeOf(await world.escrow.approveRelease(world.key(), maker, id))).toBe(
      'approver_is_maker',
    );
    const approved = valued(await world.escrow.approveRelease(world.key(), checker, id));
    expect(approved.deal.state).toBe('releasing');
    await world.bankPays();
    const part = await deal.money();
    expect(part.deal.state).toBe('partially_released');
    expect(part.releases[0]?.state).toBe('done');
    expect(amountOf(part.totals.released)).toBe(amounts.deposit + 284_999_905n);
    valued(await bring(deal, 'handover', 'buyer'));
    const last = valued(
      await world.escrow.requestRelease(world.key(), maker, deal.id, { key: 'at_handover' }),
    );
    const second = uuid(last.releases[1]?.id ?? '');
    valued(await world.escrow.approveRelease(world.key(), checker, second));
    await world.bankPays();
    const done = await deal.money();
    expect(done.deal.state).toBe('released');
    expect(amountOf(done.totals.held)).toBe(0n);
    expect(amountOf(done.totals.released)).toBe(amounts.deposit + amounts.price);
    expect(done.next).toEqual([]);
  });

  it('gives everything back the way it came when it fails after the deposit', async () => {
    const deal = await newDeal();
    await world.payByWechat(await deal.order('intention'));
    valued(await convert(deal));
    await world.payByWechat(await deal.order('deposit'));
    const why = { reason: 'loan refused' };
    const asked = valued(await world.escrow.cancel(world.key(), maker, deal.id, why));
    expect(asked.deal.state).toBe('cancel_requested');
    expect(codeOf(await world.escrow.approveCancel(world.key(), maker, deal.id))).toBe(
      'approver_is_maker',
    );
    const going = valued(await world.escrow.approveCancel(world.key(), checker, deal.id));
    expect(going.deal.state).toBe('refunding');
    const refunds = going.refunds.map(({ item, way, amount }) => [item.key, way, amount.amount]);
    expect(refunds).toEqual([
      ['intention', 'acquirer', 1_000_000n],
      ['deposit', 'acquirer', 4_000_000n],
    ]);
    await world.acquirerRefunds();
    const done = await deal.money();
    expect(done.deal.state).toBe('refunded');
    expect(amountOf(done.totals.refunded)).toBe(amounts.deposit);
    expect(amountOf(done.totals.held)).toBe(0n);
  });

  it('sends transfers back by pay-outs, shares back from their receivers, and a fee with them', async () => {
    const deal = await newDeal();
    await fund(deal);
    const shared = await world.settlement.merchantBalance(deal.merchants.agency);
    expect(valued(shared).items[0]?.pending.amount).toBe(2_429_999n);
    const why = { reason: 'title in dispute' };
    valued(await world.escrow.cancel(world.key(), maker, deal.id, why));
    valued(await world.escrow.approveCancel(world.key(), checker, deal.id));
    await world.bankPays();
    await world.acquirerRefunds();
    const done = await deal.money();
    expect(done.deal.state).toBe('refunded');
    const paid = amounts.deposit + amounts.price + amounts.commission;
    expect(amountOf(done.totals.refunded)).toBe(paid);
    const left = valued(await world.settlement.merchantBalance(deal.merchants.agency));
    expect(left.items[0]?.pending.amount).toBe(0n);
  });

  it('goes on giving a commission back after the acquirer has refused to', async () => {
    const deal = await newDeal();
    await world.payByWechat(await deal.order('commission'));
    const why = { reason: 'loan refused' };
    valued(await world.escrow.cancel(world.key(), maker, deal.id, why));
    valued(await world.escrow.approveCancel(world.key(), checker, deal.id));
    await world.acquirerRefunds('closed');
    const waiting = await deal.money();
    expect(waiting.deal.state).toBe('refunding');
    expect(amountOf((await deal.item('commission')).held)).toBe(amounts.commission);
    valued(await world.escrow.continueRefund(world.key(), checker, deal.id));
    await world.acquirerRefunds();
    const done = await deal.money();
    expect(done.deal.state).toBe('refunded');
    expect(amountOf(done.totals.refunded)).toBe(amounts.commission);
  });

  it('shares a commission with a merchant that plays two of the roles', async () => {
    const deal = await createSampleDeal(world, undefined, true);
    deals.push(deal);
    const order = await deal.order('commission');
    await world.payByWechat(order);
    const [split] = await world.settlement.splitsOf([order]);
    expect(split).toMatchObject({
      state: 'finished',
      receivers: [{ amount: { amount: 7_289_997n } }],
    });
    const { flow } = await deal.money();
    const left = flow.nodes.find(({ kind }) => kind === 'merchant_item');
    expect(left?.amount.amount).toBe(0n);
    const lying = flow.nodes.filter(({ kind }) => kind === 'merchant' || kind === 'fee');
    const sum = lying.reduce((total, { amount }) => total + BigInt(amount.amount), 0n);
    expect(sum).toBe(amounts.commission);
  });

  it('forfeits the deposit to the seller when the buyer is at fault', async () => {
    const deal = await newDeal();
    await world.payByWechat(await deal.order('deposit'));
    const why = { reason: 'buyer withdrew', failure: 'buyer_at_fault' };
    valued(await world.escrow.cancel(world.key(), maker, deal.id, why));
    valued(await world.escrow.approveCancel(world.key(), checker, deal.id));
    await world.bankPays();
    const done = await deal.money();
    expect(done.deal.state).toBe('refunded');
    expect(amountOf(done.totals.released)).toBe(amounts.deposit);
    expect(done.refunds[0]).toMatchObject({ to: { role: 'seller' }, state: 'paid' });
  });

  it('names who owes what was released before the deal failed', async () => {
    const deal = await newDeal();
    await fund(deal);
    await world.acquirerSettles();
    valued(await bring(deal, 'title_transfer', 'store'));
    const asked = valued(await release(deal, { deposit: 5_000_000n }));
    const id = uuid(asked.releases[0]?.id ?? '');
    valued(await world.escrow.approveRelease(world.key(), checker, id));
    await world.bankPays();
    const why = { reason: 'title transfer annulled' };
    valued(await world.escrow.cancel(world.key(), maker, deal.id, why));
    valued(await world.escrow.approveCancel(world.key(), checker, deal.id));
    await world.bankPays();
    await world.acquirerRefunds();
    const done = await deal.money();
    expect(done.deal.state).toBe('partly_refunded');
    expect(done.shortfalls).toMatchObject([
      { item: { key: 'deposit' }, owed_by: { role: 'seller' }, amount: { amount: 5_000_000n } },
    ]);
    expect(done.next).toMatchObject([{ key: 'settle_shortfall', who: { role: 'seller' } }]);
  });

  it('never releases more than is held or agreed, and again only what is left', async () => {
    const deal = await newDeal();
    await fund(deal);
    valued(await bring(deal, 'title_transfer', 'store'));
    expect(codeOf(await release(deal, { deposit: 5_000_001n }))).toBe('release_exceeds_held');
    expect(codeOf(await release(deal, { price: 284_999_906n }))).toBe('release_exceeds_share');
    const asked = valued(await release(deal, { price: 1_000_000n }));
    const id = uuid(asked.releases[0]?.id ?? '');
    valued(await world.escrow.rejectRelease(world.key(), checker, id, 'wrong amount'));
    expect(amountOf((await deal.item('price')).promised)).toBe(0n);
    valued(await release(deal, { price: 284_999_905n }));
    expect(codeOf(await release(deal, { price: 1n }))).toBe('release_exceeds_share');
  });

  it('keeps the money when the bank refuses, and takes it back when a payment is returned', async () => {
    const deal = await newDeal();
    await fund(deal);
    await world.acquirerSettles();
    valued(await bring(deal, 'title_transfer', 'store'));
    const asked = valued(await release(deal, { deposit: 5_000_000n }));
    valued(
      await world.escrow.approveRelease(world.key(), checker, uuid(asked.releases[0]?.id ?? '')),
    );
    await world.bankPays('rejected');
    const failed = await deal.money();
    expect(failed.releases[0]?.state).toBe('failed');
    expect(failed.deal.state).toBe('funded');
    expect(failed.next.map(({ key }) => key)).toContain('retry_release');
    const again = valued(await release(deal, { deposit: 5_000_000n }));
    const second = again.releases[1];
    valued(await world.escrow.approveRelease(world.key(), checker, uuid(second?.id ?? '')));
    await world.bankPays();
    expect((await deal.item('deposit')).released.amount).toBe(5_000_000n);
    const payoutId = (await deal.money()).releases[1]?.parts[0]?.payout_id ?? '';
    const payout = valued(await world.payouts.payout(uuid(payoutId)));
    await world.banks('escrow-main', {
      amount: 5_000_000n,
      endToEndId: `RET${payout.number}`.slice(0, 35),
      returned: { endToEndId: payout.number, reason: 'AC04' },
    });
    const back = await deal.money();
    expect(back.releases[1]?.parts[0]?.state).toBe('returned');
    expect((await deal.item('deposit')).held.amount).toBe(5_000_000n);
  });

  it('is released when the bank pays what it had refused, and drops what was promised anew', async () => {
    const deal = await newDeal();
    await fund(deal);
    await world.acquirerSettles();
    valued(await bring(deal, 'title_transfer', 'store'));
    const asked = valued(await release(deal, { deposit: 5_000_000n }));
    valued(
      await world.escrow.approveRelease(world.key(), checker, uuid(asked.releases[0]?.id ?? '')),
    );
    await world.bankPays('rejected');
    const again = valued(await release(deal, { deposit: 4_000_000n }));
    expect(again.releases[1]?.state).toBe('pending_approval');
    const payoutId = again.releases[0]?.parts[0]?.payout_id ?? '';
    const payout = valued(await world.payouts.payout(uuid(payoutId)));
    const debit = { direction: 'debit', amount: 5_000_000n, endToEndId: payout.number } as const;
    await world.banks('escrow-main', debit);
    const money = await deal.money();
    expect(money.releases.map(({ state }) => state)).toEqual(['done', 'rejected']);
    const item = await deal.item('deposit');
    expect([item.released, item.held, item.promised].map(amountOf)).toEqual([5_000_000n, 0n, 0n]);
    expect(money.deal.state).toBe('partially_released');
  });

  it('takes amounts in its own currency only', async () => {
    const deal = await newDeal();
    const amount = { amount: 1n, currency: 'USD' } as const;
    const asked = { item: 'price', amount };
    expect(codeOf(await world.escrow.openOrder(world.key(), maker, deal.id, asked))).toBe(
      'deal_currency_differs',
    );
  });

  it('moves nothing while it is frozen, here and in the ledger, until the freeze ends', async () => {
    const deal = await newDeal();
    await world.payByWechat(await deal.order('intention'));
    const until = world.platform.clock.now().add({ hours: 2 });
    const order = { items: ['intention'], reason: 'court order', until };
    valued(await world.escrow.freeze(world.key(), maker, deal.id, order));
    expect(codeOf(await convert(deal))).toBe('deal_frozen');
    const item = await deal.item('intention');
    expect(item.frozen).toBe(true);
    const account = { book: escrowBook, code: 2101, owner: uuid(item.id) } as const;
    const [row] = await world.platform.database.query<{ frozenOut: boolean }>(
      'select frozen_out as "frozenOut" from ledger.account where owner = $1',
      [account.owner],
    );
    expect(row?.frozenOut).toBe(true);
    await world.after({ hours: 1 });
    expect((await deal.item('intention')).frozen).toBe(true);
    await world.after({ hours: 2 });
    expect((await deal.item('intention')).frozen).toBe(false);
    valued(await convert(deal));
  });

  it('carries out only as much as there is when a release and a conversion meet', async () => {
    const early = await createEarlyDeal();
    await world.payByWechat(await early.order('intention'));
    valued(await bring(early, 'title_transfer', 'store'));
    const both = await Promise.all([
      convert(early),
      world.escrow.requestRelease(world.key(), maker, early.id, { key: 'intention_out' }),
      convert(early),
      world.escrow.requestRelease(world.key(), maker, early.id, { key: 'intention_out' }),
    ]);
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    const { items } = await early.money();
    const held = items.reduce((sum, item) => sum + BigInt(item.held.amount), 0n);
    expect(held).toBe(amounts.intention);
  });

  it('gives back what arrives after it has failed', async () => {
    const deal = await newDeal();
    await world.payByWechat(await deal.order('intention'));
    const late = await deal.order('price');
    await world.transfer(late, 1_000_000n);
    const why = { reason: 'no loan' };
    valued(await world.escrow.cancel(world.key(), maker, deal.id, why));
    valued(await world.escrow.approveCancel(world.key(), checker, deal.id));
    await world.bankPays();
    await world.acquirerRefunds();
    const done = await deal.money();
    expect(done.deal.state).toBe('refunded');
    expect(amountOf(done.totals.refunded)).toBe(2_000_000n);
    expect((await deal.item('price')).order?.open.amount).toBe(0n);
  });

  it('tells each step once, in its order, without a gap', async () => {
    const deal = deals[0];
    const rows = await world.platform.database.query<{ type: string; sequence: bigint }>(
      `select e.type, e.object_sequence as sequence from platform.event e
        where e.object_id = $1 order by e.object_sequence`,
      [deal?.id],
    );
    expect(rows.map(({ sequence }) => sequence)).toEqual(rows.map((_, index) => BigInt(index + 1)));
    expect(rows[0]?.type).toBe('escrow.deal_created');
    expect(rows.at(-1)?.type).toBe('escrow.deal_released');
  });

  it('leaves books that balance, and items that hold what the ledger holds', async () => {
    expect(await findingsOf(world, deals)).toEqual([]);
  });
});

/** An agreement that may also release the intention money at once. */
async function createEarlyDeal(): Promise<SampleDeal> {
  const { homeSale } = await import('./test/home-sale.ts');
  const early = {
    key: 'intention_out',
    name: { zh: '意向金放款', en: 'Release of the intention money' },
    items: [{ item: 'intention', shareBps: 10_000 }],
    to: 'seller',
    when: ['title_transferred'],
    approval: 'required',
    beforeFunded: true,
  } as const;
  const deal = await createSampleDeal(world, {
    ...homeSale,
    releases: [...homeSale.releases, early],
  });
  deals.push(deal);
  return deal;
}
