import { checkLedger } from '@keyturn/ledger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  amounts,
  checker,
  createFlowWorld,
  createSampleDeal,
  type FlowWorld,
  findingsOf,
  integrator,
  maker,
  ownBook,
  reserveBook,
  type SampleDeal,
  uuid,
  valued,
} from '../escrow/test/world.ts';

let world: FlowWorld;
let deal: SampleDeal;

beforeAll(async () => {
  world = await createFlowWorld();
  deal = await createSampleDeal(world);
});
afterAll(async () => {
  await world.close();
});

/** 0.6 % of 80,999.97 yuan, half up. */
const fee = 48_600n;
const settle = (amount: bigint, remittance: string) =>
  world.banks('reserve-main', { amount, remittance });
const pending = (merchant: string) =>
  world.balance({ book: reserveBook, code: 2002, owner: merchant });
const available = (merchant: string) =>
  world.balance({ book: reserveBook, code: 2003, owner: merchant });

describe('settlement', () => {
  it('shares a commission out when it is paid, with the fee and its VAT apart', async () => {
    await world.payByWechat(await deal.order('commission'));
    const { store, agency } = deal.merchants;
    expect((await pending(store)).available).toBe(4_859_998n);
    expect((await pending(agency)).available).toBe(2_429_999n);
    const income = await world.balance({ book: reserveBook, code: 4001, owner: 'commission' });
    const vat = await world.balance({ book: reserveBook, code: 2304, owner: '600' });
    expect(income.posted + vat.posted).toBe(810_000n);
    const { flow } = await deal.money();
    const shares = flow.edges.filter(({ kind }) => kind === 'share' || kind === 'fee');
    const sum = shares.reduce((total, { amount }) => total + BigInt(amount.amount), 0n);
    expect(sum).toBe(amounts.commission);
  });

  it('keeps what is earned pending until its day has come and the channel has paid', async () => {
    // Friday 20 November; the next bank day is Monday. The acquirer has not paid yet.
    world.platform.clock.set('2026-11-23T02:30:00Z');
    await world.work();
    expect((await available(deal.merchants.store)).available).toBe(0n);
    const view = valued(await world.settlement.merchantBalance(deal.merchants.store));
    const open = view.items.find(({ book }) => book === reserveBook)?.windows[0];
    expect(open).toMatchObject({ trade_date: '2026-11-20', waits_for_channel: true });
  });

  it('books an acquirer that pays short, tells the difference, and waits for the rest', async () => {
    await settle(amounts.commission - fee - 100n, 'WXSETTLE 1900000001 20261120');
    const page = valued(await world.settlement.channelSettlements('wx-reserve', { limit: 10 }));
    expect(page.items[0]).toMatchObject({
      trade_date: '2026-11-20',
      state: 'different',
      difference: { amount: -100n },
    });
    const receivable = { book: reserveBook, code: 1101, owner: 'wx-reserve' } as const;
    expect((await world.balance(receivable)).posted).toBe(100n);
    await world.after({ minutes: 30 });
    expect((await available(deal.merchants.store)).available).toBe(0n);
    await settle(100n, 'WXSETTLE 1900000001 20261120');
    expect((await world.balance(receivable)).posted).toBe(0n);
  });

  it('makes it available then, once', async () => {
    await world.after({ minutes: 30 });
    expect((await available(deal.merchants.store)).available).toBe(4_859_998n);
    expect((await pending(deal.merchants.store)).available).toBe(0n);
    await world.after({ hours: 5 });
    expect((await available(deal.merchants.store)).available).toBe(4_859_998n);
  });

  it('pays the acquirer’s fee into the client book with own money, by a real transfer', async () => {
    const claim = { book: reserveBook, code: 1301, owner: ownBook } as const;
    const debt = { book: ownBook, code: 2401, owner: reserveBook } as const;
    expect((await world.balance(claim)).posted).toBe(fee);
    expect((await world.balance(debt)).available).toBe(0n);
    await world.bankPays();
    expect((await world.balance(debt)).posted).toBe(0n);
    const [sent] = await world.platform.database.query<{ number: string }>(
      'select payout_number as number from settlement.fee_top_up',
    );
    await world.banks('reserve-main', {
      amount: fee,
      endToEndId: sent?.number ?? '',
      remittance: 'TOPUP 20261123 reserve-main',
    });
    expect((await world.balance(claim)).posted).toBe(0n);
  });

  it('takes available money back when the deal fails, and names what a receiver has spent', async () => {
    const { agency } = deal.merchants;
    const account = await world.parties.addBankAccount(world.key(), integrator, {
      ownerKind: 'merchant',
      ownerId: agency,
      number: '62220000000099999',
      bankCode: '102100099996',
      bankName: 'Bank',
    });
    const spent = valued(
      await world.payouts.create(world.key(), maker, {
        source: { kind: 'merchant', id: agency },
        custodyAccountId: 'reserve-main',
        bankAccountId: uuid(valued(account).id),
        amount: { amount: 2_000_000n, currency: 'CNY' },
        purpose: 'withdrawal',
        remittance: 'withdrawal',
      }),
    );
    valued(await world.payouts.approve(world.key(), checker, uuid(spent.id)));
    await world.bankPays();
    const why = { reason: 'deal failed' };
    valued(await world.escrow.cancel(world.key(), maker, deal.id, why));
    const going = valued(await world.escrow.approveCancel(world.key(), checker, deal.id));
    expect(going.shortfalls).toMatchObject([
      { owed_by: { role: 'agency' }, reason: 'split_spent', amount: { amount: 2_000_000n } },
    ]);
    await world.acquirerRefunds();
    const done = await deal.money();
    expect(done.deal.state).toBe('partly_refunded');
    expect(done.totals.refunded.amount).toBe(amounts.commission - 2_000_000n);
  });

  it('gives the rest back once the receiver has earned it elsewhere', async () => {
    const { agency } = deal.merchants;
    const order = valued(
      await world.payments.createOrder(world.key(), integrator, {
        purpose: 'advice',
        subject: 'Advice',
        amount: { amount: 3_000_000n, currency: 'CNY' },
        destination: { kind: 'merchant', id: agency },
        methods: ['wechat_native'],
      }),
    );
    await world.payByWechat(uuid(order.id));
    expect((await pending(agency)).available).toBe(3_000_000n);
    const going = valued(await world.escrow.continueRefund(world.key(), checker, deal.id));
    expect(going.deal).not.toHaveProperty('final_at');
    expect((await pending(agency)).available).toBe(1_000_000n);
    await world.acquirerRefunds();
    const done = await deal.money();
    expect(done.deal.state).toBe('refunded');
    expect(done.shortfalls).toEqual([]);
    expect(done.totals.refunded.amount).toBe(amounts.commission);
  });

  it('settles nothing that was refunded, and nothing of a day that is not paid instead', async () => {
    const made = { name: 'shop', kind: 'store' } as const;
    const shop = uuid(valued(await world.parties.createMerchant(world.key(), integrator, made)).id);
    const earn = async (amount: bigint) => {
      const order = await world.payments.createOrder(world.key(), integrator, {
        purpose: 'advice',
        subject: 'Advice',
        amount: { amount, currency: 'CNY' },
        destination: { kind: 'merchant', id: shop },
        methods: ['wechat_native'],
      });
      const id = uuid(valued(order).id);
      await world.payByWechat(id);
      return id;
    };
    world.platform.clock.set('2026-12-01T02:00:00Z');
    const first = await earn(1_000_000n);
    world.platform.clock.set('2026-12-02T02:00:00Z');
    await earn(500_000n);
    await world.payments.requestRefund(world.key(), integrator, {
      orderId: first,
      amount: 400_000n,
      currency: 'CNY',
      reason: 'too much',
    });
    await world.acquirerRefunds();
    await settle(1_000_000n - 6_000n, 'WXSETTLE 1900000001 20261201');
    await world.after({ hours: 2 });
    expect((await available(shop)).available).toBe(600_000n);
    expect((await pending(shop)).available).toBe(500_000n);
  });

  it('leaves books that balance', async () => {
    expect((await checkLedger(world.platform.database)).findings).toEqual([]);
    expect(await findingsOf(world, [deal])).toEqual([]);
  });
});
