import { assert } from '@keyturn/kernel';
import type { FastifyRequest } from 'fastify';

/**
 * Who is asking: an integrator's system by an API key, or a person of the operator by a session.
 */
export interface Principal {
  readonly kind: 'integrator' | 'operator';
  /** The integrator's or operator's uuid as text. It stays when keys and sessions change. */
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
}

/** What operators may be. Each role stands for itself: an admin is no approver. */
export const operatorRoles = ['viewer', 'finance', 'approver', 'admin'] as const;
export type OperatorRole = (typeof operatorRoles)[number];

/**
 * What a key of an integrator may be used for. Each sees what is the integrator's own. `reader`
 * changes nothing, `writer` all that `integrator` lets in, `ledger` books of the integrator's own.
 */
export const apiKeyRoles = ['reader', 'writer', 'ledger'] as const;
export type ApiKeyRole = (typeof apiKeyRoles)[number];

/**
 * Who may call a route. A list is an "or". `integrator` is any integrator; on methods that change
 * something, one with a key of the role `writer`. `operator` is any operator; on methods that
 * change something, any but those who are only viewers, whom `operator:viewer` lets in there too.
 */
export const accessRules = [
  'public',
  'integrator',
  'integrator:ledger',
  'operator',
  'operator:viewer',
  'operator:finance',
  'operator:approver',
  'operator:admin',
] as const;
export type AccessRule = (typeof accessRules)[number];

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call this route. A route without it fails at start. */
    access?: readonly AccessRule[];
  }
  interface FastifyRequest {
    /** Null on public routes for those who did not say who they are; else use `principalOf`. */
    principal: Principal | null;
  }
}

/** Who calls this route, which is not a public one. */
export function principalOf(request: FastifyRequest): Principal {
  const principal = request.principal;
  assert(principal !== null, 'a route that asks for the principal is not public');
  return principal;
}
