import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideAnswer, decideReturn, type PayoutAnswer } from './answer.ts';
import type { Change } from './change.ts';
import { decideCreatePayout, type PayoutRequest } from './create-payout.ts';
import {
  canMovePayout,
  isAtBank,
  isBeforeSubmit,
  movePayout,
  type PayoutState,
  payoutStates,
} from './payout-state.ts';
import { decideApprove, decideStop, decideSubmit } from './steps.ts';

const now = Temporal.Instant.from('2026-11-20T02:00:00Z');
const rule = { notFoundProofAfterMs: 60_000, queriesApartMs: 10_000 };
const book = 'kt-pay/reserve/CNY';

const steps: readonly (readonly [PayoutState, PayoutState])[] = [
  ['created', 'pending_approval'],
  ['created', 'approved'],
  ['pending_approval', 'approved'],
  ['pending_approval', 'canceled'],
  ['approved', 'submitted'],
  ['approved', 'canceled'],
  ['submitted', 'unknown'],
  ['submitted', 'in_transit'],
  ['submitted', 'paid'],
  ['submitted', 'failed'],
  ['unknown', 'in_transit'],
  ['unknown', 'paid'],
  ['unknown', 'failed'],
  ['in_transit', 'paid'],
  ['in_transit', 'failed'],
  ['failed', 'paid'],
  ['paid', 'returned'],
];

function named(pairs: readonly (readonly [string, string])[]): readonly string[] {
  return pairs.map((pair) => pair.join(' -> ')).sort();
}

test('a pay-out takes exactly the steps of its table, and no other', () => {
  const all = payoutStates.flatMap((from) => payoutStates.map((to) => [from, to] as const));
  expect(named(all.filter(([from, to]) => canMovePayout(from, to)))).toEqual(named(steps));
  expect(() => movePayout('returned', 'paid')).toThrow('a pay-out goes from');
});

test('only what the bank cannot have heard of is canceled', () => {
  for (const state of payoutStates) {
    if (canMovePayout(state, 'canceled')) expect(isBeforeSubmit(state)).toBe(true);
    expect(isBeforeSubmit(state) && isAtBank(state)).toBe(false);
  }
});

function request(change: Partial<PayoutRequest> = {}): PayoutRequest {
  return {
    source: { book, code: 2003, owner: 'm' },
    custodyAccount: { id: 'reserve-main', book, ledgerCode: 1002, currency: 'CNY' },
    payee: { kind: 'bank_account', id: 'b' },
    amount: { amount: 1_000n, currency: 'CNY' },
    purpose: 'p',
    remittance: 'r',
    maker: 'maker',
    approval: { kind: 'required' },
    ...change,
  };
}

const ids = {
  payout: '01990000-0000-7000-8000-000000000001',
  journal: '01990000-0000-7000-8000-000000000002',
};

function created(change: Partial<PayoutRequest> = {}): Change {
  const made = decideCreatePayout(request(change), ids, now);
  if (!made.ok) throw new Error(made.error.code);
  return made.value;
}

test('the end-to-end id has at most 35 characters, and is the pay-out’s own', () => {
  expect(created().payout.number).toMatch(/^[0-9a-z]{26}$/);
});

test('a custody account of another book or currency is refused', () => {
  const account = { id: 'x', ledgerCode: 1003, currency: 'CNY' } as const;
  const other = request({ custodyAccount: { ...account, book: 'kt-escrow/escrow/CNY' } });
  expect(decideCreatePayout(other, ids, now)).toMatchObject({
    error: { code: 'payout_book_mismatch' },
  });
});

test('an approval by the maker is a mistake of our own code, not a pay-out', () => {
  const own = request({ approval: { kind: 'given', by: 'maker' } });
  expect(() => decideCreatePayout(own, ids, now)).toThrow('does not approve it');
});

type Step =
  | 'approve'
  | 'reject'
  | 'cancel'
  | 'submit'
  | 'return'
  | 'return while frozen'
  | PayoutAnswer;

const answers = fc.constantFrom<Step>(
  'approve',
  'reject',
  'cancel',
  'submit',
  'return',
  'return while frozen',
  { kind: 'in_transit' },
  { kind: 'paid' },
  { kind: 'unknown' },
  { kind: 'not_found', rule },
  { kind: 'rejected', code: 'AC01', message: 'm', nextStep: 'n', asked: true },
  { kind: 'rejected', code: 'AC01', message: 'm', nextStep: 'n', asked: false },
);

const receipt = {
  id: '01990000-0000-7000-8000-0000000000e0',
  amount: 1_000n,
  currency: 'CNY',
  returnReason: 'AC04',
};

function carryOut(change: Change, step: Step, at: Temporal.Instant): Change | undefined {
  const { payout } = change;
  if (typeof step !== 'string') return decideAnswer(payout, step, at);
  switch (step) {
    case 'approve': {
      const decided = decideApprove(payout, 'checker', at);
      return decided.ok ? decided.value : undefined;
    }
    case 'reject':
    case 'cancel': {
      const kind = step === 'reject' ? 'rejected' : 'canceled';
      const decided = decideStop(payout, { kind, reason: 'r', by: 'c' }, at);
      return decided.ok ? decided.value : undefined;
    }
    case 'submit':
      return decideSubmit(payout, at);
    case 'return':
      return decideReturn(payout, receipt, at).change;
    case 'return while frozen':
      return decideReturn(payout, receipt, at, 'account_frozen').change;
  }
}

