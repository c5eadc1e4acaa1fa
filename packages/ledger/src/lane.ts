import { elapsedMs, present } from '@keyturn/kernel';
import { type Batcher, type Database, UnavailableError } from '@keyturn/pipeline';
import { type Account, accountId } from './account.ts';
import { type Answer, type Batch, type Call, carryOut } from './execute.ts';
import { isReversal } from './journal.ts';
import { readAccounts } from './queries.ts';
import { createLedgerUnit, type LedgerUnit } from './unit.ts';

/**
 * The fast lane of the ledger's door. A batch is decided on its accounts as this process left
 * them, and sent behind the batch before without waiting for it: PostgreSQL writes the one while
 * the next is decided. Nothing is believed: the statement that writes the counters fails unless
 * every account is, in all that the decision looked at, as supposed. Then, and for whatever is
 * not plain (holds that are resolved, reversals, links, accounts that are new, frozen or closed,
 * ids that were used before), the calls take the careful lane: locked, read, decided, written.
 */
export interface Lane {
  submit(call: Call): Promise<readonly Answer[]>;
  close(): Promise<void>;
}

interface Waiting {
  readonly call: Call;
  readonly deadline: number;
  resolve(answers: readonly Answer[]): void;
  reject(error: unknown): void;
}

interface Decided {
  readonly batch: readonly Waiting[];
  readonly unit: LedgerUnit;
  readonly supposed: ReadonlyMap<string, Account>;
  readonly answers: readonly (readonly Answer[])[];
}

export interface LaneOptions {
  readonly database: Database;
  readonly careful: Batcher<Call, readonly Answer[]>;
  readonly knownBooks: ReadonlySet<string>;
  readonly maxBatch: number;
}

/** How many batches are under way at once: one that is written, one that waits for it. */
const depth = 2;
/** So many calls are sent as two batches, one behind the other. */
const worthSplitting = 32;
const maxQueue = 20_000;
const deadlineMs = 15_000;
/** Accounts that are kept in memory; more are forgotten, and read again. */
const maxKept = 100_000;
/** After a batch met other rows than it supposed, so many go the careful way; doubling. */
const firstPause = 4;
const longestPause = 256;

/** Of an account with a flag, a decision looks at more than its counters. */
function isPlain({ closed, frozenIn, frozenOut }: Account): boolean {
  return !(closed || frozenIn || frozenOut);
}

