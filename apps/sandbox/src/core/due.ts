import type { DatabaseSync } from 'node:sqlite';
import type { WorldClock } from './clock.ts';
import type { Logger } from './logger.ts';
import { integer, text, transact } from './store.ts';

/** What a piece of due work is about: names and numbers as text. */
export type Payload = Record<string, string>;

/**
 * Work is synchronous and runs in one transaction with the removal of its row, so it happens
 * exactly once, whatever dies when. `at` is the moment it was due: use it, not the clock, for what
 * is booked, since after a stop the work may run later than it was due.
 */
export type Work = (payload: Payload, at: Temporal.Instant) => void;

/** Due work in world time, persisted. */
export interface Due {
  handle(kind: string, work: Work): void;
  /** Joins the transaction that is open, if one is. Returns the id, for `cancel`. */
  schedule(kind: string, dueAt: Temporal.Instant, payload: Payload): number;
  cancel(id: number): void;
  /** Whether any work of this kind is waiting. */
  isScheduled(kind: string): boolean;
  /** When the first of what waits is due, in epoch milliseconds. */
  nextMs(): number | undefined;
  /** Runs what is due now, chained work included. */
  run(): void;
  /**
   * Moves the world clock to the target, stopping at each due moment on the way, so that a
   * simulated month books each thing at its own time. Resolves when all that became due has run.
   */
  advanceTo(target: Temporal.Instant): Promise<void>;
  /** Starts the pump: each tick of the machine's time, and after each advance. */
  start(tickMs?: number): void;
  stop(): void;
}

interface Item {
  id: number;
  kind: string;
  dueMs: number;
  payload: Payload;
}

/** A failing piece of work is tried again after this long; it blocks nobody meanwhile. */
const retryAfterMs = 5_000;

/** How many pieces run before other requests get their turn. */
const piecesPerTurn = 50;

function parsePayload(json: string): Payload {
  const value: unknown = JSON.parse(json);
  const payload: Payload = {};
  if (typeof value !== 'object' || value === null) throw new Error('a payload is an object');
  for (const [name, field] of Object.entries(value)) payload[name] = String(field);
  return payload;
}

type Queue = ReturnType<typeof openQueue>;

function openQueue(store: DatabaseSync) {
  store.exec(`create table if not exists core_due (
    id integer primary key autoincrement, kind text not null, due_ms integer not null,
    payload text not null) strict`);
  store.exec('create index if not exists core_due_due on core_due (due_ms, id)');
  const first = store.prepare(
    'select * from core_due where due_ms <= ? order by due_ms, id limit 1',
  );
  const insert = store.prepare('insert into core_due (kind, due_ms, payload) values (?, ?, ?)');
  const remove = store.prepare('delete from core_due where id = ?');
  const postpone = store.prepare('update core_due set due_ms = ? where id = ?');
  const ofKind = store.prepare('select 1 from core_due where kind = ? limit 1');
  return {
    first: (untilMs: number): Item | undefined => {
      const row = first.get(untilMs);
      if (row === undefined) return undefined;
      const payload = parsePayload(text(row, 'payload'));
      return {
        id: integer(row, 'id'),
        kind: text(row, 'kind'),
        dueMs: integer(row, 'due_ms'),
        payload,
      };
    },
    insert: (kind: string, dueMs: number, payload: Payload) =>
      Number(insert.run(kind, dueMs, JSON.stringify(payload)).lastInsertRowid),
    remove: (id: number) => remove.run(id),
    postpone: (id: number, dueMs: number) => postpone.run(dueMs, id),
    hasKind: (kind: string) => ofKind.get(kind) !== undefined,
  };
}

interface DueDeps {
  store: DatabaseSync;
  clock: WorldClock;
  logger: Logger;
}

function runItem(deps: DueDeps, queue: Queue, work: Work | undefined, item: Item, untilMs: number) {
  try {
    transact(deps.store, () => {
      if (work === undefined) throw new Error(`nobody handles due work of kind ${item.kind}`);
      queue.remove(item.id);
      work(item.payload, Temporal.Instant.fromEpochMilliseconds(item.dueMs));
    });
  } catch (error) {
    deps.logger.error('due work failed and will be tried again', { kind: item.kind, error });
    // Beyond what is being run, so that a long advance does not spin on it.
    queue.postpone(item.id, Math.max(untilMs, deps.clock.nowMs()) + retryAfterMs);
  }
}

export function openDue(deps: DueDeps): Due {
  const { store, clock } = deps;
  const queue = openQueue(store);
  const handlers = new Map<string, Work>();
  let timer: NodeJS.Timeout | undefined;
  let advancing: Promise<void> = Promise.resolve();
  let running = false;
  // The pump must not touch the disk ten times a second for nothing: it knows when the next is due.
  let nextMs = 0;

  function runSome(untilMs: number, pieces: number, steer: boolean): boolean {
    if (running || store.isTransaction) return false;
    running = true;
    try {
      for (let count = 0; count < pieces; count += 1) {
        const item = queue.first(untilMs);
        if (item === undefined) return false;
        if (steer) clock.advanceTo(Temporal.Instant.fromEpochMilliseconds(item.dueMs));
        runItem(deps, queue, handlers.get(item.kind), item, untilMs);
      }
      return true;
    } finally {
      running = false;
    }
  }

  function run(): void {
    if (clock.nowMs() < nextMs) return;
    nextMs = Number.POSITIVE_INFINITY;
    if (runSome(clock.nowMs(), piecesPerTurn, false)) nextMs = 0;
    else nextMs = Math.min(nextMs, queue.first(Number.MAX_SAFE_INTEGER)?.dueMs ?? nextMs);
  }

  async function steerTo(target: Temporal.Instant): Promise<void> {
    while (runSome(target.epochMilliseconds, piecesPerTurn, true)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    clock.advanceTo(target);
    nextMs = 0;
  }

  return {
    handle: (kind, work) => {
      if (handlers.has(kind)) throw new Error(`due work of kind ${kind} has a handler already`);
      handlers.set(kind, work);
    },
    schedule: (kind, dueAt, payload) => {
      nextMs = Math.min(nextMs, dueAt.epochMilliseconds);
      return queue.insert(kind, dueAt.epochMilliseconds, payload);
    },
    cancel: (id) => {
      queue.remove(id);
    },
    isScheduled: (kind) => queue.hasKind(kind),
    nextMs: () => queue.first(Number.MAX_SAFE_INTEGER)?.dueMs,
    run,
    advanceTo: (target) => {
      advancing = advancing.then(() => steerTo(target));
      return advancing;
    },
    start: (tickMs = 100) => {
      timer = setInterval(run, tickMs);
      clock.onAdvance(() => setImmediate(run));
    },
    stop: () => {
      clearInterval(timer);
    },
  };
}
