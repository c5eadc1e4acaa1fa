import { readdir, readFile } from 'node:fs/promises';
import {
  beginPayment,
  openDeal,
  orderReaches,
  payByWechat,
  releaseToSeller,
  transferInTwoParts,
} from '../../src/main/demo/acts.ts';
import { agreementTerms, figures } from '../../src/main/demo/agreement.ts';
import { type Cast, gatherCast, introduceParties, type Parties } from '../../src/main/demo/cast.ts';
import type { TestWorld } from '../world.ts';

const { intention, deposit, price, commission } = figures;
const items = { intention, deposit, price, commission };

/** What was made before the storm: enough that every operation has something to work on. */
export interface Made {
  readonly cast: Cast;
  readonly parties: Parties;
  readonly statements: readonly string[];
  /** Ids that stand in these texts are known to the generator. */
  readonly texts: readonly string[];
}

/** Plays a small world into being: deals in several states, orders, refunds, statements. */
export async function setUp(world: TestWorld): Promise<Made> {
  const cast = gatherCast(world, 'fuzz', () => undefined);
  await cast.world.advanceToBankHours();
  const parties = await introduceParties(cast, agreementTerms);
  const sale = await openDeal(cast, parties, 'sale', items);
  await payByWechat(cast, sale, 'deposit');
  await transferInTwoParts(cast, sale, 'price');
  await payByWechat(cast, sale, 'commission');
  await releaseToSeller(cast, sale);
  const begun = await openDeal(cast, parties, 'begun', items);
  await payByWechat(cast, begun, 'intention');
  await beginPayment(cast, begun, 'deposit', 'bank_transfer');
  await openDeal(cast, parties, 'new', items);
  const order = await payAnOrder(cast, parties);
  const body = { amount: { amount: 100, currency: 'CNY' }, reason: '多付' };
  await cast.api.post(`/v1/orders/${order}/refunds`, body, 'fuzz-refund');
  await makePayout(cast, parties);
  await strangeTransfer(cast);
  return { cast, parties, statements: await statementFiles(), texts: await lists(cast) };
}

/** Money of a person, from which pay-outs can be made. */
async function payAnOrder(cast: Cast, { buyer }: Parties): Promise<string> {
  const body = {
    amount: { amount: 9_000_000, currency: 'CNY' },
    purpose: 'top_up',
    subject: '充值',
    destination: { person_id: buyer },
    methods: ['wechat_native', 'bank_transfer'],
  };
  const { id } = await cast.api.post('/v1/orders', body, 'fuzz-order');
  const attempt = { method: 'wechat_native' };
  const { code_url } = await cast.api.post(`/v1/orders/${id}/attempts`, attempt, 'fuzz-attempt');
  await cast.world.pays(code_url);
  await orderReaches(cast, id, 'succeeded');
  return id;
}

async function makePayout(cast: Cast, { buyer, buyerAccount }: Parties): Promise<void> {
  const body = {
    source: { person_id: buyer },
    bank_account_id: buyerAccount,
    amount: { amount: 1_000, currency: 'CNY' },
    purpose: 'withdrawal',
    remittance: '提现',
  };
  for (const key of ['one', 'two', 'three']) {
    await cast.finance.post('/v1/payouts', body, `fuzz-payout-${key}`);
  }
}

/** Money that nobody asked for, which lies in suspense. */
async function strangeTransfer({ finance, world }: Cast): Promise<void> {
  const { items: accounts } = await finance.get('/v1/custody-accounts');
  for (const [index, account] of accounts.entries()) {
    await world.transfers({
      toAccount: account.number,
      amount: 12_345n,
      from: { name: '陌生人', account: '6222020200000000001' },
      remittance: '?',
      endToEndId: `strange${index}`,
    });
  }
}

async function statementFiles(): Promise<readonly string[]> {
  const folder = new URL('../../../../packages/bank-messages/fixtures/', import.meta.url);
  const names = ['camt/goldman_sachs', 'mt940/jejik', 'malformed'];
  const files = await Promise.all(
    names.map(async (name) => {
      const inside = await readdir(new URL(`${name}/`, folder));
      const some = inside.slice(0, 4).map((file) => new URL(`${name}/${file}`, folder));
      return Promise.all(some.map((file) => readFile(file, 'utf8')));
    }),
  );
  const whole = files.flat();
  return [...whole, ...whole.map((text) => text.slice(0, text.length / 2))];
}

/** Everything that lists show, with the ids of what stands in them. */
async function lists({ finance, api }: Cast): Promise<readonly string[]> {
  const { items: deals } = await api.get('/v1/deals');
  const paths = [
    '/v1/merchants',
    '/v1/persons',
    '/v1/agreements',
    '/v1/receipts?state=booked',
    '/v1/releases?state=pending_approval',
    ...deals.map((deal: { id: string }) => `/v1/deals/${deal.id}/money`),
  ];
  const answers = await Promise.all(paths.map((path) => finance.get(path)));
  return answers.map((answer) => JSON.stringify(answer));
}
