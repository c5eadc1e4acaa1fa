import { Logger as GraphileLogger, type Runner, run } from 'graphile-worker';
import pg from 'pg';
import type { Logger } from 'pino';

/**
 * Slow work: imports, reconciliations, exports. Not for hot paths, which have due columns and
 * pollers.
 */
export interface JobKind {
  readonly name: string;
  /** Must be idempotent: a worker that dies in the middle is followed by another one. */
  readonly work: (payload: unknown) => Promise<void>;
  /** How often a failing job is tried, with growing pauses. */
  readonly maxAttempts: number;
}

export interface Jobs {
  /** Asks for a job; the same key while one waits is the same job. */
  add(name: string, payload: unknown, key: string): Promise<void>;
  /** Begins to take jobs in this process. */
  start(kinds: readonly JobKind[]): Promise<void>;
  stop(): Promise<void>;
}

const addSql = `select graphile_worker.add_job(
  identifier => $1, payload => $2::json, job_key => $3, max_attempts => $4)`;

/** Jobs of graphile-worker on the platform's own database. Its schema is made by the migrator. */
export function createJobs(options: {
  /**
   * The database, as the role that runs. The queue reads its own types, so it has its own
   * connections.
   */
  readonly url: string;
  readonly logger: Logger;
  readonly maxAttempts?: number;
}): Jobs {
  const { logger } = options;
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: 'keyturn jobs',
    max: 3,
  });
  // A connection that breaks is replaced at its next use.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  let runner: Runner | undefined;
  return {
    add: async (name, payload, key) => {
      await pool.query(addSql, [name, JSON.stringify(payload), key, options.maxAttempts ?? 12]);
    },
    start: async (kinds) => {
      const taskList = Object.fromEntries(
        kinds.map((kind) => [kind.name, (payload: unknown) => kind.work(payload)]),
      );
      runner = await run({
        pgPool: pool,
        taskList,
        concurrency: 2,
        noHandleSignals: true,
        pollInterval: 1_000,
        logger: new GraphileLogger(() => (level, message) => {
          if (level === 'error') logger.error({ job: message }, 'a job failed');
          else if (level === 'warning') logger.warn({ job: message }, 'jobs');
        }),
      });
      runner.promise.catch((error: unknown) =>
        logger.error({ err: error }, 'the job runner ended'),
      );
    },
    stop: async () => {
      await runner?.stop();
      await pool.end();
    },
  };
}
