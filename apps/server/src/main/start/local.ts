import { createLogger, readConfig } from '../../platform/index.ts';
import { composePlatform, type Platform } from '../compose.ts';
import { openInstallationDatabase } from './database.ts';
import { ensureInstallation, findRunning, placesOf, type Running } from './installation.ts';

/** The platform in this very process, for the command line. */
export interface LocalPlatform {
  readonly platform: Platform;
  /** The system that runs beside, if one does. */
  readonly running: Running | undefined;
  close(): Promise<void>;
}

/**
 * Opens the platform of a data directory: on the database of the system that runs there, or on
 * the database alone, started for as long as this takes.
 */
export async function openLocalPlatform(
  env: Readonly<Record<string, string | undefined>>,
): Promise<LocalPlatform> {
  const places = placesOf(dataDirectoryOf(env));
  const secrets = await ensureInstallation(places);
  const running = await findRunning(places);
  const logger = createLogger('cli', 'error');
  const database = running
    ? {
        urls: { app: running.databaseUrl, migrate: running.migrateUrl },
        stop: async () => undefined,
      }
    : await openInstallationDatabase(env, places, secrets, logger);
  const config = readConfig({
    KEYTURN_LOG_LEVEL: 'error',
    ...env,
    DATABASE_URL: database.urls.app,
    DATABASE_MIGRATE_URL: database.urls.migrate,
    KEYTURN_DATA: places.root,
    ...(running ? { KEYTURN_TIME_SOURCE: `${running.sandboxAdmin}/clock` } : {}),
  });
  const platform = await composePlatform(config, 'cli');
  return {
    platform,
    running,
    close: async () => {
      await platform.close();
      await database.stop();
    },
  };
}

/**
 * The folder of an installation's data: KEYTURN_DATA, or `.keyturn` where the command was called.
 */
export function dataDirectoryOf(env: Readonly<Record<string, string | undefined>>): string {
  return env['KEYTURN_DATA'] ?? '.keyturn';
}
