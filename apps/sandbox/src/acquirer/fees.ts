/**
 * The acquirer's fee on an amount, in fen: the exact fraction, rounded once, half up.
 * Both are non-negative; the rate is in basis points.
 */
export function feeOn(total: bigint, feeBps: bigint): bigint {
  return (total * feeBps + 5_000n) / 10_000n;
}

/**
 * The fee given back with a refund: the share of all that is refunded after it, half up, less what
 * was given back before. So the parts of a full refund give back the whole fee, to the fen.
 */
export function feeReturned(order: {
  fee: bigint;
  total: bigint;
  refundedAfter: bigint;
  returnedBefore: bigint;
}): bigint {
  const { fee, total, refundedAfter, returnedBefore } = order;
  return (2n * fee * refundedAfter + total) / (2n * total) - returnedBefore;
}

/** Fen as yuan with two decimals, as bills write it. */
export function yuan(fen: bigint): string {
  const absolute = fen < 0n ? -fen : fen;
  const cents = String(absolute % 100n).padStart(2, '0');
  return `${fen < 0n ? '-' : ''}${absolute / 100n}.${cents}`;
}
