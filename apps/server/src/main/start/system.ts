import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { type Child, startChild } from './child.ts';
import { openInstallationDatabase, type RunningDatabase } from './database.ts';
import {
  ensureInstallation,
  type InstallationSecrets,
  lockInstallation,
  type Places,
  placesOf,
  type Running,
  type StartError,
  writeRunning,
} from './installation.ts';
import { claimPort } from './ports.ts';
import { type SeedOptions, seedWorld } from './seed.ts';

/** Where the processes listen. 0 takes a free port. */
export interface Ports {
  readonly api: number;
  readonly sandboxAdmin: number;
  readonly acquirer: number;
  readonly bank: number;
}

export interface SystemOptions {
  readonly dataDirectory: string;
  readonly host: string;
  readonly ports: Ports;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  readonly say: (line: string) => void;
  /** Called when the tree cannot be kept running. */
  readonly onGivenUp: (error: StartError) => void;
}

/** The whole tree of processes: database, outside world, api, worker. */
export interface System extends Running {
  readonly places: Places;
  readonly secrets: InstallationSecrets;
  pids(): Readonly<Record<string, number | undefined>>;
  stop(): Promise<void>;
}

const serverRoot = fileURLToPath(new URL('../', import.meta.url));
const sandboxMain = fileURLToPath(new URL('../../../../sandbox/src/main.ts', import.meta.url));

/**
 * Starts everything and keeps it running. What was begun is ended again when a later step fails.
 *
 * @throws StartError, PostgresError or MigrationError with a sentence for the person who started it
 */
export async function startSystem(options: SystemOptions): Promise<System> {
  const places = placesOf(options.dataDirectory);
  let secrets = await ensureInstallation(places);
  const enders: (() => Promise<void>)[] = [await lockInstallation(places)];
  const stop = async () => {
    for (const end of enders.reverse().splice(0)) await end();
  };
  try {
    options.say('Starting the database …');
    const database = await openInstallationDatabase(options.env, places, secrets, options.logger);
    enders.push(database.stop);
    if (database.migrated.length > 0) {
      options.say(`Brought the database up to date (${database.migrated.length} steps).`);
    }
    const tree = await startProcesses(options, places, database, enders, async (seed) => {
      secrets = await seedWorld({ ...seed, places, secrets });
    });
    await writeRunning(places, tree.running);
    return { ...tree.running, places, secrets, pids: tree.pids, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startProcesses(
  options: SystemOptions,
  places: Places,
  database: RunningDatabase,
  enders: (() => Promise<void>)[],
  seed: (options: Pick<SeedOptions, 'env' | 'sandbox' | 'publicUrl'>) => Promise<void>,
): Promise<{ running: Running; pids: System['pids'] }> {
  const { host } = options;
  // Claimed once: a process that is started again has to come back where the others look for it.
  const ports = {
    api: await claimPort(options.ports.api, host, 'KEYTURN_PORT'),
    sandboxAdmin: await claimPort(options.ports.sandboxAdmin, host, 'KEYTURN_SANDBOX_PORT'),
    acquirer: await claimPort(options.ports.acquirer, host, 'KEYTURN_ACQUIRER_PORT'),
    bank: await claimPort(options.ports.bank, host, 'KEYTURN_BANK_PORT'),
  };
  options.say('Starting the outside world (a bank and an acquirer) …');
  const sandbox = await startChild({
    name: 'sandbox',
    script: sandboxMain,
    args: sandboxArguments(places, { host, ports }),
    env: options.env,
    logFile: join(places.logs, 'sandbox.log'),
    onGivenUp: options.onGivenUp,
  });
  enders.push(sandbox.stop);
  const sandboxAdmin = String(sandbox.ready['admin']);
  const apiPort = ports.api;
  const env = {
    ...options.env,
    DATABASE_URL: database.urls.app,
    DATABASE_MIGRATE_URL: database.urls.migrate,
    KEYTURN_DATA: places.root,
    KEYTURN_HOST: host,
    KEYTURN_PORT: String(apiPort),
    KEYTURN_PUBLIC_URL: options.env['KEYTURN_PUBLIC_URL'] ?? `http://${host}:${apiPort}`,
    KEYTURN_TIME_SOURCE: `${sandboxAdmin}/clock`,
  };
  options.say('Arranging the demo world (once) …');
  await seed({ env, sandbox: sandbox.ready, publicUrl: env.KEYTURN_PUBLIC_URL });
  options.say('Starting the platform …');
  const children: Child[] = [sandbox];
  for (const name of ['worker', 'api']) {
    const child = await startChild({
      name,
      script: join(serverRoot, `${name}.ts`),
      env,
      logFile: join(places.logs, `${name}.log`),
      onGivenUp: options.onGivenUp,
    });
    enders.push(child.stop);
    children.push(child);
  }
  return {
    running: {
      pid: process.pid,
      url: env.KEYTURN_PUBLIC_URL,
      sandboxAdmin,
      databaseUrl: database.urls.app,
      migrateUrl: database.urls.migrate,
    },
    pids: () => Object.fromEntries(children.map((child) => [child.name, child.pid()])),
  };
}

function sandboxArguments(
  places: Places,
  { host, ports }: Pick<SystemOptions, 'host' | 'ports'>,
): string[] {
  return [
    ['--data', places.sandbox],
    ['--host', host],
    ['--admin-port', String(ports.sandboxAdmin)],
    ['--acquirer-port', String(ports.acquirer)],
    ['--bank-port', String(ports.bank)],
  ].flat();
}
