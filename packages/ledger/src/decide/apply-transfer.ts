import { assert, maxAmount, ok, type Refusal, type Result } from '@keyturn/kernel';
import { type Account, balanceOf, isCreditNormal } from '../account.ts';
import { refuse } from '../errors.ts';
import type { Transfer, TransferKind } from '../journal.ts';

/** One leg with its accounts found, ready to be decided. Amounts in minor units, positive. */
export interface Leg {
  readonly leg: number;
  readonly kind: TransferKind;
  readonly debit: Account;
  readonly credit: Account;
  readonly amount: bigint;
  /** For the resolution of a hold: the pending transfer that it resolves. */
  readonly hold?: Transfer;
  readonly expiresAt?: Temporal.Instant | undefined;
}

export interface Applied {
  readonly debit: Account;
  readonly credit: Account;
}

/**
 * Decides one leg on the two accounts as they are and returns them as they will be. Pure.
 * Checks, in this order: closed, frozen, limits, range.
 */
export function applyTransfer(leg: Leg): Result<Applied, Refusal> {
  const blocked = checkFlags(leg);
  if (!blocked.ok) return blocked;
  const next = move(leg);
  const limited = checkLimits(leg, next);
  if (!limited.ok) return limited;
  for (const account of [next.debit, next.credit]) {
    if (account.debitsPosted > maxAmount || account.creditsPosted > maxAmount) {
      return refuse('counter_overflow', {
        values: { leg: String(leg.leg), account_id: account.id },
      });
    }
    assert(account.debitsPending >= 0n && account.creditsPending >= 0n, 'holds are not negative');
  }
  return ok(next);
}

/** New money may not enter or leave a frozen account; what is held may always be given back. */
function checkFlags(leg: Leg): Result<undefined, Refusal> {
  if (leg.kind === 'void_pending') return ok(undefined);
  for (const account of [leg.debit, leg.credit]) {
    if (account.closed) return refuse('account_closed', { values: { account_id: account.id } });
  }
  for (const account of [leg.debit, leg.credit]) {
    const grows = isCreditNormal(account.code) === (account.id === leg.credit.id);
    if (grows ? account.frozenIn : account.frozenOut) {
      const direction = grows ? 'in' : 'out';
      return refuse('account_frozen', { values: { account_id: account.id, direction } });
    }
  }
  return ok(undefined);
}

function move(leg: Leg): Applied {
  const { debit, credit, amount, kind } = leg;
  const posted = kind === 'posted' || kind === 'post_pending' ? amount : 0n;
  const held = kind === 'pending' ? amount : -(leg.hold?.amount ?? 0n);
  return {
    debit: {
      ...debit,
      debitsPosted: debit.debitsPosted + posted,
      debitsPending: debit.debitsPending + held,
      version: debit.version + 1n,
    },
    credit: {
      ...credit,
      creditsPosted: credit.creditsPosted + posted,
      creditsPending: credit.creditsPending + held,
      version: credit.version + 1n,
    },
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
    amount: leg.amount.toString(),
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
