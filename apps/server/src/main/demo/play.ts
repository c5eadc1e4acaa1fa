import { bankZone } from '@keyturn/kernel';
import {
  approveRelease,
  convertIntention,
  dealReaches,
  failDeal,
  openDeal,
  payByWechat,
  payoutReaches,
  payUnnoticed,
  requestRelease,
  transferInTwoParts,
  transferWithoutReference,
  withdraw,
} from './acts.ts';
import { agreementTerms, figures } from './agreement.ts';
import { type Cast, introduceParties, type Parties } from './cast.ts';
import { type Answer, DemoError } from './client.ts';
import { until } from './world.ts';

/** One line of the demo's table: what moved, how much, and how it ended. */
export interface Moved {
  readonly what: string;
  readonly id: string;
  /** Minor units. */
  readonly amount: number;
  readonly state: string;
}

export interface DemoResult {
  readonly balanced: boolean;
  readonly proof: Answer;
  /** The bank's own figures beside the proof's, by account. */
  readonly bank: readonly {
    readonly account_id: string;
    readonly proof: number;
    readonly sandbox: number;
  }[];
  readonly deals: Readonly<Record<string, number>>;
  readonly payments: Readonly<Record<string, number>>;
  readonly refunds: Readonly<Record<string, number>>;
  readonly payouts: Readonly<Record<string, number>>;
  readonly ledger: { readonly balanced: boolean; readonly transfers: number };
  readonly moved: readonly Moved[];
}

const { intention, deposit, price, commission } = figures;

/**
 * Plays the main job over HTTP: one deal from the first payment to the last pay-out, one that
 * fails after its deposit, one payment that nobody tells us of, one transfer without a reference,
 * one pay-out that comes back; then closes the day and proves it. Every call has a key of its
 * own, so that being interrupted costs nothing.
 */
export async function playDemo(cast: Cast): Promise<DemoResult> {
  const { say, world } = cast;
  await world.advanceToBankHours();
  say('Parties, accounts and an agreement …');
  const parties = await introduceParties(cast, agreementTerms);
  say('A deal from the intention money to the release …');
  const sale = await playSale(cast, parties);
  say('A deal that fails after the deposit …');
  const failed = await openDeal(cast, parties, 'failed', { intention, deposit, price, commission });
  await payByWechat(cast, failed, 'deposit');
  await failDeal(cast, failed);
  say('A payment that nobody tells us of, and a transfer without a reference …');
  const odd = await openDeal(cast, parties, 'odd', { intention, deposit, price, commission });
  await payUnnoticed(cast, odd, 'intention');
  await transferWithoutReference(cast, odd, 'deposit', await masterAccount(cast));
  say('Waiting for the refund …');
  await dealReaches(cast, failed, ['refunded']);
  say('The next bank days: the acquirer settles, the seller is paid …');
  await approveRelease(cast, sale);
  await dealReaches(cast, sale, ['released']);
  const toSeller = await payoutsOfDeal(cast, sale);
  for (const payout of toSeller) await payoutReaches(cast, payout, 'paid');
  say('Merchants withdraw what is theirs …');
  await merchantHasMoney(cast, parties.store);
  const paid = await withdraw(cast, parties.store, parties.storeAccount);
  const returned = await withdraw(cast, parties.agency, parties.closedAccount);
  await payoutReaches(cast, paid.payout, 'paid');
  await payoutReaches(cast, returned.payout, 'returned');
  say('Closing the day and proving it …');
  const day = await closeDay(cast);
  const deals = [sale, failed, odd];
  return report(cast, deals, [...toSeller, paid.payout, returned.payout], day);
}

async function playSale(cast: Cast, parties: Parties): Promise<string> {
  const items = { intention, deposit, price, commission };
  const deal = await openDeal(cast, parties, 'sale', items);
  await payByWechat(cast, deal, 'intention');
  await convertIntention(cast, deal);
  await payByWechat(cast, deal, 'deposit');
  await transferInTwoParts(cast, deal, 'price');
  await payByWechat(cast, deal, 'commission');
  await dealReaches(cast, deal, ['funded']);
  await requestRelease(cast, deal);
  return deal;
}

async function masterAccount({ finance }: Cast): Promise<string> {
  const { items } = await finance.get('/v1/custody-accounts');
  const account = items.find((one: Answer) => one.id === 'escrow-main');
  if (!account) throw new DemoError(0, 'The demo world has no account escrow-main. Start afresh.');
  return account.number;
}

