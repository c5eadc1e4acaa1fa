import { encodeId } from '@keyturn/kernel';
import { keyPrefix, tokenPrefix } from './decide/token.ts';
import type { ApiKeyRow, IntegratorRow, OperatorRow } from './rows.ts';
import type { AuditRow } from './store/audit.ts';
import type { ApiKeyView, AuditView, OperatorView } from './types.ts';

/** The prefixes of ids on the wire. */
export const idPrefix = {
  operator: 'opr',
  session: 'ses',
  apiKey: keyPrefix,
  integrator: 'int',
  audit: 'aud',
} as const;

export function operatorView(row: OperatorRow): OperatorView {
  return {
    id: encodeId(idPrefix.operator, row.id),
    username: row.username,
    name: row.name,
    roles: [...row.roles],
    state: row.state,
    created_at: row.createdAt.toString(),
  };
}

export function apiKeyView(row: ApiKeyRow, integrator: Pick<IntegratorRow, 'name'>): ApiKeyView {
  return {
    id: encodeId(idPrefix.apiKey, row.id),
    prefix: tokenPrefix(row.id),
    name: row.name,
    integrator: { id: encodeId(idPrefix.integrator, row.integratorId), name: integrator.name },
    roles: [...row.roles],
    state: row.state,
    ...(row.expiresAt === null ? {} : { expires_at: row.expiresAt.toString() }),
    created_at: row.createdAt.toString(),
    ...(row.revokedAt === null ? {} : { revoked_at: row.revokedAt.toString() }),
  };
}

export function auditView(row: AuditRow): AuditView {
  const object = row.resultObject ?? row.object;
  return {
    id: encodeId(idPrefix.audit, row.id),
    at: row.at.toString(),
    who: {
      kind: row.principalKind,
      ...(row.principalId === null ? {} : { id: principalIdOnWire(row) }),
      ...(row.principalName === null ? {} : { name: row.principalName }),
    },
    what: row.what,
    method: row.method,
    path: row.path,
    ...(object === null ? {} : { object }),
    address: row.address,
    request_id: row.requestId,
    ...(row.status === null || row.resultAt === null
      ? {}
      : {
          result: {
            status: row.status,
            ...(row.code === null ? {} : { code: row.code }),
            at: row.resultAt.toString(),
          },
        }),
  };
}

function principalIdOnWire(row: AuditRow): string {
  const prefix = row.principalKind === 'operator' ? idPrefix.operator : idPrefix.integrator;
  return encodeId(prefix, row.principalId ?? '');
}
