import type { Proof, ProofPlace } from '../api/reconciliation.ts';

/**
 * Whether a place may be shown green. The server says so, and its figures are added up once more
 * here: the bank's balance less what crosses the cut-off is the ledger's, and that is what is
 * owed, to the fen.
 */
export function isPlaceProven(place: ProofPlace): boolean {
  const { balanced, bank, ledger, liabilities, in_transit: crossing, difference } = place;
  if (!balanced || bank === null || difference !== 0n) return false;
  return bank - crossing === ledger && ledger === liabilities;
}

export function isProven({ balanced, accounts, channels }: Proof): boolean {
  return balanced && accounts.length > 0 && [...accounts, ...channels].every(isPlaceProven);
}
