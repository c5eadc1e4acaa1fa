import type { SplitRows } from './share-out.ts';
import type { Split, SplitLeg } from './tables.ts';
import { earn, unearn } from './windows.ts';

/**
 * A merchant's order can be refunded from what its payer has pending. That much is not settled any
 * more; when a refund fails it is again.
 *
 * @param refunded of the order: given back and on its way back, minor units
 */
export function followRefunds(
  rows: SplitRows,
  split: Split,
  legs: readonly SplitLeg[],
  refunded: bigint,
  now: Temporal.Instant,
): Split {
  const { tradeDate, contractId, book, payer: merchantId } = split;
  if (split.finishedAt === null || tradeDate === null) return split;
  const taken = legs.reduce((sum, leg) => sum + leg.returnedMinor, split.feeReturnedMinor);
  const beside = refunded > taken ? refunded - taken : 0n;
  let more = beside - split.refundedMinor;
  if (more < 0n)
    earn(rows.windows, rows.calendar, { tradeDate, contractId, book, merchantId }, -more, now);
  for (const leg of legs) {
    const holder = leg.state === 'closed' ? split.payer : leg.receiver;
    if (more <= 0n || holder !== split.payer) continue;
    const kept = leg.amountMinor - leg.returnedMinor;
    const part = kept < more ? kept : more;
    unearn(rows.windows, leg.windowId, part);
    more -= part;
  }
  return rows.splits.update(split.id, { refundedMinor: beside });
}
