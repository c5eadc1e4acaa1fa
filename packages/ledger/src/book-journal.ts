import { assert, ok, type Refusal, type Result } from '@keyturn/kernel';
import { type Account, type AccountSpec, accountId } from './account.ts';
import { type BatchState, holdKey } from './batch-state.ts';
import { applyTransfer, type Leg } from './decide/apply-transfer.ts';
import { findLeg, type LoadedState } from './decide/find-leg.ts';
import { checkReversal, mirrorLeg } from './decide/reversal.ts';
import { type AnyRequest, isReversal, type Journal, type Transfer } from './journal.ts';
import { shiftedEntries, transferRow } from './rows.ts';

/** An account that was loaded for this batch. */
export function loaded({ accounts }: BatchState, spec: AccountSpec): Account {
  const account = accounts.get(accountId(spec));
  assert(account !== undefined, `account ${spec.book}/${spec.code} was loaded for this batch`);
  return account;
}

/** Books the legs of a journal one after the other, each on what those before it left. */
export function book(
  batch: BatchState,
  request: AnyRequest,
  journal: Journal,
  now: Temporal.Instant,
): Result<readonly Transfer[], Refusal> {
  const state: LoadedState = {
    account: (spec) => loaded(batch, spec),
    accountById: (id) => batch.accounts.get(id),
    hold: (ref) => batch.holds.get(holdKey(ref)),
  };
  const booked: Transfer[] = [];
  if (isReversal(request)) {
    const original = checkReversal(request, batch.originals.get(request.reverses));
    if (!original.ok) return original;
    for (const transfer of original.value.transfers) {
      const result = write(batch, journal, mirrorLeg(state, transfer), now);
      if (!result.ok) return result;
      booked.push(result.value);
    }
    batch.setOriginal(request.reverses, { ...original.value, reversedBy: request.id });
    return ok(booked);
  }
  for (const [index, transfer] of request.transfers.entries()) {
    const leg = findLeg(state, request.book, transfer, index, now);
    const result = leg.ok ? write(batch, journal, leg.value, now) : leg;
    if (!result.ok) return result;
    booked.push(result.value);
  }
  return ok(booked);
}

function write(
  batch: BatchState,
  journal: Journal,
  leg: Leg,
  now: Temporal.Instant,
): Result<Transfer, Refusal> {
  const applied = applyTransfer(leg);
  if (!applied.ok) return applied;
  batch.setAccount(applied.value.debit);
  batch.setAccount(applied.value.credit);
  const transfer = transferRow(journal.id, leg, applied.value, now);
  if (transfer.kind === 'pending') hold(batch, transfer);
  else if (leg.hold) resolve(batch, leg.hold, transfer);
  if (leg.closing !== undefined) batch.closing.add(leg[leg.closing].id);
  if (journal.effectiveAt !== journal.recordedAt && transfer.kind !== 'pending') {
    if (transfer.amount > 0n && !journal.effectiveAt.equals(journal.recordedAt)) {
      for (const entry of shiftedEntries(journal, transfer)) batch.append(batch.shifted, entry);
    }
  }
  return ok(batch.append(batch.transfers, transfer));
}

function hold(batch: BatchState, transfer: Transfer): void {
  batch.setHold(holdKey(transfer), { transfer, resolvedBy: undefined });
  const { journalId, leg, expiresAt } = transfer;
  if (expiresAt) batch.append(batch.due, { journalId, leg, expiresAt });
}

function resolve(batch: BatchState, held: Transfer, by: Transfer): void {
  const { kind } = by;
  assert(kind === 'post_pending' || kind === 'void_pending', 'a hold is posted or voided');
  batch.setHold(holdKey(held), { transfer: held, resolvedBy: kind });
  const { journalId, leg } = held;
  batch.append(batch.resolutions, {
    ...{ holdJournal: journalId, holdLeg: leg, journalId: by.journalId, leg: by.leg },
    ...{ held: held.amount, posted: kind === 'post_pending' },
  });
  if (held.expiresAt) batch.append(batch.resolved, { journalId, leg });
}
