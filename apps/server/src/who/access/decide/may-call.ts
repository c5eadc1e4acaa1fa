import { ok, type Refusal, type Result } from '@keyturn/kernel';
import { refuse } from '../errors.ts';
import type { AccessRule, Principal } from '../principal.ts';

/** Methods that change nothing (RFC 9110, section 9.2.1). */
export function isSafeMethod(method: string): boolean {
  return ['GET', 'HEAD', 'OPTIONS'].includes(method);
}

/**
 * Whether this principal may use a route, which is not a public one, with these rules and this
 * method.
 */
export function mayCall(
  rules: readonly AccessRule[],
  principal: Principal,
  method: string,
): Result<void, Refusal> {
  if (!rules.some((rule) => fits(rule, principal))) {
    const actual = [principal.kind, ...principal.roles].join(', ');
    return refuse('access_denied', { values: { allowed: rules.join(' | '), actual } });
  }
  if (isSafeMethod(method)) return ok(undefined);
  if (principal.kind === 'operator' && rules.includes('operator:viewer')) return ok(undefined);
  const readOnly = principal.kind === 'operator' ? 'viewer' : 'reader';
  if (principal.roles.every((role) => role === readOnly)) {
    return refuse('read_only', { values: { role: readOnly } });
  }
  return ok(undefined);
}

function fits(rule: AccessRule, principal: Principal): boolean {
  const [kind, role] = rule.split(':');
  return kind === principal.kind && (role === undefined || principal.roles.includes(role));
}
