import type { AccountSpec } from '@keyturn/ledger';
import { defineTable } from '@keyturn/pipeline';
import type { SplitRule } from './decide/split.ts';
import type { WindowState } from './decide/window.ts';

/** planned -> accepted (paid) -> finished -> returned (the deal failed). */
export type SplitState = 'planned' | 'accepted' | 'finished' | 'returned';

/** How a merchant's order is shared. Amounts in minor units of `currency`. */
export interface Split {
  readonly id: string;
  readonly orderId: string;
  readonly book: string;
  /** The merchant on whose pending account the order's money arrives. */
  readonly payer: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly rule: StoredRule;
  readonly state: SplitState;
  readonly contractId: string | null;
  readonly tradeDate: Temporal.PlainDate | null;
  readonly dueAt: Temporal.Instant | null;
  readonly blocked: string | null;
  readonly feeMinor: bigint;
  readonly vatMinor: bigint;
  readonly feeReturnedMinor: bigint;
  /** Refunded out of the payer's pending account without taking shares back. */
  readonly refundedMinor: bigint;
  readonly plannedAt: Temporal.Instant;
  readonly finishedAt: Temporal.Instant | null;
  readonly events: bigint;
}

/** A rule as it is kept: weights as text, since a weight is not an amount. */
export interface StoredRule {
  readonly fee?: { readonly product: string; readonly bps: number; readonly vatBps: number };
  readonly receivers: readonly { readonly merchantId: string; readonly weight: string }[];
}

export function ruleOf(split: Pick<Split, 'payer' | 'rule'>): SplitRule {
  return {
    payer: split.payer,
    fee: split.rule.fee,
    receivers: split.rule.receivers.map(({ merchantId, weight }) => ({
      merchantId,
      weight: BigInt(weight),
    })),
  };
}

export function storedRule(rule: SplitRule): StoredRule {
  const receivers = rule.receivers.map(({ merchantId, weight }) => ({
    merchantId,
    weight: weight.toString(),
  }));
  return rule.fee ? { fee: rule.fee, receivers } : { receivers };
}

export const splitTable = defineTable<Split>({
  name: 'settlement.split',
  columns: {
    id: 'uuid',
    orderId: 'uuid',
    book: 'text',
    payer: 'uuid',
    amountMinor: 'int8',
    currency: 'text',
    rule: 'jsonb',
    state: 'text',
    contractId: 'text',
    tradeDate: 'date',
    dueAt: 'timestamptz',
    blocked: 'text',
    feeMinor: 'int8',
    vatMinor: 'int8',
    feeReturnedMinor: 'int8',
    refundedMinor: 'int8',
    plannedAt: 'timestamptz',
    finishedAt: 'timestamptz',
    events: 'int8',
  },
  key: ['id'],
  mutable: [
    'state',
    'contractId',
    'tradeDate',
    'dueAt',
    'blocked',
    'feeMinor',
    'vatMinor',
    'feeReturnedMinor',
    'refundedMinor',
    'finishedAt',
    'events',
  ],
});

/** One receiver's part. Made when the split is carried out. */
export interface SplitLeg {
  readonly id: string;
  readonly splitId: string;
  readonly receiver: string;
  readonly amountMinor: bigint;
  /** `closed`: the receiver could not take it, so the money stayed with the payer. */
  readonly state: 'succeeded' | 'closed' | 'returned';
  readonly reason: string | null;
  readonly returnedMinor: bigint;
  readonly windowId: string | null;
  readonly at: Temporal.Instant;
}

export const splitLegTable = defineTable<SplitLeg>({
  name: 'settlement.split_leg',
  columns: {
    id: 'uuid',
    splitId: 'uuid',
    receiver: 'uuid',
    amountMinor: 'int8',
    state: 'text',
    reason: 'text',
    returnedMinor: 'int8',
    windowId: 'uuid',
    at: 'timestamptz',
  },
  key: ['id'],
  mutable: ['state', 'reason', 'returnedMinor'],
});

/**
 * What one merchant earned on one bank day over one contract (null: by bank, so it is there
 * already).
 */
export interface SettlementWindow {
  readonly id: string;
  readonly book: string;
  readonly merchantId: string;
  readonly tradeDate: Temporal.PlainDate;
  readonly contractId: string | null;
  /** Earned and not settled yet, minor units. */
  readonly amountMinor: bigint;
  readonly settledMinor: bigint;
  readonly state: WindowState;
  readonly settlesAt: Temporal.Instant;
  readonly dueAt: Temporal.Instant | null;
  readonly settledAt: Temporal.Instant | null;
  readonly events: bigint;
}

