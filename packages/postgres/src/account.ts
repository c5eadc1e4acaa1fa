import { execFile, type SpawnOptions } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Binaries } from './binaries.ts';
import { otherServer, PostgresError } from './errors.ts';

const run = promisify(execFile);

/** A user of the operating system under whom the server runs. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** How to start a program under the right account: what to spawn, and with which options. */
export interface Launcher {
  /** undefined: the account of this process. */
  readonly account: Account | undefined;
  command(program: string, args: readonly string[]): Command;
}

export interface Command {
  readonly file: string;
  readonly args: string[];
  readonly options: SpawnOptions;
}

/**
 * PostgreSQL refuses to run as root. An ordinary user runs it as himself; root runs it as the owner
 * of the existing data directory, else as `postgres`, else as `nobody`.
 */
export async function chooseAccount(existingData: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  // Before the first start there is no directory, and so no owner.
  const owner = await stat(existingData).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return (await accountOf('postgres')) ?? (await accountOf('nobody')) ?? noAccount();
}

async function accountOf(name: string): Promise<Account | undefined> {
  try {
    const uid = Number((await run('id', ['-u', name])).stdout);
    const gid = Number((await run('id', ['-g', name])).stdout);
    return uid > 0 && gid > 0 ? { uid, gid } : undefined;
  } catch {
    // `id` fails for a user that does not exist; the next name is tried.
    return undefined;
  }
}

function noAccount(): never {
  throw new PostgresError(
    'no_account',
    `PostgreSQL refuses to run as root and there is no user postgres or nobody to run it. ` +
      `Start as an ordinary user, create a user postgres, ${otherServer}.`,
  );
}

/**
 * The environment of the server's programs: nothing of the caller's PG* variables or language.
 * What a statement frees stays with its connection's process, up to 64 MiB: a long run of large
 * statements (a check of the ledger) else spends some 7 percent of its processor time on getting
 * the same pages from the system again. Known to glibc alone (mallopt(3)).
 */
const environment = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
  MALLOC_TRIM_THRESHOLD_: String(64 * 1_048_576),
  MALLOC_MMAP_THRESHOLD_: String(32 * 1_048_576),
};

/** The programs start in `/`, since the caller's folder may be closed to the account. */
const baseOptions: SpawnOptions = { cwd: '/', env: environment };

function plain(account: Account | undefined): Launcher {
  const options = account === undefined ? baseOptions : { ...baseOptions, ...account };
  return { account, command: (file, args) => ({ file, args: [...args], options }) };
}

/**
 * Drops to the account but keeps one capability, so that a project inside a folder that only root
 * may enter works all the same. `no_setuid_fixup` is needed because access(2), which PostgreSQL
 * asks before it runs its programs, otherwise ignores the capabilities of a process that is not
 * root.
 */
function withCapability(account: Account, capability: string): Launcher {
  const drop = [
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    '--clear-groups',
    '--securebits=+no_setuid_fixup',
    `--inh-caps=-all,+${capability}`,
    `--ambient-caps=-all,+${capability}`,
    '--',
  ];
  return {
    account,
    command: (file, args) => ({
      file: 'setpriv',
      args: [...drop, file, ...args],
      options: { ...baseOptions, env: { ...environment, PATH: `${environment.PATH}:/usr/sbin` } },
    }),
  };
}

/**
 * Finds the way to run the server's programs in `workDirectory` with the least rights: as it is,
 * with the right to enter closed folders, or (containers do not grant that one) with the right to
 * pass over file permissions. Each way is tried for real before it is chosen.
 */
export async function chooseLauncher(
  account: Account | undefined,
  binaries: Binaries,
  workDirectory: string,
): Promise<Launcher> {
  if (account === undefined) return plain(undefined);
  const ways = [
    plain(account),
    withCapability(account, 'dac_read_search'),
    withCapability(account, 'dac_override'),
  ];
  let last = '';
  for (const way of ways) {
    const failure = await tryOut(way, binaries, workDirectory);
    if (failure === undefined) return way;
    last = failure;
  }
  throw new PostgresError(
    'not_permitted',
    `PostgreSQL refuses to run as root, and user ${account.uid}, who would run it, may not ` +
      `enter ${workDirectory} or ${binaries.postgres}. Start as an ordinary user, move the ` +
      `project to a folder that others may enter, ${otherServer}.`,
    { log: last },
  );
}

/** Lets initdb find its programs and enters the directory; the reason when that does not work. */
async function tryOut(
  way: Launcher,
  binaries: Binaries,
  workDirectory: string,
): Promise<string | undefined> {
  const script = '"$1" --show -D "$2/cluster" 2>&1 && cd "$2"';
  const args = ['-c', script, 'sh', binaries.initdb, workDirectory];
  const { file, args: words, options } = way.command('/bin/sh', args);
  try {
    await run(file, words, { ...options, encoding: 'utf8', timeout: 30_000, shell: false });
    return undefined;
  } catch (error) {
    const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
    return `${String(error)}\n${output}`;
  }
}
