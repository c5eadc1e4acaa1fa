import type { AccountCode, AccountSpec } from '@keyturn/ledger';
import { defineTable } from '@keyturn/pipeline';
import type { AgreementTerms } from './decide/agreement.ts';
import type { DealState } from './decide/deal-state.ts';

/**
 * One version of an agreement. Its terms never change; it is drafted by one and published by
 * another.
 */
export interface Agreement {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly terms: AgreementTerms;
  readonly state: 'draft' | 'published';
  readonly madeBy: string;
  readonly publishedBy: string | null;
  readonly createdAt: Temporal.Instant;
  readonly publishedAt: Temporal.Instant | null;
  readonly events: bigint;
}

export const agreementTable = defineTable<Agreement>({
  name: 'escrow.agreement',
  columns: {
    id: 'uuid',
    name: 'text',
    version: 'int4',
    terms: 'jsonb',
    state: 'text',
    madeBy: 'text',
    publishedBy: 'text',
    createdAt: 'timestamptz',
    publishedAt: 'timestamptz',
    events: 'int8',
  },
  key: ['id'],
  mutable: ['state', 'publishedBy', 'publishedAt', 'events'],
});

/** Who plays a role in a deal, and to which bank account they are paid. Uuids. */
export interface Party {
  readonly role: string;
  readonly kind: 'person' | 'merchant';
  readonly id: string;
  readonly bankAccountId: string | null;
  /** As it may be shown to its owner. */
  readonly bankAccountMasked: string | null;
}

export interface Freeze {
  /** Item keys; all items when empty. */
  readonly items: readonly string[];
  readonly reason: string;
  readonly by: string;
  readonly at: string;
  readonly until: string | null;
}

export interface Deal {
  readonly id: string;
  readonly number: string;
  readonly agreementId: string;
  readonly integratorId: string;
  readonly title: string;
  readonly city: string;
  readonly currency: string;
  readonly state: DealState;
  /** From which state cancelling was asked. */
  readonly stateBefore: DealState | null;
  readonly parties: readonly Party[];
  readonly agreedRoles: readonly string[];
  readonly deadline: Temporal.Instant | null;
  readonly freeze: Freeze | null;
  /** When a freeze with an end is lifted. */
  readonly dueAt: Temporal.Instant | null;
  /** The failure that was asked for, and who asked. */
  readonly failureKey: string | null;
  readonly failureReason: string | null;
  readonly failureBy: string | null;
  readonly createdAt: Temporal.Instant;
  readonly finalAt: Temporal.Instant | null;
  readonly events: bigint;
  /** How many lines its timeline has. */
  readonly lines: number;
}

export const dealTable = defineTable<Deal>({
  name: 'escrow.deal',
  columns: {
    id: 'uuid',
    number: 'text',
    agreementId: 'uuid',
    integratorId: 'text',
    title: 'text',
    city: 'text',
    currency: 'text',
    state: 'text',
    stateBefore: 'text',
    parties: 'jsonb',
    agreedRoles: 'jsonb',
    deadline: 'timestamptz',
    freeze: 'jsonb',
    dueAt: 'timestamptz',
    failureKey: 'text',
    failureReason: 'text',
    failureBy: 'text',
    createdAt: 'timestamptz',
    finalAt: 'timestamptz',
    events: 'int8',
    lines: 'int4',
  },
  key: ['id'],
  mutable: [
    'state',
    'stateBefore',
    'agreedRoles',
    'freeze',
    'dueAt',
    'failureKey',
    'failureReason',
    'failureBy',
    'finalAt',
    'events',
    'lines',
  ],
});

/**
 * One fund item of a deal. Amounts in minor units of the deal's currency, all sums since the
 * beginning.
 */
export interface Item {
  readonly id: string;
  readonly dealId: string;
  readonly key: string;
  readonly position: number;
  /** What is owed for it. */
  readonly amountMinor: bigint;
  /** Where its money lies: the account that orders pay to. */
  readonly book: string;
  readonly code: AccountCode;
  readonly owner: string;
  readonly paidMinor: bigint;
  readonly convertedInMinor: bigint;
  readonly convertedOutMinor: bigint;
  /** Promised to releases that wait for their approval; still held. */
  readonly reservedMinor: bigint;
  /** Left the item, not there yet. */
  readonly movingMinor: bigint;
  readonly releasedMinor: bigint;
  readonly refundingMinor: bigint;
  readonly refundedMinor: bigint;
  /** Shared out to merchants, for items that are not escrowed. */
  readonly sharedMinor: bigint;
  /** The order that is open or was paid last. */
  readonly orderId: string | null;
  /** What the open order still asks for; 0 without an open one. */
  readonly openMinor: bigint;
  readonly fundedAt: Temporal.Instant | null;
}

