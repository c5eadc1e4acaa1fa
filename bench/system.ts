import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@keyturn/postgres';
import { embeddedSettings } from '../apps/server/src/main/start/database.ts';
import { type System, startSystem } from '../apps/server/src/main/start/system.ts';
import { arrangeCluster, createLogger } from '../apps/server/src/platform/index.ts';
import { descendants } from './processes.ts';

/** The whole system on a data folder of its own, with the database server in our hands. */
export interface BenchSystem {
  readonly system: System;
  /** A superuser's connection to the database `postgres`; not for the system, for the baseline. */
  readonly superuserUrl: string;
  /** The same superuser in the system's own database. */
  readonly databaseUrl: string;
  /** All processes by name, backends of PostgreSQL included. */
  pids(): Promise<Record<string, readonly number[]>>;
  /** Ends all processes and removes the folder. */
  stop(): Promise<void>;
}

export interface BenchSystemOptions {
  /** A folder into which each process writes its profile; PostgreSQL counts its statements, too. */
  readonly profiles?: string;
}

const host = '127.0.0.1';
const databaseName = 'keyturn';
/** The baseline's clients come on top of what the platform's own pools hold. */
const connections = 300;

/**
 * Starts everything as `npm start` does, on free ports, with the settings of the embedded server.
 * What was begun is ended when a later step fails.
 */
export async function startBenchSystem(
  say: (line: string) => void,
  { profiles }: BenchSystemOptions = {},
): Promise<BenchSystem> {
  const folder = await mkdtemp(join(tmpdir(), 'keyturn-bench-'));
  const enders: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const end of enders.splice(0).reverse()) await end();
  };
  try {
    const server = await startPostgres({
      dataDirectory: join(folder, 'postgres'),
      settings: {
        ...embeddedSettings,
        max_connections: connections,
        ...(profiles === undefined ? {} : { shared_preload_libraries: 'pg_stat_statements' }),
      },
    });
    enders.push(server.stop);
    const password = () => randomBytes(18).toString('base64url');
    const passwords = { app: password(), migrate: password() };
    const urls = await arrangeCluster(server.url, databaseName, passwords);
    const system = await startSystem({
      dataDirectory: join(folder, 'data'),
      host,
      ports: { api: 0, sandboxAdmin: 0, acquirer: 0, bank: 0 },
      env: {
        ...foreignSettingsRemoved(process.env),
        DATABASE_URL: urls.app,
        DATABASE_MIGRATE_URL: urls.migrate,
        KEYTURN_LOG_LEVEL: 'error',
        ...(profiles === undefined
          ? {}
          : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${JSON.stringify(profiles)}` }),
      },
      logger: createLogger('bench', 'error'),
      say,
      onGivenUp: (error) => say(error.message),
    });
    enders.push(system.stop);
    const database = new URL(server.url);
    database.pathname = `/${databaseName}`;
    return {
      system,
      superuserUrl: server.url,
      databaseUrl: database.href,
      pids: async () => {
        const own = Object.entries(system.pids());
        const processes = own.map(([name, pid]) => [name, pid === undefined ? [] : [pid]] as const);
        return { ...Object.fromEntries(processes), postgres: await descendants(server.pid) };
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The settings of an installation that this machine may have are not the benchmark's. */
function foreignSettingsRemoved(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(KEYTURN|DATABASE)_/.test(name)),
  );
}
