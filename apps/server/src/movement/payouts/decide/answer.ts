import { bankDate, present } from '@keyturn/kernel';
import { accountId, type TransferRequest } from '@keyturn/ledger';
import { nextQueryAt, type ProofRule } from '../../../banks/channels/index.ts';
import type { Receipt } from '../../../banks/custody/index.ts';
import type { PayoutsEvent } from '../events.ts';
import type { Payout } from '../tables.ts';
import {
  assetOf,
  type Change,
  changeOf,
  eventBase,
  sourceOf,
  suspenseOf,
  transitOf,
} from './change.ts';
import { isAtBank, movePayout } from './payout-state.ts';
import { notFoundProof, type Proof } from './proof.ts';

/** What the bank said about a pay-out. Plain data: it is a command's input. */
export type PayoutAnswer =
  /** The bank has it and has not paid yet. */
  | { readonly kind: 'in_transit' }
  | {
      readonly kind: 'paid';
      readonly bankReference?: string;
      /** The bank's day; the day of the call when it does not say. */
      readonly paidOn?: string;
    }
  /** The bank rejected it for good. */
  | {
      readonly kind: 'rejected';
      readonly code: string;
      readonly message: string;
      readonly nextStep: string;
      /**
       * Said by a status query, so of the payment itself and not only of the last time that it was
       * sent.
       */
      readonly asked: boolean;
    }
  | { readonly kind: 'not_found'; readonly rule: ProofRule }
  | { readonly kind: 'unknown' };

/** A leg that moves money at once. */
function posted(
  debit: ReturnType<typeof sourceOf>,
  credit: ReturnType<typeof sourceOf>,
  amount: bigint,
): TransferRequest {
  return { kind: 'posted', debit, credit, amount };
}

/**
 * Takes a bank's answer. What is final stays, an unknown answer changes nothing that is known, and
 * a pay-out fails only with the proof that is stored with it. Paid after a failure contradicts what
 * the bank said before: it is shown to people, and booked if the source still has the money.
 *
 * @param blocked the ledger's reason why the source cannot give the money a second time
 */
export function decideAnswer(
  payout: Payout,
  answer: PayoutAnswer,
  now: Temporal.Instant,
  blocked?: string,
): Change {
  if (!isAtBank(payout.state)) return afterwards(payout, answer, now, blocked);
  const uncertain = payout.state === 'submitted' || payout.state === 'unknown';
  const dueAt = nextQueryAt(now, payout.queries);
  switch (answer.kind) {
    case 'unknown':
      if (payout.state !== 'submitted') return changeOf(payout);
      return changeOf({ ...payout, state: movePayout(payout.state, 'unknown'), dueAt });
    case 'in_transit':
      if (!uncertain) return changeOf(payout);
      return changeOf({
        ...payout,
        state: movePayout(payout.state, 'in_transit'),
        firstNotFoundAt: null,
        dueAt,
      });
    case 'paid':
      return paid(payout, answer, now);
    case 'rejected':
      return rejected(payout, answer, now);
    case 'not_found':
      return uncertain ? notFound(payout, answer.rule, now) : changeOf(payout);
  }
}

/**
 * After a failure the money is back on its source. What the bank paid nevertheless is taken from
 * there again, so that nobody can pay it a second time unknowingly; what is not there any more is
 * left to people. A bank cannot have heard of what was canceled: that books nothing.
 */
function afterwards(
  payout: Payout,
  answer: PayoutAnswer,
  now: Temporal.Instant,
  blocked: string | undefined,
): Change {
  const lost = payout.state === 'failed' || payout.state === 'canceled';
  if (answer.kind !== 'paid' || !lost) return changeOf(payout);
  const booked = payout.state === 'failed' && blocked === undefined;
  const contradiction: PayoutsEvent = {
    type: 'payouts.contradiction',
    payload: {
      ...eventBase(payout),
      kind: 'paid_after_failure',
      said: answer.bankReference ?? 'paid',
      booked,
      paid_on: paidOnOf(answer, now).toString(),
    },
  };
  if (!booked) return changeOf(payout, { events: [contradiction] });
  const late = paid(payout, answer, now, sourceOf(payout));
  return { ...late, events: [contradiction, ...late.events] };
}

function paidOnOf(
  answer: Extract<PayoutAnswer, { kind: 'paid' }>,
  now: Temporal.Instant,
): Temporal.PlainDate {
  return answer.paidOn === undefined ? bankDate(now) : Temporal.PlainDate.from(answer.paidOn);
}

/** From where the money lies, in transit as a rule -> the bank account it was paid from. */
function paid(
  payout: Payout,
  answer: Extract<PayoutAnswer, { kind: 'paid' }>,
  now: Temporal.Instant,
  from = transitOf(payout),
): Change {
  const paidOn = paidOnOf(answer, now);
  const next: Payout = {
    ...payout,
    state: movePayout(payout.state, 'paid'),
    bankReference: answer.bankReference ?? payout.bankReference,
    paidAt: now,
    paidOn,
    dueAt: null,
    finalAt: now,
  };
  const payload = { ...eventBase(next), paid_on: paidOn.toString() };
  return changeOf(next, {
    transfers: [posted(from, assetOf(payout), payout.amountMinor)],
    events: [{ type: 'payouts.paid', payload }],
  });
}

