import { pageOf } from '@keyturn/ui';
import * as v from 'valibot';
import { InstantShape } from './shapes.ts';

export const operatorRoles = ['viewer', 'finance', 'approver', 'admin'] as const;
export type OperatorRole = (typeof operatorRoles)[number];
export const apiKeyRoles = ['reader', 'writer', 'ledger'] as const;
export type ApiKeyRole = (typeof apiKeyRoles)[number];

export const OperatorShape = v.object({
  id: v.string(),
  username: v.string(),
  name: v.string(),
  roles: v.array(v.picklist(operatorRoles)),
  state: v.picklist(['active', 'disabled']),
  created_at: InstantShape,
});
export type Operator = v.InferOutput<typeof OperatorShape>;
export const OperatorPageShape = pageOf(OperatorShape);

export const SessionShape = v.object({
  operator: OperatorShape,
  csrf_token: v.string(),
  expires_at: InstantShape,
});

export const MeShape = v.object({
  kind: v.picklist(['integrator', 'operator']),
  id: v.string(),
  name: v.string(),
  roles: v.array(v.string()),
  csrf_token: v.optional(v.string()),
});
export type Me = v.InferOutput<typeof MeShape>;

export const ApiKeyShape = v.object({
  id: v.string(),
  prefix: v.string(),
  name: v.string(),
  integrator: v.object({ id: v.string(), name: v.string() }),
  roles: v.array(v.picklist(apiKeyRoles)),
  state: v.picklist(['active', 'revoked']),
  expires_at: v.optional(InstantShape),
  created_at: InstantShape,
  revoked_at: v.optional(InstantShape),
});
export type ApiKey = v.InferOutput<typeof ApiKeyShape>;
export const ApiKeyPageShape = pageOf(ApiKeyShape);
export const IssuedApiKeyShape = v.object({ api_key: ApiKeyShape, token: v.optional(v.string()) });

export const AuditShape = v.object({
  id: v.string(),
  at: InstantShape,
  who: v.object({
    kind: v.picklist(['operator', 'integrator', 'unknown']),
    id: v.optional(v.string()),
    name: v.optional(v.string()),
  }),
  what: v.string(),
  method: v.string(),
  path: v.string(),
  object: v.optional(v.string()),
  address: v.string(),
  request_id: v.string(),
  result: v.optional(
    v.object({ status: v.number(), code: v.optional(v.string()), at: InstantShape }),
  ),
});
export type AuditRecord = v.InferOutput<typeof AuditShape>;
export const AuditPageShape = pageOf(AuditShape);
