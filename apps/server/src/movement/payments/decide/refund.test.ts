import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Refund } from '../tables.ts';
import { aggregateOf, now } from '../test/rows.ts';
import { type Aggregate, attemptIn, type Change } from './change.ts';
import { decideRefundRequest, serialNumber } from './refund-request.ts';
import { canMoveRefund, isLiveRefund } from './refund-state.ts';
import {
  decideApproveRefund,
  decideRefundAnswer,
  decideRejectRefund,
  decideRetryRefund,
  decideSubmitRefund,
  type RefundAnswer,
} from './refund-steps.ts';

const attemptId = '01990000-0000-7000-8000-0000000000a0';
const rule = { notFoundProofAfterMs: 60_000, queriesApartMs: 10_000 };

function paidOrder(amountMinor: bigint): Aggregate {
  return aggregateOf(
    { amountMinor, paidMinor: amountMinor, state: 'succeeded' },
    {
      amountMinor,
      state: 'succeeded',
      placedMinor: amountMinor,
      feeMinor: (amountMinor * 60n + 5_000n) / 10_000n,
      channelNumber: '42',
    },
  );
}

function uuid(index: number): string {
  return `01990000-0000-7000-8000-${String(index).padStart(12, '0')}`;
}

type Step =
  | { readonly kind: 'request'; readonly amount: bigint; readonly approved: boolean }
  | { readonly kind: 'approve' | 'reject' | 'retry' | 'submit'; readonly of: number }
  | { readonly kind: 'answer'; readonly of: number; readonly answer: RefundAnswer };

const answers = fc.constantFrom<RefundAnswer>(
  { kind: 'processing' },
  { kind: 'succeeded' },
  { kind: 'closed' },
  { kind: 'abnormal' },
  { kind: 'unknown' },
  { kind: 'not_found', rule },
  { kind: 'refused', code: 'C', message: 'm', nextStep: 'n' },
);
const of = fc.nat({ max: 5 });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('request' as const),
      amount: fc.bigInt({ min: 1n, max: 6_000n }),
      approved: fc.boolean(),
    }),
    fc.record({ kind: fc.constantFrom('approve', 'reject', 'retry', 'submit'), of }),
    fc.record({ kind: fc.constant('answer' as const), of, answer: answers }),
  ),
  { maxLength: 40 },
);

/** What the books hold for the attempt after all transfers: placed, in transit, given back. */
interface Books {
  destination: bigint;
  transit: bigint;
  receivable: bigint;
}

function book(books: Books, change: Change): void {
  const add = (code: number, amount: bigint) => {
    if (code === 2101) books.destination += amount;
    if (code === 2202) books.transit += amount;
    if (code === 1101) books.receivable -= amount;
  };
  for (const transfer of change.transfers) {
    if ('hold' in transfer) throw new Error('refunds hold nothing');
    add(transfer.debit.code, -transfer.amount);
    add(transfer.credit.code, transfer.amount);
  }
}

function carryOut(
  step: Step,
  aggregate: Aggregate,
  refunds: readonly Refund[],
  at: Temporal.Instant,
): Change | undefined {
  if (step.kind === 'request') {
    const approval = step.approved
      ? ({ kind: 'given', by: 'b' } as const)
      : ({ kind: 'required' } as const);
    const request = { amount: step.amount, reason: 'r', requestedBy: 'a', approval };
    const made = decideRefundRequest(aggregate, request, uuid(refunds.length + 500), at);
    return made.ok ? made.value : undefined;
  }
  const refund = refunds[step.of];
  if (refund === undefined) return undefined;
  switch (step.kind) {
    case 'approve':
    case 'reject': {
      const decide = step.kind === 'approve' ? decideApproveRefund : decideRejectRefund;
      const decided = decide(aggregate, refund, 'b', at);
      return decided.ok ? decided.value : undefined;
    }
    case 'retry': {
      const decided = decideRetryRefund(aggregate, refund, at);
      return decided.ok ? decided.value : undefined;
    }
    case 'submit':
      return decideSubmitRefund(aggregate, refund, at);
    case 'answer':
      return decideRefundAnswer(aggregate, refund, step.answer, at);
  }
}

test('whatever happens to refunds, never more goes back than came, and the books agree', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 10_000n }), steps, (amount, made) => {
      let aggregate = paidOrder(amount);
      const refunds: Refund[] = [];
      const books: Books = { destination: amount, transit: 0n, receivable: amount };
      let at = now;
      for (const step of made) {
        at = at.add({ seconds: 45 });
        const change = carryOut(step, aggregate, refunds, at);
        if (change === undefined) continue;
        book(books, change);
        for (const next of change.refunds) {
          const index = refunds.findIndex(({ id }) => id === next.id);
          const before = refunds[index];
          if (before && before.state !== next.state) {
            expect(canMoveRefund(before.state, next.state)).toBe(true);
          }
          if (next.state === 'failed') expect(next.proof).not.toBeNull();
          if (index < 0) refunds.push(next);
          else refunds[index] = next;
        }
        aggregate = { order: change.order, attempts: change.attempts };
        const attempt = attemptIn(aggregate, attemptId);
        const sumOf = (wanted: (refund: Refund) => boolean) =>
          refunds.filter(wanted).reduce((sum, refund) => sum + refund.amountMinor, 0n);
        expect(attempt.refundingMinor).toBe(sumOf(({ state }) => isLiveRefund(state)));
        expect(attempt.refundedMinor).toBe(sumOf(({ state }) => state === 'succeeded'));
        expect(attempt.refundingMinor + attempt.refundedMinor <= amount).toBe(true);
        expect(aggregate.order.refundingMinor).toBe(attempt.refundingMinor);
        expect(aggregate.order.refundedMinor).toBe(attempt.refundedMinor);
        expect(books).toEqual({
          destination: amount - attempt.refundingMinor - attempt.refundedMinor,
          transit: attempt.refundingMinor,
          receivable: amount - attempt.refundedMinor,
        });
        expect(aggregate.order.state).toBe('succeeded');
      }
    }),
  );
});

