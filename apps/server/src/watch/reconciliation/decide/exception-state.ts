import { type AccountCode, accountCodes } from '@keyturn/ledger';

/**
 * The life of an exception (money.md, "Life cycles"). `approved` and `resolved` come in one
 * commit: the journal that was proposed is booked with the approval, or the note stands for
 * itself. A reopened one begins anew with an owner.
 */
export const exceptionTransitions = {
  open: ['assigned', 'proposed'],
  assigned: ['assigned', 'proposed'],
  proposed: ['assigned', 'proposed', 'approved'],
  approved: ['resolved'],
  resolved: ['reopened'],
  reopened: ['assigned', 'proposed'],
} as const satisfies Record<string, readonly string[]>;

export type ExceptionState = keyof typeof exceptionTransitions;

export const exceptionStates = Object.keys(exceptionTransitions) as readonly ExceptionState[];

export function canMoveException(from: ExceptionState, to: ExceptionState): boolean {
  const targets: readonly ExceptionState[] = exceptionTransitions[from];
  return targets.includes(to);
}

/**
 * What a difference is. The first group is about a bank's statement, the second about an
 * acquirer's bill, the third about what lower modules told.
 */
export const exceptionKinds = [
  'missing_statement',
  'statement_contradicts_itself',
  'statement_chain_broken',
  'entry_without_notice',
  'missing_at_bank',
  'missing_here',
  'amount_differs',
  'duplicate_at_bank',
  'unknown_entry',
  'proof_difference',
  'missing_bill',
  'bill_contradicts_itself',
  'missing_at_channel',
  'unknown_at_channel',
  'channel_amount_differs',
  'channel_fee_differs',
  'channel_status_differs',
  'duplicate_payment',
  'duplicate_bill_line',
  'channel_difference',
  'contradiction',
] as const;
export type ExceptionKind = (typeof exceptionKinds)[number];

/** Days until somebody must have dealt with it. What may be clients' money comes first. */
export function daysToResolve(kind: ExceptionKind): number {
  switch (kind) {
    case 'entry_without_notice':
    case 'duplicate_bill_line':
    case 'channel_fee_differs':
      return 5;
    case 'missing_at_bank':
    case 'missing_here':
    case 'amount_differs':
    case 'proof_difference':
    case 'duplicate_payment':
      return 1;
    default:
      return 2;
  }
}

/** One side of a correcting journal: an account of the exception's book. */
export interface ProposedAccount {
  readonly code: AccountCode;
  readonly owner: string;
}

/**
 * How a difference ends. A correction books exactly its amount; a note says why nothing is to be
 * booked, or which later journal did it.
 */
export interface Proposal {
  readonly note: string;
  readonly journal?: { readonly debit: ProposedAccount; readonly credit: ProposedAccount };
}

/** Accounts that a correction may touch: places, what is between them, and the entity's own. */
const correctable: ReadonlySet<AccountCode> = new Set([
  accountCodes.ownBank,
  accountCodes.reserveBank,
  accountCodes.escrowBank,
  accountCodes.channelReceivable,
  accountCodes.cashInTransit,
  accountCodes.interestReceivable,
  accountCodes.partyReceivable,
  accountCodes.dueFromBook,
  accountCodes.suspense,
  accountCodes.interestPayable,
  accountCodes.dueToBook,
  accountCodes.channelCost,
  accountCodes.acceptedLoss,
]);

/**
 * What is wrong with a proposal; undefined when nothing is. Clients' balances are never corrected
 * from here.
 */
export function problemOf(
  proposal: Proposal,
  about: { readonly amount: bigint | null; readonly book: string | null },
): string | undefined {
  if (proposal.note.trim() === '') return 'a note says why';
  const { journal } = proposal;
  if (!journal) return undefined;
  if (about.book === null) return 'this exception belongs to no book; resolve it with a note';
  if (about.amount === null || about.amount === 0n) {
    return 'this exception has no amount; resolve it with a note';
  }
  for (const side of [journal.debit, journal.credit]) {
    if (!correctable.has(side.code)) {
      const codes = [...correctable].join(', ');
      return `account ${side.code} is not corrected from here; use one of ${codes}`;
    }
  }
  const { debit, credit } = journal;
  if (debit.code === credit.code && debit.owner === credit.owner) {
    return 'debit and credit are the same account';
  }
  return undefined;
}
