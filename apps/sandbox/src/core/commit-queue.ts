import type { DatabaseSync } from 'node:sqlite';
import { transact } from './store.ts';

/**
 * Writes of requests that arrive together share one commit, and so one wait for the disk. Each
 * piece of work is a savepoint of its own: what throws is rolled back alone. A promise resolves
 * only after the commit, so nothing is answered that could still be lost.
 */
export interface CommitQueue {
  write<T>(work: () => T): Promise<T>;
}

export function createCommitQueue(store: DatabaseSync): CommitQueue {
  let waiting: { run: () => () => void; fail: (error: unknown) => void }[] = [];

  function flush(): void {
    const batch = waiting;
    waiting = [];
    try {
      const settle = transact(store, () => batch.map((piece) => piece.run()));
      for (const tell of settle) tell();
    } catch (error) {
      for (const piece of batch) piece.fail(error);
    }
  }

  return {
    write: <T>(work: () => T) =>
      new Promise<T>((resolve, reject) => {
        const run = () => {
          try {
            const result = transact(store, work);
            return () => resolve(result);
          } catch (error) {
            return () => reject(error);
          }
        };
        if (waiting.length === 0) setImmediate(flush);
        waiting.push({ run, fail: reject });
      }),
  };
}
