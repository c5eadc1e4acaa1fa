import { assert } from '@keyturn/kernel';

/** What one acquirer owes for one calendar day, in minor units, none negative. */
export interface ChannelDay {
  readonly gross: bigint;
  readonly fees: bigint;
  readonly refunds: bigint;
  readonly feesReturned: bigint;
}

export interface ChannelSettlementPlan {
  /** gross − refunds − (fees − fees given back); negative when refunds outweigh. */
  readonly expected: bigint;
  /** Of what arrived: what pays the channel's debt. */
  readonly settled: bigint;
  /** Of what arrived: what nobody expected; it stays in suspense. */
  readonly unexplained: bigint;
  /**
   * Fees less fees given back: what the own book owes the client book for the day; may be negative.
   */
  readonly feeNet: bigint;
  /** received − expected; not zero is an exception (over when positive, short when negative). */
  readonly difference: bigint;
}

/** What the acquirer should settle for a day. */
export function expectedNet(day: ChannelDay): bigint {
  for (const part of [day.gross, day.fees, day.refunds, day.feesReturned]) {
    assert(part >= 0n, 'a part of a channel day is not negative');
  }
  return day.gross - day.refunds - (day.fees - day.feesReturned);
}

/** What earlier payments for the same day brought, when this is not the first. */
export interface EarlierPayments {
  /** What was still owed after them, minor units; negative when they brought too much. */
  readonly owed: bigint;
}

/**
 * Compares what an acquirer paid with what it owes. The acquirer's fee is never clients' money: it
 * is the own book's debt to the client book, whatever arrived, booked once per day. Never more is
 * taken out of the receivable than the day explains; what is missing stays owed by the channel.
 *
 * @param days the day that was paid, and those before it whose refunds outweighed so that nothing
 *   came
 * @param received minor units, positive
 */
export function planChannelSettlement(
  days: readonly ChannelDay[],
  earlier: EarlierPayments | undefined,
  received: bigint,
): ChannelSettlementPlan {
  assert(received > 0n, 'a settlement that arrived is positive');
  const sum = (of: (day: ChannelDay) => bigint) => days.reduce((total, day) => total + of(day), 0n);
  const expected = earlier ? earlier.owed : sum(expectedNet);
  const payable = expected > 0n ? expected : 0n;
  const settled = received < payable ? received : payable;
  return {
    expected,
    settled,
    unexplained: received - settled,
    feeNet: earlier ? 0n : sum((day) => day.fees - day.feesReturned),
    difference: received - expected,
  };
}
