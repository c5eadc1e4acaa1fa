import { stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { elapsedMs } from '@keyturn/kernel';
import pg from 'pg';
import { PostgresError } from './errors.ts';
import { isAlive, readPidfile } from './pidfile.ts';

/** How to reach a server as its superuser. Fits `pg`'s client and pool options as it is. */
export interface ConnectionParameters {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** The answer to: does it take connections, and is it the server of this directory? */
type Answer = 'ready' | 'not_yet' | 'foreign' | 'wrong_password';

/** The server is starting, stopping or recovering, or does not listen (any more). */
const notYet = new Set(['57P03', '57P01', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT']);

async function ask(connection: ConnectionParameters, data: string): Promise<Answer> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: 5_000 });
  // The server may end while we ask; the pending call reports that, the event would crash us.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const result = await client.query<{ data_directory: string }>('SHOW data_directory');
    return (await sameFolder(result.rows[0]?.data_directory, data)) ? 'ready' : 'foreign';
  } catch (error) {
    return answerTo(error);
  } finally {
    // Closing a connection that never was, or has just broken, may fail: nothing is left to close.
    await client.end().catch(() => undefined);
  }
}

function answerTo(error: unknown): Answer {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (notYet.has(code)) return 'not_yet';
  if (code === '28P01') return 'wrong_password';
  // Every slot is taken: a busy server is a ready server.
  if (code === '53300') return 'ready';
  if (error instanceof Error && /terminated|timeout/i.test(error.message)) return 'not_yet';
  throw error;
}

async function sameFolder(one: string | undefined, other: string): Promise<boolean> {
  if (one === undefined) return false;
  // A directory that is not here belongs to a server elsewhere, in a container perhaps.
  const [a, b] = await Promise.all([stat(one).catch(() => undefined), stat(other)]);
  return a !== undefined && a.dev === b.dev && a.ino === b.ino;
}

/** A server process to wait for. */
export interface Awaited {
  readonly pid: number;
  readonly data: string;
  readonly timeoutMs: number;
  connection(port: number): ConnectionParameters;
}

/**
 * Waits until the server process takes connections, and returns how to reach it; undefined when the
 * process ended first. PostgreSQL's own word in postmaster.pid is heard before the port is tried:
 * until then another program may be listening there.
 */
export async function awaitReady(server: Awaited): Promise<ConnectionParameters | undefined> {
  const deadline = elapsedMs() + server.timeoutMs;
  while (elapsedMs() < deadline) {
    if (!isAlive(server.pid)) return undefined;
    const said = await readPidfile(server.data);
    if (said?.pid === server.pid && said.status === 'ready' && said.port !== undefined) {
      const connection = server.connection(said.port);
      const answer = await ask(connection, server.data);
      if (answer === 'ready') return connection;
      if (answer !== 'not_yet') throw refused(answer, server);
    }
    await pause(20);
  }
  throw new PostgresError(
    'start_timeout',
    `PostgreSQL took no connections within ${Math.ceil(server.timeoutMs / 1000)} s. It may be ` +
      `recovering after a crash: read its log, and start again with a longer time limit.`,
  );
}

function refused(answer: 'foreign' | 'wrong_password', server: Awaited): PostgresError {
  if (answer === 'foreign') {
    return new PostgresError(
      'in_use',
      `Process ${server.pid} is the server of another data directory than ${server.data}, whose ` +
        `postmaster.pid names it. Remove that file if no server runs on the directory.`,
    );
  }
  return new PostgresError(
    'password_lost',
    `The server of ${server.data} refuses the password in superuser-password beside it. ` +
      `Write the right one there, or reset it in single-user mode.`,
  );
}
