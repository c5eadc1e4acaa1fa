import { setTimeout as wait } from 'node:timers/promises';
import { elapsedMs, present } from '@keyturn/kernel';
import { type Database, isConflict, isConnectionError, type Tx } from './database.ts';

/**
 * Why a call could not be carried out, none of it the caller's fault. `busy`: the queue is full,
 * nothing was done. `expired`: its time was over while it waited, nothing was done. `canceled`:
 * the caller gave up while it waited, nothing was done. `unknown`: the database was lost while
 * committing and did not come back in time, or the caller did not wait for it; ask again with the
 * same key.
 */
export type UnavailableReason = 'busy' | 'expired' | 'canceled' | 'unknown' | 'closed';

export class UnavailableError extends Error {
  override name = 'UnavailableError';
  readonly reason: UnavailableReason;
  /** When there may be room again, in milliseconds from now; where it can be told. */
  readonly retryAfterMs: number | undefined;
  constructor(
    reason: UnavailableReason,
    message: string,
    options: { readonly cause?: unknown; readonly retryAfterMs?: number } = {},
  ) {
    super(message, { cause: options.cause });
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export interface BatcherOptions<Call, Outcome> {
  readonly name: string;
  readonly database: Database;
  /**
   * Carries out the calls in one transaction, one outcome per call in their order. It is run
   * again, with the same calls, when the connection is lost or another transaction was in the
   * way: it must recognise calls that took effect before.
   */
  execute(tx: Tx, calls: readonly Call[]): Promise<readonly Outcome[]>;
  readonly maxBatch?: number;
  readonly maxQueue?: number;
  /** How long a call may wait and be sent again, in milliseconds. */
  readonly deadlineMs?: number;
  readonly onBatch?: (figures: { size: number; waiting: number; durationMs: number }) => void;
}

export interface Batcher<Call, Outcome> {
  /** @throws UnavailableError, or what `execute` threw for this call alone. */
  submit(call: Call): Promise<Outcome>;
  /** Lets what is under way finish; refuses what comes after. */
  close(): Promise<void>;
}

interface Waiting<Call, Outcome> {
  readonly call: Call;
  readonly deadline: number;
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

/**
 * Gathers concurrent calls: while one batch is in flight the next one collects, without a timer,
 * so that an idle system has no added latency and a busy one has one commit per batch.
 */
export function createBatcher<Call, Outcome>(
  options: BatcherOptions<Call, Outcome>,
): Batcher<Call, Outcome> {
  const maxBatch = options.maxBatch ?? 500;
  const maxQueue = options.maxQueue ?? 20_000;
  const deadlineMs = options.deadlineMs ?? 15_000;
  let queue: Waiting<Call, Outcome>[] = [];
  let running: Promise<void> | undefined;
  let closed = false;

  async function drain(): Promise<void> {
    // Lets callers of the same turn of the event loop join the first batch.
    await Promise.resolve();
    while (queue.length > 0) {
      const batch = queue.slice(0, maxBatch);
      queue = queue.slice(maxBatch);
      const started = elapsedMs();
      await carryOut(batch);
      options.onBatch?.({
        size: batch.length,
        waiting: queue.length,
        durationMs: elapsedMs() - started,
      });
    }
    running = undefined;
  }

  async function carryOut(batch: readonly Waiting<Call, Outcome>[]): Promise<void> {
    const live = batch.filter((waiting) => {
      if (elapsedMs() < waiting.deadline) return true;
      waiting.reject(new UnavailableError('expired', `${options.name} waited too long`));
      return false;
    });
    if (live.length === 0) return;
    let outcomes: readonly Outcome[];
    try {
      outcomes = await persist(live);
    } catch (error) {
      await isolate(live, error);
      return;
    }
    for (const [index, waiting] of live.entries()) {
      waiting.resolve(present(outcomes[index], 'the outcome of a call'));
    }
  }

  /** Sends the batch until it is known what became of it, or its time is over. */
  async function persist(batch: readonly Waiting<Call, Outcome>[]): Promise<readonly Outcome[]> {
    const calls = batch.map(({ call }) => call);
    const deadline = Math.max(...batch.map((waiting) => waiting.deadline));
    for (let attempt = 0; ; attempt++) {
      try {
        return await options.database.transaction((tx) => options.execute(tx, calls));
      } catch (error) {
        const again = isConnectionError(error) || (isConflict(error) && attempt < 5);
        if (!again) throw error;
        const pause = Math.min(20 * 2 ** attempt, 500) * (0.5 + Math.random() / 2);
        if (elapsedMs() + pause > deadline) {
          const text = `${options.name}: the database did not answer in time`;
          throw new UnavailableError('unknown', text, { cause: error });
        }
        await wait(pause);
      }
    }
  }

  /**
   * An unexpected error: halves the batch until the culprit stands alone, so that neighbours go
   * on.
   */
  async function isolate(batch: readonly Waiting<Call, Outcome>[], error: unknown): Promise<void> {
    if (batch.length === 1 || error instanceof UnavailableError) {
      for (const waiting of batch) waiting.reject(error);
      return;
    }
    const half = Math.ceil(batch.length / 2);
    await carryOut(batch.slice(0, half));
    await carryOut(batch.slice(half));
  }

  return {
    submit: (call) => {
      if (closed) {
        return Promise.reject(new UnavailableError('closed', `${options.name} is shutting down`));
      }
      if (queue.length >= maxQueue) {
        return Promise.reject(new UnavailableError('busy', `${options.name} has a full queue`));
      }
      return new Promise<Outcome>((resolve, reject) => {
        queue.push({ call, deadline: elapsedMs() + deadlineMs, resolve, reject });
        running ??= drain();
      });
    },
    close: async () => {
      closed = true;
      await running;
    },
  };
}
