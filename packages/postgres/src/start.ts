import { chown, readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { assert, elapsedMs } from '@keyturn/kernel';
import { chooseAccount, chooseLauncher, type Launcher } from './account.ts';
import { type Binaries, findBinaries } from './binaries.ts';
import {
  checkVersion,
  clusterExists,
  initialise,
  makeRoot,
  type Places,
  placesIn,
  readPassword,
  superuser,
} from './cluster.ts';
import { diagnose } from './diagnose.ts';
import { PostgresError } from './errors.ts';
import { guard } from './guard.ts';
import { findPostmaster, isAlive } from './pidfile.ts';
import { freePort } from './port.ts';
import { endServer, type ServerProcess, spawnServer } from './process.ts';
import { awaitReady, type ConnectionParameters } from './ready.ts';

/** What a logger must offer; pino's fits. */
export interface PostgresLogger {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface StartOptions {
  /** Made if missing, with its parents. One directory belongs to one server at a time. */
  readonly dataDirectory: string;
  /** The port on 127.0.0.1; 0 (the default) takes a free one. */
  readonly port?: number;
  /** Server parameters (`postgresql.conf`), such as `{ shared_buffers: '512MB' }`. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  /**
   * false for throw-away data: no flushing to disk, so a power cut may destroy it. Default true.
   */
  readonly durable?: boolean;
  /** How long recovery after a crash may take, in milliseconds. Default 300,000. */
  readonly startTimeoutMs?: number;
  readonly logger?: PostgresLogger;
}

export interface PostgresExit {
  /** true when `stop` was called. */
  readonly expected: boolean;
  /** null when a signal ended it, or when the server was adopted. */
  readonly code: number | null;
  readonly signal: string | null;
}

export interface PostgresServer {
  readonly connection: ConnectionParameters;
  /** The same as a URL, password included: not for logs. */
  readonly url: string;
  readonly pid: number;
  /** true when the server was already running and this call found it. */
  readonly adopted: boolean;
  /** The file with the server's own messages. */
  readonly logFile: string;
  /** Resolves when the server has ended, for whatever reason. */
  readonly exited: Promise<PostgresExit>;
  /**
   * Ends the server by a fast shutdown and returns when it is gone; calling it twice is harmless.
   * An adopted server whose own starter is alive is left running: it is not ours to stop.
   */
  stop(): Promise<void>;
}

interface Setting {
  readonly options: StartOptions;
  readonly places: Places;
  readonly binaries: Binaries;
  readonly launcher: Launcher;
  readonly timeoutMs: number;
  connection(port: number): ConnectionParameters;
}

/** How long a data directory may stay in use by the last processes of a server that was killed. */
const lingerMs = 30_000;

/**
 * Starts a PostgreSQL 18 on `dataDirectory`, making the cluster first if there is none (UTF-8,
 * C.UTF-8 sorting, checksums, a password of its own in a file that only the owner reads), or
 * adopts the one that already runs there. It listens on 127.0.0.1 only. The server ends with this
 * process, however that ends. Throws `PostgresError` with a sentence for the person who started
 * the program.
 */
export async function startPostgres(options: StartOptions): Promise<PostgresServer> {
  const setting = await prepare(options);
  const begin = elapsedMs();
  let waitedFor: PostgresError | undefined;
  do {
    const running = await findPostmaster(setting.places.data);
    if (running === undefined) {
      const outcome = await launch(setting);
      if (!(outcome instanceof PostgresError)) return outcome;
      waitedFor = outcome;
    } else if (running.status !== 'stopping') {
      const adopted = await adopt(setting, running.pid);
      if (adopted !== undefined) return adopted;
    }
    await pause(20);
  } while (elapsedMs() - begin < lingerMs);
  throw waitedFor ?? diagnose('lock file "postmaster.pid" already exists', sceneOf(setting, 0));
}

async function prepare(options: StartOptions): Promise<Setting> {
  const places = placesIn(resolve(options.dataDirectory));
  const binaries = await findBinaries();
  await makeRoot(places);
  const launcher = await chooseLauncher(await chooseAccount(places.data), binaries, places.root);
  if (!(await clusterExists(places))) {
    options.logger?.info({ directory: places.root }, 'making a new database cluster');
    await initialise(binaries, launcher, places, { durable: options.durable ?? true });
  }
  await checkVersion(binaries, places);
  const password = await readPassword(places);
  const timeoutMs = options.startTimeoutMs ?? 300_000;
  const connection = (port: number): ConnectionParameters => {
    return { host: '127.0.0.1', port, user: superuser, password, database: 'postgres' };
  };
  return { options, places, binaries, launcher, timeoutMs, connection };
}

function sceneOf(setting: Setting, port: number): { dataDirectory: string; port: number } {
  return { dataDirectory: setting.places.root, port };
}

/** A server, or the reason for which it is worth trying again. Throws when it is not. */
async function launch(setting: Setting): Promise<PostgresServer | PostgresError> {
  const { options, places, binaries, launcher } = setting;
  const wanted = options.port ?? 0;
  const port = wanted === 0 ? await freePort() : wanted;
  const args = serverArguments(options, places.data, port);
  const child = await spawnServer(launcher, binaries.postgres, args, places.log);
  const watch = guard(child.pid, places.data);
  try {
    await claim(setting, child.pid);
    const connection = await awaitReady({
      pid: child.pid,
      data: places.data,
      timeoutMs: setting.timeoutMs,
      connection: setting.connection,
    });
    if (connection !== undefined) return own(setting, child, connection, watch);
  } catch (error) {
    await endServer(child.pid);
    watch.release();
    throw error;
  }
  child.hold();
  await child.ended;
  watch.release();
  const failure = diagnose(await child.printed(), sceneOf(setting, port));
  const passing = failure.code === 'in_use' || (failure.code === 'port_taken' && wanted === 0);
  if (passing) return failure;
  throw failure;
}

function serverArguments(options: StartOptions, data: string, port: number): string[] {
  const settings = {
    // Statements and details of errors may hold personal data: they stay out of the log.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
    log_checkpoints: 'off',
    ...(options.durable === false
      ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }
      : {}),
    ...options.settings,
    listen_addresses: '127.0.0.1',
    port,
    // The path of a socket is limited to some 100 bytes, which a project's folder may well pass.
    unix_socket_directories: '',
  };
  const args = ['-D', data];
  for (const [name, value] of Object.entries(settings)) {
    assert(/^[A-Za-z_][\w.]*$/.test(name), `${name} is no name of a server parameter`);
    args.push('-c', `${name}=${String(value)}`);
  }
  return args;
}

function own(
  setting: Setting,
  child: ServerProcess,
  connection: ConnectionParameters,
  watch: { release(): void },
): PostgresServer {
  const { logger } = setting.options;
  const { log } = setting.places;
  let stopping = false;
  const exited = child.ended.then(({ code, signal }): PostgresExit => {
    watch.release();
    if (!stopping) logger?.error({ pid: child.pid, code, signal, log }, 'PostgreSQL has ended');
    return { expected: stopping, code, signal };
  });
  logger?.info({ pid: child.pid, port: connection.port }, 'PostgreSQL is ready');
  return {
    ...describe(setting, child.pid, connection),
    adopted: false,
    exited,
    stop: async () => {
      stopping = true;
      child.hold();
      await endServer(child.pid);
      await exited;
    },
  };
}

/** The server that already runs on the directory; undefined when it ended while we looked. */
async function adopt(setting: Setting, pid: number): Promise<PostgresServer | undefined> {
  const { places, timeoutMs, options } = setting;
  const connection = await awaitReady({
    pid,
    data: places.data,
    timeoutMs,
    connection: setting.connection,
  });
  if (connection === undefined) return undefined;
  const wanted = options.port ?? 0;
  if (wanted !== 0 && wanted !== connection.port) {
    const fields = { pid, wanted, port: connection.port };
    options.logger?.warn(fields, 'PostgreSQL already runs on this data, on another port');
  }
  const orphan = !(await starterIsAlive(places, pid));
  if (orphan) await claim(setting, pid);
  const watch = orphan ? guard(pid, places.data) : undefined;
  options.logger?.info({ pid, port: connection.port, orphan }, 'PostgreSQL was already running');
  let stopping = false;
  const exited = endOf(pid).then((): PostgresExit => {
    watch?.release();
    return { expected: stopping, code: null, signal: null };
  });
  const stop = async (): Promise<void> => {
    if (!orphan) return;
    stopping = true;
    await endServer(pid);
    await exited;
  };
  return { ...describe(setting, pid, connection), adopted: true, exited, stop };
}

/** Notes which process answers for this server, where the server's account can replace the note. */
async function claim({ places, launcher }: Setting, pid: number): Promise<void> {
  await writeFile(places.owner, `${process.pid} ${pid}\n`);
  const { account } = launcher;
  if (account !== undefined) await chown(places.owner, account.uid, account.gid);
}

/** Whether the process that started this server still lives, by the note it left. */
async function starterIsAlive(places: Places, pid: number): Promise<boolean> {
  const note = await readFile(places.owner, 'utf8').catch(() => '');
  const [starter, started] = note.trim().split(' ').map(Number);
  return starter !== undefined && started === pid && isAlive(starter);
}

/** Resolves when a process that is not our child has ended, without keeping this program alive. */
function endOf(pid: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (isAlive(pid)) return;
      clearInterval(timer);
      resolve();
    }, 200);
    timer.unref();
  });
}

function describe(
  setting: Setting,
  pid: number,
  connection: ConnectionParameters,
): Pick<PostgresServer, 'connection' | 'url' | 'pid' | 'logFile'> {
  const { user, password, host, port, database } = connection;
  const url = `postgresql://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
  return { connection, url, pid, logFile: setting.places.log };
}
