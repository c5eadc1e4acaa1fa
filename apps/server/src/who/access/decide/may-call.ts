import { ok, type Refusal, type Result } from '@keyturn/kernel';
import { refuse } from '../errors.ts';
import { type AccessRule, accessRules, type Principal } from '../principal.ts';

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
  if (mayChange(rules, principal)) return ok(undefined);
  const role = principal.roles.join(', ') || (principal.kind === 'operator' ? 'viewer' : 'reader');
  return refuse('read_only', { values: { role } });
}

/** Whether what lets a principal in lets it change something, too. */
function mayChange(rules: readonly AccessRule[], principal: Principal): boolean {
  const { kind, roles } = principal;
  if (kind === 'operator') {
    return rules.includes('operator:viewer') || roles.some((role) => role !== 'viewer');
  }
  return rules.some((rule) =>
    rule === 'integrator' ? roles.includes('writer') : fits(rule, principal),
  );
}

/** The kind and the role that a rule names. */
const parts = new Map(accessRules.map((rule) => [rule, rule.split(':')]));

function fits(rule: AccessRule, principal: Principal): boolean {
  const [kind, role] = parts.get(rule) ?? [];
  return kind === principal.kind && (role === undefined || principal.roles.includes(role));
}