function rejected(
  payout: Payout,
  answer: Extract<PayoutAnswer, { kind: 'rejected' }>,
  now: Temporal.Instant,
): Change {
  // Of what was sent more than once, a refusal to take it speaks only for the last time.
  const speaksForAll = answer.asked || payout.submissions === 1;
  if (!speaksForAll) return decideAnswer(payout, { kind: 'unknown' }, now);
  const { code, message, nextStep } = answer;
  const proof: Proof = {
    kind: 'refusal',
    code,
    message,
    next_step: nextStep,
    at: now.toString(),
  };
  return failed(payout, proof, code, message, now);
}

function notFound(payout: Payout, rule: ProofRule, now: Temporal.Instant): Change {
  const submittedAt = present(payout.submittedAt, 'when a pay-out at the bank was sent');
  const facts = { submittedAt, firstNotFoundAt: payout.firstNotFoundAt ?? undefined, now };
  const proof = notFoundProof(rule, facts);
  if (proof !== undefined) {
    return failed(payout, proof, 'not_found', 'The bank never got it.', now);
  }
  const state = payout.state === 'submitted' ? movePayout(payout.state, 'unknown') : payout.state;
  return changeOf({ ...payout, state, firstNotFoundAt: payout.firstNotFoundAt ?? now });
}

/** In transit -> where it was taken from. */
function failed(
  payout: Payout,
  proof: Proof,
  code: string,
  message: string,
  now: Temporal.Instant,
): Change {
  const next: Payout = {
    ...payout,
    state: movePayout(payout.state, 'failed'),
    failureCode: code,
    failureMessage: message,
    proof,
    dueAt: null,
    finalAt: now,
  };
  const payload = { ...eventBase(next), code, reason: message };
  return changeOf(next, {
    transfers: [posted(transitOf(payout), sourceOf(payout), payout.amountMinor)],
    events: [{ type: 'payouts.failed', payload }],
  });
}

/** How often a source that takes no money back is tried again. */
const giveBackAgain = { minutes: 15 } as const;

/**
 * The receiving bank sent a payment back (退汇), perhaps weeks later: suspense -> where it was taken
 * from. A return proves that it had been paid, should nobody have told so yet. What does not fit is
 * left in suspense and shown.
 *
 * @param blocked the ledger's reason why the source takes no money now: kept in suspense and tried
 * again
 * @returns whether the receipt is now the pay-out's, besides the change
 */
export function decideReturn(
  payout: Payout,
  receipt: Pick<Receipt, 'id' | 'amount' | 'currency' | 'returnReason'>,
  now: Temporal.Instant,
  blocked?: string,
): { readonly change: Change; readonly takes: boolean } {
  if (payout.state === 'returned' && payout.returnReceiptId === receipt.id) {
    return { change: changeOf(payout), takes: false };
  }
  const other = payout.returnReceiptId !== null && payout.returnReceiptId !== receipt.id;
  const expected = isAtBank(payout.state) || payout.state === 'paid';
  const fits = receipt.amount <= payout.amountMinor && receipt.currency === payout.currency;
  if (other || !expected || !fits)
    return { change: unexpected(payout, receipt, fits), takes: false };
  const first = isAtBank(payout.state) ? paid(payout, { kind: 'paid' }, now) : changeOf(payout);
  const reason = receipt.returnReason ?? '';
  if (blocked !== undefined) {
    const waiting: Payout = {
      ...first.payout,
      returnReceiptId: receipt.id,
      returnReason: reason,
      dueAt: now.add(giveBackAgain),
    };
    return { change: { ...first, payout: waiting }, takes: false };
  }
  const next: Payout = {
    ...first.payout,
    state: movePayout(first.payout.state, 'returned'),
    returnReceiptId: receipt.id,
    returnReason: reason,
    dueAt: null,
    finalAt: now,
  };
  const returned: PayoutsEvent = {
    type: 'payouts.returned',
    payload: {
      ...eventBase(next),
      receipt_id: receipt.id,
      returned_minor: receipt.amount,
      reason,
    },
  };
  // What was taken from suspense is there again: money without a home, for somebody to look at.
  const homeless = accountId(suspenseOf(payout)) === accountId(sourceOf(payout));
  const back = homeless ? [] : [posted(suspenseOf(payout), sourceOf(payout), receipt.amount)];
  const change = changeOf(next, {
    transfers: [...first.transfers, ...back],
    events: [...first.events, returned],
  });
  return { change, takes: !homeless };
}

function unexpected(
  payout: Payout,
  receipt: Pick<Receipt, 'id' | 'amount' | 'currency'>,
  fits: boolean,
): Change {
  const contradiction: PayoutsEvent = {
    type: 'payouts.contradiction',
    payload: {
      ...eventBase(payout),
      kind: fits ? 'return_unexpected' : 'amount',
      said: `${receipt.amount} ${receipt.currency}`,
      receipt_id: receipt.id,
    },
  };
  return changeOf(payout, { events: [contradiction] });
}
