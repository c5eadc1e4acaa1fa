import { assert } from '@keyturn/kernel';

/** What a receiver of a split has, in minor units: what can be taken without overdrawing. */
export interface ReceiverBalances {
  readonly pending: bigint;
  readonly available: bigint;
  readonly margin: bigint;
}

export interface TakeBack {
  readonly pending: bigint;
  readonly available: bigint;
  readonly margin: bigint;
  /** What the receiver owes: a receivable refunds nobody, so it is not part of what came back. */
  readonly shortfall: bigint;
}

/**
 * Takes a share back from its receiver: first pending, then available, then margin; the rest is
 * missing.
 */
export function planTakeBack(amount: bigint, has: ReceiverBalances): TakeBack {
  assert(amount >= 0n, 'an amount to take back is not negative');
  let left = amount;
  const take = (balance: bigint) => {
    const usable = balance > 0n ? balance : 0n;
    const taken = usable < left ? usable : left;
    left -= taken;
    return taken;
  };
  const pending = take(has.pending);
  const available = take(has.available);
  const margin = take(has.margin);
  return { pending, available, margin, shortfall: left };
}
