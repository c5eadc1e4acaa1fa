import { assert } from '@keyturn/kernel';
import {
  type Conversion,
  type Funding,
  heldOf,
  type Item,
  isEscrowed,
  type Leg,
} from '../tables.ts';
import type { FailureTerms } from './agreement.ts';

/** What a failed deal consists of when its money is given back. */
export interface UnwindFacts {
  readonly failure: FailureTerms;
  readonly items: readonly Item[];
  readonly fundings: readonly Funding[];
  /** In the order in which they were made. */
  readonly conversions: readonly Conversion[];
  readonly legs: readonly Leg[];
  /** The beneficiary's role by item key. */
  readonly beneficiaries: ReadonlyMap<string, string>;
  /** For shared items, by item id: what receivers lack of what was to be taken back, by role. */
  readonly lacking: ReadonlyMap<string, readonly { role: string; amount: bigint }[]>;
}

export type UnwindStep =
  | {
      readonly kind: 'reverse_conversion';
      readonly conversionId: string;
      readonly from: string;
      readonly to: string;
      readonly amount: bigint;
    }
  | {
      readonly kind: 'refund';
      readonly itemId: string;
      readonly fundingId: string;
      readonly way: 'acquirer' | 'payout';
      readonly orderId: string;
      readonly amount: bigint;
    }
  | {
      readonly kind: 'forfeit';
      readonly itemId: string;
      readonly role: string;
      readonly amount: bigint;
    };

export interface UnwindShortfall {
  readonly itemId: string;
  readonly role: string;
  readonly reason: 'released' | 'split_spent';
  readonly amount: bigint;
}

export interface UnwindPlan {
  /** In the order in which they have to be done: money first returns to where it was paid to. */
  readonly steps: readonly UnwindStep[];
  readonly shortfalls: readonly UnwindShortfall[];
}

/**
 * Plans the way back of a failed deal's money: conversions are undone, the newest first, so that
 * each payment is refunded from the item that it was paid to and by the way that it came; what the
 * agreement forfeits goes to its beneficiary; what others have already is named, with who owes it.
 * Gives out exactly what is held.
 */
export function planUnwind(facts: UnwindFacts): UnwindPlan {
  const actions = new Map(facts.failure.items.map(({ item, action }) => [item, action]));
  const steps: UnwindStep[] = [];
  const back = new Map<string, bigint>();
  for (const item of facts.items) {
    const action = actions.get(item.key);
    assert(action !== undefined, `failure terms say what becomes of ${item.key}`);
    // What was taken back of a shared item, now or before a refund that failed, is held by it.
    if (action === 'refund') back.set(item.id, heldOf(item));
  }
  const byId = new Map(facts.items.map((item) => [item.id, item]));
  for (const conversion of facts.conversions.toReversed()) {
    const pool = back.get(conversion.toItem) ?? 0n;
    const left = conversion.amountMinor - conversion.reversedMinor;
    const amount = pool < left ? pool : left;
    if (amount <= 0n) continue;
    assert(byId.has(conversion.fromItem), 'a conversion is between items of the deal');
    back.set(conversion.toItem, pool - amount);
    back.set(conversion.fromItem, (back.get(conversion.fromItem) ?? 0n) + amount);
    const { id: conversionId, toItem: from, fromItem: to } = conversion;
    steps.push({ kind: 'reverse_conversion', conversionId, from, to, amount });
  }
  for (const item of facts.items) {
    steps.push(...refundsOf(item, back.get(item.id) ?? 0n, facts.fundings));
  }
  for (const item of facts.items) {
    const amount = heldOf(item);
    if (actions.get(item.key) !== 'forfeit' || amount <= 0n || !isEscrowed(item)) continue;
    const role = facts.beneficiaries.get(item.key);
    assert(role !== undefined, `the item ${item.key} has a beneficiary`);
    steps.push({ kind: 'forfeit', itemId: item.id, role, amount });
  }
  return { steps, shortfalls: shortfallsOf(facts, actions) };
}

/** Newest payment first; each at most what it brought and was not given back before. */
function refundsOf(item: Item, amount: bigint, fundings: readonly Funding[]): UnwindStep[] {
  const steps: UnwindStep[] = [];
  let left = amount;
  for (const funding of fundings.toReversed()) {
    const open = funding.amountMinor - funding.refundedMinor;
    if (funding.itemId !== item.id || open <= 0n || left <= 0n) continue;
    const part = open < left ? open : left;
    left -= part;
    steps.push({
      kind: 'refund',
      itemId: item.id,
      fundingId: funding.id,
      way: funding.way === 'acquirer' ? 'acquirer' : 'payout',
      orderId: funding.orderId,
      amount: part,
    });
  }
  assert(left === 0n, `what goes back of ${item.key} was paid by somebody`);
  return steps;
}

function shortfallsOf(
  facts: UnwindFacts,
  actions: ReadonlyMap<string, 'refund' | 'forfeit'>,
): UnwindShortfall[] {
  const found: UnwindShortfall[] = [];
  for (const item of facts.items) {
    if (actions.get(item.key) !== 'refund') continue;
    const released = new Map<string, bigint>();
    for (const leg of facts.legs) {
      if (leg.itemId !== item.id || leg.purpose !== 'release' || leg.state !== 'paid') continue;
      released.set(leg.role, (released.get(leg.role) ?? 0n) + leg.amountMinor);
    }
    for (const [role, amount] of released) {
      found.push({ itemId: item.id, role, reason: 'released', amount });
    }
    for (const { role, amount } of facts.lacking.get(item.id) ?? []) {
      if (amount > 0n) found.push({ itemId: item.id, role, reason: 'split_spent', amount });
    }
  }
  return found;
}