export const itemTable = defineTable<Item>({
  name: 'escrow.item',
  columns: {
    id: 'uuid',
    dealId: 'uuid',
    key: 'text',
    position: 'int2',
    amountMinor: 'int8',
    book: 'text',
    code: 'int2',
    owner: 'text',
    paidMinor: 'int8',
    convertedInMinor: 'int8',
    convertedOutMinor: 'int8',
    reservedMinor: 'int8',
    movingMinor: 'int8',
    releasedMinor: 'int8',
    refundingMinor: 'int8',
    refundedMinor: 'int8',
    sharedMinor: 'int8',
    orderId: 'uuid',
    openMinor: 'int8',
    fundedAt: 'timestamptz',
  },
  key: ['id'],
  mutable: [
    'paidMinor',
    'convertedInMinor',
    'convertedOutMinor',
    'reservedMinor',
    'movingMinor',
    'releasedMinor',
    'refundingMinor',
    'refundedMinor',
    'sharedMinor',
    'orderId',
    'openMinor',
    'fundedAt',
  ],
});

/** One payment that reached an item, and by which way: refunds go back the same way. */
export interface Funding {
  readonly id: string;
  readonly dealId: string;
  /** Counted in the deal: the order in which they were made. */
  readonly position: number;
  readonly itemId: string;
  readonly orderId: string;
  readonly way: 'acquirer' | 'bank_transfer';
  readonly attemptId: string | null;
  readonly receiptId: string | null;
  readonly amountMinor: bigint;
  /** Given back or on its way back. */
  readonly refundedMinor: bigint;
  readonly at: Temporal.Instant;
}

export const fundingTable = defineTable<Funding>({
  name: 'escrow.funding',
  columns: {
    id: 'uuid',
    dealId: 'uuid',
    position: 'int4',
    itemId: 'uuid',
    orderId: 'uuid',
    way: 'text',
    attemptId: 'uuid',
    receiptId: 'uuid',
    amountMinor: 'int8',
    refundedMinor: 'int8',
    at: 'timestamptz',
  },
  key: ['id'],
  mutable: ['refundedMinor'],
});

/** Money moved from one item to another in the same custody. */
export interface Conversion {
  readonly id: string;
  readonly dealId: string;
  /** Counted in the deal: the order in which they were made. */
  readonly position: number;
  readonly fromItem: string;
  readonly toItem: string;
  readonly amountMinor: bigint;
  readonly reversedMinor: bigint;
  readonly journalId: string;
  readonly by: string;
  readonly at: Temporal.Instant;
}

export const conversionTable = defineTable<Conversion>({
  name: 'escrow.conversion',
  columns: {
    id: 'uuid',
    dealId: 'uuid',
    position: 'int4',
    fromItem: 'uuid',
    toItem: 'uuid',
    amountMinor: 'int8',
    reversedMinor: 'int8',
    journalId: 'uuid',
    by: 'text',
    at: 'timestamptz',
  },
  key: ['id'],
  mutable: ['reversedMinor'],
});

/** Something shown: the fact on which conditions stand. Insert-only. */
export interface Evidence {
  readonly id: string;
  readonly dealId: string;
  /** Counted in the deal: the order in which they were made. */
  readonly position: number;
  readonly kind: string;
  readonly reference: string;
  readonly documentSha256: string | null;
  readonly role: string;
  readonly by: string;
  readonly at: Temporal.Instant;
}

export const evidenceTable = defineTable<Evidence>({
  name: 'escrow.evidence',
  columns: {
    id: 'uuid',
    dealId: 'uuid',
    position: 'int4',
    kind: 'text',
    reference: 'text',
    documentSha256: 'text',
    role: 'text',
    by: 'text',
    at: 'timestamptz',
  },
  key: ['id'],
  mutable: [],
});

export type ReleaseState = 'pending_approval' | 'rejected' | 'moving' | 'done' | 'failed';

/** A request to pay items out to a party, by one and approved by another. */
export interface Release {
  readonly id: string;
  readonly dealId: string;
  /** Counted in the deal: the order in which they were made. */
  readonly position: number;
  readonly key: string;
  readonly role: string;
  readonly state: ReleaseState;
  readonly maker: string;
  readonly checker: string | null;
  readonly reason: string | null;
  readonly requestedAt: Temporal.Instant;
  readonly decidedAt: Temporal.Instant | null;
  readonly doneAt: Temporal.Instant | null;
}

