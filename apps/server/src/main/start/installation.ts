import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What keeps a start from going on. The sentence says what is wrong and what to do. */
export class StartError extends Error {
  override name = 'StartError';
}

/** The folders and files of one installation, all below its data directory. */
export interface Places {
  readonly root: string;
  readonly postgres: string;
  readonly sandbox: string;
  readonly keys: string;
  readonly logs: string;
  readonly secrets: string;
  readonly running: string;
}

export function placesOf(root: string): Places {
  return {
    root,
    postgres: join(root, 'postgres'),
    sandbox: join(root, 'sandbox'),
    keys: join(root, 'keys'),
    logs: join(root, 'logs'),
    secrets: join(root, 'installation.json'),
    running: join(root, 'running.json'),
  };
}

/** Secrets made at the first start, kept in a file that only its owner reads. */
export interface InstallationSecrets {
  readonly databaseApp: string;
  readonly databaseMigrate: string;
  /** First passwords of the operators of a demo installation, by user name. */
  readonly operators: Readonly<Record<string, string>>;
  /** An integrator's API key for the demo; empty until it was made. */
  readonly demoApiKey: string;
}

/** Reads the installation's secrets, making them first if there are none. */
export async function ensureInstallation(places: Places): Promise<InstallationSecrets> {
  try {
    for (const folder of [places.root, places.keys, places.logs, places.sandbox]) {
      await mkdir(folder, { recursive: true });
    }
  } catch (error) {
    throw folderError(places.root, error);
  }
  const known = await readJson<InstallationSecrets>(places.secrets);
  if (known) return known;
  const password = () => randomBytes(18).toString('base64url');
  const secrets = {
    databaseApp: password(),
    databaseMigrate: password(),
    operators: { admin: password(), finance: password(), approver: password() },
    demoApiKey: '',
  };
  await writeSecrets(places, secrets);
  return secrets;
}

/** Replaces the secrets' file as a whole: a crash leaves the old one or the new one. */
export async function writeSecrets(places: Places, secrets: InstallationSecrets): Promise<void> {
  const draft = `${places.secrets}.${process.pid}`;
  try {
    await writeFile(draft, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
    await rename(draft, places.secrets);
  } catch (error) {
    await rm(draft, { force: true });
    throw folderError(places.root, error);
  }
}

function folderError(folder: string, error: unknown): StartError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const reasons: Record<string, string> = {
    EACCES: 'there is no permission to write there',
    EPERM: 'there is no permission to write there',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
    EEXIST: 'a file of that name is in the way',
    ENOTDIR: 'a file is in the way',
  };
  const reason = reasons[code] ?? `the system said ${code}`;
  return new StartError(
    `The folder ${folder} cannot be used: ${reason}. Mend that, or name another with KEYTURN_DATA.`,
  );
}

/** What a running system says of itself, so that the command line finds it. */
export interface Running {
  readonly pid: number;
  readonly url: string;
  readonly sandboxAdmin: string;
  readonly databaseUrl: string;
  readonly migrateUrl: string;
}

/** The system that runs on this data directory, if its process is alive. */
export async function findRunning(places: Places): Promise<Running | undefined> {
  const running = await readJson<Running>(places.running);
  if (!running) return undefined;
  try {
    process.kill(running.pid, 0);
    return running;
  } catch {
    return undefined; // No such process: the file was left by one that was killed.
  }
}

export async function writeRunning(places: Places, running: Running): Promise<void> {
  const draft = `${places.running}.${process.pid}`;
  await writeFile(draft, JSON.stringify(running), { mode: 0o600 });
  await rename(draft, places.running);
}

async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    if (error instanceof SyntaxError) {
      throw new StartError(`${file} is not readable as JSON. Restore it, or remove the folder.`);
    }
    throw error;
  }
}

/** One starter at a time on a data directory: the lock is a file that names its process. */
export async function lockInstallation(places: Places): Promise<() => Promise<void>> {
  const file = join(places.root, 'start.lock');
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const handle = await open(file, 'wx', 0o600);
      await handle.writeFile(String(process.pid));
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'EEXIST') throw folderError(places.root, error);
      const pid = Number(await readFile(file, 'utf8').catch(() => '0'));
      if (pid > 0 && isAlive(pid)) {
        throw new StartError(
          `Keyturn runs already on ${places.root} (process ${pid}). Stop it first, or set KEYTURN_DATA.`,
        );
      }
      await rm(file, { force: true });
    }
  }
  throw new StartError(`Another start on ${places.root} was faster. Wait for it.`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // No such process.
  }
}