export function createLane({ database, careful, knownBooks, maxBatch }: LaneOptions): Lane {
  const pipe = database.openPipe();
  const kept = new Map<string, Account>();
  const underWay = new Set<Promise<void>>();
  let queue: Waiting[] = [];
  let running: Promise<void> | undefined;
  let closed = false;
  let carefulBatches = 0;
  let pause = firstPause;

  async function drain(): Promise<void> {
    // Lets callers of the same turn of the event loop join the first batch.
    await Promise.resolve();
    while (queue.length > 0) {
      if (underWay.size >= depth) await Promise.race(underWay);
      const batch = take();
      if (batch.length === 0) continue;
      const decided = await decide(batch);
      if (decided === undefined) {
        await Promise.all(underWay);
        await carefully(batch);
        continue;
      }
      const sent: Promise<void> = send(decided).finally(() => underWay.delete(sent));
      underWay.add(sent);
    }
    // What is under way goes on by itself; whoever calls meanwhile is not to wait for it.
    running = undefined;
  }

  function take(): readonly Waiting[] {
    // All callers in one batch would have PostgreSQL wait for the next one.
    const share = queue.length < worthSplitting ? 1 : depth - underWay.size;
    const size = Math.min(maxBatch, Math.ceil(queue.length / share));
    const batch = queue.slice(0, size);
    queue = queue.slice(size);
    const now = elapsedMs();
    return batch.filter((waiting) => {
      if (now < waiting.deadline) return true;
      waiting.reject(new UnavailableError('expired', 'ledger.submit waited too long'));
      return false;
    });
  }

  /** Decides a batch on its accounts as they are supposed to be; undefined when it cannot. */
  async function decide(batch: readonly Waiting[]): Promise<Decided | undefined> {
    if (carefulBatches > 0) {
      carefulBatches -= 1;
      return undefined;
    }
    try {
      const supposed = await suppose(batch);
      return supposed && decideOn(batch, supposed);
    } catch {
      return undefined; // The careful lane meets it again, and finds whose call it is.
    }
  }

  async function suppose(
    batch: readonly Waiting[],
  ): Promise<ReadonlyMap<string, Account> | undefined> {
    const ids = new Set<string>();
    for (const { call } of batch) if (!gatherPlain(call, ids)) return undefined;
    if (kept.size > maxKept) {
      // What is under way has left accounts that are not in the database yet.
      await Promise.all(underWay);
      kept.clear();
    }
    const missing = [...ids].filter((id) => !kept.has(id));
    for (const account of missing.length > 0 ? await readAccounts(database, missing) : []) {
      if (isPlain(account)) kept.set(account.id, account);
    }
    const supposed = new Map<string, Account>();
    for (const id of ids) {
      const account = kept.get(id);
      if (account === undefined) return undefined;
      supposed.set(id, account);
    }
    return supposed;
  }

  /**
   * A refusal is an answer about accounts that nothing of the batch may write, so that nothing
   * would find out that they are not as supposed: it takes the careful lane.
   */
  function decideOn(
    batch: readonly Waiting[],
    supposed: ReadonlyMap<string, Account>,
  ): Decided | undefined {
    const unit = createLedgerUnit();
    unit.adopt(supposed.values());
    const state: Batch = { unit, known: new Map(), refused: [], knownBooks };
    const answers = batch.map(({ call }) => carryOut(state, call));
    if (answers.some((some) => some.some(({ ok }) => !ok))) return undefined;
    for (const account of unit.moved()) kept.set(account.id, account);
    return { batch, unit, supposed, answers };
  }

  function gatherPlain(call: Call, ids: Set<string>): boolean {
    const [only, ...others] = call.journals;
    if (only === undefined || others.length > 0 || only.link !== null) return false;
    const { request } = only;
    if (isReversal(request) || !knownBooks.has(request.book)) return false;
    for (const transfer of request.transfers) {
      if ('hold' in transfer || ('closing' in transfer && transfer.closing)) return false;
      ids.add(accountId(transfer.debit)).add(accountId(transfer.credit));
    }
    return true;
  }

  async function send({ batch, unit, supposed, answers }: Decided): Promise<void> {
    try {
      await pipe.send((tx) => unit.flushIf(tx, supposed));
    } catch {
      // Whatever it was, the careful lane does it again and finds out. What was decided meanwhile
      // on what this batch would have left fails, too, and comes here.
      kept.clear();
      carefulBatches = pause;
      pause = Math.min(pause * 2, longestPause);
      await carefully(batch);
      return;
    }
    pause = Math.max(firstPause, pause / 2);
    for (const [index, waiting] of batch.entries()) {
      waiting.resolve(present(answers[index], 'the answers of a call'));
    }
  }

  async function carefully(batch: readonly Waiting[]): Promise<void> {
    await Promise.all(
      batch.map(({ call, resolve, reject }) => careful.submit(call).then(resolve, reject)),
    );
    kept.clear();
  }

  return {
    submit: (call) => {
      if (closed) {
        return Promise.reject(new UnavailableError('closed', 'ledger.submit is shutting down'));
      }
      if (queue.length >= maxQueue) {
        return Promise.reject(new UnavailableError('busy', 'ledger.submit has a full queue'));
      }
      return new Promise((resolve, reject) => {
        queue.push({ call, deadline: elapsedMs() + deadlineMs, resolve, reject });
        running ??= drain();
      });
    },
    close: async () => {
      closed = true;
      while (running !== undefined || underWay.size > 0) {
        await running;
        await Promise.all(underWay);
      }
      await careful.close();
    },
  };
}