export const releaseTable = defineTable<Release>({
  name: 'escrow.release',
  columns: {
    id: 'uuid',
    dealId: 'uuid',
    position: 'int4',
    key: 'text',
    role: 'text',
    state: 'text',
    maker: 'text',
    checker: 'text',
    reason: 'text',
    requestedAt: 'timestamptz',
    decidedAt: 'timestamptz',
    doneAt: 'timestamptz',
  },
  key: ['id'],
  mutable: ['state', 'checker', 'reason', 'decidedAt', 'doneAt'],
});

export type LegState = 'waiting' | 'moving' | 'paid' | 'failed' | 'returned' | 'dropped';

/**
 * One movement out of one item: of a release, or of an unwind (back to who paid, or to the
 * beneficiary). `waiting` until approved; `dropped` when rejected.
 */
export interface Leg {
  readonly id: string;
  readonly dealId: string;
  /** Counted in the deal: the order in which they were made. */
  readonly position: number;
  readonly itemId: string;
  readonly releaseId: string | null;
  /** For a refund: the payment that is given back. */
  readonly fundingId: string | null;
  readonly purpose: 'release' | 'refund' | 'forfeit';
  readonly way: 'payout' | 'merchant' | 'acquirer';
  readonly role: string;
  readonly amountMinor: bigint;
  readonly state: LegState;
  readonly payoutId: string | null;
  readonly refundId: string | null;
  readonly reason: string | null;
  readonly at: Temporal.Instant;
  readonly finalAt: Temporal.Instant | null;
}

export const legTable = defineTable<Leg>({
  name: 'escrow.leg',
  columns: {
    id: 'uuid',
    dealId: 'uuid',
    position: 'int4',
    itemId: 'uuid',
    releaseId: 'uuid',
    fundingId: 'uuid',
    purpose: 'text',
    way: 'text',
    role: 'text',
    amountMinor: 'int8',
    state: 'text',
    payoutId: 'uuid',
    refundId: 'uuid',
    reason: 'text',
    at: 'timestamptz',
    finalAt: 'timestamptz',
  },
  key: ['id'],
  mutable: ['state', 'payoutId', 'refundId', 'reason', 'finalAt'],
});

/** What cannot be given back, because who has it does not have it any more. */
export interface Shortfall {
  readonly id: string;
  readonly dealId: string;
  readonly itemId: string;
  /** Who owes it. */
  readonly role: string;
  readonly reason: 'released' | 'split_spent';
  readonly amountMinor: bigint;
  readonly at: Temporal.Instant;
}

export const shortfallTable = defineTable<Shortfall>({
  name: 'escrow.shortfall',
  columns: {
    id: 'uuid',
    dealId: 'uuid',
    itemId: 'uuid',
    role: 'text',
    reason: 'text',
    amountMinor: 'int8',
    at: 'timestamptz',
  },
  key: ['id'],
  mutable: ['amountMinor', 'at'],
});

/** A line of a deal's story: a sentence's key and its parameters. Insert-only. */
export interface Line {
  readonly dealId: string;
  readonly position: number;
  readonly kind: string;
  readonly itemKey: string | null;
  readonly role: string | null;
  readonly amountMinor: bigint | null;
  readonly parameters: Readonly<Record<string, string>>;
  readonly at: Temporal.Instant;
}

export const lineTable = defineTable<Line>({
  name: 'escrow.timeline_line',
  columns: {
    dealId: 'uuid',
    position: 'int4',
    kind: 'text',
    itemKey: 'text',
    role: 'text',
    amountMinor: 'int8',
    parameters: 'jsonb',
    at: 'timestamptz',
  },
  key: ['dealId', 'position'],
  mutable: [],
});

/** The ledger account where an item's money lies. */
export function accountOf(item: Item): AccountSpec {
  return { book: item.book, code: item.code, owner: item.owner };
}

export function isEscrowed(item: Item): boolean {
  return item.code === 2101;
}

/** What came in for an item, conversions counted: what its releases divide. */
export function receivedOf(item: Item): bigint {
  return item.paidMinor + item.convertedInMinor - item.convertedOutMinor;
}

/** What lies on an item: came in and has not left. */
export function heldOf(item: Item): bigint {
  const left = item.movingMinor + item.releasedMinor + item.refundingMinor + item.refundedMinor;
  return receivedOf(item) - left - item.sharedMinor;
}

/** What may still be decided about: held, and not promised to a release. */
export function availableOf(item: Item): bigint {
  return heldOf(item) - item.reservedMinor;
}

/** What is still to be paid, an open order not counted. */
export function missingOf(item: Item): bigint {
  const missing = item.amountMinor - item.paidMinor - item.convertedInMinor;
  return missing > 0n ? missing : 0n;
}