/** The pay-outs by which the seller gets the money, one for each item. */
async function payoutsOfDeal({ finance }: Cast, deal: string): Promise<readonly string[]> {
  const { releases } = await finance.get(`/v1/deals/${deal}/money`);
  return releases.flatMap((release: Answer) =>
    release.parts.map((part: Answer) => part.payout_id).filter(Boolean),
  );
}

/**
 * T+1: the money of a merchant is available when the acquirer has settled and the day has come.
 * The merchant's own view says when that is; the world moves there.
 */
async function merchantHasMoney({ finance, world }: Cast, merchant: string): Promise<void> {
  const { items } = await finance.get(`/v1/merchants/${merchant}/balance`);
  for (const window of items.flatMap((one: Answer) => one.windows)) {
    const settles = Temporal.Instant.from(window.settles_at).toZonedDateTimeISO(bankZone);
    // The acquirer pays at nine; the window may open earlier and then waits for it.
    await world.advanceTo(settles.with({ hour: Math.max(settles.hour, 9), minute: 5 }));
  }
  await until(
    'the merchants’ money is available',
    async () => {
      const balance = await finance.get(`/v1/merchants/${merchant}/balance`);
      return balance.items.some((one: Answer) => one.available.amount > 0) ? true : undefined;
    },
    { world, step: { hours: 3 }, steps: 60 },
  );
}

/**
 * Goes on to the morning after, when statements and bills of the day are there, and proves the
 * day.
 */
async function closeDay({ finance, world }: Cast): Promise<string> {
  // Half an hour past nine of the morning after: the bank's statements are ready, and the day's
  // top-ups done.
  const present = await world.now();
  const date = present.toPlainDate().toString();
  const morning = present.add({ days: 1 }).with({ hour: 10, minute: 15, second: 0 });
  await world.advanceTo(morning);
  await until(`the statements of ${date} are here`, async () => {
    const done = await finance.post('/v1/reconciliations', { date }, `reconcile-${date}`);
    return done.statements.every((one: Answer) => one.status === 'matched') ? done : undefined;
  });
  return date;
}

async function report(
  cast: Cast,
  deals: readonly string[],
  payouts: readonly string[],
  date: string,
): Promise<DemoResult> {
  const { api, approver, finance } = cast;
  const proof = await finance.get(`/v1/proofs/${date}`);
  const views = await Promise.all(deals.map((deal) => api.get(`/v1/deals/${deal}`)));
  const orderIds = views.flatMap((deal) =>
    deal.items.flatMap((item: Answer) => item.order_ids ?? [item.order_id]).filter(Boolean),
  );
  const orders = await Promise.all(orderIds.map((id) => api.get(`/v1/orders/${id}`)));
  const paidOut = await Promise.all(payouts.map((id) => finance.get(`/v1/payouts/${id}`)));
  const refunds = orders.flatMap((order) => order.refunds ?? []);
  const check = await approver.post('/v1/ledger/checks', {}, `${cast.run}-check`);
  const bank = await compareWithBank(cast, proof, date);
  const equal = bank.every((one) => one.proof === one.sandbox);
  return {
    balanced: proof.balanced && check.balanced && equal,
    proof: { date, ...proof.totals, balanced: proof.balanced, accounts: proof.accounts },
    bank,
    deals: countStates(views),
    payments: countStates(orders),
    refunds: countStates(refunds),
    payouts: countStates(paidOut),
    ledger: { balanced: check.balanced, transfers: check.transfers },
    moved: [
      ...views.map((deal) => moved(`deal ${deal.title}`, deal, 0)),
      ...orders.map((order) => moved(`order ${order.subject}`, order, order.paid.amount)),
      ...refunds.map((refund: Answer) => moved('refund', refund, refund.amount.amount)),
      ...paidOut.map((payout) => moved(`pay-out ${payout.purpose}`, payout, payout.amount.amount)),
    ],
  };
}

/** The proof's bank side beside what the bank says of itself at the end of that day. */
async function compareWithBank({ finance, world }: Cast, proof: Answer, date: string) {
  const { items } = await finance.get('/v1/custody-accounts');
  return Promise.all(
    proof.accounts.map(async (place: Answer) => {
      const account = items.find((one: Answer) => one.id === place.account_id);
      const sandbox = await world.bankBalance(account?.number ?? '', date);
      return { account_id: place.account_id, proof: place.bank, sandbox: Number(sandbox) };
    }),
  );
}

function moved(what: string, one: Answer, amount: number): Moved {
  return { what, id: one.id, amount, state: one.state };
}

function countStates(list: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state } of list) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
