import { defineTable } from '@keyturn/pipeline';
import type { ApiKeyRole, OperatorRole } from './principal.ts';

/**
 * The tables that commands work on; sessions, throttles and the audit trail are the store's alone.
 */

export interface OperatorRow {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  /** argon2id in PHC form. */
  readonly password: string;
  readonly roles: readonly OperatorRole[];
  readonly state: 'active' | 'disabled';
  readonly createdBy: string | null;
  readonly createdAt: Temporal.Instant;
}

export const operatorTable = defineTable<OperatorRow>({
  name: 'access.operator',
  columns: {
    id: 'uuid',
    username: 'text',
    name: 'text',
    password: 'text',
    roles: 'jsonb',
    state: 'text',
    createdBy: 'uuid',
    createdAt: 'timestamptz',
  },
  key: ['id'],
  mutable: ['state', 'password'],
});

export interface IntegratorRow {
  readonly id: string;
  readonly name: string;
  readonly createdBy: string | null;
  readonly createdAt: Temporal.Instant;
}

export const integratorTable = defineTable<IntegratorRow>({
  name: 'access.integrator',
  columns: { id: 'uuid', name: 'text', createdBy: 'uuid', createdAt: 'timestamptz' },
  key: ['id'],
  mutable: [],
});

export interface ApiKeyRow {
  readonly id: string;
  readonly integratorId: string;
  readonly name: string;
  readonly secretSha256: Buffer;
  readonly roles: readonly ApiKeyRole[];
  readonly state: 'active' | 'revoked';
  readonly expiresAt: Temporal.Instant | null;
  readonly createdBy: string | null;
  readonly createdAt: Temporal.Instant;
  readonly revokedBy: string | null;
  readonly revokedAt: Temporal.Instant | null;
}

export const apiKeyTable = defineTable<ApiKeyRow>({
  name: 'access.api_key',
  columns: {
    id: 'uuid',
    integratorId: 'uuid',
    name: 'text',
    secretSha256: 'bytea',
    roles: 'jsonb',
    state: 'text',
    expiresAt: 'timestamptz',
    createdBy: 'uuid',
    createdAt: 'timestamptz',
    revokedBy: 'uuid',
    revokedAt: 'timestamptz',
  },
  key: ['id'],
  mutable: ['state', 'revokedBy', 'revokedAt'],
});
