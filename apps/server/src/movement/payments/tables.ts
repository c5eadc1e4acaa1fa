import type { AccountCode } from '@keyturn/ledger';
import { defineTable } from '@keyturn/pipeline';
import type { AttemptState } from './decide/attempt-state.ts';
import type { OrderState } from './decide/order-state.ts';
import type { Proof } from './decide/proof.ts';
import type { RefundState } from './decide/refund-state.ts';

/** How a payer can pay an order. */
export const methods = ['wechat_native', 'wechat_h5', 'bank_transfer'] as const;
export type Method = (typeof methods)[number];

/** Why an order is being closed, and what it becomes then. */
export type Closing = 'canceled' | 'expired';

/** What somebody owes for one purpose. Amounts in minor units of `currency`. */
export interface Order {
  readonly id: string;
  /** Serial number for people and channels: 26 characters, from the id. */
  readonly number: string;
  readonly integratorId: string;
  readonly purpose: string;
  /** What the payer reads first. */
  readonly subject: string;
  readonly description: string;
  /** The same for payers who read English, when it was given. */
  readonly subjectEn: string | null;
  readonly descriptionEn: string | null;
  readonly amountMinor: bigint;
  readonly currency: string;
  /** Placed on the destination so far. */
  readonly paidMinor: bigint;
  /** Of what was placed: on its way back to payers. */
  readonly refundingMinor: bigint;
  /** Of what was placed: given back. */
  readonly refundedMinor: bigint;
  readonly state: OrderState;
  /** Set while open attempts are being closed at their channels. */
  readonly closing: Closing | null;
  /** What happens to money that arrives after the close, while the order is unpaid. */
  readonly lateSuccess: 'settle' | 'refund';
  readonly destinationBook: string;
  readonly destinationCode: AccountCode;
  readonly destinationOwner: string;
  readonly referenceKind: string | null;
  readonly referenceId: string | null;
  readonly methods: readonly Method[];
  /** The acquirer contract of its acquirer methods. */
  readonly contractId: string | null;
  /** The custody account that its transfers arrive on. */
  readonly custodyAccountId: string | null;
  readonly payerId: string | null;
  readonly expiresAt: Temporal.Instant;
  /** When a job looks at it next: at its expiry. */
  readonly dueAt: Temporal.Instant | null;
  /** How many attempts were made. */
  readonly attempts: number;
  /** How many events it has told. */
  readonly events: bigint;
  readonly createdAt: Temporal.Instant;
  readonly finalAt: Temporal.Instant | null;
}

export const orderTable = defineTable<Order>({
  name: 'payments.order',
  columns: {
    id: 'uuid',
    number: 'text',
    integratorId: 'text',
    purpose: 'text',
    subject: 'text',
    description: 'text',
    subjectEn: 'text',
    descriptionEn: 'text',
    amountMinor: 'int8',
    currency: 'text',
    paidMinor: 'int8',
    refundingMinor: 'int8',
    refundedMinor: 'int8',
    state: 'text',
    closing: 'text',
    lateSuccess: 'text',
    destinationBook: 'text',
    destinationCode: 'int2',
    destinationOwner: 'text',
    referenceKind: 'text',
    referenceId: 'text',
    methods: 'jsonb',
    contractId: 'text',
    custodyAccountId: 'text',
    payerId: 'uuid',
    expiresAt: 'timestamptz',
    dueAt: 'timestamptz',
    attempts: 'int4',
    events: 'int8',
    createdAt: 'timestamptz',
    finalAt: 'timestamptz',
  },
  key: ['id'],
  mutable: [
    'paidMinor',
    'refundingMinor',
    'refundedMinor',
    'state',
    'closing',
    'lateSuccess',
    'dueAt',
    'attempts',
    'events',
    'finalAt',
  ],
});

/**
 * What a channel said that cannot be true together with what we know: shown to people, never
 * applied.
 */
