import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type EntryFacts,
  type EntryMatchInput,
  matchEntries,
  type PayoutFacts,
  type ReceiptFacts,
} from './match-entries.ts';

const references = fc.constantFrom('r1', 'r2', 'r3', 'r4');
const ends = fc.option(fc.constantFrom('e1', 'e2', 'e3'), { nil: null });
const amounts = fc.bigInt(1n, 3n);
const currency = fc.constant('CNY');

const anyEntry: fc.Arbitrary<EntryFacts> = fc.record({
  id: fc.uuid(),
  bankReference: fc.option(references, { nil: null }),
  endToEndId: ends,
  amount: fc.tuple(amounts, fc.boolean()).map(([amount, debit]) => (debit ? -amount : amount)),
  currency,
});
const anyReceipt: fc.Arbitrary<ReceiptFacts> = fc.record({
  id: fc.uuid(),
  bankReference: references,
  endToEndId: ends,
  direction: fc.constantFrom<'credit' | 'debit'>('credit', 'debit'),
  amount: amounts,
  currency,
});
const anyPayout: fc.Arbitrary<PayoutFacts> = fc.record({
  id: fc.uuid(),
  number: fc.constantFrom('e1', 'e2', 'e3'),
  bankReference: fc.option(references, { nil: null }),
  amount: amounts,
  currency,
  sent: fc.boolean(),
  paid: fc.boolean(),
});
const anyInput: fc.Arbitrary<EntryMatchInput> = fc
  .record({
    entries: fc.uniqueArray(anyEntry, { maxLength: 8, selector: ({ id }) => id }),
    receipts: fc.uniqueArray(anyReceipt, {
      maxLength: 6,
      selector: ({ direction, bankReference }) => `${direction} ${bankReference}`,
    }),
    payouts: fc.uniqueArray(anyPayout, { maxLength: 4, selector: ({ number }) => number }),
    seen: fc.array(references, { maxLength: 1 }),
  })
  .map(({ seen, ...input }) => ({
    ...input,
    expected: new Set([...input.receipts, ...input.payouts].map(({ id }) => id)),
    seenBefore: new Set(seen.map((reference) => `credit ${reference}`)),
  }));

test('every entry ends in exactly one outcome and no fen is lost', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const { entries } = matchEntries(input);
      expect(entries.map(({ entry }) => entry.id)).toEqual(input.entries.map(({ id }) => id));
      const sum = (all: readonly EntryFacts[]) => all.reduce((total, e) => total + e.amount, 0n);
      expect(sum(entries.map(({ entry }) => entry))).toBe(sum(input.entries));
    }),
  );
});

test('a match holds by key, amount, currency and direction, and nothing of ours is matched twice', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const { entries, missing } = matchEntries(input);
      const taken: string[] = [];
      for (const outcome of entries) {
        if (outcome.outcome !== 'matched') continue;
        const { entry, counterpart, by } = outcome;
        taken.push(counterpart.id);
        const receipt = input.receipts.find(({ id }) => id === counterpart.id);
        const payout = input.payouts.find(({ id }) => id === counterpart.id);
        const ours = receipt ?? payout;
        expect(ours?.amount).toBe(entry.amount < 0n ? -entry.amount : entry.amount);
        expect(entry.amount < 0n).toBe(payout !== undefined);
        const keys = payout
          ? [payout.bankReference, payout.number]
          : [receipt?.bankReference, receipt?.endToEndId];
        expect(keys[by === 'bank_reference' ? 0 : 1]).toBe(
          by === 'bank_reference' ? entry.bankReference : entry.endToEndId,
        );
      }
      expect(new Set(taken).size).toBe(taken.length);
      for (const { counterpart } of missing) expect(taken).not.toContain(counterpart.id);
    }),
  );
});

const receipt: ReceiptFacts = {
  id: 'a',
  bankReference: 'r1',
  endToEndId: 'e1',
  direction: 'credit',
  amount: 100n,
  currency: 'CNY',
};
const payout: PayoutFacts = {
  id: 'p',
  number: 'PAY1',
  bankReference: null,
  amount: 100n,
  currency: 'CNY',
  sent: true,
  paid: true,
};
const entry = (change: Partial<EntryFacts>): EntryFacts => ({
  id: 'x',
  bankReference: 'r1',
  endToEndId: null,
  amount: 100n,
  currency: 'CNY',
  ...change,
});

