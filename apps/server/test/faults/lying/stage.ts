import {
  beginPayment,
  openDeal,
  orderReaches,
  payByWechat,
  transferInTwoParts,
} from '../../../src/main/demo/acts.ts';
import { agreementTerms, figures } from '../../../src/main/demo/agreement.ts';
import { type Cast, introduceParties, type Parties } from '../../../src/main/demo/cast.ts';
import type { Answer } from '../../../src/main/demo/client.ts';
import type { Outside } from './outside.ts';
import type { Stepper } from './quiet.ts';

const { intention, deposit, price, commission } = figures;
const items = { intention, deposit, price, commission };

export const cny = (amount: number) => ({ amount, currency: 'CNY' });

/** An order of a person's wallet that was paid, and the number of its payment. */
export interface PaidOrder {
  readonly order: string;
  readonly number: string;
}

/** Money that is in its place before the lying begins, and that then sets out. */
export interface Scene {
  readonly cast: Cast;
  readonly parties: Parties;
  /** Funded; its release pays the seller by two pay-outs. */
  readonly sale: string;
  /** Paid at the acquirer; when it fails, a refund goes back. */
  readonly paidByWechat: string;
  /** Paid by transfer; when it fails, pay-outs go back. */
  readonly paidByTransfer: string;
  readonly paidOrders: readonly PaidOrder[];
  /** The bank days from the first one. */
  readonly firstDay: Temporal.PlainDate;
}

/** The next Tuesday at ten: two bank days follow, then a weekend, whatever day the test is run. */
async function toTuesday({ world }: Cast): Promise<Temporal.ZonedDateTime> {
  const now = await world.now();
  const days = (9 - now.dayOfWeek) % 7 || 7;
  const morning = now.add({ days }).with({ hour: 10, minute: 0, second: 0, millisecond: 0 });
  await world.advanceTo(morning);
  return morning;
}

/** A day of truth, and the morning after it: what was paid is settled. */
export async function setTheScene(cast: Cast, stepper: Stepper, orders: number): Promise<Scene> {
  const tuesday = await toTuesday(cast);
  const parties = await introduceParties(cast, agreementTerms);
  const sale = await openDeal(cast, parties, 'sale', items);
  await payByWechat(cast, sale, 'deposit');
  await transferInTwoParts(cast, sale, 'price');
  await payByWechat(cast, sale, 'commission');
  const paidByWechat = await openDeal(cast, parties, 'wechat', items);
  await payByWechat(cast, paidByWechat, 'deposit');
  const paidByTransfer = await openDeal(cast, parties, 'transfer', items);
  await transferInTwoParts(cast, paidByTransfer, 'price');
  await payWallet(cast, parties, 'wallet', 9_000_000);
  const paidOrders: PaidOrder[] = [];
  for (let index = 0; index < orders; index++) {
    paidOrders.push(await payWallet(cast, parties, `order${index}`, 50_000 + index));
  }
  await stepper.quiet();
  const next = tuesday.add({ days: 1 });
  for (const [hour, minute] of [
    [0, 45],
    [9, 5],
    [10, 31],
  ] as const) {
    await cast.world.advanceTo(next.with({ hour, minute }));
    await stepper.quiet();
  }
  const firstDay = tuesday.toPlainDate();
  return { cast, parties, sale, paidByWechat, paidByTransfer, paidOrders, firstDay };
}

/** An order whose money goes to the buyer's wallet. */
export async function openOrder({ api, run }: Cast, parties: Parties, key: string, amount: number) {
  const body = {
    amount: cny(amount),
    purpose: 'top_up',
    subject: `充值 ${key}`,
    destination: { person_id: parties.buyer },
    methods: ['wechat_native'],
  };
  const { id } = await api.post('/v1/orders', body, `${run}-${key}`);
  return String(id);
}

/** Begins to pay; whether the acquirer heard of it may be unknown. */
export async function beginToPay({ api, run }: Cast, order: string, key: string): Promise<Answer> {
  const body = { method: 'wechat_native' };
  return api.post(`/v1/orders/${order}/attempts`, body, `${run}-attempt-${key}`);
}

async function payWallet(
  cast: Cast,
  parties: Parties,
  key: string,
  amount: number,
): Promise<PaidOrder> {
  const order = await openOrder(cast, parties, key, amount);
  const attempt = await beginToPay(cast, order, key);
  await cast.world.pays(attempt.code_url);
  await orderReaches(cast, order, 'succeeded');
  return { order, number: attempt.number };
}

/** A withdrawal from the buyer's wallet, made and not approved: the bank has not heard of it. */
export async function makePayout(
  { finance, run }: Cast,
  { buyer, buyerAccount }: Parties,
  key: string,
  amount: number,
): Promise<{ readonly id: string; readonly number: string }> {
  const body = {
    source: { person_id: buyer },
    bank_account_id: buyerAccount,
    amount: cny(amount),
    purpose: 'withdrawal',
    remittance: `提现 ${key}`,
  };
  const { id, number } = await finance.post('/v1/payouts', body, `${run}-payout-${key}`);
  return { id, number };
}

export async function approvePayout({ approver, run }: Cast, id: string): Promise<void> {
  await approver.post(`/v1/payouts/${id}/approve`, {}, `${run}-approve-${id}`);
}

/** More than was transferred, in fen: what a false notice says. */
export const toldTooMuch = 700;

/** A deposit arrives by transfer, and the bank's notice says that it is more than it is. */
export async function tellAnotherAmount({ cast, parties }: Scene, outside: Outside): Promise<void> {
  const deal = await openDeal(cast, parties, 'told', items);
  const { order, attempt } = await beginPayment(cast, deal, 'deposit', 'bank_transfer');
  const { account_number: number, amount } = attempt.bank_transfer;
  const match = { virtual_account: number };
  await outside.lie({
    point: 'bank.notify',
    kind: 'change_amount',
    times: 1,
    by: toldTooMuch,
    match,
  });
  await cast.world.transfers({
    toAccount: number,
    amount: BigInt(amount.amount),
    from: { name: '王小明', account: '6222020200112233445' },
    remittance: '定金',
    endToEndId: `${cast.run}told`,
  });
  await orderReaches(cast, order, 'succeeded');
}