export interface Contradiction {
  readonly kind: 'amount' | 'channel_number';
  readonly expected: string;
  readonly said: string;
  readonly at: string;
}

/** One try to pay an order at one channel. Amounts in minor units of the order's currency. */
export interface Attempt {
  readonly id: string;
  /** The channel's out_trade_no: 26 characters, from the id. */
  readonly number: string;
  readonly orderId: string;
  readonly method: Method;
  readonly contractId: string | null;
  /** The contract's rate when the attempt was made. */
  readonly feeBps: number;
  readonly amountMinor: bigint;
  readonly state: AttemptState;
  /** Kept only until the channel has taken the attempt. */
  readonly payerIp: string | null;
  readonly codeUrl: string | null;
  readonly h5Url: string | null;
  readonly channelNumber: string | null;
  readonly feeMinor: bigint;
  /** The share of the fee that came back with refunds. */
  readonly feeReturnedMinor: bigint;
  /** When the channel says that it was paid, and on which bank day. */
  readonly paidAt: Temporal.Instant | null;
  readonly paidOn: Temporal.PlainDate | null;
  /** Booked on the order's destination, refunds not deducted. */
  readonly placedMinor: bigint;
  /** In suspense now, without an order to settle. */
  readonly suspenseMinor: bigint;
  readonly refundingMinor: bigint;
  readonly refundedMinor: bigint;
  /** How often the channel was asked. */
  readonly queries: number;
  /** How often it was sent to the channel, always under the same number, and when last. */
  readonly submissions: number;
  readonly submittedAt: Temporal.Instant;
  /** When the channel first said that it does not know it, since it was sent last. */
  readonly firstNotFoundAt: Temporal.Instant | null;
  /** What proves that it was not paid; there whenever it failed or was closed at a channel. */
  readonly proof: Proof | null;
  readonly contradiction: Contradiction | null;
  readonly dueAt: Temporal.Instant | null;
  readonly createdAt: Temporal.Instant;
  readonly finalAt: Temporal.Instant | null;
}

export const attemptTable = defineTable<Attempt>({
  name: 'payments.attempt',
  columns: {
    id: 'uuid',
    number: 'text',
    orderId: 'uuid',
    method: 'text',
    contractId: 'text',
    feeBps: 'int4',
    amountMinor: 'int8',
    state: 'text',
    payerIp: 'text',
    codeUrl: 'text',
    h5Url: 'text',
    channelNumber: 'text',
    feeMinor: 'int8',
    feeReturnedMinor: 'int8',
    paidAt: 'timestamptz',
    paidOn: 'date',
    placedMinor: 'int8',
    suspenseMinor: 'int8',
    refundingMinor: 'int8',
    refundedMinor: 'int8',
    queries: 'int4',
    submissions: 'int4',
    submittedAt: 'timestamptz',
    firstNotFoundAt: 'timestamptz',
    proof: 'jsonb',
    contradiction: 'jsonb',
    dueAt: 'timestamptz',
    createdAt: 'timestamptz',
    finalAt: 'timestamptz',
  },
  key: ['id'],
  mutable: [
    'state',
    'payerIp',
    'codeUrl',
    'h5Url',
    'channelNumber',
    'feeMinor',
    'feeReturnedMinor',
    'paidAt',
    'paidOn',
    'placedMinor',
    'suspenseMinor',
    'refundingMinor',
    'refundedMinor',
    'submissions',
    'submittedAt',
    'firstNotFoundAt',
    'proof',
    'contradiction',
    'dueAt',
    'finalAt',
  ],
});

/** Why money goes back. All but `requested` are the platform's own decision. */
export type RefundCause = 'requested' | 'late_success' | 'double_success';

