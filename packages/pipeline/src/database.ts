import { hash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import pg from 'pg';
import { fromJson } from './json.ts';
import { assertKeys, keyParameters } from './keys.ts';

/**
 * What a store may do: run one statement with its values. Statements are prepared once per
 * connection. A statement whose key is not set is refused before it is sent (see keys.ts).
 */
export interface Queryable {
  query<Row>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/**
 * An open transaction. Statements are sent one behind the other (PostgreSQL's pipelining): BEGIN
 * goes out with the first of them, and what is only written waits for nobody.
 */
export interface Tx extends Queryable {
  /**
   * Sends a statement without waiting for its answer. It is carried out in the order of sending;
   * the end of the transaction waits for all of them, and fails with the first error.
   *
   * @param check looks at the rows that came back; what it throws undoes the transaction
   */
  write(text: string, values: readonly unknown[], check?: (rows: readonly unknown[]) => void): void;
  /** Waits for what was written so far: for whoever writes more than should wait in memory. */
  written(): Promise<void>;
  /** The number of statements sent so far; tests hold it against the size of the batch. */
  readonly statements: number;
}

export interface Database extends Queryable {
  /** Runs `work` in one transaction; a rejection rolls it back. */
  transaction<T>(work: (tx: Tx) => Promise<T> | T): Promise<T>;
  /**
   * A connection on which transactions are sent one behind the other; the statements find their
   * rows by keys.
   */
  openPipe(): Pipe;
  /** A connection of one's own, for LISTEN and advisory locks. The caller releases it. */
  connect(): Promise<pg.PoolClient>;
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

/** Transactions that only write, sent without waiting for those before them. */
export interface Pipe {
  /**
   * Sends a transaction, its COMMIT included; what is sent later is carried out later. Resolves
   * when it is committed. Rejects with its first error: then nothing of it is done, or, when the
   * connection was lost, nobody knows. What was sent behind it goes on by itself.
   */
  send(work: (tx: Pick<Tx, 'write'>) => void): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly applicationName: string;
  readonly maxConnections?: number;
  /** Milliseconds after which the server gives up a statement; 0 for none. */
  readonly statementTimeoutMs?: number;
  /** Milliseconds after which the server gives up waiting for a lock. */
  readonly lockTimeoutMs?: number;
  /** Sees the text of each statement; used to prove that every statement's plan is known. */
  readonly onStatement?: (text: string) => void;
}

const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, (text) => BigInt(text));
types.setTypeParser(pg.types.builtins.NUMERIC, (text) => text);
types.setTypeParser(pg.types.builtins.JSONB, fromJson);
types.setTypeParser(pg.types.builtins.JSON, fromJson);
types.setTypeParser(pg.types.builtins.DATE, (text) => Temporal.PlainDate.from(text));
types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, instantOf);

let lastText = '';
let lastInstant: Temporal.Instant | undefined;

/** Rows that were written together carry the same moment: its text is read once. */
function instantOf(text: string): Temporal.Instant {
  if (lastInstant === undefined || text !== lastText) {
    lastInstant = Temporal.Instant.from(text.replace(' ', 'T'));
    lastText = text;
  }
  return lastInstant;
}

/** What is known of a statement from its text alone. */
interface Prepared {
  /** Its name on the connection: a hash of its text, so that it is parsed only once. */
  readonly name: string;
  readonly keys: readonly number[];
}

const known = new Map<string, Prepared>();

function prepared(text: string): Prepared {
  let found = known.get(text);
  if (found === undefined) {
    found = { name: hash('sha256', text).slice(0, 32), keys: keyParameters(text) };
    known.set(text, found);
  }
  return found;
}

/** Opens a pool. Numbers of 64 bits come as bigint, instants and dates as Temporal. */
export function openDatabase(options: DatabaseOptions): Database {
  const statementTimeout = options.statementTimeoutMs ?? 10_000;
  const settings: pg.PoolConfig = {
    connectionString: options.url,
    application_name: options.applicationName,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: 5_000,
    statement_timeout: statementTimeout,
    lock_timeout: options.lockTimeoutMs ?? 2_000,
    idle_in_transaction_session_timeout: 30_000,
    // The server's own time-out comes first; this one is for a network that swallows the answer.
    ...(statementTimeout > 0 ? { query_timeout: statementTimeout + 5_000 } : {}),
    keepAlive: true,
    pipeline: true,
    types,
  };
  const pool = openPool(settings);
  let pipes: pg.Pool | undefined;

  async function run<Row>(
    client: pg.Pool | pg.PoolClient,
    text: string,
    values: readonly unknown[],
  ): Promise<readonly Row[]> {
    options.onStatement?.(text);
    const { name, keys } = prepared(text);
    assertKeys(text, keys, values);
    const result = await client.query({ name, text, values: [...values] });
    return result.rows as Row[];
  }

  return {
    pool,
    query: (text, values = []) => run(pool, text, values),
    transaction: (work) => transaction(pool, run, work),
    openPipe: () => {
      pipes ??= openPipePool(settings);
      return openPipe(pipes, run);
    },
    connect: () => pool.connect(),
    close: async () => {
      await Promise.all([pool.end(), pipes?.end()]);
    },
  };
}

function openPool(settings: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(settings);
  // An idle connection that breaks is replaced at the next use; without a listener it would end
  // the process.
  pool.on('error', ignore);
  return pool;
}

/**
 * What is sent through a pipe finds its rows by their keys, one after the other in the order in
 * which they are sent: then no two wait for each other, and one plan is right for all sizes and
 * from the first row in a table on.
 */
const pipeSettings = `set plan_cache_mode = force_generic_plan; set enable_seqscan = off;
  set enable_bitmapscan = off; set enable_hashjoin = off; set enable_mergejoin = off`;

function openPipePool(settings: pg.PoolConfig): pg.Pool {
  const pool = openPool(settings);
  pool.on('connect', (client) => void client.query(pipeSettings).catch(ignore));
  return pool;
}

type Run = <Row>(
  client: pg.PoolClient,
  text: string,
  values: readonly unknown[],
) => Promise<readonly Row[]>;

async function transaction<T>(
  pool: pg.Pool,
  run: Run,
  work: (tx: Tx) => Promise<T> | T,
): Promise<T> {
  const client = await pool.connect();
  // A connection that breaks between two statements says so by an event; the next statement
  // rejects.
  client.on('error', ignore);
  let broken: boolean | Error = false;
  const { tx, end } = openTx(client, run);
  try {
    const value = await work(tx);
    await tx.written();
    await client.query('COMMIT');
    return value;
  } catch (thrown) {
    const error = (await end()) ?? thrown;
    broken = isConnectionError(error);
    if (!broken) {
      await client.query('ROLLBACK').catch((failure: Error) => {
        broken = failure;
      });
    }
    throw error;
  } finally {
    client.off('error', ignore);
    client.release(broken);
  }
}

interface Line {
  readonly client: Promise<pg.PoolClient>;
  users: number;
  broken: boolean;
  released: boolean;
}

/** Holds a connection while something is under way on it. */
function openPipe(pool: pg.Pool, run: Run): Pipe {
  let line: Line | undefined;

  async function releaseUnused(left: Line): Promise<void> {
    if (left.users > 0 || left.released) return;
    left.released = true;
    if (line === left) line = undefined;
    try {
      const client = await left.client;
      client.off('error', ignore);
      client.release(left.broken);
    } catch {
      // There was none, as the rejection of whoever asked for it said.
    }
  }

  return {
    send: async (work) => {
      line ??= { client: pool.connect(), users: 0, broken: false, released: false };
      const mine = line;
      mine.users += 1;
      try {
        await sendOn(await mine.client, run, work);
      } catch (error) {
        mine.broken ||= isConnectionError(error);
        if (mine.broken && line === mine) line = undefined;
        throw error;
      } finally {
        mine.users -= 1;
        // Whoever sends again in answer to this goes on with the same connection.
        if (mine.users === 0) setImmediate(() => void releaseUnused(mine));
      }
    },
  };
}

async function sendOn(
  client: pg.PoolClient,
  run: Run,
  work: (tx: Pick<Tx, 'write'>) => void,
): Promise<void> {
  if (!client.listeners('error').includes(ignore)) client.on('error', ignore);
  const writes: Parameters<Tx['write']>[] = [];
  work({ write: (...write) => writes.push(write) });
  const [only, ...others] = writes;
  if (only !== undefined && others.length === 0) {
    // One statement is a transaction by itself.
    const [text, values, check] = only;
    const rows = await run(client, text, values);
    check?.(rows);
    return;
  }
  const { tx, end } = openTx(client, run);
  for (const write of writes) tx.write(...write);
  const committed = client.query('COMMIT').then(
    ({ command }) => (command === 'COMMIT' ? undefined : new Error('it was rolled back')),
    (error: unknown) => error,
  );
  // Of a transaction that failed, COMMIT only says that it was rolled back.
  const failure = (await end()) ?? (await committed);
  await committed;
  if (failure !== undefined) throw failure;
}

/** More than this is not gathered: PostgreSQL may begin with it. Bytes. */
const gatheredAtMost = 65_536;

/** `end` waits for what is under way and gives the first error, which is what the others are of. */
function openTx(client: pg.PoolClient, run: Run): { tx: Tx; end(): Promise<unknown> } {
  const socket = gathering(client.connection.stream);
  let statements = 0;
  let failure: unknown;
  let writes: Promise<void>[] = [];
  const fail = (error: unknown) => {
    failure ??= error;
  };
  const end = async () => {
    socket.send();
    const sent = writes;
    writes = [];
    await Promise.all(sent);
    return failure;
  };
  socket.gather();
  client.query('BEGIN').catch(fail);
  const tx: Tx = {
    get statements() {
      return statements;
    },
    query: (text, values = []) => {
      statements += 1;
      socket.gather();
      // What else is asked for in this turn of the event loop goes with it.
      process.nextTick(socket.send);
      return run(client, text, values);
    },
    write: (text, values, check) => {
      statements += 1;
      socket.gather();
      writes.push(run(client, text, values).then(check).catch(fail));
      if (client.connection.stream.writableLength > gatheredAtMost) socket.send();
    },
    written: async () => {
      await end();
      if (failure !== undefined) throw failure;
    },
  };
  return { tx, end };
}

/**
 * Gathers statements into one write to the socket: each write wakes the server, which costs both
 * sides more than a small statement does.
 */
function gathering(stream: Duplex): { gather(): void; send(): void } {
  let gathers = false;
  return {
    gather: () => {
      if (gathers) return;
      gathers = true;
      stream.cork();
    },
    send: () => {
      if (!gathers) return;
      gathers = false;
      stream.uncork();
    },
  };
}

function ignore(): void {
  // See above: the statement that runs on the broken connection rejects with the same cause.
}

/** The SQLSTATE of a database error, or the code of a network error. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

const networkCodes = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
]);

/** How the driver says that a connection is gone; it has no codes for these. */
const brokenMessages = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'Query read timeout',
  'Client has encountered a connection error',
  'Connection error and is not queryable',
  'Client was closed',
];

/**
 * Whether the connection, not the statement, is what failed: the outcome of what was under way is
 * unknown. SQLSTATE class 08 and 57P0x (server shutting down, crashed, starting), and the
 * driver's own messages.
 */
export function isConnectionError(error: unknown): boolean {
  const code = errorCode(error);
  if (code !== undefined && (networkCodes.has(code) || /^(08|57P0)/.test(code))) return true;
  if (!(error instanceof Error)) return false;
  return brokenMessages.some((message) => error.message.includes(message));
}

/**
 * Errors after which the same batch may simply be sent again: serialization, deadlock, lock
 * time-out, unique key.
 */
export function isConflict(error: unknown): boolean {
  return ['40001', '40P01', '55P03', '23505'].includes(errorCode(error) ?? '');
}
