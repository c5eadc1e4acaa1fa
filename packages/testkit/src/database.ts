import { randomBytes } from 'node:crypto';
import { type Database, type DatabaseOptions, openDatabase } from '@keyturn/pipeline';
import pg from 'pg';

/** The environment by which a run's set-up tells the test files where its cluster is. */
export const clusterVariables = {
  superuser: 'KEYTURN_TEST_SUPERUSER_URL',
  app: 'KEYTURN_TEST_APP_URL',
} as const;

/** The migrated database that every test database is a clone of. */
export const templateName = 'keyturn_template';

/** A database of one's own for a test file, migrated, empty. */
export interface TestDatabase {
  /**
   * Connects as `keyturn_app`, with its grants: what the platform may not do, a test may not
   * either.
   */
  readonly url: string;
  /** Connects as a superuser: for planting trouble and for looking behind the curtain. */
  readonly superuserUrl: string;
  /** A pool as the application's role; closed with the database. */
  open(options?: Partial<DatabaseOptions>): Database;
  /** Ends a backend as a superuser would, or a crash of its process. */
  terminate(pid: number): Promise<void>;
  drop(): Promise<void>;
}

/** Clones the template. Call `drop` when done; what is forgotten ends with the run's cluster. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const superuser = variable(clusterVariables.superuser);
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(
    superuser,
    `create database ${name} template ${templateName} owner keyturn_owner`,
  );
  const url = inDatabase(variable(clusterVariables.app), name);
  const opened: Database[] = [];
  return {
    url,
    superuserUrl: inDatabase(superuser, name),
    open: (options = {}) => {
      const database = openDatabase({ url, applicationName: 'keyturn test', ...options });
      opened.push(database);
      return database;
    },
    terminate: (pid) => administer(superuser, `select pg_terminate_backend(${pid}, 5000)`),
    drop: async () => {
      await Promise.all(opened.map((database) => database.close()));
      await administer(superuser, `drop database if exists ${name} with (force)`);
    },
  };
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) {
    throw new Error(`${name} is not set: run the tests with the project's configuration`);
  }
  return value;
}

export function inDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

/**
 * Runs one administrative statement. Clones of one template wait for each other by an advisory
 * lock.
 */
export async function administer(superuserUrl: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock(4711)');
    await client.query(sql);
  } finally {
    await client.end();
  }
}
