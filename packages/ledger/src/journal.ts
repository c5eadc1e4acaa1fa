import { hash } from 'node:crypto';
import { jsonText } from '@keyturn/kernel';
import { defineTable } from '@keyturn/pipeline';
import { type AccountSpec, accountId } from './account.ts';

export type TransferKind = 'posted' | 'pending' | 'post_pending' | 'void_pending';

/** Names one hold: a pending transfer of an earlier journal. */
export interface HoldRef {
  readonly journalId: string;
  readonly leg: number;
}

/** One of the two accounts of a transfer. */
export type Side = 'debit' | 'credit';

/** What moves between two accounts. */
interface Movement {
  readonly debit: AccountSpec;
  readonly credit: AccountSpec;
  /** Positive minor units of the book's currency, below 2^63; nothing only when it closes. */
  readonly amount: bigint;
  /**
   * Moves as much as this side's account has left, and `amount` at most: `debit` so that the
   * debit account's debits do not exceed its credits, `credit` so that the credit account's
   * credits do not exceed its debits, both with what is held. The receipt tells how much it was.
   */
  readonly balancing?: Side;
}

/**
 * One leg of a journal. `posted` moves money; `pending` holds it until it is posted (whole or in
 * part, the rest is released), voided, or expires. A pending transfer that is `closing` closes the
 * account of that side, which it must leave without balance and holds: while it is held the
 * account is closed, voiding it opens the account again, posting it closes the account for good.
 */
export type TransferRequest =
  | ({ readonly kind: 'posted' } & Movement)
  | ({
      readonly kind: 'pending';
      readonly expiresAt?: Temporal.Instant;
      readonly closing?: Side;
    } & Movement)
  | { readonly kind: 'post_pending'; readonly hold: HoldRef; readonly amount?: bigint }
  | { readonly kind: 'void_pending'; readonly hold: HoldRef };

interface JournalHead {
  /** The caller's id: the same id with the same content has the same effect once, for ever. */
  readonly id: string;
  readonly book: string;
  readonly cause: { readonly module: string; readonly object: string; readonly command: string };
  /** Value date; now when absent. */
  readonly effectiveAt?: Temporal.Instant;
}

/** Transfers that stand or fall together, with their business cause. */
export interface JournalRequest extends JournalHead {
  /** 1 to 1,000. */
  readonly transfers: readonly TransferRequest[];
}

/**
 * The mirror of an earlier journal of the same book: each of its transfers with debit and credit
 * exchanged. Once per journal; holds and reversals are not reversed.
 */
export interface ReversalRequest extends JournalHead {
  readonly reverses: string;
}

export type AnyRequest = JournalRequest | ReversalRequest;

export function isReversal(request: AnyRequest): request is ReversalRequest {
  return 'reverses' in request;
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
  /** The journal whose mirror this is. */
  readonly reverses: string | null;
  /** The first of the journals that this one stands or falls with. */
  readonly link: string | null;
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
  readonly balancing: Side | null;
  /** What a balancing transfer was asked to move at most. */
  readonly atMost: bigint | null;
  /** The side whose account the hold closes. */
  readonly closing: Side | null;
}

export const journalTable = defineTable<Journal>({
  name: 'ledger.journal',
  columns: {
    id: 'uuid',
    bookId: 'text',
    causeModule: 'text',
    causeObject: 'text',
    causeCommand: 'text',
    fingerprint: 'uuid',
    refusal: 'text',
    effectiveAt: 'timestamptz',
    recordedAt: 'timestamptz',
    reverses: 'uuid',
    link: 'uuid',
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
    balancing: 'text',
    atMost: 'int8',
    closing: 'text',
  },
  key: ['journalId', 'leg'],
  mutable: [],
  nullForZero: [
    'debitDebitsPending',
    'debitCreditsPending',
    'creditDebitsPending',
    'creditCreditsPending',
  ],
});

/**
 * A digest of what a journal asks for, by which a repeat is told from a conflict: 128 bits of
 * SHA-256, written as the database writes them.
 *
 * @param link the digest of the journals that it is linked with
 */
export function fingerprintOf(request: AnyRequest, link?: string): string {
  const bits = hash('sha256', contentOf(request, link));
  const ends = [8, 12, 16, 20, 32];
  return ends.map((end, index) => bits.slice(ends[index - 1] ?? 0, end)).join('-');
}

/** What is digested, as JSON; put together by hand, since every journal needs it. */
function contentOf(request: AnyRequest, link: string | undefined): string {
  const { module, object, command } = request.cause;
  const legs = isReversal(request)
    ? `"reverses",${jsonText(request.reverses)}`
    : request.transfers.map((transfer) => `[${describe(transfer)}]`).join(',');
  const cause = `{"module":${jsonText(module)},"object":${jsonText(object)},"command":${jsonText(command)}}`;
  const effectiveAt = request.effectiveAt?.toString() ?? '';
  const linked = link === undefined ? '' : `,${jsonText(link)}`;
  return `[${jsonText(request.book)},${cause},[${legs}],"${effectiveAt}"${linked}]`;
}

function describe(transfer: TransferRequest): string {
  const { kind } = transfer;
  if ('hold' in transfer) {
    const amount = transfer.kind === 'post_pending' ? transfer.amount?.toString() : undefined;
    return `"${kind}",${jsonText(`${transfer.hold.journalId}/${transfer.hold.leg}`)},"${amount ?? ''}"`;
  }
  const expiresAt = transfer.kind === 'pending' ? transfer.expiresAt?.toString() : undefined;
  const closing = transfer.kind === 'pending' ? transfer.closing : undefined;
  const { debit, credit, amount, balancing } = transfer;
  const accounts = `"${accountId(debit)}","${accountId(credit)}"`;
  const plain = `"${kind}",${accounts},"${amount}","${expiresAt ?? ''}"`;
  if (balancing === undefined && closing === undefined) return plain;
  return `${plain},"${balancing ?? ''}","${closing ?? ''}"`;
}
