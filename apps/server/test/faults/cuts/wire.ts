import { type Database, isConnectionError, openDatabase, type Tx } from '@keyturn/pipeline';
import {
  createPostgresProxy,
  type Direction,
  type PassingMessage,
  type Verdict,
} from '@keyturn/testkit';

/** The command was cut before its commit, and whoever called it gave up at once. */
export class GivenUp extends Error {
  override name = 'GivenUp';
}

/** A message of an attempt: the n-th of its direction, counted from the connection's first. */
export interface Place {
  readonly direction: Direction;
  readonly message: number;
}

/**
 * How the connection is lost around the COMMIT. `lose_answer`: nothing of its answer comes.
 * `lose_ready`: the last message of its answer does not come. `commit_late`: the connection is
 * lost when the COMMIT is sent, which arrives when the second try waits for what the first holds.
 */
export const endings = ['lose_answer', 'commit_late', 'lose_ready'] as const;
export type Ending = (typeof endings)[number];

/** What is to happen to a command on its way. `rehearse`: all of it but the COMMIT. */
export type Course = 'rehearse' | Ending | Place;

/** The types of the messages that passed, from the connection's first to the COMMIT. */
export type Passed = Readonly<Record<Direction, readonly string[]>>;

export interface Run<T> {
  /** Undefined when the command was given up. */
  readonly answer: T | undefined;
  readonly passed: Passed;
  /** Statements that were sent. */
  readonly statements: readonly string[];
}

export interface Wire {
  /** The database as it is reached over the wire. Only for what `run` calls. */
  readonly database: Database;
  run<T>(course: Course, call: () => Promise<T>, watch: Watch): Promise<Run<T>>;
  close(): Promise<void>;
}

export interface Watch {
  /** Called in the transaction, when all is done but the COMMIT. */
  onWorked?(tx: Tx, value: unknown): Promise<void>;
  /** Called when the connection was lost behind the COMMIT, before the command is sent again. */
  onLost?(): Promise<void>;
  /** For `commit_late`: resolves when the second try waits, or cannot be seen to. */
  secondWaits?(): Promise<void>;
}

export const wireName = 'keyturn cut';

interface Journey {
  readonly course: Course;
  readonly watch: Watch;
  readonly passed: Record<Direction, string[]>;
  readonly statements: string[];
  /** What had passed when the transaction's work was done. */
  worked?: Passed;
  /** The connection that carried the COMMIT, and how many messages have answered it. */
  committing?: number;
  answers: number;
  /** What was to happen has happened: everything passes. */
  over: boolean;
}

function judge(journey: Journey, message: PassingMessage): Verdict {
  const { course, watch, passed } = journey;
  if (journey.over) return 'pass';
  const isCommit = message.query === 'COMMIT';
  if (typeof course === 'object') {
    passed[message.direction].push(message.type);
    const there =
      message.direction === course.direction && passed[message.direction].length === course.message;
    return there || isCommit ? 'cut' : 'pass';
  }
  if (journey.committing === message.connection && message.direction === 'to_client') {
    journey.answers += 1;
    if (course === 'lose_ready' && journey.answers === 1) return 'pass';
    journey.over = true;
    return 'cut';
  }
  passed[message.direction].push(message.type);
  if (!isCommit) return 'pass';
  if (course === 'rehearse') return 'cut';
  journey.committing = message.connection;
  if (course !== 'commit_late') return 'pass';
  journey.over = true;
  return { late: watch.secondWaits?.() ?? Promise.resolve() };
}

/** The way to the database on which connections are lost. One command at a time. */
export async function createWire(url: string): Promise<Wire> {
  const proxy = await createPostgresProxy(url);
  let journey: Journey | undefined;
  let pool: Database | undefined;
  const none = (): never => {
    throw new Error('nothing is on its way');
  };

  async function transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const mine = journey ?? none();
    const { passed, watch } = mine;
    try {
      return await (pool ?? none()).transaction(async (tx) => {
        const value = await work(tx);
        await tx.written();
        mine.worked ??= { to_server: [...passed.to_server], to_client: [...passed.to_client] };
        await watch.onWorked?.(tx, value);
        return value;
      });
    } catch (error) {
      if (!isConnectionError(error)) throw error;
      if (mine.committing === undefined) throw new GivenUp('cut', { cause: error });
      await watch.onLost?.();
      throw error;
    }
  }

  return {
    database: {
      transaction,
      query: none,
      connect: none,
      openPipe: none,
      close: async () => undefined,
      get pool() {
        return none();
      },
    },
    run: async (course, call, watch) => {
      const passed = { to_server: [], to_client: [] };
      const mine: Journey = { course, watch, passed, statements: [], answers: 0, over: false };
      journey = mine;
      pool = openDatabase({
        url: proxy.url(url),
        applicationName: wireName,
        maxConnections: 1,
        onStatement: (text) => mine.statements.push(text),
      });
      proxy.judge((message) => judge(mine, message));
      try {
        const answer = await call().catch((error: unknown) => {
          if (error instanceof GivenUp) return undefined;
          throw error;
        });
        return { answer, passed: mine.worked ?? passed, statements: mine.statements };
      } finally {
        proxy.judge(undefined);
        await pool.close();
      }
    },
    close: proxy.close,
  };
}
