import {
  assert,
  type Clock,
  type CursorPart,
  decodeCursor,
  elapsedMs,
  encodeId,
  newId,
  ok,
  type Page,
  pageOf,
  type Refusal,
  type Result,
} from '@keyturn/kernel';
import { createRowSet, type Database } from '@keyturn/pipeline';
import type { Logger } from 'pino';
import {
  type CommandCall,
  type CommandRunner,
  concealed,
  pageSize,
  type Sealer,
} from '../../platform/index.ts';
import {
  type CreateApiKeyInput,
  createApiKey,
  type RevokeApiKeyInput,
  revokeApiKey,
} from './decide/api-keys.ts';
import {
  type CreateOperatorInput,
  createOperator,
  type DisableOperatorInput,
  disableOperator,
} from './decide/operators.ts';
import { checkPassword } from './decide/password.ts';
import { newSecret, readApiToken, sameSecret, secretHash, writeApiToken } from './decide/token.ts';
import { refuse } from './errors.ts';
import { createKeyCache, type KeyCache } from './key-cache.ts';
import { createPasswords, type Passwords } from './passwords.ts';
import { apiKeyTable, integratorTable, operatorTable } from './rows.ts';
import { changePassword, identifySession, logIn, logOut } from './sessions.ts';
import {
  type ApiKeyWithName,
  listApiKeys,
  lockApiKeys,
  readApiKey,
  readIntegrators,
} from './store/api-keys.ts';
import { insertCall, insertResult, listAudit } from './store/audit.ts';
import { listOperators, lockOperators, readOperatorsByName } from './store/operators.ts';
import { deleteForgotten } from './store/throttles.ts';
import type { AccessService, Identity, NewApiKey, NewOperator, PageQuery } from './types.ts';
import { apiKeyView, auditView, idPrefix, operatorView } from './views.ts';

export interface AccessDeps {
  readonly database: Database;
  /** Tells when sessions, locks and keys are over. */
  readonly clock: Clock;
  readonly logger: Logger;
  readonly commands: CommandRunner;
  readonly sealer: Sealer;
  readonly passwords?: Passwords;
  /** By which the age of what is known of a key is measured; real time when not given. */
  readonly monotonicMs?: () => number;
}

/** Who is asking, and what they may do. */
export function createAccessService(deps: AccessDeps): AccessService {
  const { database, clock } = deps;
  const passwords = deps.passwords ?? createPasswords();
  const keys = createKeyCache((id) => readApiKey(database, id), deps.monotonicMs ?? elapsedMs);
  const sessions = { ...deps, passwords };
  return {
    ...operatorCommands(deps, passwords),
    ...apiKeyCommands(deps, keys),
    ...lists(database),
    logIn: (attempt) => logIn(sessions, attempt),
    logOut: (token) => logOut(sessions, token),
    changePassword: (change) => changePassword(sessions, change),
    identifySession: (token) => identifySession(sessions, token),
    identifyKey: createKeyIdentifier(keys, clock),
    recordCall: async (call) => {
      const now = clock.now();
      const id = newId(now, call.principal?.id ?? call.requestId);
      await insertCall(database, id, now, call);
      return id;
    },
    recordResult: (id, result) => insertResult(database, id, clock.now(), result),
    sweep: () => deleteForgotten(database, clock.now()),
  };
}

function operatorCommands({ commands, sealer }: AccessDeps, passwords: Passwords) {
  const create = commands.define({
    name: 'access.create_operator',
    units: () => ({ operators: createRowSet(operatorTable) }),
    load: async (tx, { operators }, calls: readonly CommandCall<CreateOperatorInput>[]) =>
      operators.adopt(
        await readOperatorsByName(
          tx,
          calls.map((call) => call.input.username),
        ),
      ),
    decide: ({ operators }, input: CreateOperatorInput, context) =>
      createOperator(operators, input, context),
  });
  const disable = commands.define({
    name: 'access.disable_operator',
    units: () => ({ operators: createRowSet(operatorTable) }),
    load: async (tx, { operators }, calls: readonly CommandCall<DisableOperatorInput>[]) =>
      operators.adopt(
        await lockOperators(
          tx,
          calls.map((call) => call.input.id),
        ),
      ),
    decide: ({ operators }, input: DisableOperatorInput) => disableOperator(operators, input),
  });

  async function createOne(key: string, by: string | undefined, wanted: NewOperator) {
    const username = wanted.username.toLowerCase();
    const name = wanted.name.trim();
    assert(/^[a-z0-9][a-z0-9._-]{2,63}$/.test(username), 'a user name has the form of one');
    const strong = checkPassword(wanted.password, username);
    if (!strong.ok) return { ...strong, replayed: false };
    const hashed = await passwords.hash(wanted.password);
    const password = concealed(hashed, sealer.blindIndex(`password:${wanted.password}`));
    return create(key, { by: by ?? null, username, name, roles: wanted.roles, password });
  }
  return {
    createOperator: createOne,
    disableOperator: (key, by, id) => disable(key, { by, id }),
  } satisfies Partial<AccessService>;
}