/**
 * The books of one pay-out: what is where. Suspense goes below zero by what a return brought
 * before.
 */
interface Books {
  source: bigint;
  held: bigint;
  transit: bigint;
  asset: bigint;
  suspense: bigint;
}

function post(books: Books, change: Change): void {
  for (const transfer of change.transfers) {
    if (transfer.kind === 'pending') books.held += transfer.amount;
    if (transfer.kind === 'void_pending') books.held = 0n;
    if (transfer.kind === 'post_pending') {
      books.transit += books.held;
      books.source -= books.held;
      books.held = 0n;
    }
    if (transfer.kind !== 'posted') continue;
    const move = (code: number, amount: bigint) => {
      if (code === 2003) books.source += amount;
      if (code === 2201) books.transit += amount;
      if (code === 1002) books.asset -= amount;
      if (code === 2301) books.suspense += amount;
    };
    move(transfer.debit.code, -transfer.amount);
    move(transfer.credit.code, transfer.amount);
  }
}

function expected(state: PayoutState): Partial<Books> {
  if (isBeforeSubmit(state)) return { source: 1_000n, held: 1_000n, transit: 0n, asset: 1_000n };
  if (isAtBank(state)) return { source: 0n, held: 0n, transit: 1_000n, asset: 1_000n };
  if (state === 'paid') return { source: 0n, held: 0n, transit: 0n, asset: 0n, suspense: 0n };
  if (state === 'returned') {
    return { source: 1_000n, transit: 0n, asset: 0n, suspense: -1_000n };
  }
  return { source: 1_000n, held: 0n, transit: 0n, asset: 1_000n };
}

test('whatever people and banks say in whatever order, the money is where the state says', () => {
  const orders = fc.array(fc.tuple(answers, fc.integer({ min: 0, max: 90 })), { maxLength: 30 });
  fc.assert(
    fc.property(fc.boolean(), orders, (approved, said) => {
      let change = created(approved ? { approval: { kind: 'given', by: 'checker' } } : {});
      const books: Books = { source: 1_000n, held: 0n, transit: 0n, asset: 1_000n, suspense: 0n };
      post(books, change);
      let at = now;
      for (const [step, seconds] of said) {
        at = at.add({ seconds });
        const before = change.payout;
        const next = carryOut(change, step, at);
        if (next === undefined) continue;
        change = next;
        const { payout } = change;
        const passed =
          before.state !== 'paid' && payout.state === 'returned' ? 'paid' : before.state;
        if (passed !== payout.state) expect(canMovePayout(passed, payout.state)).toBe(true);
        if (payout.state === 'failed') expect(payout.proof).not.toBeNull();
        if (isAtBank(payout.state)) expect(payout.checker).not.toBeNull();
        expect(payout.submissions).toBeLessThanOrEqual(3);
        post(books, change);
        expect(books).toMatchObject(expected(payout.state));
      }
    }),
  );
});

test('a repeat of the message keeps the moment of the first submission', () => {
  const approved = created({ approval: { kind: 'given', by: 'c' } }).payout;
  const first = decideSubmit(approved, now).payout;
  const unknown = decideAnswer(first, { kind: 'unknown' }, now).payout;
  const second = decideSubmit(unknown, now.add({ hours: 1 }));
  expect(second.transfers).toEqual([]);
  expect(second.payout).toMatchObject({ submissions: 2, firstSubmittedAt: now });
});

test('paid after a failure is told, and taken from its source again if that can give it', () => {
  const approved = created({ approval: { kind: 'given', by: 'c' } }).payout;
  const sent = decideSubmit(approved, now).payout;
  const lost = { kind: 'rejected', code: 'AC01', message: '', nextStep: '', asked: true } as const;
  const failed = decideAnswer(sent, lost, now).payout;
  const answer = { kind: 'paid', bankReference: 'B' } as const;
  const told = { kind: 'paid_after_failure', said: 'B' };
  const after = decideAnswer(failed, answer, now);
  expect(after.payout).toMatchObject({ state: 'paid', bankReference: 'B' });
  expect(after.transfers).toMatchObject([
    { kind: 'posted', debit: { code: 2003 }, credit: { code: 1002 }, amount: 1_000n },
  ]);
  expect(after.events).toMatchObject([
    { type: 'payouts.contradiction', payload: { ...told, booked: true } },
    { type: 'payouts.paid' },
  ]);
  const blocked = decideAnswer(failed, answer, now, 'exceeds_credits');
  expect(blocked).toMatchObject({ payout: { state: 'failed' }, transfers: [] });
  expect(blocked.events).toMatchObject([{ payload: { ...told, booked: false } }]);
});

test('the bank cannot have heard of what was canceled: that it paid it books nothing', () => {
  const stop = { kind: 'canceled', reason: 'r', by: 'c' } as const;
  const canceled = decideStop(created().payout, stop, now);
  if (!canceled.ok) throw new Error(canceled.error.code);
  const after = decideAnswer(canceled.value.payout, { kind: 'paid', bankReference: 'B' }, now);
  expect(after).toMatchObject({ payout: { state: 'canceled' }, transfers: [] });
  expect(after.events).toMatchObject([{ payload: { booked: false } }]);
});
