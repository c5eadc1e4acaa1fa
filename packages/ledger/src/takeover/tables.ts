import { defineTable } from '@keyturn/pipeline';
import type { DifferenceClass } from './decide/explain.ts';

/** How far a takeover is. */
export interface Takeover {
  readonly id: string;
  readonly bookId: string;
  readonly cutSnapshot: string | null;
  readonly cutAt: Temporal.Instant | null;
  readonly cutPosition: bigint | null;
  readonly historyCursor: string | null;
  readonly historyReadAt: Temporal.Instant | null;
  readonly pieces: number;
  readonly importedAt: Temporal.Instant | null;
  /** Rows up to here were read, after the cut. */
  readonly position: bigint;
  readonly openedAt: Temporal.Instant;
}

export const takeoverTable = defineTable<Takeover>({
  name: 'takeover.takeover',
  columns: {
    id: 'text',
    bookId: 'text',
    cutSnapshot: 'text',
    cutAt: 'timestamptz',
    cutPosition: 'int8',
    historyCursor: 'text',
    historyReadAt: 'timestamptz',
    pieces: 'int4',
    importedAt: 'timestamptz',
    position: 'int8',
    openedAt: 'timestamptz',
  },
  key: ['id'],
  mutable: [
    ...(['cutSnapshot', 'cutAt', 'cutPosition', 'historyCursor', 'historyReadAt'] as const),
    ...(['pieces', 'importedAt', 'position'] as const),
  ],
});

export interface PlanRow {
  readonly takeoverId: string;
  readonly version: number;
  readonly content: unknown;
  readonly madeBy: string;
  readonly why: string;
  readonly madeAt: Temporal.Instant;
}

export const planTable = defineTable<PlanRow>({
  name: 'takeover.plan',
  columns: {
    takeoverId: 'text',
    version: 'int4',
    content: 'jsonb',
    madeBy: 'text',
    why: 'text',
    madeAt: 'timestamptz',
  },
  key: ['takeoverId', 'version'],
  mutable: [],
});

export interface Piece {
  readonly takeoverId: string;
  readonly number: number;
  readonly decidedAt: Temporal.Instant;
  readonly importedAt: Temporal.Instant | null;
}

export const pieceTable = defineTable<Piece>({
  name: 'takeover.piece',
  columns: {
    takeoverId: 'text',
    number: 'int4',
    decidedAt: 'timestamptz',
    importedAt: 'timestamptz',
  },
  key: ['takeoverId', 'number'],
  mutable: ['importedAt'],
});

/** An account of the old ledger, and what it is here. */
export interface TakenAccount {
  readonly takeoverId: string;
  readonly number: string;
  readonly subject: string;
  readonly accountId: string | null;
}

export const accountTable = defineTable<TakenAccount>({
  name: 'takeover.account',
  columns: { takeoverId: 'text', number: 'text', subject: 'text', accountId: 'uuid' },
  key: ['takeoverId', 'number'],
  mutable: ['accountId'],
});

/**
 * What became of a row: `booked`; `waiting` for money that the ledger misses; `unmapped`, its
 * subject has no mapping that fits; `after_switch`, written to the old ledger when the new one
 * led, and `adopted` from there; `mirrored`, ours; `nothing`, of no amount.
 */
export type MovementState =
  | 'booked'
  | 'waiting'
  | 'unmapped'
  | 'after_switch'
  | 'mirrored'
  | 'nothing'
  | 'adopted';

/** A row of the old ledger's list, as it was read. */
export interface Movement {
  readonly takeoverId: string;
  readonly id: string;
  readonly position: bigint;
  readonly account: string;
  readonly subject: string;
  /** Minor units with the old ledger's sign. */
  readonly amount: bigint;
  readonly voucher: string | null;
  readonly orderNo: string | null;
  readonly kind: string;
  readonly origin: string | null;
  readonly bookedAt: Temporal.Instant;
  readonly seenAt: Temporal.Instant;
  readonly state: MovementState;
  /** Why it is not booked: the code of the ledger's refusal. */
  readonly reason: string | null;
  readonly planVersion: number;
  readonly piece: number | null;
  readonly journalId: string | null;
}

export const movementTable = defineTable<Movement>({
  name: 'takeover.movement',
  columns: {
    takeoverId: 'text',
    id: 'text',
    position: 'int8',
    account: 'text',
    subject: 'text',
    amount: 'int8',
    voucher: 'text',
    orderNo: 'text',
    kind: 'text',
    origin: 'uuid',
    bookedAt: 'timestamptz',
    seenAt: 'timestamptz',
    state: 'text',
    reason: 'text',
    planVersion: 'int4',
    piece: 'int4',
    journalId: 'uuid',
  },
  key: ['takeoverId', 'id'],
  mutable: ['state', 'reason', 'planVersion', 'journalId'],
});

/** A row that came again with another content. */
export interface Conflict {
  readonly takeoverId: string;
  readonly id: string;
  readonly position: bigint;
  readonly account: string;
  readonly amount: bigint;
  readonly bookedAt: Temporal.Instant;
  readonly seenAt: Temporal.Instant;
}

export const conflictTable = defineTable<Conflict>({
  name: 'takeover.conflict',
  columns: {
    takeoverId: 'text',
    id: 'text',
    position: 'int8',
    account: 'text',
    amount: 'int8',
    bookedAt: 'timestamptz',
    seenAt: 'timestamptz',
  },
  key: ['takeoverId', 'id', 'position'],
  mutable: [],
});

