import type { Conversion, Funding } from '../tables.ts';

/**
 * The payments by acquirers whose money may lie on some items: their own, and those of items that
 * were converted into them, at any remove. What was given back whole lies nowhere any more.
 */
export function acquirerFundingsBehind(
  itemIds: Iterable<string>,
  fundings: readonly Funding[],
  conversions: readonly Conversion[],
): readonly Funding[] {
  const behind = new Set(itemIds);
  let known: number;
  do {
    known = behind.size;
    for (const { fromItem, toItem, amountMinor, reversedMinor } of conversions) {
      if (behind.has(toItem) && reversedMinor < amountMinor) behind.add(fromItem);
    }
  } while (behind.size > known);
  return fundings.filter(
    ({ itemId, way, amountMinor, refundedMinor }) =>
      way === 'acquirer' && behind.has(itemId) && refundedMinor < amountMinor,
  );
}
