import { ok, present, type Refusal, type Result } from '@keyturn/kernel';
import type { Account, AccountSpec } from '../account.ts';
import { refuse } from '../errors.ts';
import type { HoldRef, Transfer, TransferRequest } from '../journal.ts';
import type { Leg } from './apply-transfer.ts';

/** What became of a hold. */
export type Resolution = 'post_pending' | 'void_pending';

/** A hold of this batch and what became of it. Lives in memory only: its truth is the transfers. */
export interface HoldState {
  readonly transfer: Transfer;
  readonly resolvedBy: Resolution | undefined;
}

/** A hold that was resolved in a part that is detached: no more is known of it. */
export interface DetachedHold {
  readonly bookId: string;
  readonly resolvedBy: Resolution;
}

/** The part of the ledger that a batch has loaded. */
export interface LoadedState {
  account(spec: AccountSpec): Account;
  accountById(id: string): Account | undefined;
  hold(ref: HoldRef): HoldState | DetachedHold | undefined;
}

/** Finds the accounts and the hold of a leg, or says why it cannot be tried on them. */
export function findLeg(
  state: LoadedState,
  book: string,
  transfer: TransferRequest,
  index: number,
  now: Temporal.Instant,
): Result<Leg, Refusal> {
  if (transfer.kind === 'post_pending' || transfer.kind === 'void_pending') {
    return resolutionLeg(state, book, transfer, index, now);
  }
  const debit = state.account(transfer.debit);
  const credit = state.account(transfer.credit);
  const { kind, amount, balancing } = transfer;
  const leg = { leg: index, kind, debit, credit, amount, balancing };
  if (transfer.kind === 'posted') return ok(leg);
  const { expiresAt, closing } = transfer;
  if (expiresAt && Temporal.Instant.compare(expiresAt, now) <= 0) {
    const values = { leg: String(index), expires_at: expiresAt.toString() };
    return refuse('hold_expires_in_past', { values });
  }
  return ok({ ...leg, expiresAt, closing });
}

function resolutionLeg(
  state: LoadedState,
  book: string,
  transfer: Extract<TransferRequest, { hold: HoldRef }>,
  index: number,
  now: Temporal.Instant,
): Result<Leg, Refusal> {
  const found = state.hold(transfer.hold);
  const values = {
    leg: String(index),
    hold_journal: transfer.hold.journalId,
    hold_leg: String(transfer.hold.leg),
  };
  if (!found) return refuse('hold_unknown', { values });
  const accountOf = (id: string) => present(state.accountById(id), 'the account of a hold');
  const bookId = 'bookId' in found ? found.bookId : accountOf(found.transfer.debitAccount).bookId;
  if (bookId !== book) return refuse('hold_of_other_book', { values: { ...values, book } });
  if (found.resolvedBy === 'post_pending') return refuse('hold_already_posted', { values });
  if ('bookId' in found || found.resolvedBy === 'void_pending') {
    return refuse('hold_already_voided', { values });
  }
  const hold = found.transfer;
  const debit = accountOf(hold.debitAccount);
  const credit = accountOf(hold.creditAccount);
  const closing = hold.closing ?? undefined;
  const leg = { leg: index, debit, credit, hold, closing };
  if (transfer.kind === 'void_pending') return ok({ ...leg, kind: 'void_pending', amount: 0n });
  if (hold.expiresAt && Temporal.Instant.compare(now, hold.expiresAt) >= 0) {
    const expired = { ...values, expires_at: hold.expiresAt.toString() };
    return refuse('hold_expired', { values: expired });
  }
  const amount = transfer.amount ?? hold.amount;
  if (amount > hold.amount) {
    const exceeded = { ...values, amount: String(amount), held: String(hold.amount) };
    return refuse('hold_amount_exceeded', { values: exceeded });
  }
  return ok({ ...leg, kind: 'post_pending', amount });
}
