import { randomBytes } from 'node:crypto';
import { present } from '@keyturn/kernel';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { createTestPlatform, type TestPlatform } from '../../../../test/platform.ts';
import { createHttpApp, createSealer, type HttpApp, type Sealer } from '../../../platform/index.ts';
import {
  createPartiesService,
  type PartiesService,
  partiesErrors,
  registerPartiesRoutes,
} from '../../parties/index.ts';
import {
  type AccessDeps,
  type AccessService,
  accessErrors,
  createAccessService,
  type OperatorRole,
  registerAccess,
  registerAccessRoutes,
} from '../index.ts';

/** The floor `who` behind its HTTP edge, over a database of the test's own. */
export interface WhoApp {
  readonly platform: TestPlatform;
  readonly sealer: Sealer;
  readonly access: AccessService;
  readonly parties: PartiesService;
  readonly app: HttpApp;
  /** A key of a new integrator. */
  apiKey(name: string): Promise<{ readonly token: string; readonly headers: Headers }>;
  /** An operator with these roles, logged in. */
  operator(username: string, ...roles: OperatorRole[]): Promise<LoggedIn>;
  call(options: InjectOptions): Promise<LightMyRequestResponse>;
  close(): Promise<void>;
}

type Headers = Readonly<Record<string, string>>;

export interface LoggedIn {
  readonly id: string;
  readonly cookie: string;
  readonly csrf: string;
  /** For calls that change something. */
  readonly headers: Headers;
}

export const password = 'correct horse battery';

export async function createWhoApp(
  overrides: Partial<Pick<AccessDeps, 'passwords' | 'monotonicMs'>> = {},
): Promise<WhoApp> {
  const platform = await createTestPlatform(partiesErrors, accessErrors);
  const sealer = createSealer(randomBytes(32));
  const { database, clock, logger, commands, errors, metrics } = platform;
  const access = createAccessService({ database, clock, logger, commands, sealer, ...overrides });
  const parties = createPartiesService({ database, commands, sealer });
  const app = await createHttpApp({ logger, errors, metrics });
  await registerAccess(app, access);
  registerAccessRoutes(app, access, { secureCookies: true });
  registerPartiesRoutes(app, parties);
  await app.ready();
  let keys = 0;

  return {
    platform,
    sealer,
    access,
    parties,
    app,
    apiKey: async (name) => {
      keys += 1;
      const outcome = await access.createApiKey(`test:key-${keys}`, undefined, { name });
      if (!outcome.ok) throw new Error(outcome.error.code);
      const token = present(outcome.value.token, 'a token');
      return { token, headers: { authorization: `Bearer ${token}` } };
    },
    operator: async (username, ...roles) => {
      const wanted = { username, name: `Operator ${username}`, password, roles };
      const outcome = await access.createOperator(`test:${username}`, undefined, wanted);
      if (!outcome.ok) throw new Error(outcome.error.code);
      return logIn(app, username);
    },
    call: (options) => app.inject(options),
    close: async () => {
      await app.close();
      await platform.close();
    },
  };
}

/** Logs in by HTTP, as a browser does. */
export async function logIn(app: HttpApp, username: string): Promise<LoggedIn> {
  const payload = { username, password };
  const answer = await app.inject({ method: 'POST', url: '/v1/operator-sessions', payload });
  if (answer.statusCode !== 201) throw new Error(answer.body);
  const { operator, csrf_token: csrf } = answer.json<{
    operator: { id: string };
    csrf_token: string;
  }>();
  const value = present(answer.cookies[0], 'the cookie of a session').value;
  const cookie = `keyturn_session=${value}`;
  return { id: operator.id, cookie, csrf, headers: { cookie, 'x-csrf-token': csrf } };
}
