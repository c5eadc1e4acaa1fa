import type { Database } from '@keyturn/pipeline';

/** Lets many work at a time, or one alone while all others stand still. */
export interface Gate {
  among<T>(work: () => Promise<T>): Promise<T>;
  alone<T>(work: () => Promise<T>): Promise<T>;
}

export function createGate(): Gate {
  let inside = 0;
  let held: Promise<void> | undefined;
  let quiet: (() => void) | undefined;
  let line: Promise<unknown> = Promise.resolve();

  async function among<T>(work: () => Promise<T>): Promise<T> {
    while (held) await held;
    inside += 1;
    try {
      return await work();
    } finally {
      inside -= 1;
      if (inside === 0) quiet?.();
    }
  }

  async function hold<T>(work: () => Promise<T>): Promise<T> {
    while (inside > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      quiet = resolve;
      await promise;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    held = promise;
    try {
      return await work();
    } finally {
      held = undefined;
      resolve();
    }
  }

  return {
    among,
    alone: (work) => {
      const done = line.then(() => hold(work));
      // Who is next does not care how this one ended; its caller does.
      line = done.catch(() => undefined);
      return done;
    },
  };
}

/** The same database, whose statements wait while somebody is alone. */
export function behindGate(database: Database, gate: Gate): Database {
  return {
    ...database,
    query: (text, values) => gate.among(() => database.query(text, values)),
    transaction: (work) => gate.among(() => database.transaction(work)),
  };
}
