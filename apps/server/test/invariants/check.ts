import type { Database } from '@keyturn/pipeline';
import { type Finding, findBroken, type Invariant, withReader } from '@keyturn/testkit';
import { custodyInvariants } from './custody.ts';
import { escrowInvariants } from './escrow.ts';
import { paymentsInvariants } from './payments.ts';
import { payoutsInvariants } from './payouts.ts';
import { platformInvariants } from './platform.ts';
import { reconciliationInvariants } from './reconciliation.ts';
import { settlementInvariants } from './settlement.ts';

/** All that must hold between any two commits, besides what the ledger checks of itself. */
export const invariants: readonly Invariant[] = [
  ...platformInvariants,
  ...custodyInvariants,
  ...paymentsInvariants,
  ...payoutsInvariants,
  ...settlementInvariants,
  ...escrowInvariants,
  ...reconciliationInvariants,
];

/** For whoever asks again and again over one connection. */
export async function brokenIn(
  database: Pick<Database, 'transaction'>,
): Promise<readonly Finding[]> {
  return findBroken(database, invariants);
}

/**
 * Everything that must hold between any two commits, asked of one snapshot: the ledger replayed,
 * every column that a module keeps beside it, every state beside its money. Empty means sound.
 * What a module above has not heard yet is left out, object by object.
 *
 * @param url reads everything, so it gets a connection of its own
 */
export async function checkInvariants(url: string): Promise<readonly Finding[]> {
  return withReader(url, brokenIn);
}
