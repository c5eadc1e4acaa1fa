import { encodeId, ok, present, type Refusal, type Result } from '@keyturn/kernel';
import type { RowSet } from '@keyturn/pipeline';
import type { CommandContext, Concealed } from '../../../platform/index.ts';
import { refuse } from '../errors.ts';
import type { ApiKeyRole } from '../principal.ts';
import type { ApiKeyRow, IntegratorRow } from '../rows.ts';
import type { ApiKeyView } from '../types.ts';
import { apiKeyView, idPrefix } from '../views.ts';

export interface ApiKeyUnits {
  readonly integrators: RowSet<IntegratorRow>;
  readonly apiKeys: RowSet<ApiKeyRow>;
}

export interface CreateApiKeyInput {
  readonly by: string | null;
  readonly name: string;
  readonly integratorId: string | null;
  readonly roles: readonly ApiKeyRole[];
  readonly expiresAt: string | null;
  /** The hash of a secret that is made anew at each call; the stand-in is a constant. */
  readonly secretSha256: Concealed<Buffer>;
}

export interface CreatedApiKey {
  readonly keyId: string;
  readonly apiKey: ApiKeyView;
}

export function createApiKey(
  { integrators, apiKeys }: ApiKeyUnits,
  input: CreateApiKeyInput,
  context: CommandContext,
): Result<CreatedApiKey, Refusal> {
  const expiresAt = input.expiresAt === null ? null : instantOf(input.expiresAt);
  if (expiresAt === undefined) {
    const problem = { problem: 'not an instant that we can keep', problem_zh: '不是有效时刻' };
    const values = { field: 'expires_at', ...problem };
    return { ok: false, error: { code: 'request_invalid', param: 'expires_at', values } };
  }
  if (expiresAt !== null && Temporal.Instant.compare(expiresAt, context.now) <= 0) {
    const values = { expires_at: expiresAt.toString() };
    return refuse('api_key_expiry_past', { param: 'expires_at', values });
  }
  const integrator = integratorOf(integrators, input, context);
  if (!integrator.ok) return integrator;
  const row = apiKeys.insert({
    id: context.newId(integrator.value.id),
    integratorId: integrator.value.id,
    name: input.name,
    secretSha256: input.secretSha256.value,
    roles: [...new Set(input.roles)],
    state: 'active',
    expiresAt,
    createdBy: input.by,
    createdAt: context.now,
    revokedBy: null,
    revokedAt: null,
  });
  return ok({ keyId: row.id, apiKey: apiKeyView(row, integrator.value) });
}

/** RFC 3339 allows more digits of a second than nine; we do not. */
function instantOf(text: string): Temporal.Instant | undefined {
  try {
    return Temporal.Instant.from(text);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function integratorOf(
  integrators: RowSet<IntegratorRow>,
  { by, name, integratorId }: CreateApiKeyInput,
  context: CommandContext,
): Result<IntegratorRow, Refusal> {
  if (integratorId === null) {
    const id = context.newId(name);
    return ok(integrators.insert({ id, name, createdBy: by, createdAt: context.now }));
  }
  const known = integrators.get(integratorId);
  if (known) return ok(known);
  const values = { integrator_id: encodeId(idPrefix.integrator, integratorId) };
  return refuse('integrator_not_found', { param: 'integrator_id', values });
}

export interface RevokeApiKeyInput {
  readonly by: string;
  readonly id: string;
}

/** From active to revoked, for good. A key that is revoked already stays as it is. */
export function revokeApiKey(
  { integrators, apiKeys }: ApiKeyUnits,
  { by, id }: RevokeApiKeyInput,
  context: CommandContext,
): Result<ApiKeyView, Refusal> {
  const row = apiKeys.get(id);
  if (!row) {
    const api_key_id = encodeId(idPrefix.apiKey, id);
    return refuse('api_key_not_found', { param: 'id', values: { api_key_id } });
  }
  const integrator = present(integrators.get(row.integratorId), 'the integrator of a key');
  if (row.state === 'revoked') return ok(apiKeyView(row, integrator));
  const change = { state: 'revoked', revokedBy: by, revokedAt: context.now } as const;
  return ok(apiKeyView(apiKeys.update(id, change), integrator));
}
