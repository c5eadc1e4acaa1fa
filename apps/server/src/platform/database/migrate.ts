import { hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { ledgerMigrations } from '@keyturn/ledger';
import { Logger as GraphileLogger, runMigrations } from 'graphile-worker';
import pg from 'pg';

/** A database that this version of Keyturn cannot use. The sentence says why and what to do. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/**
 * Steps that had other forms before, all of which leave the same behind once the steps that came
 * later have run: what they were is taken for what they are. By the SHA-256 of the earlier forms.
 */
const earlierForms: Readonly<Record<string, readonly string[]>> = {
  // Comments in lines of another width.
  'ledger/0002_seals.sql': ['04b38d3d3aa3214330556e93665bab7af9135d65a52b50af75ca1c7dc4c30549'],
  'ledger/0003_semantics.sql': ['d209a6759e0534e189745fb0199a07cc8f401aed434618ca6ab492ae103f0d3f'],
  'ledger/0004_one_check_per_batch.sql': [
    '406693daa142baf12360cccf1b45803dc58d4460dc34837af748205d9d75f4fe',
  ],
  // With other indexes, which `ledger/0012_takeover_indexes.sql` makes anew.
  'ledger/0008_takeover.sql': [
    'beb0ef4bd35f7469e33409d724466476801688fa00e3802a2757e1ed39631699',
    '1ec57295cae2a9324cce847b0cb41d3b81d32eef07357404897e2fe2bf12b10e',
    'bf08841d88741641814fabbbdf20ede1585965d53da1adf95b8ee1a993fc7a31',
  ],
  // With a foreign key to the ledger's transfers, which `ledger/0009_partitions.sql` drops.
  '0031_payouts.sql': ['db5a662bbdaf57abfd249cdac24566091203c7533bef4e8ed9486fdcbc722038'],
};

/**
 * All steps in their order: the ledger's schema first, then one forward-only sequence of the
 * platform's.
 */
export async function listMigrations(): Promise<readonly Migration[]> {
  const directory = new URL('../../migrations/', import.meta.url);
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  const own = await Promise.all(
    names.map(async (name) => ({ name, sql: await readFile(new URL(name, directory), 'utf8') })),
  );
  return [...(await ledgerMigrations()), ...own];
}

/**
 * Brings a database up to this version, each step in a transaction of its own, one migrator at a
 * time.
 *
 * @param url connects as a role that may create schemas (member of keyturn_owner, or the owner)
 * @param appRole the role that the running platform has; grants are given to it
 * @returns the names of the steps that were carried out now
 * @throws MigrationError when the database is newer, or a step was changed after it ran
 */
export async function migrate(url: string, appRole: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'keyturn migrate' });
  await client.connect();
  try {
    const owner = await becomeOwner(client);
    // One migrator at a time; the number is the first eight bytes of the product's name.
    await client.query('select pg_advisory_lock(7737302961487570542)');
    await client.query(`create schema if not exists platform`);
    await client.query(`create table if not exists platform.migration (
      name text primary key, sha256 text not null, applied_at timestamptz not null default now())`);
    const done = await applyMissing(client, appRole);
    await prepareJobs(url, owner, client, appRole);
    return done;
  } finally {
    await client.end();
  }
}

/** The job queue's schema comes from its library, in its own numbered steps. */
async function prepareJobs(
  url: string,
  owner: string | undefined,
  client: pg.Client,
  appRole: string,
): Promise<void> {
  const pool = new pg.Pool({
    connectionString: url,
    max: 1,
    ...(owner === undefined ? {} : { options: `-c role=${owner}` }),
  });
  pool.on('error', () => undefined);
  pool.on('connect', (connection) => connection.on('error', () => undefined));
  try {
    await runMigrations({ pgPool: pool, logger: quiet });
  } finally {
    await pool.end();
  }
  const role = pg.escapeIdentifier(appRole);
  await client.query(`grant usage on schema graphile_worker to ${role}`);
  await client.query(
    `grant select, insert, update, delete on all tables in schema graphile_worker to ${role}`,
  );
  await client.query(`grant usage on all sequences in schema graphile_worker to ${role}`);
  await client.query(openQueue.replaceAll('keyturn_app', pg.escapeIdentifier(appRole)));
}

/**
 * The queue's tables let in their owner only (row security without a policy); our running role is
 * let in too.
 */
const openQueue = `do $$ declare target regclass; begin
  for target in select c.oid::regclass from pg_class c
    where c.relnamespace = 'graphile_worker'::regnamespace and c.relrowsecurity
      and not exists (select 1 from pg_policy p where p.polrelid = c.oid and p.polname = 'platform')
  loop
    execute format('create policy platform on %s to keyturn_app using (true) with check (true)', target);
  end loop;
end $$`;

const quiet = new GraphileLogger(() => () => undefined);

/**
 * Objects belong to the owner role where it exists, so that the migrator's own role owns nothing.
 */
async function becomeOwner(client: pg.Client): Promise<string | undefined> {
  const { rows } = await client.query(
    `select 1 from pg_roles where rolname = 'keyturn_owner' and pg_has_role(current_user, oid, 'member')`,
  );
  if (rows.length === 0) return undefined;
  await client.query('set role keyturn_owner');
  return 'keyturn_owner';
}

async function applyMissing(client: pg.Client, appRole: string): Promise<readonly string[]> {
  const migrations = await listMigrations();
  const { rows } = await client.query<{ name: string; sha256: string }>(
    'select name, sha256 from platform.migration',
  );
  const applied = new Map(rows.map((row) => [row.name, row.sha256]));
  const unknown = [...applied.keys()].filter((name) => !migrations.some((m) => m.name === name));
  if (unknown.length > 0) {
    throw new MigrationError(
      `The database has steps that this version of Keyturn does not know (${unknown.join(', ')}): ` +
        'it was made by a newer version. Start that version, or use another database.',
    );
  }
  const done: string[] = [];
  for (const migration of migrations) {
    const sha256 = hash('sha256', migration.sql);
    const before = applied.get(migration.name);
    if (before === sha256 || (before && earlierForms[migration.name]?.includes(before))) continue;
    if (before !== undefined) {
      throw new MigrationError(
        `The step ${migration.name} was changed after it ran on this database. Restore the file; ` +
          'put changes into a new step.',
      );
    }
    await applyStep(client, migration, sha256, appRole);
    done.push(migration.name);
  }
  return done;
}

async function applyStep(
  client: pg.Client,
  migration: Migration,
  sha256: string,
  appRole: string,
): Promise<void> {
  const sql = migration.sql.replaceAll('keyturn_app', pg.escapeIdentifier(appRole));
  await client.query('begin');
  try {
    await client.query(sql);
    await client.query('insert into platform.migration (name, sha256) values ($1, $2)', [
      migration.name,
      sha256,
    ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    const reason = error instanceof Error ? error.message : String(error);
    throw new MigrationError(`The step ${migration.name} failed: ${reason}`, { cause: error });
  }
}
