import { defineTable } from '@keyturn/pipeline';
import type { ExceptionKind, ExceptionState, Proposal } from './decide/exception-state.ts';
import type { ProofItem } from './decide/proof.ts';
import type { FindingView } from './findings.ts';

/** Amounts are bigint minor units of the row's currency. */

export interface StatementFileRow {
  readonly id: string;
  readonly sha256: string;
  readonly name: string;
  readonly format: string | null;
  readonly size: number;
  readonly contentSealed: string;
  readonly source: 'uploaded' | 'fetched';
  readonly outcome: 'imported' | 'reported' | 'refused';
  readonly reason: string | null;
  readonly statements: number;
  readonly entries: number;
  readonly openingMinor: bigint | null;
  readonly closingMinor: bigint | null;
  readonly currency: string | null;
  readonly accounts: readonly { readonly number: string; readonly account_id?: string }[];
  readonly findings: readonly FindingView[];
  readonly findingsCount: number;
  readonly importedBy: string;
  readonly importedAt: Temporal.Instant;
}

export const statementFileTable = defineTable<StatementFileRow>({
  name: 'reconciliation.statement_file',
  columns: {
    id: 'uuid',
    sha256: 'text',
    name: 'text',
    format: 'text',
    size: 'int4',
    contentSealed: 'text',
    source: 'text',
    outcome: 'text',
    reason: 'text',
    statements: 'int4',
    entries: 'int4',
    openingMinor: 'int8',
    closingMinor: 'int8',
    currency: 'text',
    accounts: 'jsonb',
    findings: 'jsonb',
    findingsCount: 'int4',
    importedBy: 'text',
    importedAt: 'timestamptz',
  },
  key: ['id'],
  mutable: [],
});

export interface StatementRow {
  readonly id: string;
  readonly fileId: string;
  readonly ordinal: number;
  readonly format: string;
  readonly accountNumberSealed: string;
  readonly accountMasked: string;
  readonly accountId: string | null;
  readonly currency: string;
  readonly day: Temporal.PlainDate | null;
  readonly fromOn: Temporal.PlainDate | null;
  readonly toOn: Temporal.PlainDate | null;
  readonly openingMinor: bigint | null;
  readonly closingMinor: bigint | null;
  readonly entries: number;
  readonly balanceHolds: boolean | null;
  readonly result: 'verified' | 'not_verifiable' | 'contradicted';
  readonly findings: readonly FindingView[];
  readonly messageId: string | null;
  readonly importedAt: Temporal.Instant;
}

export const statementTable = defineTable<StatementRow>({
  name: 'reconciliation.statement',
  columns: {
    id: 'uuid',
    fileId: 'uuid',
    ordinal: 'int4',
    format: 'text',
    accountNumberSealed: 'text',
    accountMasked: 'text',
    accountId: 'text',
    currency: 'text',
    day: 'date',
    fromOn: 'date',
    toOn: 'date',
    openingMinor: 'int8',
    closingMinor: 'int8',
    entries: 'int4',
    balanceHolds: 'bool',
    result: 'text',
    findings: 'jsonb',
    messageId: 'text',
    importedAt: 'timestamptz',
  },
  key: ['id'],
  mutable: [],
});

export interface StatementEntryRow {
  readonly id: string;
  readonly statementId: string;
  readonly ordinal: number;
  readonly accountId: string | null;
  readonly day: Temporal.PlainDate | null;
  readonly bankReference: string | null;
  readonly endToEndId: string | null;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly direction: 'credit' | 'debit';
  readonly status: string;
  readonly bookedOn: Temporal.PlainDate | null;
  readonly valueOn: Temporal.PlainDate | null;
  readonly virtualNumber: string | null;
  readonly detailsSealed: string | null;
}

export const statementEntryTable = defineTable<StatementEntryRow>({
  name: 'reconciliation.statement_entry',
  columns: {
    id: 'uuid',
    statementId: 'uuid',
    ordinal: 'int4',
    accountId: 'text',
    day: 'date',
    bankReference: 'text',
    endToEndId: 'text',
    amountMinor: 'int8',
    currency: 'text',
    direction: 'text',
    status: 'text',
    bookedOn: 'date',
    valueOn: 'date',
    virtualNumber: 'text',
    detailsSealed: 'text',
  },
  key: ['statementId', 'ordinal'],
  mutable: [],
});

export interface EntryMatchRow {
  readonly entryId: string;
  readonly accountId: string;
  readonly day: Temporal.PlainDate;
  readonly outcome: 'matched' | 'exception';
  readonly counterpartKind: 'receipt' | 'payout' | null;
  readonly counterpartId: string | null;
  readonly matchedBy: 'bank_reference' | 'end_to_end_id' | null;
  readonly amountMinor: bigint;
  readonly exceptionKey: string | null;
  readonly matchedAt: Temporal.Instant;
}

export interface BillRow {
  readonly id: string;
  readonly fileId: string;
  readonly contractId: string;
  readonly day: Temporal.PlainDate;
  readonly lines: number;
  readonly paidMinor: bigint;
  readonly refundedMinor: bigint;
  readonly feesMinor: bigint;
  readonly currency: string;
  readonly findings: readonly FindingView[];
  readonly importedAt: Temporal.Instant;
}

export const billTable = defineTable<BillRow>({
  name: 'reconciliation.bill',
  columns: {
    id: 'uuid',
    fileId: 'uuid',
    contractId: 'text',
    day: 'date',
    lines: 'int4',
    paidMinor: 'int8',
    refundedMinor: 'int8',
    feesMinor: 'int8',
    currency: 'text',
    findings: 'jsonb',
    importedAt: 'timestamptz',
  },
  key: ['id'],
  mutable: [],
});