function apiKeyCommands({ commands }: AccessDeps, keys: KeyCache) {
  const units = () => ({
    integrators: createRowSet(integratorTable),
    apiKeys: createRowSet(apiKeyTable),
  });
  const create = commands.define({
    name: 'access.create_api_key',
    units,
    load: async (tx, { integrators }, calls: readonly CommandCall<CreateApiKeyInput>[]) => {
      const ids = calls.flatMap(({ input }) => input.integratorId ?? []);
      integrators.adopt(await readIntegrators(tx, ids));
    },
    decide: (loaded, input: CreateApiKeyInput, context) => createApiKey(loaded, input, context),
  });
  const revoke = commands.define({
    name: 'access.revoke_api_key',
    units,
    load: async (
      tx,
      { integrators, apiKeys },
      calls: readonly CommandCall<RevokeApiKeyInput>[],
    ) => {
      const ids = calls.map((call) => call.input.id);
      const rows = await lockApiKeys(tx, ids);
      apiKeys.adopt(rows);
      const owners = rows.map((row) => row.integratorId);
      integrators.adopt(await readIntegrators(tx, owners));
    },
    decide: (loaded, input: RevokeApiKeyInput, context) => revokeApiKey(loaded, input, context),
  });

  async function createOne(key: string, by: string | undefined, wanted: NewApiKey) {
    const secret = newSecret();
    const outcome = await create(key, {
      by: by ?? null,
      name: wanted.name.trim(),
      integratorId: wanted.integratorId ?? null,
      roles: wanted.roles ?? ['writer'],
      expiresAt: wanted.expiresAt ?? null,
      secretSha256: concealed(secretHash(secret), 'made anew at each call'),
    });
    if (!outcome.ok) return outcome;
    const { keyId, apiKey } = outcome.value;
    // The secret of a repeat is not that of the key, and the key's own is known to nobody but its
    // holder.
    const token = outcome.replayed ? {} : { token: writeApiToken(keyId, secret) };
    return { ...ok({ apiKey, ...token }), replayed: outcome.replayed };
  }
  return {
    createApiKey: createOne,
    revokeApiKey: async (key, by, id) => {
      const outcome = await revoke(key, { by, id });
      keys.forget(id);
      return outcome;
    },
  } satisfies Partial<AccessService>;
}

/** A token that was proved against a key as it was read: the same again needs no proof. */
interface Proved {
  readonly key: ApiKeyWithName;
  readonly identity: Identity;
}

/** Tokens that are kept in memory with what they proved. */
const maxProved = 10_000;

/**
 * Tells who has a token. State and expiry are looked at each time, on the key as it was read some
 * seconds ago at most; the secret is hashed and compared once for each reading of the key.
 */
function createKeyIdentifier(keys: KeyCache, clock: Clock) {
  const proved = new Map<string, Proved>();

  function prove(token: string, key: ApiKeyWithName, secret: string): Proved | undefined {
    if (!sameSecret(key.secretSha256, secret)) return undefined;
    const { integratorId: id, integratorName: name, roles } = key;
    const principal = { kind: 'integrator' as const, id, name, roles };
    const proof = { key, identity: { principal, credential: encodeId(idPrefix.apiKey, key.id) } };
    if (proved.size >= maxProved) proved.clear();
    proved.set(token, proof);
    return proof;
  }

  function judge({ key, identity }: Proved): Result<Identity, Refusal> {
    const over = key.expiresAt && Temporal.Instant.compare(clock.now(), key.expiresAt) >= 0;
    return key.state === 'active' && !over ? ok(identity) : refuse('credential_invalid');
  }

  async function look(token: string): Promise<Result<Identity, Refusal>> {
    const parts = readApiToken(token);
    const key = parts && (await keys.get(parts.keyId));
    const proof = parts && key && prove(token, key, parts.secret);
    return proof === undefined ? refuse('credential_invalid') : judge(proof);
  }

  return (token: string): Result<Identity, Refusal> | Promise<Result<Identity, Refusal>> => {
    const before = proved.get(token);
    const isFresh = before !== undefined && keys.now(before.key.id) === before.key;
    return isFresh ? judge(before) : look(token);
  };
}

function lists(database: Database) {
  return {
    operators: (query) =>
      listed(query, byId, (before, limit) => listOperators(database, before, limit), operatorView),
    apiKeys: (query) =>
      listed(
        query,
        byId,
        (before, limit) => listApiKeys(database, before, limit),
        (row) => apiKeyView(row, { name: row.integratorName }),
      ),
    audit: (query) =>
      listed(
        query,
        bySeq,
        (before, limit) => listAudit(database, BigInt(before), limit, query.principalId),
        auditView,
      ),
  } satisfies Partial<AccessService>;
}

/**
 * By what a list is ordered, the greatest first: where it begins, and what a place in it is.
 */
interface Order<Row> {
  readonly start: string;
  readonly part: CursorPart;
  place(row: Row): string;
}

const byId: Order<{ readonly id: string }> = {
  start: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
  part: 'uuid',
  place: (row) => row.id,
};

const bySeq: Order<{ readonly seq: bigint }> = {
  start: '9223372036854775807',
  part: 'sequence',
  place: (row) => String(row.seq),
};

async function listed<Row, View>(
  query: PageQuery,
  order: Order<NoInfer<Row>>,
  read: (before: string, limit: number) => Promise<readonly Row[]>,
  view: (row: Row) => View,
): Promise<Result<Page<View>, Refusal>> {
  const limit = pageSize(query.limit);
  const place =
    query.cursor === undefined ? undefined : decodeCursor(query.cursor, [order.part])?.[0];
  if (query.cursor !== undefined && place === undefined) {
    return { ok: false, error: { code: 'cursor_invalid', param: 'cursor' } };
  }
  const rows = await read(place ?? order.start, limit + 1);
  const page = pageOf(rows, limit, (row) => [order.place(row)]);
  return ok({ items: page.items.map(view), nextCursor: page.nextCursor });
}
