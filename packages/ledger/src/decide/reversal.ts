import { ok, present, type Refusal, type Result } from '@keyturn/kernel';
import { refuse } from '../errors.ts';
import type { Journal, ReversalRequest, Transfer } from '../journal.ts';
import type { Leg } from './apply-transfer.ts';
import type { LoadedState } from './find-leg.ts';

/** A journal that somebody wants to reverse, and by which journal that was done before. */
export interface Original {
  readonly journal: Journal;
  readonly transfers: readonly Transfer[];
  readonly reversedBy: string | undefined;
}

/** Whether a journal can be reversed, and why not. */
export function checkReversal(
  request: ReversalRequest,
  original: Original | undefined,
): Result<Original, Refusal> {
  const { reverses } = request;
  if (!original) return refuse('reversed_journal_unknown', { values: { reverses } });
  const { journal, transfers, reversedBy } = original;
  if (journal.bookId !== request.book) {
    const values = { reverses, other_book: journal.bookId };
    return refuse('reversal_of_other_book', { values });
  }
  if (journal.refusal !== null) {
    return refuse('reversal_of_refused', { values: { reverses, reason: journal.refusal } });
  }
  if (journal.reverses !== null) {
    return refuse('reversal_of_reversal', { values: { reverses, original: journal.reverses } });
  }
  if (transfers.length === 0) return refuse('reversal_of_detached', { values: { reverses } });
  const held = transfers.find((transfer) => transfer.kind !== 'posted');
  if (held) return refuse('reversal_of_hold', { values: { reverses, leg: String(held.leg) } });
  if (reversedBy !== undefined) {
    return refuse('already_reversed', { values: { reverses, reversal: reversedBy } });
  }
  return ok(original);
}

/** The mirror of a transfer on the accounts as they are now. */
export function mirrorLeg(state: LoadedState, transfer: Transfer): Leg {
  return {
    leg: transfer.leg,
    kind: 'posted',
    debit: present(state.accountById(transfer.creditAccount), 'the account of a reversed transfer'),
    credit: present(state.accountById(transfer.debitAccount), 'the account of a reversed transfer'),
    amount: transfer.amount,
  };
}