/** Money given back through the channel that it came by. Amounts in minor units. */
export interface Refund {
  readonly id: string;
  readonly number: string;
  /**
   * The channel's out_refund_no of the present try: the number, with the try behind it from the
   * second on.
   */
  readonly submissionNumber: string;
  readonly orderId: string;
  readonly attemptId: string;
  readonly contractId: string;
  readonly amountMinor: bigint;
  readonly reason: string;
  readonly cause: RefundCause;
  /** Where the money was taken from: what the order had placed, or the contract's suspense. */
  readonly source: 'placed' | 'suspense';
  readonly state: RefundState;
  readonly requestedBy: string;
  readonly approvedBy: string | null;
  /** How often it was begun anew after it had failed, counted from 1. */
  readonly tries: number;
  /** How often the present try was sent, always under the same number, and when last. */
  readonly submissions: number;
  readonly submittedAt: Temporal.Instant | null;
  readonly firstNotFoundAt: Temporal.Instant | null;
  readonly channelNumber: string | null;
  readonly feeReturnedMinor: bigint;
  readonly succeededAt: Temporal.Instant | null;
  readonly succeededOn: Temporal.PlainDate | null;
  readonly queries: number;
  readonly proof: Proof | null;
  readonly dueAt: Temporal.Instant | null;
  readonly createdAt: Temporal.Instant;
  readonly finalAt: Temporal.Instant | null;
}

export const refundTable = defineTable<Refund>({
  name: 'payments.refund',
  columns: {
    id: 'uuid',
    number: 'text',
    submissionNumber: 'text',
    orderId: 'uuid',
    attemptId: 'uuid',
    contractId: 'text',
    amountMinor: 'int8',
    reason: 'text',
    cause: 'text',
    source: 'text',
    state: 'text',
    requestedBy: 'text',
    approvedBy: 'text',
    tries: 'int4',
    submissions: 'int4',
    submittedAt: 'timestamptz',
    firstNotFoundAt: 'timestamptz',
    channelNumber: 'text',
    feeReturnedMinor: 'int8',
    succeededAt: 'timestamptz',
    succeededOn: 'date',
    queries: 'int4',
    proof: 'jsonb',
    dueAt: 'timestamptz',
    createdAt: 'timestamptz',
    finalAt: 'timestamptz',
  },
  key: ['id'],
  mutable: [
    'submissionNumber',
    'state',
    'approvedBy',
    'tries',
    'submissions',
    'submittedAt',
    'firstNotFoundAt',
    'channelNumber',
    'feeReturnedMinor',
    'succeededAt',
    'succeededOn',
    'proof',
    'dueAt',
    'finalAt',
  ],
});

/** A bank transfer that paid an order, in whole or in part. Insert-only. */
export interface AppliedReceipt {
  readonly receiptId: string;
  readonly orderId: string;
  readonly amountMinor: bigint;
  /** What was more than the order needed: still in suspense. */
  readonly restMinor: bigint;
  readonly appliedBy: string;
  readonly appliedAt: Temporal.Instant;
}

export const appliedReceiptTable = defineTable<AppliedReceipt>({
  name: 'payments.applied_receipt',
  columns: {
    receiptId: 'uuid',
    orderId: 'uuid',
    amountMinor: 'int8',
    restMinor: 'int8',
    appliedBy: 'text',
    appliedAt: 'timestamptz',
  },
  key: ['receiptId'],
  mutable: [],
});

/**
 * A link to the cashier's page: whoever has the token may see the order and pay it. Insert-only.
 */
export interface CashierSession {
  readonly id: string;
  readonly tokenSha256: string;
  readonly orderId: string;
  readonly expiresAt: Temporal.Instant;
  readonly createdAt: Temporal.Instant;
}

export const cashierSessionTable = defineTable<CashierSession>({
  name: 'payments.cashier_session',
  columns: {
    id: 'uuid',
    tokenSha256: 'text',
    orderId: 'uuid',
    expiresAt: 'timestamptz',
    createdAt: 'timestamptz',
  },
  key: ['id'],
  mutable: [],
});
