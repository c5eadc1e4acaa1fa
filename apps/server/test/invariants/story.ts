import { createRandom } from '@keyturn/testkit';
import { agreementTerms } from '../../src/main/demo/agreement.ts';
import type { Answer } from '../../src/main/demo/client.ts';
import type { Person } from '../simulation/people.ts';
import { cny, createStage, type Stage } from '../simulation/stage.ts';
import type { SimulatedWorld } from '../simulation/world.ts';

/** Calls that must succeed, each with all that it leads to. */
interface Told {
  readonly stage: Stage;
  do(person: Person, path: string, body?: unknown): Promise<Answer>;
}

function tell(world: SimulatedWorld): Told {
  const stage = createStage(world, createRandom(1));
  return {
    stage,
    do: async (person, path, body) => {
      const reply = await stage.call(person, path, path, body);
      if (reply.status >= 400) throw new Error(`${path}: ${JSON.stringify(reply.body)}`);
      await world.rest();
      return reply.body;
    },
  };
}

interface Parties {
  readonly agreement: string;
  readonly roles: Readonly<Record<string, object>>;
  readonly store: Answer;
  /** Accounts of the store, by how their numbers end. */
  readonly accounts: Readonly<Record<string, string>>;
}

async function gather(told: Told): Promise<Parties> {
  const { shop, finance, approver } = told.stage.world.people;
  const bank = { bank_code: '102100099996', bank_name: '中国工商银行' };
  let serial = 0;
  const account = async (owner: Answer, end: string): Promise<string> => {
    serial += 1;
    const number = `622202021000000${serial}${end}`;
    return (await told.do(shop, '/v1/bank-accounts', { owner_id: owner.id, number, ...bank })).id;
  };
  const person = async (name: string) => {
    const made = await told.do(shop, '/v1/persons', { name });
    return { person_id: made.id, bank_account_id: await account(made, '7881') };
  };
  const merchant = (name: string) => told.do(shop, '/v1/merchants', { name, kind: 'store' });
  const [store, agency] = [await merchant('望京一店'), await merchant('安居经纪')];
  const draft = { name: 'home-sale', version: 1, terms: agreementTerms };
  const agreement = await told.do(finance, '/v1/agreements', draft);
  await told.do(approver, `/v1/agreements/${agreement.id}/publish`);
  return {
    agreement: agreement.id,
    roles: {
      buyer: await person('王小明'),
      seller: await person('李晓红'),
      store: { merchant_id: store.id },
      agency: { merchant_id: agency.id },
      agent: { merchant_id: store.id },
      platform: { merchant_id: agency.id },
    },
    store,
    accounts: { good: await account(store, '7881'), back: await account(store, '9999') },
  };
}

async function openDeal(told: Told, parties: Parties): Promise<string> {
  const { shop } = told.stage.world.people;
  const items = { intention: 10_000, deposit: 50_000, price: 300_000, commission: 80_001 };
  const { id } = await told.do(shop, '/v1/deals', {
    agreement_id: parties.agreement,
    title: '3-501',
    city: '北京',
    parties: parties.roles,
    items: Object.fromEntries(Object.entries(items).map(([key, fen]) => [key, cny(fen)])),
  });
  await told.do(shop, `/v1/deals/${id}/agree`);
  return id;
}

/** Pays what an item lacks: over the acquirer, or by two transfers, the second of too much. */
async function pay(told: Told, deal: string, item: string, method: string): Promise<void> {
  const { people, outside, rest } = told.stage.world;
  const { order_id } = await told.do(people.shop, `/v1/deals/${deal}/items/${item}/order`);
  await payOrder(told, order_id, method);
  if (method !== 'bank_transfer') return;
  const { attempts, amount } = (await people.shop.get(`/v1/orders/${order_id}`)).body;
  const number = attempts[0].bank_transfer.account_number;
  for (const part of [amount.amount - 1, 500]) {
    const body = { to_account: number, amount: part, remittance: '房款' };
    const payer = { debtor_name: '王小明', debtor_account: '6222020200112233445' };
    await outside.post('/bank/transfers', { ...body, ...payer, end_to_end_id: `E${part}` });
    await rest();
  }
}

async function payOrder(told: Told, order: string, method: string): Promise<void> {
  const { people, outside, rest } = told.stage.world;
  const attempt = await told.do(people.shop, `/v1/orders/${order}/attempts`, { method });
  if (method === 'bank_transfer') return;
  await outside.post(`/payer/${encodeURIComponent(attempt.code_url)}/pay`, {});
  await rest();
}

