import { ok, type Refusal, type Result } from '@keyturn/kernel';
import { refuse } from '../errors.ts';
import type { Principal } from '../principal.ts';

/**
 * Maker and checker: whoever decides is another than who made it, and an operator with the role
 * `approver`.
 *
 * @param maker the id of the principal who made it
 */
export function fourEyes(maker: string, checker: Principal): Result<void, Refusal> {
  if (checker.kind !== 'operator' || !checker.roles.includes('approver')) {
    return refuse('approver_role_missing');
  }
  if (checker.id === maker) return refuse('approver_is_maker');
  return ok(undefined);
}
