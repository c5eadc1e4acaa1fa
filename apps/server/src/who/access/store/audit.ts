import type { Queryable } from '@keyturn/pipeline';
import type { AuditCall, AuditResult } from '../types.ts';

/** SQL about the audit trail, which is only ever added to. */

const callSql = `insert into access.audit (id, at, principal_kind, principal_id, principal_name,
    credential, what, method, path, object, request_id, address)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`;

export async function insertCall(
  db: Queryable,
  id: string,
  at: Temporal.Instant,
  call: AuditCall,
): Promise<void> {
  await db.query(callSql, [
    id,
    at.toString(),
    call.principal?.kind ?? 'unknown',
    call.principal?.id ?? null,
    call.principal?.name ?? null,
    call.credential ?? null,
    call.what,
    call.method,
    call.path,
    call.object ?? null,
    call.requestId,
    call.address,
  ]);
}

const resultSql = `insert into access.audit_result (audit_id, at, status, code, object)
  values ($1, $2, $3, $4, $5)`;

export async function insertResult(
  db: Queryable,
  id: string,
  at: Temporal.Instant,
  result: AuditResult,
): Promise<void> {
  const { status, code, object } = result;
  await db.query(resultSql, [id, at.toString(), status, code ?? null, object ?? null]);
}

export interface AuditRow {
  readonly id: string;
  readonly seq: bigint;
  readonly at: Temporal.Instant;
  readonly principalKind: 'operator' | 'integrator' | 'unknown';
  readonly principalId: string | null;
  readonly principalName: string | null;
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly object: string | null;
  readonly requestId: string;
  readonly address: string;
  readonly resultAt: Temporal.Instant | null;
  readonly status: number | null;
  readonly code: string | null;
  readonly resultObject: string | null;
}

const selectAudit = `select a.id, a.seq, a.at, a.principal_kind as "principalKind",
    a.principal_id as "principalId", a.principal_name as "principalName", a.what, a.method, a.path,
    a.address, a.object, a.request_id as "requestId", r.at as "resultAt", r.status, r.code,
    r.object as "resultObject"
  from access.audit a left join access.audit_result r on r.audit_id = a.id`;
const allSql = `${selectAudit} where a.seq < $1 order by a.seq desc limit $2`;
const ofPrincipalSql = `${selectAudit} where a.seq < $1 and a.principal_id = $3
  order by a.seq desc limit $2`;

export function listAudit(
  db: Queryable,
  before: bigint,
  limit: number,
  principalId: string | undefined,
): Promise<readonly AuditRow[]> {
  if (principalId === undefined) return db.query<AuditRow>(allSql, [String(before), limit]);
  return db.query<AuditRow>(ofPrincipalSql, [String(before), limit, principalId]);
}
