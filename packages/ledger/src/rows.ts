import { defineTable } from '@keyturn/pipeline';
import type { Applied, Leg } from './decide/apply-transfer.ts';
import { type AnyRequest, isReversal, type Journal, type Transfer } from './journal.ts';

/** A journal as it is stored, booked or refused. */
export function journalRow(
  request: AnyRequest,
  fingerprint: string,
  refusal: string | null,
  now: Temporal.Instant,
  link: string | null = null,
): Journal {
  return {
    id: request.id,
    bookId: request.book,
    causeModule: request.cause.module,
    causeObject: request.cause.object,
    causeCommand: request.cause.command,
    fingerprint,
    refusal,
    effectiveAt: request.effectiveAt ?? now,
    recordedAt: now,
    // A journal that was refused reverses nothing: the other may still be reversed.
    reverses: isReversal(request) && refusal === null ? request.reverses : null,
    link,
  };
}

export function transferRow(
  journalId: string,
  leg: Leg,
  { debit, credit, amount }: Applied,
  now: Temporal.Instant,
): Transfer {
  return {
    journalId,
    leg: leg.leg,
    kind: leg.kind,
    debitAccount: debit.id,
    creditAccount: credit.id,
    amount,
    holdJournal: leg.hold?.journalId ?? null,
    holdLeg: leg.hold?.leg ?? null,
    expiresAt: leg.expiresAt ?? null,
    debitVersion: debit.version,
    debitDebitsPosted: debit.debitsPosted,
    debitCreditsPosted: debit.creditsPosted,
    debitDebitsPending: debit.debitsPending,
    debitCreditsPending: debit.creditsPending,
    creditVersion: credit.version,
    creditDebitsPosted: credit.debitsPosted,
    creditCreditsPosted: credit.creditsPosted,
    creditDebitsPending: credit.debitsPending,
    creditCreditsPending: credit.creditsPending,
    recordedAt: now,
    balancing: leg.balancing ?? null,
    atMost: leg.balancing === undefined ? null : leg.amount,
    closing: leg.closing ?? null,
  };
}

/** A hold with a time-out that is still open: what the expiry looks at. */
export interface DueHold {
  readonly journalId: string;
  readonly leg: number;
  readonly expiresAt: Temporal.Instant;
}

export const dueHoldTable = defineTable<DueHold>({
  name: 'ledger.due_hold',
  columns: { journalId: 'uuid', leg: 'int2', expiresAt: 'timestamptz' },
  key: ['journalId', 'leg'],
  mutable: [],
});

/** What became of a hold: unique for ever, whatever part of the transfers it lies in. */
export interface HoldResolution {
  readonly holdJournal: string;
  readonly holdLeg: number;
  readonly journalId: string;
  readonly leg: number;
  /** What was held, in minor units. */
  readonly held: bigint;
  /** Posted, whole or in part; else voided. */
  readonly posted: boolean;
}

export const holdResolutionTable = defineTable<HoldResolution>({
  name: 'ledger.hold_resolution',
  columns: {
    holdJournal: 'uuid',
    holdLeg: 'int2',
    journalId: 'uuid',
    leg: 'int2',
    held: 'int8',
    posted: 'bool',
  },
  key: ['holdJournal', 'holdLeg'],
  mutable: [],
});

/** One side of a transfer whose value date is not the moment of its recording. */
export interface ShiftedEntry {
  readonly accountId: string;
  readonly journalId: string;
  readonly leg: number;
  readonly effectiveAt: Temporal.Instant;
  readonly recordedAt: Temporal.Instant;
  readonly debits: bigint;
  readonly credits: bigint;
}

export const shiftedEntryTable = defineTable<ShiftedEntry>({
  name: 'ledger.shifted_entry',
  columns: {
    accountId: 'uuid',
    journalId: 'uuid',
    leg: 'int2',
    effectiveAt: 'timestamptz',
    recordedAt: 'timestamptz',
    debits: 'int8',
    credits: 'int8',
  },
  key: ['accountId', 'journalId', 'leg'],
  mutable: [],
});

/** The two sides of a transfer that was posted with a value date of its own. */
export function shiftedEntries(journal: Journal, transfer: Transfer): readonly ShiftedEntry[] {
  const { journalId, leg, amount, debitAccount, creditAccount } = transfer;
  const { effectiveAt, recordedAt } = journal;
  const common = { journalId, leg, effectiveAt, recordedAt };
  return [
    { ...common, accountId: debitAccount, debits: amount, credits: 0n },
    { ...common, accountId: creditAccount, debits: 0n, credits: amount },
  ];
}
