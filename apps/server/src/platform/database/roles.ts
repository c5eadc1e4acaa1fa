import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** Connections to one database of a cluster that is ours to arrange. */
export interface DatabaseUrls {
  readonly app: string;
  readonly migrate: string;
}

/**
 * Makes the cluster's three roles and a database, if they are not there: `keyturn_owner` owns all
 * and cannot log in, `keyturn_migrate` may become it, `keyturn_app` runs the platform with the
 * grants of the migrations.
 *
 * @param superuserUrl a superuser's connection to any database of the cluster
 * @param passwords of the two roles that log in; made here when not given
 */
export async function arrangeCluster(
  superuserUrl: string,
  database: string,
  passwords: { readonly app: string; readonly migrate: string } = {
    app: randomBytes(18).toString('base64url'),
    migrate: randomBytes(18).toString('base64url'),
  },
): Promise<DatabaseUrls> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await ensureRole(client, 'keyturn_owner', 'nologin');
    await ensureRole(client, 'keyturn_migrate', login(passwords.migrate));
    await ensureRole(client, 'keyturn_app', login(passwords.app));
    await client.query('grant keyturn_owner to keyturn_migrate');
    const { rows } = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (rows.length === 0) {
      const name = pg.escapeIdentifier(database);
      await client.query(`create database ${name} owner keyturn_owner`);
    }
  } finally {
    await client.end();
  }
  return {
    app: urlOf(superuserUrl, 'keyturn_app', passwords.app, database),
    migrate: urlOf(superuserUrl, 'keyturn_migrate', passwords.migrate, database),
  };
}

function login(password: string): string {
  return `login password ${pg.escapeLiteral(password)}`;
}

async function ensureRole(client: pg.Client, name: string, attributes: string): Promise<void> {
  const { rows } = await client.query('select 1 from pg_roles where rolname = $1', [name]);
  await client.query(`${rows.length === 0 ? 'create' : 'alter'} role ${name} ${attributes}`);
}

function urlOf(base: string, user: string, password: string, database: string): string {
  const url = new URL(base);
  url.username = user;
  url.password = password;
  url.pathname = `/${encodeURIComponent(database)}`;
  return url.href;
}
