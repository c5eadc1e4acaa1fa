import type { Cast, Parties } from './cast.ts';
import { type Answer, DemoError } from './client.ts';
import { until } from './world.ts';

/**
 * The parts of the demo, each over the public API as its user would, and over the world's own
 * doors.
 */

const cny = (fen: number) => ({ amount: fen, currency: 'CNY' });

export async function openDeal(
  { api, run }: Cast,
  parties: Parties,
  key: string,
  items: Readonly<Record<string, number>>,
): Promise<string> {
  const body = {
    agreement_id: parties.agreement,
    title: `朝阳区望京西园 ${key}`,
    city: '北京',
    parties: {
      buyer: { person_id: parties.buyer, bank_account_id: parties.buyerAccount },
      seller: { person_id: parties.seller, bank_account_id: parties.sellerAccount },
      store: { merchant_id: parties.store },
      agency: { merchant_id: parties.agency },
      agent: { merchant_id: parties.agent },
      platform: { merchant_id: parties.platform },
    },
    items: Object.fromEntries(Object.entries(items).map(([item, amount]) => [item, cny(amount)])),
  };
  const deal = await api.post('/v1/deals', body, `${run}-deal-${key}`);
  await api.post(`/v1/deals/${deal.id}/agree`, {}, `${run}-agree-${key}`);
  return deal.id;
}

/** Asks for an item's order and begins to pay it; the same keys at each repeat. */
export async function beginPayment(
  { api, run, world }: Cast,
  deal: string,
  item: string,
  method: string,
): Promise<{ readonly order: string; readonly attempt: Answer }> {
  const { order_id: order } = await api.post(
    `/v1/deals/${deal}/items/${item}/order`,
    {},
    `${run}-order-${deal}-${item}`,
  );
  const key = `${run}-attempt-${deal}-${item}`;
  await api.post(`/v1/orders/${order}/attempts`, { method }, key);
  // Whether an attempt got to its channel may be unknown for a while: then the world moves on.
  const attempt = await until(
    `the attempt on ${item} is ready to be paid`,
    async () => {
      const [latest] = (await api.get(`/v1/orders/${order}`)).attempts ?? [];
      const ready = latest?.code_url ?? latest?.bank_transfer?.account_number;
      return ready === undefined ? undefined : latest;
    },
    { world, step: { minutes: 1 }, steps: 30 },
  );
  return { order, attempt };
}

export async function orderReaches(
  { api, world }: Cast,
  order: string,
  state: string,
): Promise<Answer> {
  return until(
    `order ${order} is ${state}`,
    async () => {
      const view = await api.get(`/v1/orders/${order}`);
      return view.state === state ? view : undefined;
    },
    { world, step: { minutes: 1 }, steps: 20 },
  );
}

/** The order has its money, and so has the item of the deal that it was made for. */
async function itemIsPaid(cast: Cast, deal: string, item: string, order: string): Promise<void> {
  const { paid } = await orderReaches(cast, order, 'succeeded');
  await until(`the item ${item} of deal ${deal} has its money`, async () => {
    const { items } = await cast.api.get(`/v1/deals/${deal}`);
    const found = items.find((one: Answer) => one.key === item);
    return found.paid.amount >= paid.amount ? found : undefined;
  });
}

export async function payByWechat(cast: Cast, deal: string, item: string): Promise<string> {
  const { order, attempt } = await beginPayment(cast, deal, item, 'wechat_native');
  await cast.world.pays(attempt.code_url);
  await itemIsPaid(cast, deal, item, order);
  return order;
}

/** The notice of this payment never arrives: the platform finds it by asking. */
export async function payUnnoticed(cast: Cast, deal: string, item: string): Promise<string> {
  const { order, attempt } = await beginPayment(cast, deal, item, 'wechat_native');
  const match = { out_trade_no: attempt.number };
  await cast.world.fault({ point: 'acquirer.notify', kind: 'drop', times: 1, match });
  await cast.world.pays(attempt.code_url);
  await itemIsPaid(cast, deal, item, order);
  return order;
}

const buyer = { name: '王小明', account: '6222020200112233445' };

/** The price in two transfers to the order's own account number. */
export async function transferInTwoParts(cast: Cast, deal: string, item: string): Promise<string> {
  const { order, attempt } = await beginPayment(cast, deal, item, 'bank_transfer');
  const whole = BigInt(attempt.amount.amount);
  const first = whole / 3n;
  for (const [index, amount] of [first, whole - first].entries()) {
    await cast.world.transfers({
      toAccount: attempt.bank_transfer.account_number,
      amount,
      from: buyer,
      remittance: `房款 ${index + 1}/2`,
      endToEndId: shortId(cast, `price-${index + 1}`, order),
    });
    if (index === 0) await orderReaches(cast, order, 'partially_funded');
  }
  await itemIsPaid(cast, deal, item, order);
  return order;
}

