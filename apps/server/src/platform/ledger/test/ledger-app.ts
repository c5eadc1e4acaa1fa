import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeId, present } from '@keyturn/kernel';
import { bookId, createSubmitter, openBook } from '@keyturn/ledger';
import { createTestPlatform, type TestPlatform } from '../../../../test/platform.ts';
import {
  type AccessService,
  type ApiKeyRole,
  accessErrors,
  createAccessService,
  type OperatorRole,
  principalOf,
  registerAccess,
  registerAccessRoutes,
} from '../../../who/access/index.ts';
import { createHttpApp } from '../../http/server.ts';
import { createSealer } from '../../secrets/sealer.ts';
import { registerLedgerRoutes } from '../routes.ts';
import { createLedgerService } from '../service.ts';

/** What came back: the body as it was parsed, and what stands around it. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into answers of every shape.
  readonly body: any;
}

/** Somebody who calls with a key or a session. */
export interface Caller {
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

/** An integrator with a key of its own. */
export interface Integrator extends Caller {
  readonly integratorId: string;
  readonly keyId: string;
  readonly token: string;
}

/** The ledger's routes behind the gate, listening, over a database of the test's own. */
export interface LedgerApp {
  readonly platform: TestPlatform;
  readonly access: AccessService;
  readonly url: string;
  readonly keyFolder: string;
  /** A book of the platform's own. */
  readonly platformBook: string;
  integrator(name: string, roles?: readonly ApiKeyRole[], of?: string): Promise<Integrator>;
  operator(username: string, ...roles: OperatorRole[]): Promise<Caller>;
  close(): Promise<void>;
}

export const password = 'correct horse battery';

export async function createLedgerApp(): Promise<LedgerApp> {
  const platform = await createTestPlatform(accessErrors);
  const { database, clock, logger, commands, errors, metrics, testDatabase } = platform;
  const keyFolder = await mkdtemp(join(tmpdir(), 'keyturn-ledger-'));
  const sealer = createSealer(randomBytes(32));
  const access = createAccessService({ database, clock, logger, commands, sealer });
  const keeperName = (keeper: string) => encodeId('int', keeper);
  const submitter = createSubmitter({ database, clock });
  const ledger = createLedgerService({ database, clock, submitter, keeperName });
  const app = await createHttpApp({ logger, errors, metrics });
  await registerAccess(app, access);
  registerAccessRoutes(app, access, { secureCookies: false });
  registerLedgerRoutes(app, {
    database,
    clock,
    ledger,
    errors,
    keeperName,
    keyFolder,
    checkUrl: testDatabase.url,
    callerOf: (request) => {
      const { kind, id } = principalOf(request);
      return { keeper: kind === 'integrator' ? id : null };
    },
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const own = { legalEntity: 'kt-pay', regime: 'reserve', currency: 'CNY', keeper: null } as const;
  await openBook(database, own);
  return {
    platform,
    access,
    url,
    keyFolder,
    platformBook: bookId(own.legalEntity, own.regime, own.currency),
    integrator: (name, roles = ['ledger'], of) => enrolIntegrator(access, url, name, roles, of),
    operator: (username, ...roles) => enrolOperator(access, url, username, roles),
    close: async () => {
      await app.close();
      await ledger.close();
      await platform.close();
      await rm(keyFolder, { recursive: true, force: true });
    },
  };
}

async function enrolIntegrator(
  access: AccessService,
  url: string,
  name: string,
  roles: readonly ApiKeyRole[],
  of?: string,
): Promise<Integrator> {
  const wanted = { name, roles, ...(of === undefined ? {} : { integratorId: of }) };
  const made = await access.createApiKey(`test:${name}`, undefined, wanted);
  if (!made.ok) throw new Error(made.error.code);
  const token = present(made.value.token, 'the token of a key');
  const caller = callerWith(url, { authorization: `Bearer ${token}` });
  const { body } = await caller.get('/v1/me');
  return { ...caller, token, keyId: made.value.apiKey.id, integratorId: body.id };
}

async function enrolOperator(
  access: AccessService,
  url: string,
  username: string,
  roles: readonly OperatorRole[],
): Promise<Caller> {
  const wanted = { username, name: username, password, roles };
  const made = await access.createOperator(`test:${username}`, undefined, wanted);
  if (!made.ok) throw new Error(made.error.code);
  const answer = await callerWith(url, {}).post('/v1/operator-sessions', { username, password });
  const cookie = present(answer.headers.getSetCookie()[0]?.split(';')[0], 'the cookie');
  return callerWith(url, { cookie, 'x-csrf-token': answer.body.csrf_token });
}

function callerWith(url: string, who: Readonly<Record<string, string>>): Caller {
  async function call(path: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(`${url}${path}`, init);
    const text = await response.text();
    const body = text === '' ? undefined : JSON.parse(text);
    return { status: response.status, headers: response.headers, body };
  }
  return {
    get: (path) => call(path, { headers: who }),
    post: (path, body, headers = {}) =>
      call(path, {
        method: 'POST',
        headers: { ...who, 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
  };
}
