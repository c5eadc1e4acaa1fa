import { expect, test } from 'vitest';
import type { Conversion, Funding } from '../tables.ts';
import { acquirerFundingsBehind } from './coverage.ts';

const at = Temporal.Instant.from('2026-11-20T02:00:00Z');

function funding(id: string, itemId: string, more: Partial<Funding> = {}): Funding {
  return {
    id,
    dealId: 'deal',
    position: 1,
    itemId,
    orderId: 'order',
    way: 'acquirer',
    attemptId: `attempt of ${id}`,
    receiptId: null,
    amountMinor: 100n,
    refundedMinor: 0n,
    at,
    ...more,
  };
}

function conversion(fromItem: string, toItem: string, reversedMinor = 0n): Conversion {
  const what = { id: `${fromItem}-${toItem}`, dealId: 'deal', position: 1, journalId: 'journal' };
  return { ...what, fromItem, toItem, amountMinor: 100n, reversedMinor, by: 'somebody', at };
}

const behind = (
  items: readonly string[],
  fundings: readonly Funding[],
  conversions: readonly Conversion[] = [],
) => acquirerFundingsBehind(items, fundings, conversions).map(({ id }) => id);

test('the payments of the items count, and of no other item', () => {
  expect(behind(['price'], [funding('a', 'price'), funding('b', 'deposit')])).toEqual(['a']);
});

test('transfers are there when they are seen: only an acquirer still owes', () => {
  expect(behind(['price'], [funding('a', 'price', { way: 'bank_transfer' })])).toEqual([]);
});

test('money that was converted is looked for where it came from, in any order and at any remove', () => {
  const fundings = [funding('a', 'intention'), funding('b', 'deposit'), funding('c', 'other')];
  const conversions = [conversion('intention', 'deposit'), conversion('deposit', 'price')];
  expect(behind(['price'], fundings, conversions)).toEqual(['a', 'b']);
  expect(behind(['price'], fundings, conversions.toReversed())).toEqual(['a', 'b']);
  expect(behind(['intention'], fundings, conversions)).toEqual(['a']);
});

test('what was taken back or given back counts no more', () => {
  const fundings = [funding('a', 'intention'), funding('b', 'price', { refundedMinor: 100n })];
  expect(behind(['price'], fundings, [conversion('intention', 'price', 100n)])).toEqual([]);
});