/** A transfer to the master account that says nothing of use: finance finds out whose it is. */
export async function transferWithoutReference(
  cast: Cast,
  deal: string,
  item: string,
  masterAccount: string,
): Promise<string> {
  const { finance, run, world } = cast;
  const { order, attempt } = await beginPayment(cast, deal, item, 'bank_transfer');
  const endToEndId = shortId(cast, 'lost', order);
  await world.transfers({
    toAccount: masterAccount,
    amount: BigInt(attempt.amount.amount),
    from: buyer,
    remittance: '购房款',
    endToEndId,
  });
  const receipt = await until('the transfer is seen in suspense', async () => {
    const { items } = await finance.get('/v1/receipts?state=booked&limit=100');
    return items.find((one: Answer) => one.end_to_end_id === endToEndId);
  });
  const path = `/v1/receipts/${receipt.id}/assign`;
  await finance.post(path, { order_id: order }, `${run}-assign-${deal}`);
  await itemIsPaid(cast, deal, item, order);
  return order;
}

/** An end-to-end id of at most 35 characters that belongs to this run. */
function shortId({ run }: Cast, what: string, order: string): string {
  return `${run}${what}${order.slice(-10)}`.replace(/[^0-9A-Za-z]/g, '').slice(0, 35);
}

export async function convertIntention(cast: Cast, deal: string): Promise<void> {
  const { api, run } = cast;
  const body = { from: 'intention', to: 'deposit' };
  await api.post(`/v1/deals/${deal}/conversions`, body, `${run}-convert-${deal}`);
}

/** Evidence, a request by one person, the approval by another. */
export async function releaseToSeller(cast: Cast, deal: string): Promise<void> {
  await requestRelease(cast, deal);
  await approveRelease(cast, deal);
}

export async function requestRelease(cast: Cast, deal: string): Promise<void> {
  const { api, finance, run } = cast;
  const evidence = {
    kind: 'title_transfer',
    role: 'store',
    reference: '京(2026)朝不动产权第0012345号',
  };
  await api.post(`/v1/deals/${deal}/evidence`, evidence, `${run}-evidence-${deal}`);
  const path = `/v1/deals/${deal}/releases`;
  await finance.post(path, { key: 'to_seller' }, `${run}-release-${deal}`);
}

/** Approves when the acquirer has settled what it took: the world moves on until then. */
export async function approveRelease(cast: Cast, deal: string): Promise<void> {
  const { approver, finance, run, world } = cast;
  const { releases } = await finance.get(`/v1/deals/${deal}/money`);
  const { id } = releases.find((one: Answer) => one.key === 'to_seller');
  const approve = async () => {
    try {
      return await approver.post(`/v1/releases/${id}/approve`, {}, `${run}-approve-${deal}`);
    } catch (error) {
      if (error instanceof DemoError && error.code === 'release_not_settled') return undefined;
      throw error;
    }
  };
  if (await approve()) return;
  // Acquirers pay at nine, and we what they kept at half past ten, on days on which banks are open.
  await world.advanceTo((await world.now()).add({ days: 1 }).with({ hour: 10, minute: 35 }));
  const step = { hours: 6 };
  await until(`the release of deal ${deal} is approved`, approve, { world, step, steps: 40 });
}

export async function failDeal(cast: Cast, deal: string): Promise<void> {
  const { approver, finance, run } = cast;
  const body = { reason: '贷款未获批，双方协商解除', failure: 'no_fault' };
  await finance.post(`/v1/deals/${deal}/cancel`, body, `${run}-cancel-${deal}`);
  await approver.post(`/v1/deals/${deal}/cancel/approve`, {}, `${run}-cancel-approve-${deal}`);
}

export async function dealReaches(
  { api, world }: Cast,
  deal: string,
  states: readonly string[],
): Promise<Answer> {
  return until(
    `deal ${deal} is ${states.join(' or ')}`,
    async () => {
      const view = await api.get(`/v1/deals/${deal}`);
      return states.includes(view.state) ? view : undefined;
    },
    { world, step: { hours: 1 }, steps: 120 },
  );
}

/** Everything that a merchant may take out, to one of its accounts. */
export async function withdraw(
  cast: Cast,
  merchant: string,
  account: string,
): Promise<{ readonly payout: string; readonly amount: number }> {
  const { approver, finance, run } = cast;
  const { items } = await finance.get(`/v1/merchants/${merchant}/balance`);
  const { available } = items.find((one: Answer) => one.available.amount > 0) ?? items[0];
  const body = {
    source: { merchant_id: merchant },
    bank_account_id: account,
    amount: available,
    purpose: 'withdrawal',
    remittance: '佣金提现',
  };
  const payout = await finance.post('/v1/payouts', body, `${run}-withdraw-${merchant}`);
  await approver.post(`/v1/payouts/${payout.id}/approve`, {}, `${run}-payout-${merchant}`);
  return { payout: payout.id, amount: available.amount };
}

export async function payoutReaches(
  { finance, world }: Cast,
  payout: string,
  state: string,
): Promise<Answer> {
  return until(
    `pay-out ${payout} is ${state}`,
    async () => {
      const view = await finance.get(`/v1/payouts/${payout}`);
      return view.state === state ? view : undefined;
    },
    { world, step: { minutes: 30 }, steps: 200 },
  );
}
