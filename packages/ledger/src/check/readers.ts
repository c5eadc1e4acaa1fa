import { assert, present } from '@keyturn/kernel';
import type { Queryable } from '@keyturn/pipeline';

/** Connections that look at one snapshot. */
export interface Readers {
  readonly first: Queryable;
  readonly count: number;
  /** Takes turns, so that each has something to do. */
  next(): Queryable;
}

interface Source {
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
}

const beginSql = 'set transaction isolation level repeatable read, read only';

/**
 * Sorts and joins take so much memory on the server, and go to its disk beyond it. While one
 * connection is asked something long, others wait.
 */
const settingsSql = `select set_config('work_mem', '64MB', true), set_config('jit', 'off', true),
  set_config('idle_in_transaction_session_timeout', '0', true)`;

const exportSql = 'select pg_export_snapshot() as snapshot';

/**
 * Works with transactions that all see what one of them sees.
 *
 * @param count how many connections `db` gives at a time
 */
export async function withReaders<T>(
  db: Source,
  count: number,
  work: (readers: Readers) => Promise<T>,
): Promise<T> {
  assert(Number.isInteger(count) && count > 0, 'somebody reads');
  return db.transaction(async (tx) => {
    await tx.query(beginSql);
    await tx.query(settingsSql);
    if (count === 1) return work(taking([tx]));
    const [exported] = await tx.query<{ snapshot: string }>(exportSql);
    const { snapshot } = present(exported, 'the snapshot');
    const done = Promise.withResolvers<void>();
    const others = Array.from({ length: count - 1 }, () => openOther(db, snapshot, done.promise));
    try {
      const opened = await Promise.all(others.map(({ ready }) => ready));
      return await work(taking([tx, ...opened]));
    } finally {
      done.resolve();
      await Promise.allSettled(others.map(({ ended }) => ended));
    }
  });
}

function taking(all: readonly Queryable[]): Readers {
  let turn = 0;
  return {
    first: present(all[0], 'the first reader'),
    count: all.length,
    next: () => {
      turn = (turn + 1) % all.length;
      return present(all[turn], 'a reader');
    },
  };
}

/** A transaction that sees a snapshot, until it is done. */
function openOther(
  db: Source,
  snapshot: string,
  done: Promise<void>,
): { readonly ready: Promise<Queryable>; readonly ended: Promise<void> } {
  const ready = Promise.withResolvers<Queryable>();
  const ended = db.transaction(async (tx) => {
    await tx.query(beginSql);
    // The server's own name of it, of digits and dashes; no parameter is possible here.
    await tx.query(`set transaction snapshot '${snapshot}'`);
    await tx.query(settingsSql);
    ready.resolve(tx);
    await done;
  });
  ended.catch(ready.reject);
  return { ready: ready.promise, ended };
}

/**
 * Asks several questions at a time and gives the answers in their order, so that the server works
 * while they are looked at.
 *
 * @param atOnce how many are asked and not looked at yet
 */
export async function* readAhead<T>(
  questions: AsyncGenerator<() => Promise<T>>,
  atOnce: number,
): AsyncGenerator<T> {
  const asked: Promise<T>[] = [];
  for (let more = true; ; ) {
    while (more && asked.length < atOnce) {
      const next = await questions.next();
      if (next.done === true) {
        more = false;
        break;
      }
      const answer = next.value();
      // If one that comes before it fails, nobody asks for this one; whoever does is told.
      answer.catch(() => undefined);
      asked.push(answer);
    }
    const first = asked.shift();
    if (first === undefined) return;
    yield await first;
  }
}