function one(change: Partial<EntryFacts>, input: Partial<EntryMatchInput> = {}) {
  return matchEntries({
    entries: [entry(change)],
    receipts: [receipt],
    payouts: [payout],
    expected: new Set(['a', 'p']),
    seenBefore: new Set(),
    ...input,
  });
}

test('the same amount without a key is no match', () => {
  const { entries, missing } = one({ bankReference: 'r9' });
  expect(entries).toMatchObject([{ outcome: 'unseen' }]);
  expect(missing.map(({ counterpart }) => counterpart.id)).toEqual(['a', 'p']);
});

test.each([
  ['the bank’s reference', { bankReference: 'r1' }, 'a', 'bank_reference'],
  [
    'the end-to-end id of a credit',
    { bankReference: 'r9', endToEndId: 'e1' },
    'a',
    'end_to_end_id',
  ],
  [
    'the number of a pay-out',
    { bankReference: 'r9', endToEndId: 'PAY1', amount: -100n },
    'p',
    'end_to_end_id',
  ],
])('%s is a key', (_name, change, id, by) => {
  expect(one(change).entries).toMatchObject([{ outcome: 'matched', counterpart: { id }, by }]);
});

test.each([
  ['another amount', { amount: 101n }, 'amount_differs'],
  ['another currency', { currency: 'USD' }, 'amount_differs'],
  ['the other direction', { amount: -100n }, 'amount_differs'],
  ['no reference at all', { bankReference: null, amount: 7n }, 'unknown_entry'],
])('%s is an exception', (_name, change, kind) => {
  expect(one(change).entries).toMatchObject([{ outcome: 'exception', kind }]);
});

test('a debit for a pay-out that was never sent is missing here', () => {
  const change = { bankReference: 'r9', endToEndId: 'PAY1', amount: -100n };
  const { entries } = one(change, { payouts: [{ ...payout, sent: false, paid: false }] });
  expect(entries).toMatchObject([{ outcome: 'exception', kind: 'missing_here' }]);
});

test('a debit notice without a pay-out is unknown, also when it was recorded before', () => {
  const noted = { ...receipt, direction: 'debit' as const, endToEndId: null };
  const { entries, missing } = one({ amount: -100n }, { receipts: [noted], payouts: [] });
  expect(entries).toMatchObject([{ outcome: 'exception', kind: 'unknown_entry' }]);
  expect(missing).toEqual([]);
});

test('a reference that an earlier day had is a duplicate', () => {
  const { entries } = one({}, { seenBefore: new Set(['credit r1']) });
  expect(entries).toMatchObject([{ outcome: 'exception', kind: 'duplicate_at_bank' }]);
});

test('a debit of a pay-out that no notice told of is untold, whatever the pay-out says', () => {
  const payout = { id: 'p', number: 'e1', bankReference: null, amount: 1n, currency: 'CNY' };
  const entry = { id: 'x', bankReference: 'r1', endToEndId: 'e1', amount: -1n, currency: 'CNY' };
  const receipt = {
    ...{ id: 'r', bankReference: 'r1', endToEndId: 'e1', amount: 1n, currency: 'CNY' },
    direction: 'debit' as const,
  };
  const input = { entries: [entry], expected: new Set<string>(), seenBefore: new Set<string>() };
  for (const state of [
    { sent: true, paid: false },
    { sent: false, paid: false },
    { sent: true, paid: true },
  ]) {
    const payouts = [{ ...payout, ...state }];
    expect(matchEntries({ ...input, payouts, receipts: [] }).untold).toEqual(['x']);
    expect(matchEntries({ ...input, payouts, receipts: [receipt] }).untold).toEqual([]);
  }
  expect(matchEntries({ ...input, payouts: [], receipts: [] }).untold).toEqual([]);
});