export interface BillLineRow {
  readonly billId: string;
  readonly ordinal: number;
  readonly number: string;
  readonly kind: 'pay' | 'refund';
  readonly originalNumber: string | null;
  readonly channelNumber: string;
  readonly amountMinor: bigint;
  readonly settledMinor: bigint;
  readonly feeMinor: bigint;
  readonly succeeded: boolean;
  readonly at: string;
}

export const billLineTable = defineTable<BillLineRow>({
  name: 'reconciliation.bill_line',
  columns: {
    billId: 'uuid',
    ordinal: 'int4',
    number: 'text',
    kind: 'text',
    originalNumber: 'text',
    channelNumber: 'text',
    amountMinor: 'int8',
    settledMinor: 'int8',
    feeMinor: 'int8',
    succeeded: 'bool',
    at: 'text',
  },
  key: ['billId', 'ordinal'],
  mutable: [],
});

/**
 * A difference somebody has to look after. `amountMinor` positive: too much there; negative:
 * missing there.
 */
export interface ExceptionRow {
  readonly id: string;
  readonly key: string;
  readonly kind: ExceptionKind;
  readonly accountId: string | null;
  readonly contractId: string | null;
  readonly book: string | null;
  readonly day: Temporal.PlainDate;
  readonly subject: string;
  readonly amountMinor: bigint | null;
  readonly currency: string | null;
  readonly state: ExceptionState;
  readonly ownerId: string | null;
  readonly deadline: Temporal.Instant;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly proposal: Proposal | null;
  readonly maker: string | null;
  readonly checker: string | null;
  readonly journalId: string | null;
  readonly note: string | null;
  readonly openedAt: Temporal.Instant;
  readonly resolvedAt: Temporal.Instant | null;
  readonly events: bigint;
}

export const exceptionTable = defineTable<ExceptionRow>({
  name: 'reconciliation.exception',
  columns: {
    id: 'uuid',
    key: 'text',
    kind: 'text',
    accountId: 'text',
    contractId: 'text',
    book: 'text',
    day: 'date',
    subject: 'text',
    amountMinor: 'int8',
    currency: 'text',
    state: 'text',
    ownerId: 'text',
    deadline: 'timestamptz',
    evidence: 'jsonb',
    proposal: 'jsonb',
    maker: 'text',
    checker: 'text',
    journalId: 'uuid',
    note: 'text',
    openedAt: 'timestamptz',
    resolvedAt: 'timestamptz',
    events: 'int8',
  },
  key: ['id'],
  mutable: [
    'state',
    'ownerId',
    'deadline',
    'evidence',
    'proposal',
    'maker',
    'checker',
    'journalId',
    'note',
    'resolvedAt',
    'events',
  ],
});

export interface ExceptionStepRow {
  readonly exceptionId: string;
  readonly sequence: bigint;
  readonly state: ExceptionState;
  readonly by: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly at: Temporal.Instant;
}

export const exceptionStepTable = defineTable<ExceptionStepRow>({
  name: 'reconciliation.exception_step',
  columns: {
    exceptionId: 'uuid',
    sequence: 'int8',
    state: 'text',
    by: 'text',
    detail: 'jsonb',
    at: 'timestamptz',
  },
  key: ['exceptionId', 'sequence'],
  mutable: [],
});

export interface ProofRow {
  readonly id: string;
  readonly day: Temporal.PlainDate;
  readonly version: number;
  readonly balanced: boolean;
  readonly digest: string;
  readonly madeAt: Temporal.Instant;
}

export const proofTable = defineTable<ProofRow>({
  name: 'reconciliation.proof',
  columns: {
    id: 'uuid',
    day: 'date',
    version: 'int4',
    balanced: 'bool',
    digest: 'text',
    madeAt: 'timestamptz',
  },
  key: ['id'],
  mutable: [],
});

export interface ProofLineRow {
  readonly proofId: string;
  readonly place: string;
  readonly placeKind: 'custody' | 'channel';
  readonly entity: string;
  readonly regime: string;
  readonly book: string;
  readonly currency: string;
  readonly bankMinor: bigint | null;
  readonly ledgerMinor: bigint;
  readonly liabilitiesMinor: bigint;
  readonly inTransitMinor: bigint;
  readonly differenceMinor: bigint | null;
  readonly balanced: boolean;
  readonly items: readonly ProofItem[];
}

export const proofLineTable = defineTable<ProofLineRow>({
  name: 'reconciliation.proof_line',
  columns: {
    proofId: 'uuid',
    place: 'text',
    placeKind: 'text',
    entity: 'text',
    regime: 'text',
    book: 'text',
    currency: 'text',
    bankMinor: 'int8',
    ledgerMinor: 'int8',
    liabilitiesMinor: 'int8',
    inTransitMinor: 'int8',
    differenceMinor: 'int8',
    balanced: 'bool',
    items: 'jsonb',
  },
  key: ['proofId', 'placeKind', 'place'],
  mutable: [],
});

/**
 * A bank day's work. `due_at` moves on while it is worked on, so that two workers do not take it.
 */
export interface RunRow {
  readonly day: Temporal.PlainDate;
  readonly state: 'due' | 'complete' | 'given_up';
  readonly dueAt: Temporal.Instant | null;
  readonly tries: number;
  readonly lastError: string | null;
  readonly startedAt: Temporal.Instant | null;
  readonly finishedAt: Temporal.Instant | null;
}
