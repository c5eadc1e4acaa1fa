import { encodeId } from '@keyturn/kernel';
import type { AccountSpec, HoldRef, TransferRequest } from '@keyturn/ledger';
import type { PayoutsEvent } from '../events.ts';
import type { Payout } from '../tables.ts';

/**
 * What a decision leaves behind: the row as it will be, one journal's transfers, events in their
 * order.
 */
export interface Change {
  readonly payout: Payout;
  readonly transfers: readonly TransferRequest[];
  readonly events: readonly PayoutsEvent[];
}

export function changeOf(payout: Payout, change: Partial<Change> = {}): Change {
  return { payout, transfers: [], events: [], ...change };
}

/** What every event of a pay-out says. */
export function eventBase(payout: Payout) {
  return {
    payout_id: payout.id,
    amount: payout.amountMinor,
    currency: payout.currency,
    custody_account_id: payout.custodyAccountId,
    ...(payout.referenceKind === null ? {} : { reference_kind: payout.referenceKind }),
    ...(payout.referenceId === null ? {} : { reference_id: payout.referenceId }),
  };
}

export function payoutName(payout: Payout): string {
  return encodeId('pyt', payout.id);
}

export function holdOf(payout: Payout): HoldRef {
  return { journalId: payout.holdJournal, leg: payout.holdLeg };
}

export function sourceOf(payout: Payout): AccountSpec {
  return { book: payout.sourceBook, code: payout.sourceCode, owner: payout.sourceOwner };
}

export function transitOf(payout: Pick<Payout, 'sourceBook' | 'custodyAccountId'>): AccountSpec {
  return { book: payout.sourceBook, code: 2201, owner: payout.custodyAccountId };
}

export function assetOf(payout: Payout): AccountSpec {
  return { book: payout.sourceBook, code: payout.custodyCode, owner: payout.custodyAccountId };
}

/** The custody account's suspense, where money that came back lies first. */
export function suspenseOf(payout: Payout): AccountSpec {
  return { book: payout.sourceBook, code: 2301, owner: payout.custodyAccountId };
}

/** The ledger accounts that commands on this pay-out book on. */
export function accountsOf(payout: Payout): readonly AccountSpec[] {
  return [sourceOf(payout), transitOf(payout), assetOf(payout), suspenseOf(payout)];
}
