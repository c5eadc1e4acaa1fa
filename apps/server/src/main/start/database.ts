import { totalmem } from 'node:os';
import { startPostgres } from '@keyturn/postgres';
import type { Logger } from 'pino';
import { arrangeCluster, type DatabaseUrls, migrate } from '../../platform/index.ts';
import type { InstallationSecrets, Places } from './installation.ts';

/** The database that the platform runs on: our own, or somebody else's by URL. */
export interface RunningDatabase {
  readonly urls: DatabaseUrls;
  /** The steps that were carried out at this start. */
  readonly migrated: readonly string[];
  stop(): Promise<void>;
}

/**
 * Starts (or finds) the embedded PostgreSQL, or takes the server that DATABASE_URL names, and
 * brings the database up to this version. The embedded server is started again, on the same port,
 * when it dies.
 */
export async function openInstallationDatabase(
  env: Readonly<Record<string, string | undefined>>,
  places: Places,
  secrets: InstallationSecrets,
  logger: Logger,
): Promise<RunningDatabase> {
  const foreign = env['DATABASE_URL'];
  if (foreign !== undefined && foreign !== '') {
    const urls = { app: foreign, migrate: env['DATABASE_MIGRATE_URL'] ?? foreign };
    const migrated = await migrate(urls.migrate, decodeURIComponent(new URL(foreign).username));
    return { urls, migrated, stop: async () => undefined };
  }
  return startEmbedded(places, secrets, logger);
}

const mebibyte = 1024 ** 2;

/**
 * What the server keeps in memory, of so many bytes: an eighth, from 128 MB to 2 GB. PostgreSQL's
 * manual advises a quarter for a machine of its own; here the platform shares the machine.
 */
export function sharedBuffersOf(memory: number): string {
  const eighth = Math.floor(memory / 8 / mebibyte);
  return `${Math.max(128, Math.min(eighth, 2_048))}MB`;
}

/** The bytes of the machine, or those that a container leaves this process. */
function memory(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(totalmem(), constrained) : totalmem();
}

/** How the embedded server is set; a benchmark gives its own server the same. */
export const embeddedSettings = {
  shared_buffers: sharedBuffersOf(memory()),
  max_connections: 120,
  max_wal_size: '2GB',
  // Commits are durable. What an operator may trade, this default does not.
  synchronous_commit: true,
};

async function startEmbedded(
  places: Places,
  secrets: InstallationSecrets,
  logger: Logger,
): Promise<RunningDatabase> {
  let stopping = false;
  const options = { dataDirectory: places.postgres, settings: embeddedSettings, logger };
  let server = await startPostgres(options);
  const { port } = server.connection;

  function watch(): void {
    void server.exited.then(async (exit) => {
      if (stopping || exit.expected) return;
      logger.warn(
        { code: exit.code, signal: exit.signal },
        'the database ended; starting it again',
      );
      server = await startPostgres({ ...options, port });
      watch();
    });
  }

  watch();
  const passwords = { app: secrets.databaseApp, migrate: secrets.databaseMigrate };
  const urls = await arrangeCluster(server.url, 'keyturn', passwords);
  const migrated = await migrate(urls.migrate, 'keyturn_app');
  return {
    urls,
    migrated,
    stop: async () => {
      stopping = true;
      await server.stop();
    },
  };
}
