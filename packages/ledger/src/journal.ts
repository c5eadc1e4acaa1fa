import { hash } from 'node:crypto';
import { defineTable } from '@keyturn/pipeline';
import { type AccountSpec, accountId } from './account.ts';

export type TransferKind = 'posted' | 'pending' | 'post_pending' | 'void_pending';

/** Names one hold: a pending transfer of an earlier journal. */
export interface HoldRef {
  readonly journalId: string;
  readonly leg: number;
}

/**
 * One leg of a journal. Amounts are positive minor units of the book's currency. `posted` moves
 * money; `pending` holds it until it is posted (whole or in part, the rest is released), voided,
 * or expires.
 */
export type TransferRequest =
  | {
      readonly kind: 'posted';
      readonly debit: AccountSpec;
      readonly credit: AccountSpec;
      readonly amount: bigint;
    }
  | {
      readonly kind: 'pending';
      readonly debit: AccountSpec;
      readonly credit: AccountSpec;
      readonly amount: bigint;
      readonly expiresAt?: Temporal.Instant;
    }
  | { readonly kind: 'post_pending'; readonly hold: HoldRef; readonly amount?: bigint }
  | { readonly kind: 'void_pending'; readonly hold: HoldRef };

/** Transfers that stand or fall together, with their business cause. */
export interface JournalRequest {
  /** The caller's id: the same id with the same content has the same effect once, for ever. */
  readonly id: string;
  readonly book: string;
  readonly cause: { readonly module: string; readonly object: string; readonly command: string };
  readonly transfers: readonly TransferRequest[];
  /** Value date; now when absent. */
  readonly effectiveAt?: Temporal.Instant;
}

export interface Journal {
  readonly id: string;
  readonly bookId: string;
  readonly causeModule: string;
  readonly causeObject: string;
  readonly causeCommand: string;
  readonly fingerprint: string;
  readonly refusal: string | null;
  readonly effectiveAt: Temporal.Instant;
  readonly recordedAt: Temporal.Instant;
}

export interface Transfer {
  readonly journalId: string;
  readonly leg: number;
  readonly kind: TransferKind;
  readonly debitAccount: string;
  readonly creditAccount: string;
  readonly amount: bigint;
  readonly holdJournal: string | null;
  readonly holdLeg: number | null;
  readonly expiresAt: Temporal.Instant | null;
  readonly debitVersion: bigint;
  readonly debitDebitsPosted: bigint;
  readonly debitCreditsPosted: bigint;
  readonly debitDebitsPending: bigint;
  readonly debitCreditsPending: bigint;
  readonly creditVersion: bigint;
  readonly creditDebitsPosted: bigint;
  readonly creditCreditsPosted: bigint;
  readonly creditDebitsPending: bigint;
  readonly creditCreditsPending: bigint;
  readonly recordedAt: Temporal.Instant;
}

export const journalTable = defineTable<Journal>({
  name: 'ledger.journal',
  columns: {
    id: 'uuid',
    bookId: 'text',
    causeModule: 'text',
    causeObject: 'text',
    causeCommand: 'text',
    fingerprint: 'text',
    refusal: 'text',
    effectiveAt: 'timestamptz',
    recordedAt: 'timestamptz',
  },
  key: ['id'],
  mutable: [],
});

export const transferTable = defineTable<Transfer>({
  name: 'ledger.transfer',
  columns: {
    journalId: 'uuid',
    leg: 'int2',
    kind: 'text',
    debitAccount: 'uuid',
    creditAccount: 'uuid',
    amount: 'int8',
    holdJournal: 'uuid',
    holdLeg: 'int2',
    expiresAt: 'timestamptz',
    debitVersion: 'int8',
    debitDebitsPosted: 'int8',
    debitCreditsPosted: 'int8',
    debitDebitsPending: 'int8',
    debitCreditsPending: 'int8',
    creditVersion: 'int8',
    creditDebitsPosted: 'int8',
    creditCreditsPosted: 'int8',
    creditDebitsPending: 'int8',
    creditCreditsPending: 'int8',
    recordedAt: 'timestamptz',
  },
  key: ['journalId', 'leg'],
  mutable: [],
});

/** A digest of what a journal asks for, by which a repeat is told from a conflict. */
export function fingerprintOf(request: JournalRequest): string {
  const legs = request.transfers.map(describe);
  const content = [request.book, request.cause, legs, request.effectiveAt?.toString() ?? ''];
  return hash('sha256', JSON.stringify(content)).slice(0, 32);
}

function describe(transfer: TransferRequest): readonly string[] {
  if ('hold' in transfer) {
    const amount = transfer.kind === 'post_pending' ? transfer.amount?.toString() : undefined;
    return [transfer.kind, `${transfer.hold.journalId}/${transfer.hold.leg}`, amount ?? ''];
  }
  const expiresAt = transfer.kind === 'pending' ? transfer.expiresAt?.toString() : undefined;
  const accounts = [accountId(transfer.debit), accountId(transfer.credit)];
  return [transfer.kind, ...accounts, transfer.amount.toString(), expiresAt ?? ''];
}
