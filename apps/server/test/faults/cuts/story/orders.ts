import { bookId, createLedgerUnit } from '@keyturn/ledger';
import { orderReaches, payoutReaches } from '../../../../src/main/demo/acts.ts';
import type { Cast, Parties } from '../../../../src/main/demo/cast.ts';
import type { Answer } from '../../../../src/main/demo/client.ts';
import { until } from '../../../../src/main/demo/world.ts';
import { uuidOf } from '../../../../src/platform/index.ts';
import type { TestWorld } from '../../../world.ts';

const cny = (fen: number) => ({ amount: fen, currency: 'CNY' });

async function makeOrder(
  { api, run }: Cast,
  what: string,
  destination: Readonly<Record<string, string>>,
  fen: number,
): Promise<string> {
  const body = {
    amount: cny(fen),
    purpose: 'top_up',
    subject: '充值',
    destination,
    methods: ['wechat_native'],
  };
  return (await api.post('/v1/orders', body, `${run}-order-${what}`)).id;
}

/** @returns the acquirer's number of the payment */
async function pay({ api, run, world }: Cast, what: string, order: string): Promise<string> {
  const method = { method: 'wechat_native' };
  const begun = await api.post(`/v1/orders/${order}/attempts`, method, `${run}-pay-${what}`);
  await world.pays(begun.code_url);
  return begun.number;
}

/** An order of a store that shares it, paid by a link to the cashier; a little is given back. */
export async function share(cast: Cast, { store, agency }: Parties): Promise<string> {
  const { api, run } = cast;
  const order = await makeOrder(cast, 'shared', { merchant_id: store }, 600_000);
  const receivers = [
    { merchant_id: store, weight: 2 },
    { merchant_id: agency, weight: 1 },
  ];
  await api.post('/v1/splits', { order_id: order, receivers }, `${run}-split`);
  await api.post(`/v1/orders/${order}/cashier-sessions`, {}, `${run}-link`);
  await pay(cast, 'shared', order);
  await orderReaches(cast, order, 'succeeded');
  await until('the order is shared out', async () => {
    const { items } = await cast.finance.get(`/v1/splits?order_id=${order}`);
    return items[0].state === 'finished' ? true : undefined;
  });
  const little = { amount: cny(1_000), reason: '多付' };
  const refund = await api.post(`/v1/orders/${order}/refunds`, little, `${run}-refund-shared`);
  await refundReaches(cast, refund.id, 'succeeded');
  return order;
}

/** Money of a person, of which some is asked back: refused by people, by the acquirer, given. */
export async function askBack(cast: Cast, { buyer }: Parties): Promise<string> {
  const { api, approver, finance, run, world } = cast;
  const order = await makeOrder(cast, 'person', { person_id: buyer }, 40_000_000);
  const number = await pay(cast, 'person', order);
  await orderReaches(cast, order, 'succeeded');
  const ask = (what: string, fen: number) => {
    const body = { amount: cny(fen), reason: '多付' };
    return api.post(`/v1/orders/${order}/refunds`, body, `${run}-refund-${what}`);
  };
  const stopped = await ask('stopped', 11_000_000);
  await approver.post(`/v1/refunds/${stopped.id}/reject`, {}, `${run}-refund-reject`);
  const large = await ask('large', 11_000_000);
  await approver.post(`/v1/refunds/${large.id}/approve`, {}, `${run}-refund-approve`);
  await refundReaches(cast, large.id, 'succeeded');
  const refuse = { point: 'acquirer.refund', kind: 'refuse', code: 'NOT_ENOUGH' };
  await world.fault({ ...refuse, match: { out_trade_no: number } });
  const small = await ask('small', 1_000);
  await refundReaches(cast, small.id, 'failed');
  await finance.post(`/v1/refunds/${small.id}/retry`, {}, `${run}-refund-retry`);
  await refundReaches(cast, small.id, 'succeeded');
  return order;
}

async function refundReaches({ api }: Cast, id: string, state: string): Promise<Answer> {
  return until(`refund ${id} is ${state}`, async () => {
    const refund = await api.get(`/v1/refunds/${id}`);
    return refund.state === state ? refund : undefined;
  });
}

/**
 * A payment whose destination takes no money: it waits in suspense, and gets there a quarter of an
 * hour after it could.
 */
export async function payWhileFrozen(
  { platform }: TestWorld,
  cast: Cast,
  { seller }: Parties,
): Promise<string> {
  const owner = uuidOf('per', seller, 'seller');
  const account = { book: bookId('kt-pay', 'reserve', 'CNY'), code: 2001, owner } as const;
  const freeze = (incoming: boolean) =>
    platform.database.transaction(async (tx) => {
      const ledger = createLedgerUnit();
      await ledger.load(tx, { accounts: [account] }, platform.clock.now());
      ledger.freeze(account, { in: incoming, out: false });
      ledger.flush(tx);
    });
  await freeze(true);
  const order = await makeOrder(cast, 'frozen', { person_id: seller }, 200_000);
  await pay(cast, 'frozen', order);
  await until('the payment waits in suspense', async () => {
    const { attempts } = await cast.api.get(`/v1/orders/${order}`);
    return attempts[0]?.state === 'succeeded' ? order : undefined;
  });
  await freeze(false);
  const now = await cast.world.now();
  await cast.world.advanceTo(now.add({ minutes: 16 }));
  await orderReaches(cast, order, 'succeeded');
  return order;
}

/** Three pay-outs of a person: one is stopped, one arrives, one comes back two hours later. */
export async function withdraw(
  cast: Cast,
  { buyer, buyerAccount }: Parties,
  closedAccount: string,
): Promise<readonly Answer[]> {
  const { approver, finance, run, world } = cast;
  const make = (what: string, account: string) => {
    const body = {
      source: { person_id: buyer },
      bank_account_id: account,
      amount: cny(100_000),
      purpose: 'withdrawal',
      remittance: '提现',
    };
    return finance.post('/v1/payouts', body, `${run}-payout-${what}`);
  };
  const stopped = await make('stopped', buyerAccount);
  const why = { reason: '资料不全' };
  await approver.post(`/v1/payouts/${stopped.id}/reject`, why, `${run}-payout-reject`);
  const send = async (what: string, account: string) => {
    const { id } = await make(what, account);
    await approver.post(`/v1/payouts/${id}/approve`, {}, `${run}-payout-approve-${what}`);
    return payoutReaches(cast, id, 'paid');
  };
  const paid = await send('paid', buyerAccount);
  const { id } = await send('returned', closedAccount);
  await world.advanceTo((await world.now()).add({ hours: 2, minutes: 1 }));
  return [paid, await payoutReaches(cast, id, 'returned')];
}
