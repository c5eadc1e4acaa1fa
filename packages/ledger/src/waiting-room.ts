import { elapsedMs } from '@keyturn/kernel';
import { UnavailableError } from '@keyturn/pipeline';

/** How long a caller waits. */
export interface WaitOptions {
  /**
   * Milliseconds after which the caller is answered in any case, at most a minute; 15 seconds in
   * the queue when not said. What was not begun by then is not done; of what was begun the answer
   * is `unknown`: ask again with the same id.
   */
  readonly deadlineMs?: number | undefined;
  /** Gives up: what was not begun is not done. */
  readonly signal?: AbortSignal | undefined;
}

/** Calls that wait for their batch, and are answered together. */
export interface Party<Call, Outcome> {
  readonly calls: readonly Call[];
  resolve(outcomes: readonly Outcome[]): void;
  reject(error: unknown): void;
}

interface Waiting<Call, Outcome> extends Party<Call, Outcome> {
  /** In milliseconds of the monotonic clock. */
  readonly until: number;
  state: 'waiting' | 'begun' | 'gone';
}

export interface WaitingRoom<Call, Outcome> {
  /** @throws UnavailableError: `busy` at once when the room is full, `expired`, `canceled` … */
  enter(
    calls: readonly Call[],
    options: WaitOptions & { readonly bulk: boolean },
  ): Promise<readonly Outcome[]>;
  /** Takes parties with so many calls or some more: a party is never divided. */
  take(size: number): readonly Party<Call, Outcome>[];
  /** How many calls wait. */
  waiting(): number;
  close(): void;
}

const defaultDeadlineMs = 15_000;
const longestDeadlineMs = 60_000;
/** Of a batch this part is left to those who bring many, while others wait too. */
const bulkShare = 0.25;

/**
 * Where calls wait for their batch: bounded, in the order of coming, those who bring one call
 * before those who bring many, who still get a part of each batch.
 */
export function createWaitingRoom<Call, Outcome>(options: {
  readonly name: string;
  readonly maxWaiting: number;
  /** Calls that wait somewhere behind this room, and count as waiting in it. */
  elsewhere(): number;
}): WaitingRoom<Call, Outcome> {
  const { name, maxWaiting, elsewhere } = options;
  const lines = { single: createLine<Call, Outcome>(), bulk: createLine<Call, Outcome>() };
  const waiting = () => lines.single.calls() + lines.bulk.calls();
  const pace = createPace();
  let closed = false;

  function refusal(calls: number): UnavailableError | undefined {
    if (closed) return new UnavailableError('closed', `${name} is shutting down`);
    const before = waiting() + elsewhere();
    if (before === 0 || before + calls <= maxWaiting) return undefined;
    const retryAfterMs = pace.estimateMs(before);
    return new UnavailableError('busy', `${name} has a full queue`, { retryAfterMs });
  }

  return {
    enter: (calls, { bulk, deadlineMs, signal }) => {
      const refused = signal?.aborted ? canceled(name) : refusal(calls.length);
      if (refused) return Promise.reject(refused);
      const patience = Math.min(deadlineMs ?? defaultDeadlineMs, longestDeadlineMs);
      return new Promise((resolve, reject) => {
        const until = elapsedMs() + patience;
        const party: Waiting<Call, Outcome> = { calls, resolve, reject, until, state: 'waiting' };
        const line = bulk ? lines.bulk : lines.single;
        line.push(party);
        if (deadlineMs === undefined && signal === undefined) return;
        watch({ name, party, line, patience: deadlineMs && patience, signal });
      });
    },
    take: (size) => {
      const now = elapsedMs();
      const reserved = lines.bulk.calls() > 0 ? Math.ceil(size * bulkShare) : 0;
      const taken = lines.single.take(size - reserved, now, name);
      let count = countOf(taken);
      taken.push(...lines.bulk.take(size - count, now, name));
      count = countOf(taken);
      taken.push(...lines.single.take(size - count, now, name));
      pace.took(countOf(taken), now);
      return taken;
    },
    waiting,
    close: () => {
      closed = true;
    },
  };
}

/** How many calls these are. */
export function countOf(parties: readonly { readonly calls: readonly unknown[] }[]): number {
  return parties.reduce((sum, { calls }) => sum + calls.length, 0);
}

function canceled(name: string): UnavailableError {
  return new UnavailableError('canceled', `${name}: the caller gave up before it was begun`);
}

function expired(name: string): UnavailableError {
  return new UnavailableError('expired', `${name} waited too long`);
}

interface Line<Call, Outcome> {
  push(party: Waiting<Call, Outcome>): void;
  take(size: number, now: number, name: string): Waiting<Call, Outcome>[];
  leave(party: Waiting<Call, Outcome>): void;
  calls(): number;
}

function createLine<Call, Outcome>(): Line<Call, Outcome> {
  let parties: Waiting<Call, Outcome>[] = [];
  let calls = 0;
  return {
    push: (party) => {
      parties.push(party);
      calls += party.calls.length;
    },
    take: (size, now, name) => {
      const taken: Waiting<Call, Outcome>[] = [];
      let count = 0;
      let next = 0;
      while (count < size) {
        const party = parties[next];
        if (party === undefined) break;
        next += 1;
        if (party.state === 'gone') continue;
        calls -= party.calls.length;
        if (now >= party.until) {
          party.state = 'gone';
          party.reject(expired(name));
          continue;
        }
        party.state = 'begun';
        taken.push(party);
        count += party.calls.length;
      }
      if (next > 0) parties = parties.slice(next);
      return taken;
    },
    leave: (party) => {
      party.state = 'gone';
      calls -= party.calls.length;
    },
    calls: () => calls,
  };
}

/** Answers a caller whose time is over, or who gives up, before its batch does. */
function watch<Call, Outcome>(watched: {
  readonly name: string;
  readonly party: Waiting<Call, Outcome>;
  readonly line: Line<Call, Outcome>;
  readonly patience: number | undefined;
  readonly signal: AbortSignal | undefined;
}): void {
  const { name, party, line, patience, signal } = watched;
  const { resolve, reject } = party;
  const unwatch = () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  };
  const end = (unbegun: UnavailableError) => {
    unwatch();
    if (party.state === 'waiting') {
      line.leave(party);
      reject(unbegun);
    } else if (party.state === 'begun') {
      const text = `${name}: it was begun, and is not answered yet`;
      reject(new UnavailableError('unknown', text));
    }
  };
  const giveUp = () => end(canceled(name));
  const timer = patience === undefined ? undefined : setTimeout(() => end(expired(name)), patience);
  signal?.addEventListener('abort', giveUp, { once: true });
  party.resolve = (outcomes) => {
    unwatch();
    resolve(outcomes);
  };
  party.reject = (error) => {
    unwatch();
    reject(error);
  };
}

/** How fast calls are taken, by the last of them. */
function createPace() {
  const weight = 0.2;
  const leastMs = 50;
  let lastAt: number | undefined;
  let msPerCall = 0.05;
  return {
    took: (calls: number, now: number) => {
      if (calls > 0 && lastAt !== undefined && now - lastAt < 1_000) {
        msPerCall += ((now - lastAt) / calls - msPerCall) * weight;
      }
      lastAt = now;
    },
    estimateMs: (calls: number) => Math.ceil(Math.max(leastMs, calls * msPerCall)),
  };
}
