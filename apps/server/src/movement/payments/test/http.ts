import { randomBytes } from 'node:crypto';
import { present } from '@keyturn/kernel';
import type { LightMyRequestResponse } from 'fastify';
import { createHttpApp, createSealer } from '../../../platform/index.ts';
import {
  createAccessService,
  type OperatorRole,
  registerAccess,
  registerAccessRoutes,
} from '../../../who/access/index.ts';
import { logIn, password } from '../../../who/access/test/app.ts';
import { registerPayoutsRoutes } from '../../payouts/index.ts';
import { registerPaymentsRoutes } from '../index.ts';
import type { MovementWorld } from './world.ts';

type Headers = Readonly<Record<string, string>>;

/** The movement's routes behind the real gate. */
export interface MovementHttp {
  readonly integrator: Headers;
  readonly other: Headers;
  readonly finance: Headers;
  readonly approver: Headers;
  readonly viewer: Headers;
  post(url: string, who: Headers, payload?: unknown, key?: string): Promise<LightMyRequestResponse>;
  get(url: string, who?: Headers): Promise<LightMyRequestResponse>;
  close(): Promise<void>;
}

export async function createMovementHttp(world: MovementWorld): Promise<MovementHttp> {
  const { database, clock, logger, commands, errors, metrics } = world.platform;
  const sealer = createSealer(randomBytes(32));
  const access = createAccessService({ database, clock, logger, commands, sealer });
  const app = await createHttpApp({ logger, errors, metrics });
  await registerAccess(app, access);
  registerAccessRoutes(app, access, { secureCookies: true });
  registerPaymentsRoutes(app, world.payments);
  registerPayoutsRoutes(app, world.payouts);
  await app.ready();

  async function apiKey(name: string): Promise<Headers> {
    const made = await access.createApiKey(`test:${name}`, undefined, { name });
    if (!made.ok) throw new Error(made.error.code);
    return { authorization: `Bearer ${present(made.value.token, 'a token')}` };
  }

  async function operator(username: string, ...roles: OperatorRole[]): Promise<Headers> {
    const wanted = { username, name: username, password, roles };
    const made = await access.createOperator(`test:${username}`, undefined, wanted);
    if (!made.ok) throw new Error(made.error.code);
    return (await logIn(app, username)).headers;
  }

  let serial = 0;
  return {
    integrator: await apiKey('integrator'),
    other: await apiKey('other'),
    finance: await operator('finance', 'finance', 'approver'),
    approver: await operator('approver', 'approver'),
    viewer: await operator('viewer', 'viewer'),
    post: (url, who, payload, key) => {
      serial += 1;
      const headers = { ...who, 'idempotency-key': key ?? `k${serial}` };
      return app.inject({
        method: 'POST',
        url,
        headers,
        ...(payload === undefined ? {} : { payload: payload as object }),
      });
    },
    get: (url, who = {}) => app.inject({ method: 'GET', url, headers: who }),
    close: () => app.close(),
  };
}