test('a failed refund is not tried again when its money has gone back by another one', () => {
  const approval = { kind: 'given', by: 'b' } as const;
  const request = { amount: 600n, reason: 'r', requestedBy: 'a', approval };
  const asked = decideRefundRequest(paidOrder(1_000n), request, uuid(500), now);
  if (!asked.ok) throw new Error(asked.error.code);
  const [made] = asked.value.refunds;
  if (!made) throw new Error('a refund was made');
  const sent = decideSubmitRefund(asked.value, made, now).refunds[0] ?? made;
  const closed = decideRefundAnswer(asked.value, sent, { kind: 'closed' }, now);
  const failed = closed.refunds[0] ?? sent;
  expect(decideRetryRefund(closed, failed, now)).toMatchObject({ ok: true });
  const other = decideRefundRequest(closed, request, uuid(501), now);
  if (!other.ok) throw new Error(other.error.code);
  expect(decideRetryRefund(other.value, failed, now)).toMatchObject({
    error: { code: 'refund_exceeds_paid', values: { available: '400', amount: '600' } },
  });
});

test('given back after a failure is told, and booked while the money is still there', () => {
  const approval = { kind: 'given', by: 'b' } as const;
  const request = { amount: 600n, reason: 'r', requestedBy: 'a', approval };
  const asked = decideRefundRequest(paidOrder(1_000n), request, uuid(500), now);
  if (!asked.ok) throw new Error(asked.error.code);
  const [made] = asked.value.refunds;
  if (!made) throw new Error('a refund was made');
  const sent = decideSubmitRefund(asked.value, made, now).refunds[0] ?? made;
  const refusal = { kind: 'refused', code: 'C', message: 'm', nextStep: 'n' } as const;
  const lost = decideRefundAnswer(asked.value, sent, refusal, now);
  const failed = lost.refunds[0] ?? sent;
  expect(failed.state).toBe('failed');
  const answer = { kind: 'succeeded', channelNumber: '50' } as const;
  const after = decideRefundAnswer(lost, failed, answer, now);
  expect(after.refunds).toMatchObject([{ state: 'succeeded' }]);
  expect(after.events.map(({ type }) => type)).toEqual([
    'payments.contradiction',
    'payments.refund_succeeded',
  ]);
  const other = decideRefundRequest(lost, request, uuid(501), now);
  if (!other.ok) throw new Error(other.error.code);
  for (const shown of [
    decideRefundAnswer(other.value, failed, answer, now),
    decideRefundAnswer(lost, failed, answer, now, 'exceeds_credits'),
  ]) {
    expect(shown).toMatchObject({ refunds: [], transfers: [] });
    expect(shown.events).toMatchObject([{ payload: { kind: 'refund_after_failure', said: '50' } }]);
  }
});

test('the parts of a full refund bring the whole fee back, to the fen', () => {
  const parts = fc.array(fc.bigInt({ min: 1n, max: 3_000n }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(parts, (amounts) => {
      const total = amounts.reduce((a, b) => a + b, 0n);
      let aggregate = paidOrder(total);
      const { feeMinor } = attemptIn(aggregate, attemptId);
      for (const [index, amount] of amounts.entries()) {
        const approval = { kind: 'given', by: 'b' } as const;
        const request = { amount, reason: 'r', requestedBy: 'a', approval };
        const asked = decideRefundRequest(aggregate, request, uuid(index + 500), now);
        if (!asked.ok) throw new Error(asked.error.code);
        const [refund] = asked.value.refunds;
        if (!refund) throw new Error('a refund was made');
        const sent = decideSubmitRefund(asked.value, refund, now).refunds[0] ?? refund;
        const done = decideRefundAnswer(asked.value, sent, { kind: 'succeeded' }, now);
        aggregate = { order: done.order, attempts: done.attempts };
        const back = attemptIn(aggregate, attemptId).feeReturnedMinor;
        expect(back >= 0n && back <= feeMinor).toBe(true);
      }
      expect(attemptIn(aggregate, attemptId).feeReturnedMinor).toBe(feeMinor);
    }),
  );
});

test('numbers for channels are 26 letters and digits, each of its own', () => {
  const numbers = Array.from({ length: 100 }, (_, index) => serialNumber(uuid(index)));
  expect(new Set(numbers).size).toBe(100);
  for (const number of numbers) expect(number).toMatch(/^[0-9a-z]{26}$/);
});
