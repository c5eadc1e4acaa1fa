import { expect } from 'vitest';
import type { Cast } from '../../../src/main/demo/cast.ts';
import type { Answer } from '../../../src/main/demo/client.ts';
import type { Fated, RefundFate } from './lies.ts';
import type { Play } from './play.ts';
import { approvePayout, cny, type Scene, toldTooMuch } from './stage.ts';
import {
  type Books,
  type Doomed,
  findWrong,
  ledgerBalances,
  openPayoutStates,
  openRefundStates,
  readAttempts,
  readPayouts,
  readRefunds,
} from './truth.ts';

/** What the lying left behind. */
export interface Ended {
  readonly scene: Scene;
  readonly fated: readonly Fated[];
  readonly refunds: ReadonlyMap<string, RefundFate>;
  /** The bank days on which there was lying. */
  readonly days: readonly string[];
}

/** What health says about what the outside world has not told the end of. */
export async function answersCheck({ finance }: Cast): Promise<Answer> {
  const { checks } = await finance.get('/health');
  return checks.find(({ name }: Answer) => name === 'answers');
}

/** What nobody knows the end of. */
async function unresolved(books: Books): Promise<readonly string[]> {
  const uncertain = ['submitted', 'unknown', 'closing'];
  const open = [
    ...(await readPayouts(books)).filter(({ state }) => openPayoutStates.includes(state)),
    ...(await readRefunds(books)).filter(({ state }) => openRefundStates.includes(state)),
    ...(await readAttempts(books)).filter(({ state }) => uncertain.includes(state)),
  ];
  return open.map(({ number, state }) => `${number} ${state}`);
}

/** The truth is spoken: the world goes on until the end of everything is known. */
export async function untilAllEnds(play: Play, doomed: Doomed): Promise<void> {
  const { books, outside, stepper } = play;
  for (let step = 0; step < 16; step++) {
    expect(await findWrong(books, outside, doomed)).toEqual([]);
    // At least over the next night: then the last day's statements and bills are in.
    if (step > 2 && (await unresolved(books)).length === 0) return;
    await stepper.step({ hours: step === 0 ? 1 : 12 });
  }
  expect(await unresolved(books)).toEqual([]);
}

/** How everything ended, and what people had to do about it. */
export async function expectTheEnd(play: Play, ended: Ended): Promise<void> {
  const { cast, books, outside, stepper } = play;
  const { scene, fated, refunds, days } = ended;
  const states = new Map((await readPayouts(books)).map((row) => [row.number, row.state]));
  expect(fated.map(({ number, fate }) => [fate.name, states.get(number)])).toEqual(
    fated.map(({ fate }) => [fate.name, fate.ends]),
  );
  const given = new Map((await readRefunds(books)).map((row) => [row.number, row.state]));
  expect([...refunds].map(([number, fate]) => [fate.name, given.get(number)])).toEqual(
    [...refunds].map(([, fate]) => [fate.name, fate.ends]),
  );
  await expectPaymentsKnown(play);
  for (const [deal, state] of [
    [scene.sale, 'released'],
    [scene.paidByWechat, 'refunded'],
    [scene.paidByTransfer, 'refunded'],
  ] as const) {
    expect((await cast.api.get(`/v1/deals/${deal}`)).state).toBe(state);
  }
  for (const date of days) {
    await cast.finance.post('/v1/reconciliations', { date }, `${cast.run}-again-${date}`);
  }
  await correct(play, ended);
  await stepper.quiet();
  expect(await ledgerBalances(books)).toEqual(await outside.balances());
  for (const date of days) {
    const { proof } = await cast.finance.post(
      '/v1/reconciliations',
      { date },
      `${cast.run}-prove-${date}`,
    );
    expect(proof, JSON.stringify(proof)).toMatchObject({ balanced: true });
  }
  expect(await answersCheck(cast)).toMatchObject({ status: 'ok' });
}

/** What payers paid is on our side as paid, and nothing else is. */
async function expectPaymentsKnown({ books, outside }: Play): Promise<void> {
  const attempts = (await readAttempts(books)).filter(({ method }) => method !== 'bank_transfer');
  const ours = attempts.filter(({ state }) => ['succeeded', 'late_success'].includes(state));
  const theirs = await outside.paid();
  expect(new Set(ours.map(({ number }) => number))).toEqual(theirs);
}

interface Journal {
  readonly debit: { readonly code: number; readonly owner: string };
  readonly credit: { readonly code: number; readonly owner: string };
}

/** Ends one exception as finance would: one proposes, another approves. */
async function resolve(
  { finance, approver, run }: Cast,
  exception: Answer,
  proposal: { readonly note: string; readonly journal?: Journal },
): Promise<void> {
  const path = `/v1/exceptions/${exception.id}`;
  await finance.post(`${path}/propose`, proposal, `${run}-propose-${exception.id}`);
  await approver.post(`${path}/approve`, {}, `${run}-resolve-${exception.id}`);
}

/**
 * What no software could know better is shown, and two people put it right: a payment that was
 * refused for good and paid is booked as paid; one that was said to be paid and was refused is
 * taken back from the bank's account and paid anew; and what a notice told too much is taken out of
 * suspense.
 */
async function correct(play: Play, { scene, fated }: Ended): Promise<void> {
  const { cast } = play;
  const { items } = await cast.finance.get('/v1/exceptions?limit=100');
  const shown = (kind: string): readonly Answer[] =>
    items.filter((one: Answer) => one.kind === kind);

  const refused = fated.filter(({ fate }) => fate.doomed === 'refusedThenPaid');
  const contradictions = shown('contradiction');
  expect(contradictions).toHaveLength(refused.length);
  for (const one of contradictions) {
    expect(one.evidence).toMatchObject({ kind: 'paid_after_failure', booked: true });
    await resolve(cast, one, { note: '银行先拒后付，已按借记入账' });
  }

  const [believed] = fated.filter(({ fate }) => fate.doomed === 'paidThenRefused');
  const [missing, ...others] = shown('missing_at_bank').filter(({ state }) => state === 'open');
  expect(others).toEqual([]);
  expect(missing).toMatchObject({ subject: believed?.number, amount: believed?.amount });
  const reserve = { code: 1002, owner: 'reserve-main' };
  const suspense = { code: 2301, owner: 'reserve-main' };
  const journal = { debit: reserve, credit: suspense };
  await resolve(cast, missing, { note: '银行称已付，对账单无此借记', journal });
  await payAnew(play, scene, believed?.amount ?? 0);

  const [told] = shown('amount_differs').filter(({ state }) => state === 'open');
  expect(told).toMatchObject({ amount: -toldTooMuch });
  const tooMuch = {
    debit: { code: 2301, owner: 'escrow-main' },
    credit: { code: 1003, owner: 'escrow-main' },
  };
  await resolve(cast, told, { note: '通知金额有误，以对账单为准', journal: tooMuch });
}

/** Out of suspense, to whom the bank had not paid it. */
async function payAnew({ cast, books, stepper }: Play, scene: Scene, amount: number) {
  const { finance, run } = cast;
  const body = {
    source: { suspense_of: 'reserve-main' },
    bank_account_id: scene.parties.buyerAccount,
    amount: cny(amount),
    purpose: 'withdrawal',
    remittance: '重新付款',
  };
  const { id, number } = await finance.post('/v1/payouts', body, `${run}-anew`);
  await approvePayout(cast, id);
  await stepper.quiet();
  await stepper.step({ seconds: 30 });
  const paid = (await readPayouts(books)).find((row) => row.number === number);
  expect(paid).toMatchObject({ state: 'paid' });
}
