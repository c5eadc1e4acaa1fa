import { assert, maxAmount, ok, type Refusal, type Result } from '@keyturn/kernel';
import { type Account, balanceOf, isCreditNormal, withCounters } from '../account.ts';
import { refuse } from '../errors.ts';
import type { Side, Transfer, TransferKind } from '../journal.ts';

/** One leg with its accounts found, ready to be decided. Amounts in minor units. */
export interface Leg {
  readonly leg: number;
  readonly kind: TransferKind;
  readonly debit: Account;
  readonly credit: Account;
  /** What moves; when it balances, what moves at most. */
  readonly amount: bigint;
  readonly balancing?: Side | undefined;
  /** The side whose account the hold closes, opens again, or closes for good. */
  readonly closing?: Side | undefined;
  /** For the resolution of a hold: the pending transfer that it resolves. */
  readonly hold?: Transfer;
  readonly expiresAt?: Temporal.Instant | undefined;
}

export interface Applied {
  readonly debit: Account;
  readonly credit: Account;
  /** What moved or is held. */
  readonly amount: bigint;
}

/**
 * Decides one leg on the two accounts as they are and returns them as they will be. Pure. Looks
 * for refusals in the order of the table (precedence.ts).
 */
export function applyTransfer(leg: Leg): Result<Applied, Refusal> {
  const blocked = checkFlags(leg);
  if (!blocked.ok) return blocked;
  const amount = leg.balancing === undefined ? leg.amount : balancedAmount(leg, leg.balancing);
  if (amount === 0n && leg.balancing !== undefined && leg.closing === undefined) {
    const values = { leg: String(leg.leg), account_id: leg[leg.balancing].id };
    return refuse('balancing_amount_zero', { values });
  }
  const begins = leg.closing !== undefined && leg.kind === 'pending';
  if (begins && hasHolds(leg[leg.closing])) {
    return refuse('account_has_holds', { values: { account_id: leg[leg.closing].id } });
  }
  const next = move(leg, amount);
  const limited = checkLimits(leg, next);
  if (!limited.ok) return limited;
  if (leg.closing !== undefined) {
    const left = leftBehind(leg.closing, next);
    if (leg.kind !== 'void_pending' && left !== 0n) {
      const values = { account_id: next[leg.closing].id, left: String(left) };
      return refuse('closing_leaves_balance', { values });
    }
  }
  const overflown = checkRange(leg, next);
  return overflown ?? ok(leg.closing === undefined ? next : closed(leg, leg.closing, next));
}

/**
 * New money may not enter or leave a frozen account; what is held may always be given back. A
 * closed account has no holds but the one that closes it.
 */
function checkFlags(leg: Leg): Result<undefined, Refusal> {
  const voids = leg.kind === 'void_pending';
  if (voids && leg.closing !== undefined) return ok(undefined);
  const closing = leg.closing !== undefined && leg.hold !== undefined ? leg.closing : undefined;
  if (leg.debit.closed && closing !== 'debit') return refuseClosed(leg.debit);
  if (leg.credit.closed && closing !== 'credit') return refuseClosed(leg.credit);
  if (voids) return ok(undefined);
  if (isCreditNormal(leg.debit.code) ? leg.debit.frozenOut : leg.debit.frozenIn) {
    return refuseFrozen(leg.debit, isCreditNormal(leg.debit.code) ? 'out' : 'in');
  }
  if (isCreditNormal(leg.credit.code) ? leg.credit.frozenIn : leg.credit.frozenOut) {
    return refuseFrozen(leg.credit, isCreditNormal(leg.credit.code) ? 'in' : 'out');
  }
  return ok(undefined);
}

function refuseClosed(account: Account) {
  return refuse('account_closed', { values: { account_id: account.id } });
}

function refuseFrozen(account: Account, direction: 'in' | 'out') {
  return refuse('account_frozen', { values: { account_id: account.id, direction } });
}

/** As much as the side's account has left, and what was asked for at most. */
function balancedAmount(leg: Leg, side: Side): bigint {
  const account = leg[side];
  const left =
    side === 'debit'
      ? account.creditsPosted - account.debitsPosted - account.debitsPending
      : account.debitsPosted - account.creditsPosted - account.creditsPending;
  if (left <= 0n) return 0n;
  return left < leg.amount ? left : leg.amount;
}

function hasHolds(account: Account): boolean {
  return account.debitsPending > 0n || account.creditsPending > 0n;
}

function move(leg: Leg, amount: bigint): Applied {
  const { debit, credit, kind } = leg;
  const posted = kind === 'posted' || kind === 'post_pending' ? amount : 0n;
  const held = kind === 'pending' ? amount : -(leg.hold?.amount ?? 0n);
  return {
    amount,
    debit: withCounters(debit, {
      version: debit.version + 1n,
      debitsPosted: debit.debitsPosted + posted,
      creditsPosted: debit.creditsPosted,
      debitsPending: debit.debitsPending + held,
      creditsPending: debit.creditsPending,
    }),
    credit: withCounters(credit, {
      version: credit.version + 1n,
      debitsPosted: credit.debitsPosted,
      creditsPosted: credit.creditsPosted + posted,
      debitsPending: credit.debitsPending,
      creditsPending: credit.creditsPending + held,
    }),
  };
}

function checkLimits(leg: Leg, next: Applied): Result<undefined, Refusal> {
  // Resolving a hold cannot break a limit: the hold counted when it was made.
  if (leg.kind === 'post_pending' || leg.kind === 'void_pending') return ok(undefined);
  const { debit, credit } = next;
  const values = (account: Account) => ({
    leg: String(leg.leg),
    account_id: account.id,
    available: balanceOf(account).available.toString(),
    amount: next.amount.toString(),
  });
  if (
    debit.limitKind === 'debits_must_not_exceed_credits' &&
    debit.debitsPosted + debit.debitsPending > debit.creditsPosted
  ) {
    return refuse('exceeds_credits', { values: values(leg.debit) });
  }
  if (
    credit.limitKind === 'credits_must_not_exceed_debits' &&
    credit.creditsPosted + credit.creditsPending > credit.debitsPosted
  ) {
    return refuse('exceeds_debits', { values: values(leg.credit) });
  }
  return ok(undefined);
}

/** What a closing would leave on its account, once what is held for it has gone. */
function leftBehind(side: Side, next: Applied): bigint {
  const account = next[side];
  return side === 'debit'
    ? account.creditsPosted - account.debitsPosted - account.debitsPending
    : account.debitsPosted - account.creditsPosted - account.creditsPending;
}

function checkRange(leg: Leg, next: Applied): Result<never, Refusal> | undefined {
  for (const account of [next.debit, next.credit]) {
    const { debitsPosted, creditsPosted, debitsPending, creditsPending } = account;
    if (debitsPosted + debitsPending > maxAmount || creditsPosted + creditsPending > maxAmount) {
      const values = { leg: String(leg.leg), account_id: account.id };
      return refuse('counter_overflow', { values });
    }
    assert(debitsPending >= 0n && creditsPending >= 0n, 'holds are not negative');
  }
  return undefined;
}

/** Closed while the closing is held, open again when it is voided, closed for good when posted. */
function closed(leg: Leg, side: Side, next: Applied): Applied {
  return { ...next, [side]: { ...next[side], closed: leg.kind !== 'void_pending' } };
}
