import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, type Finding, type TestDatabase } from '@keyturn/testkit';
import { composePlatform, type Makers, type Platform } from '../src/main/compose.ts';
import { createApi } from '../src/main/http.ts';
import { startChild } from '../src/main/start/child.ts';
import {
  ensureInstallation,
  type InstallationSecrets,
  placesOf,
} from '../src/main/start/installation.ts';
import { claimPort } from '../src/main/start/ports.ts';
import { seedWorld } from '../src/main/start/seed.ts';
import { type Consumer, type Poller, readConfig } from '../src/platform/index.ts';
import { checkInvariants } from './invariants/check.ts';

/**
 * The whole platform over a database of the test's own: the API listening in this process, the
 * worker's part beside it, and the simulated bank and acquirer as a process of their own.
 */
export interface TestWorld {
  readonly url: string;
  readonly sandboxAdmin: string;
  /** Where the account system answers that somebody moves away from. */
  readonly oldLedger: string;
  readonly secrets: InstallationSecrets;
  /** What answers HTTP. */
  readonly platform: Platform;
  /** The worker's part: what is due, and what follows from events. */
  readonly worker: Worker;
  readonly database: TestDatabase;
  /** What breaks an invariant of the ledger or of a module at this moment; empty when sound. */
  findings(): Promise<readonly Finding[]>;
  close(): Promise<void>;
}

interface Worker {
  readonly platform: Platform;
  readonly consumers: readonly Consumer[];
  readonly pollers: readonly Poller[];
  /** Looks for what is due and for new events now, instead of at the next interval. */
  wake(): void;
  stop(): Promise<void>;
}

const sandboxMain = fileURLToPath(new URL('../../sandbox/src/main.ts', import.meta.url));
const host = '127.0.0.1';

export interface WorldParts {
  /** What the answering part is made with. */
  readonly api?: Partial<Makers>;
  /** What the worker's part is made with. */
  readonly worker?: Partial<Makers>;
  /** Made before; dropped by who made it. */
  readonly database?: TestDatabase;
  /** The worker's part does nothing until somebody drains its consumers and pollers. */
  readonly idle?: boolean;
  /** Where the outside world's time stands until it is moved; it runs when not given. */
  readonly standsAt?: Temporal.Instant;
}

export async function startTestWorld(parts: WorldParts = {}): Promise<TestWorld> {
  const ends: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const end of ends.reverse().splice(0)) await end();
  };
  try {
    const root = await mkdtemp(join(tmpdir(), 'keyturn-world-'));
    ends.push(() => rm(root, { recursive: true, force: true }));
    const places = placesOf(root);
    const first = await ensureInstallation(places);
    const database = parts.database ?? (await createTestDatabase());
    if (parts.database === undefined) ends.push(database.drop);
    const sandbox = await startSandbox(root, join(places.logs, 'sandbox.log'), parts.standsAt);
    ends.push(sandbox.stop);
    const sandboxAdmin = String(sandbox.ready['admin']);
    const port = await claimPort(0, host, 'KEYTURN_PORT');
    const url = `http://${host}:${port}`;
    const env = environment(root, database, port, sandboxAdmin);
    const secrets = await seedWorld({
      env,
      places,
      secrets: first,
      sandbox: sandbox.ready,
      publicUrl: url,
    });
    const platform = await composePlatform(readConfig(env), 'api', parts.api);
    ends.push(platform.close);
    const app = await createApi(platform);
    ends.push(() => app.close());
    await app.listen({ port, host });
    const made = await composePlatform(readConfig(env), 'worker', parts.worker);
    const worker = await startWork(made, parts.idle ?? false);
    ends.push(worker.stop);
    const findings = () => checkInvariants(database.superuserUrl);
    const oldLedger = String(sandbox.ready['old_ledger']);
    const seen = { url, sandboxAdmin, oldLedger, secrets, platform, worker, database };
    return { ...seen, findings, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function startSandbox(root: string, logFile: string, standsAt?: Temporal.Instant) {
  const ports = ['admin', 'acquirer', 'bank', 'old-ledger'].flatMap((one) => [
    `--${one}-port`,
    '0',
  ]);
  const time = standsAt === undefined ? [] : ['--stands-at', standsAt.toString()];
  return startChild({
    name: 'sandbox',
    script: sandboxMain,
    args: ['--data', join(root, 'sandbox'), '--host', host, ...ports, ...time],
    env: process.env,
    logFile,
    onGivenUp: (error) => {
      throw error;
    },
  });
}

function environment(root: string, database: TestDatabase, port: number, sandboxAdmin: string) {
  return {
    DATABASE_URL: database.url,
    KEYTURN_DATA: root,
    KEYTURN_HOST: host,
    KEYTURN_PORT: String(port),
    KEYTURN_PUBLIC_URL: `http://${host}:${port}`,
    KEYTURN_TIME_SOURCE: `${sandboxAdmin}/clock`,
    KEYTURN_LOG_LEVEL: process.env['KEYTURN_LOG_LEVEL'] ?? 'silent',
  };
}

/** What the worker's process does, in this one. */
async function startWork(platform: Platform, idle: boolean): Promise<Worker> {
  const consumers = platform.consumers();
  const pollers = platform.pollers();
  const all = [...consumers, ...pollers];
  if (!idle) {
    for (const one of all) one.start();
    platform.bell.listen(() => {
      for (const consumer of consumers) consumer.wake();
    });
    await platform.jobs.start(platform.reconciliation.jobKinds);
  }
  return {
    platform,
    consumers,
    pollers,
    wake: () => {
      for (const one of all) one.wake();
    },
    stop: async () => {
      await Promise.all(all.map((one) => one.stop()));
      await platform.close();
    },
  };
}