async function merchantsOrder(told: Told, store: Answer, amount: number): Promise<string> {
  const { id } = await told.do(told.stage.world.people.shop, '/v1/orders', {
    amount: cny(amount),
    purpose: 'service',
    subject: '服务费',
    destination: { merchant_id: store.id },
    methods: ['wechat_native'],
  });
  return id;
}

async function withdraw(told: Told, { store }: Parties, to: string, amount: number) {
  const body = {
    source: { merchant_id: store.id },
    bank_account_id: to,
    amount: cny(amount),
    purpose: 'withdrawal',
    remittance: '提现',
  };
  return (await told.do(told.stage.world.people.finance, '/v1/payouts', body)).id;
}

/** Both ways of a deal: paid, converted, released; and one that fails and gives all back. */
async function playDeals(told: Told, parties: Parties): Promise<void> {
  const { shop, finance, approver } = told.stage.world.people;
  const sale = await openDeal(told, parties);
  await pay(told, sale, 'intention', 'wechat_native');
  const conversion = { from: 'intention', to: 'deposit' };
  await told.do(shop, `/v1/deals/${sale}/conversions`, conversion);
  await pay(told, sale, 'deposit', 'wechat_native');
  await pay(told, sale, 'price', 'bank_transfer');
  await pay(told, sale, 'commission', 'wechat_native');
  const failed = await openDeal(told, parties);
  await pay(told, failed, 'deposit', 'wechat_native');
  await pay(told, failed, 'commission', 'wechat_native');
  const why = { reason: '贷款未获批', failure: 'no_fault' };
  await told.do(finance, `/v1/deals/${failed}/cancel`, why);
  await told.do(approver, `/v1/deals/${failed}/cancel/approve`);
  // The acquirer settles what was paid, and on Monday we what it kept: only then is it released.
  await nextBankDay(told.stage.world);
  const evidence = { kind: 'title_transfer', role: 'store', reference: 'No. 1' };
  await told.do(shop, `/v1/deals/${sale}/evidence`, evidence);
  await told.do(finance, `/v1/deals/${sale}/releases`, { key: 'to_seller' });
  const [release] = await told.stage.list('/v1/releases?state=pending_approval&limit=1');
  await told.do(approver, `/v1/releases/${release.id}/approve`);
  await told.stage.world.advance({ minutes: 10 });
}

async function nextBankDay(world: SimulatedWorld): Promise<void> {
  const now = world.now();
  await world.advance(now.until(now.add({ days: 3 }).with({ hour: 16, minute: 0 })));
}

/**
 * A few days in which a row of every kind is made: so that each invariant has something to hold
 * against the books, and something that can be tampered with.
 */
export async function playStory(world: SimulatedWorld): Promise<void> {
  const told = tell(world);
  const parties = await gather(told);
  await playDeals(told, parties);
  const { shop, finance, approver } = world.people;
  const order = await merchantsOrder(told, parties.store, 70_000);
  await payOrder(told, order, 'wechat_native');
  await told.do(shop, `/v1/orders/${order}/refunds`, { amount: cny(1_000), reason: '多付' });
  await transferUnnoticed(told);
  for (let day = 0; day < 3; day++) await nextBankDay(world);
  for (const [to, amount] of [
    [parties.accounts['good'], 3_000],
    [parties.accounts['back'], 2_000],
  ] as const) {
    const payout = await withdraw(told, parties, to ?? '', amount);
    await told.do(approver, `/v1/payouts/${payout}/approve`);
  }
  await withdraw(told, parties, parties.accounts['good'] ?? '', 1_000);
  await world.advance({ hours: 3 });
  const [exception] = await told.stage.list('/v1/exceptions?limit=1');
  await told.do(finance, `/v1/exceptions/${exception.id}/propose`, { note: '已核对' });
  await nextBankDay(world);
  await payOrder(told, await merchantsOrder(told, parties.store, 9_000), 'wechat_native');
}

/** Money for nobody, of which only the bank's statement tells: finance gets an exception. */
async function transferUnnoticed({ stage }: Told): Promise<void> {
  const { outside, rest } = stage.world;
  await outside.post('/faults', { point: 'bank.notify', kind: 'drop' });
  const accounts = await stage.list('/v1/custody-accounts');
  await outside.post('/bank/transfers', {
    to_account: accounts.find(({ id }) => id === 'escrow-main').number,
    amount: 700,
    debtor_name: '陌生人',
    debtor_account: '6222020200000000001',
    remittance: '?',
    end_to_end_id: 'UNNOTICED',
  });
  await rest();
}