export const windowTable = defineTable<SettlementWindow>({
  name: 'settlement.settlement_window',
  columns: {
    id: 'uuid',
    book: 'text',
    merchantId: 'uuid',
    tradeDate: 'date',
    contractId: 'text',
    amountMinor: 'int8',
    settledMinor: 'int8',
    state: 'text',
    settlesAt: 'timestamptz',
    dueAt: 'timestamptz',
    settledAt: 'timestamptz',
    events: 'int8',
  },
  key: ['id'],
  mutable: ['amountMinor', 'settledMinor', 'state', 'dueAt', 'settledAt', 'events'],
});

/** What an acquirer paid for one calendar day, beside what it owed. Insert-only. */
export interface ChannelSettlement {
  readonly id: string;
  readonly contractId: string;
  readonly tradeDate: Temporal.PlainDate;
  readonly book: string;
  readonly custodyAccountId: string;
  readonly receiptId: string;
  readonly currency: string;
  /** The first of the days without a payment of their own that this one brings with it. */
  readonly coversFrom: Temporal.PlainDate;
  readonly grossMinor: bigint;
  readonly refundsMinor: bigint;
  readonly feesMinor: bigint;
  readonly feesReturnedMinor: bigint;
  readonly carriedMinor: bigint;
  readonly expectedMinor: bigint;
  readonly receivedMinor: bigint;
  readonly settledMinor: bigint;
  readonly differenceMinor: bigint;
  /**
   * What the acquirer still owes for the day after this payment; negative when it paid too much.
   */
  readonly owedMinor: bigint;
  readonly state: 'matched' | 'different';
  readonly at: Temporal.Instant;
  readonly events: bigint;
}

export const channelSettlementTable = defineTable<ChannelSettlement>({
  name: 'settlement.channel_settlement',
  columns: {
    id: 'uuid',
    contractId: 'text',
    tradeDate: 'date',
    book: 'text',
    custodyAccountId: 'text',
    receiptId: 'uuid',
    currency: 'text',
    coversFrom: 'date',
    grossMinor: 'int8',
    refundsMinor: 'int8',
    feesMinor: 'int8',
    feesReturnedMinor: 'int8',
    carriedMinor: 'int8',
    expectedMinor: 'int8',
    receivedMinor: 'int8',
    settledMinor: 'int8',
    differenceMinor: 'int8',
    owedMinor: 'int8',
    state: 'text',
    at: 'timestamptz',
    events: 'int8',
  },
  key: ['id'],
  mutable: [],
});

/** Own money paid into a client book for the fees that acquirers kept of clients' money. */
export interface FeeTopUp {
  readonly id: string;
  readonly ownBook: string;
  readonly clientBook: string;
  readonly bankDate: Temporal.PlainDate;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly payoutId: string;
  readonly payoutNumber: string;
  readonly receiptId: string | null;
  readonly state: 'sent' | 'failed' | 'arrived';
  readonly at: Temporal.Instant;
  readonly arrivedAt: Temporal.Instant | null;
}

export const feeTopUpTable = defineTable<FeeTopUp>({
  name: 'settlement.fee_top_up',
  columns: {
    id: 'uuid',
    ownBook: 'text',
    clientBook: 'text',
    bankDate: 'date',
    amountMinor: 'int8',
    currency: 'text',
    payoutId: 'uuid',
    payoutNumber: 'text',
    receiptId: 'uuid',
    state: 'text',
    at: 'timestamptz',
    arrivedAt: 'timestamptz',
  },
  key: ['id'],
  mutable: ['receiptId', 'state', 'arrivedAt'],
});

/** Accounts of a merchant in a book. */
export const merchantAccounts = {
  pending: (book: string, merchant: string): AccountSpec => ({ book, code: 2002, owner: merchant }),
  available: (book: string, merchant: string): AccountSpec => ({
    book,
    code: 2003,
    owner: merchant,
  }),
  margin: (book: string, merchant: string): AccountSpec => ({ book, code: 2004, owner: merchant }),
};

export function feeAccount(book: string, product: string): AccountSpec {
  return { book, code: 4001, owner: product };
}

/** Output VAT is kept per rate: the owner is the rate in basis points. */
export function vatAccount(book: string, vatBps: number): AccountSpec {
  return { book, code: 2304, owner: String(vatBps) };
}