export interface Comparison {
  readonly takeoverId: string;
  readonly number: number;
  readonly kind: 'import' | 'shadow';
  readonly snapshot: string;
  readonly snapshotAt: Temporal.Instant;
  readonly position: bigint;
  readonly madeAt: Temporal.Instant;
}

export const comparisonTable = defineTable<Comparison>({
  name: 'takeover.comparison',
  columns: {
    takeoverId: 'text',
    number: 'int4',
    kind: 'text',
    snapshot: 'text',
    snapshotAt: 'timestamptz',
    position: 'int8',
    madeAt: 'timestamptz',
  },
  key: ['takeoverId', 'number'],
  mutable: [],
});

/** What is between the two ledgers on one account. */
export interface Difference {
  readonly id: string;
  readonly takeoverId: string;
  readonly account: string;
  readonly subject: string;
  readonly class: DifferenceClass;
  /** The old balance; null when the old ledger has no such account. */
  readonly oldMinor: bigint | null;
  /** The ledger's balance, with the old sign. */
  readonly ledgerMinor: bigint;
  /** Rows that were read and are not booked. */
  readonly waitingMinor: bigint;
  /** What neither explains: old less ledger less waiting. */
  readonly amount: bigint;
  /** Ids of the rows and journals that explain it. */
  readonly evidence: readonly string[];
  readonly firstSeen: Temporal.Instant;
  readonly lastSeen: Temporal.Instant;
  readonly lastComparison: number;
  readonly closedAt: Temporal.Instant | null;
  readonly closedBy: 'healed' | 'settled' | null;
}

export const differenceTable = defineTable<Difference>({
  name: 'takeover.difference',
  columns: {
    id: 'uuid',
    takeoverId: 'text',
    account: 'text',
    subject: 'text',
    class: 'text',
    oldMinor: 'int8',
    ledgerMinor: 'int8',
    waitingMinor: 'int8',
    amount: 'int8',
    evidence: 'jsonb',
    firstSeen: 'timestamptz',
    lastSeen: 'timestamptz',
    lastComparison: 'int4',
    closedAt: 'timestamptz',
    closedBy: 'text',
  },
  key: ['id'],
  mutable: [
    ...(['class', 'oldMinor', 'ledgerMinor', 'waitingMinor', 'amount', 'evidence'] as const),
    ...(['lastSeen', 'lastComparison', 'closedAt', 'closedBy'] as const),
  ],
});

/** Who leads a subject, from a moment on. */
export interface Authority {
  readonly takeoverId: string;
  readonly subject: string;
  readonly number: number;
  readonly leads: 'old' | 'new';
  /** By the old ledger's clock. */
  readonly since: Temporal.Instant;
  readonly decidedBy: string;
  readonly why: string;
  readonly decidedAt: Temporal.Instant;
}

export const authorityTable = defineTable<Authority>({
  name: 'takeover.authority',
  columns: {
    takeoverId: 'text',
    subject: 'text',
    number: 'int4',
    leads: 'text',
    since: 'timestamptz',
    decidedBy: 'text',
    why: 'text',
    decidedAt: 'timestamptz',
  },
  key: ['takeoverId', 'subject', 'number'],
  mutable: [],
});

/** A journal that has to be written to the old ledger. */
export interface Mirror {
  readonly journalId: string;
  readonly takeoverId: string;
  readonly orderNo: string | null;
  readonly kind: string;
  readonly bookedAt: Temporal.Instant;
  readonly attempts: number;
  /** When it is tried next; null when it is there. */
  readonly dueAt: Temporal.Instant | null;
  readonly lastError: string | null;
  readonly sentAt: Temporal.Instant | null;
}

export const mirrorTable = defineTable<Mirror>({
  name: 'takeover.mirror',
  columns: {
    journalId: 'uuid',
    takeoverId: 'text',
    orderNo: 'text',
    kind: 'text',
    bookedAt: 'timestamptz',
    attempts: 'int4',
    dueAt: 'timestamptz',
    lastError: 'text',
    sentAt: 'timestamptz',
  },
  key: ['journalId'],
  mutable: ['attempts', 'dueAt', 'lastError', 'sentAt'],
});

export interface MirrorLeg {
  readonly journalId: string;
  readonly leg: number;
  readonly takeoverId: string;
  readonly account: string;
  readonly subject: string;
  /** Minor units with the old ledger's sign. */
  readonly amount: bigint;
}

export const mirrorLegTable = defineTable<MirrorLeg>({
  name: 'takeover.mirror_leg',
  columns: {
    journalId: 'uuid',
    leg: 'int2',
    takeoverId: 'text',
    account: 'text',
    subject: 'text',
    amount: 'int8',
  },
  key: ['journalId', 'leg'],
  mutable: [],
});

/** A refund, booked here, of an order that was paid in the old ledger. */
export interface Refund {
  readonly journalId: string;
  readonly takeoverId: string;
  readonly orderNo: string;
  readonly account: string;
  readonly amount: bigint;
}

export const refundTable = defineTable<Refund>({
  name: 'takeover.refund',
  columns: {
    journalId: 'uuid',
    takeoverId: 'text',
    orderNo: 'text',
    account: 'text',
    amount: 'int8',
  },
  key: ['journalId'],
  mutable: [],
});
