import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Receipt } from '../../../banks/custody/index.ts';
import type { Order } from '../tables.ts';
import { aggregateOf, now } from '../test/rows.ts';
import { type AppliedBy, decideApplyReceipt } from './apply-receipt.ts';

const arrival: AppliedBy = { kind: 'arrival' };
const person: AppliedBy = { kind: 'person', id: 'p' };

function receipt(change: Partial<Receipt> = {}): Receipt {
  const day = Temporal.PlainDate.from('2026-11-20');
  return {
    id: '01990000-0000-7000-8000-0000000000e0',
    accountId: 'escrow-main',
    book: 'kt-escrow/escrow/CNY',
    bankReference: 'B1',
    direction: 'credit',
    amount: 10_000n,
    currency: 'CNY',
    bookedOn: day,
    valueOn: day,
    kind: 'transfer',
    virtualNumber: null,
    virtualAccountId: null,
    ownerKind: 'order',
    ownerId: null,
    endToEndId: null,
    counterpartySealed: null,
    counterpartyMasked: null,
    remittance: null,
    returnReason: null,
    settledContract: null,
    settledDate: null,
    source: 'notification',
    state: 'booked',
    assignedModule: null,
    assignedObject: null,
    assignedAt: null,
    journalId: null,
    recordedAt: now,
    events: 1n,
    ...change,
  };
}

function types(order: Partial<Order>, arrived: Partial<Receipt> = {}, blocked?: string) {
  const aggregate = aggregateOf(order, { method: 'bank_transfer', contractId: null });
  const decided = decideApplyReceipt(aggregate, receipt(arrived), arrival, now, blocked);
  if (!decided.ok) throw new Error(decided.error.code);
  return decided.value.events.map((event) => event.type.slice('payments.'.length));
}

test('a transfer places at most what is missing, and told parts sum to what came', () => {
  const amounts = fc.bigInt({ min: 1n, max: 50_000n });
  fc.assert(
    fc.property(amounts, amounts, fc.integer({ min: 0, max: 99 }), (owed, came, share) => {
      const paidMinor = (owed * BigInt(share)) / 100n;
      const aggregate = aggregateOf(
        { amountMinor: owed, paidMinor, state: paidMinor > 0n ? 'partially_funded' : 'processing' },
        { method: 'bank_transfer', contractId: null },
      );
      const decided = decideApplyReceipt(aggregate, receipt({ amount: came }), arrival, now);
      if (!decided.ok) throw new Error(decided.error.code);
      const { order, receipts, transfers } = decided.value;
      const [applied] = receipts;
      if (!applied) throw new Error('something was missing');
      expect(applied.amountMinor + applied.restMinor).toBe(came);
      expect(order.paidMinor).toBe(paidMinor + applied.amountMinor);
      expect(order.paidMinor <= owed).toBe(true);
      expect(transfers).toMatchObject([{ amount: applied.amountMinor }]);
      expect(order.state).toBe(order.paidMinor === owed ? 'succeeded' : 'partially_funded');
    }),
  );
});

test('a transfer that pays the order ends its attempts: by transfer done, others closed', () => {
  const aggregate = aggregateOf({}, { method: 'bank_transfer', contractId: null }, {});
  const decided = decideApplyReceipt(aggregate, receipt(), arrival, now);
  if (!decided.ok) throw new Error(decided.error.code);
  expect(decided.value.attempts.map(({ state }) => state)).toEqual(['succeeded', 'closing']);
});

test('what finds no order that can take it stays in suspense and is told, in words for each case', () => {
  const full: Partial<Order> = { paidMinor: 10_000n, state: 'succeeded' };
  expect(types(full)).toEqual(['overpaid']);
  expect(types({ state: 'expired', closing: 'expired' })).toEqual(['receipt_unclaimed']);
  expect(types({ destinationBook: 'kt-pay/reserve/CNY' })).toEqual(['receipt_unclaimed']);
  expect(types({}, {}, 'account_frozen')).toEqual(['receipt_unclaimed']);
  expect(types({}, { state: 'assigned' })).toEqual([]);
  expect(types({}, { kind: 'return' })).toEqual([]);
});

test('a person can reopen an expired order by a transfer, and is told why when not', () => {
  const expired = aggregateOf({ state: 'expired', closing: 'expired' });
  const reopened = decideApplyReceipt(expired, receipt(), person, now);
  expect(reopened).toMatchObject({ ok: true, value: { order: { state: 'succeeded' } } });
  const part = decideApplyReceipt(expired, receipt({ amount: 1n }), person, now);
  expect(part).toMatchObject({ ok: true, value: { order: { state: 'expired', paidMinor: 1n } } });
  for (const change of [{ state: 'assigned' }, { kind: 'return' }, { currency: 'EUR' }] as const) {
    const refused = decideApplyReceipt(expired, receipt(change), person, now);
    expect(refused).toMatchObject({ ok: false, error: { code: 'receipt_order_mismatch' } });
  }
});
