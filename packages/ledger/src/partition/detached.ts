import { encodeCursor, type Refusal } from '@keyturn/kernel';
import { refuse } from '../errors.ts';

/** What is asked for lies in a part that was detached: a refusal, never a wrong balance. */
export class DetachedError extends Error {
  override name = 'DetachedError';
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

/** The balance of an account at a moment at which its entries are detached. */
export function balanceDetached(account_id: string, at: Temporal.Instant): DetachedError {
  const values = { account_id, at: at.toString() };
  return new DetachedError(refuse('balance_detached', { values }).error);
}

/** The entries of an account up to a version, which are detached. */
export function entriesDetached(account_id: string, version: bigint): DetachedError {
  const cursor = encodeCursor([version.toString()]);
  const values = { account_id, version: version.toString(), cursor };
  return new DetachedError(refuse('entries_detached', { values }).error);
}
