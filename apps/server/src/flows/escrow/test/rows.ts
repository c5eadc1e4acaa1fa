import type { Conversion, Funding, Item, Leg } from '../tables.ts';

/** Rows of a deal for tests of decisions: an item with nothing on it, and what happens to it. */

const at = Temporal.Instant.from('2026-11-20T02:00:00Z');

export function sampleItem(key: string, change: Partial<Item> = {}): Item {
  return {
    id: key,
    dealId: 'deal',
    key,
    position: 0,
    amountMinor: 1000n,
    book: 'kt-escrow/escrow/CNY',
    code: 2101,
    owner: key,
    paidMinor: 0n,
    convertedInMinor: 0n,
    convertedOutMinor: 0n,
    reservedMinor: 0n,
    movingMinor: 0n,
    releasedMinor: 0n,
    refundingMinor: 0n,
    refundedMinor: 0n,
    sharedMinor: 0n,
    orderId: null,
    openMinor: 0n,
    fundedAt: null,
    ...change,
  };
}

export function sampleFunding(id: string, itemId: string, amountMinor: bigint): Funding {
  return {
    id,
    dealId: 'deal',
    position: 1,
    itemId,
    orderId: `order-${itemId}`,
    way: 'acquirer',
    attemptId: null,
    receiptId: null,
    amountMinor,
    refundedMinor: 0n,
    at,
  };
}

export function sampleConversion(
  id: string,
  fromItem: string,
  toItem: string,
  amountMinor: bigint,
): Conversion {
  return {
    id,
    dealId: 'deal',
    position: 1,
    fromItem,
    toItem,
    amountMinor,
    reversedMinor: 0n,
    journalId: id,
    by: 'somebody',
    at,
  };
}

export function sampleLeg(
  id: string,
  itemId: string,
  amountMinor: bigint,
  state: Leg['state'],
): Leg {
  return {
    id,
    dealId: 'deal',
    position: 1,
    itemId,
    releaseId: 'release',
    fundingId: null,
    purpose: 'release',
    way: 'payout',
    role: 'seller',
    amountMinor,
    state,
    payoutId: null,
    refundId: null,
    reason: null,
    at,
    finalAt: null,
  };
}
