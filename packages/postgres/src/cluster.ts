import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chown,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Launcher } from './account.ts';
import type { Binaries } from './binaries.ts';
import { diagnose } from './diagnose.ts';
import { fromSystemError, notPermitted, otherServer, PostgresError } from './errors.ts';
import { isAlive } from './pidfile.ts';

const run = promisify(execFile);

/** The name of the superuser of every cluster made here. */
export const superuser = 'postgres';

/** Where the parts of one data directory lie. */
export interface Places {
  readonly root: string;
  /** Both parts of a cluster in one folder, so that one rename brings them into being. */
  readonly cluster: string;
  readonly data: string;
  readonly password: string;
  readonly log: string;
  readonly owner: string;
}

export function placesIn(root: string): Places {
  const cluster = join(root, 'cluster');
  return {
    root,
    cluster,
    data: join(cluster, 'data'),
    password: join(cluster, 'superuser-password'),
    log: join(root, 'server.log'),
    owner: join(root, 'owner'),
  };
}

/** Makes the data directory; what was not there before is world-readable down to the cluster. */
export async function makeRoot(places: Places): Promise<void> {
  await mkdir(places.root, { recursive: true }).catch((error: unknown) => {
    throw fromSystemError(error, places.root);
  });
}

export async function clusterExists(places: Places): Promise<boolean> {
  try {
    await stat(places.cluster);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return false;
    throw fromSystemError(error, places.cluster);
  }
}

/** How a new cluster is made. */
export interface InitOptions {
  /** false skips the flush to disk: for throw-away clusters. */
  readonly durable: boolean;
}

/**
 * Makes a cluster beside its final place and moves it there whole, so that a failed or killed
 * initdb leaves nothing that a later start could mistake for a cluster. When another process was
 * faster, its cluster stays.
 */
export async function initialise(
  binaries: Binaries,
  launcher: Launcher,
  places: Places,
  options: InitOptions,
): Promise<void> {
  let draft: string | undefined;
  try {
    await removeAbandonedDrafts(places);
    draft = await mkdtemp(join(places.root, `initdb-${process.pid}-`));
    await fillDraft(binaries, launcher, places, draft, options);
    await publish(draft, places, options);
  } catch (error) {
    throw fromSystemError(error, places.root);
  } finally {
    if (draft !== undefined) await rm(draft, { recursive: true, force: true });
  }
}

async function fillDraft(
  binaries: Binaries,
  launcher: Launcher,
  places: Places,
  draft: string,
  options: InitOptions,
): Promise<void> {
  const passwordFile = join(draft, 'superuser-password');
  await writeFile(passwordFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  const { account } = launcher;
  if (account !== undefined) {
    await chown(passwordFile, account.uid, account.gid);
    await chown(draft, account.uid, account.gid);
  }
  const args = [
    `--pgdata=${join(draft, 'data')}`,
    `--username=${superuser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--data-checksums',
    '--set=timezone=UTC',
    '--set=log_timezone=UTC',
    ...(options.durable ? [] : ['--no-sync']),
  ];
  const command = launcher.command(binaries.initdb, args);
  try {
    await run(command.file, command.args, {
      ...command.options,
      encoding: 'utf8',
      shell: false,
      maxBuffer: 16 * 1024 * 1024,
    });
  } catch (error) {
    throw diagnose(outputOf(error), { dataDirectory: places.root, port: 0 });
  }
}

function outputOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stdout = 'stdout' in error ? String(error.stdout) : '';
  const stderr = 'stderr' in error ? String(error.stderr) : '';
  return `${stdout}\n${stderr}`.trim() || error.message;
}

async function publish(draft: string, places: Places, options: InitOptions): Promise<void> {
  try {
    await rename(draft, places.cluster);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // Another process has just published its cluster: that one is as good as ours.
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return;
    throw error;
  }
  if (!options.durable) return;
  const folder = await open(places.root);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Removes what a process that was killed during initdb left behind. */
async function removeAbandonedDrafts(places: Places): Promise<void> {
  for (const name of await readdir(places.root)) {
    const pid = /^initdb-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    await rm(join(places.root, name), { recursive: true, force: true });
  }
}

/** Refuses a cluster that these binaries cannot run. */
export async function checkVersion(binaries: Binaries, places: Places): Promise<void> {
  const path = join(places.data, 'PG_VERSION');
  const found = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw fromSystemError(error, path);
  });
  if (found === undefined) {
    throw new PostgresError(
      'start_failed',
      `${places.data} holds no PostgreSQL data. Restore it from a backup, or remove ` +
        `${places.cluster} to begin with an empty database.`,
    );
  }
  const major = found.trim();
  if (major === binaries.major) return;
  throw new PostgresError(
    'other_version',
    `The data in ${places.data} belongs to PostgreSQL ${major}, and this is ${binaries.major}. ` +
      `Move it over with pg_dump and pg_restore, choose another data directory, ${otherServer}.`,
  );
}

/** Reads the superuser's password, which only the server's account and root can read. */
export async function readPassword(places: Places): Promise<string> {
  try {
    return (await readFile(places.password, 'utf8')).trim();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EACCES') throw notPermitted(places.password);
    if (code !== 'ENOENT') throw error;
    throw new PostgresError(
      'password_lost',
      `The file ${places.password} with the superuser's password is gone. Restore it, or set a ` +
        `new password in single-user mode and write it there.`,
    );
  }
}
