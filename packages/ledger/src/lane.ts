import { setImmediate } from 'node:timers/promises';
import { elapsedMs, present } from '@keyturn/kernel';
import type { Batcher, Database } from '@keyturn/pipeline';
import { type Account, withCounters } from './account.ts';
import type { DoorObserver } from './door-observer.ts';
import { type Answer, type Batch, type Call, carryOut } from './execute.ts';
import { isReversal } from './journal.ts';
import { createKeptAccounts } from './kept-accounts.ts';
import { createNeighbours } from './neighbours.ts';
import { readAccounts } from './queries.ts';
import type { Shift } from './supposed-batch.ts';
import { createLedgerUnit, type LedgerUnit } from './unit.ts';
import { countOf, createWaitingRoom, type Party, type WaitOptions } from './waiting-room.ts';

/**
 * The fast lane of the ledger's door. A batch is decided on its accounts as this process last saw
 * them, and sent behind the batch before without waiting for it: PostgreSQL writes the one while
 * the next is decided. It is written if the accounts are as supposed (exact-batch.ts), or else as
 * what it adds to each of them (supposed-batch.ts), which is right whatever other processes did
 * meanwhile; when an account has no room for it, or a flag, nothing is written. Then, and for
 * whatever is not plain (holds that are resolved, reversals, links, balancing and closing,
 * refusals, new accounts, ids that were used before), the calls take the careful lane: locked,
 * read, decided, written.
 */
export interface Lane {
  /** Calls that are decided one after the other, in one transaction; answers in their order. */
  submit(calls: readonly Call[], options: LaneCall): Promise<readonly (readonly Answer[])[]>;
  /** Calls that wait for their batch, the careful lane's too. */
  waiting(): number;
  close(): Promise<void>;
}

export interface LaneCall extends WaitOptions {
  /** One of many that a caller brings: those who bring one come in between. */
  readonly bulk: boolean;
}

export interface LaneOptions {
  readonly database: Database;
  readonly careful: Batcher<Call, readonly Answer[]>;
  readonly knownBooks: ReadonlySet<string>;
  readonly maxBatch: number;
  readonly maxQueue: number;
  readonly observer?: DoorObserver | undefined;
}

type Waiting = Party<Call, readonly Answer[]>;

interface Decided {
  /** How often others had been met before. */
  readonly meetings: number;
  readonly parties: readonly Waiting[];
  readonly unit: LedgerUnit;
  readonly supposed: ReadonlyMap<string, Account>;
  readonly answers: readonly (readonly (readonly Answer[])[])[];
}

/**
 * A batch that was sent, and when it is answered. Listed, not kept in a Map: V8 makes one whose
 * entries come and go a new table again and again, to which the old one leads. Once an old table
 * has outlived some collections, each batch outlives them, too.
 */
interface UnderWay {
  readonly decided: Decided;
  readonly answered: Promise<void>;
}

/** How many batches are under way at once: one that is written, one that waits for it. */
const deepest = 2;
/** So many calls are sent as two batches, one behind the other. */
const worthSplitting = 32;
/** Accounts that are kept in memory; more are forgotten, and read again. */
const maxKept = 100_000;

const noAccounts: ReadonlyMap<string, Account> = new Map();

/** Of an account with a flag, a decision looks at more than its counters. */
function isPlain({ closed, frozenIn, frozenOut }: Account): boolean {
  return !(closed || frozenIn || frozenOut);
}

export function createLane(options: LaneOptions): Lane {
  const { database, careful, knownBooks, maxBatch, observer } = options;
  const pipe = database.openPipe();
  const room = createWaitingRoom<Call, readonly Answer[]>({
    name: 'ledger.submit',
    maxWaiting: options.maxQueue,
    elsewhere: () => carefulCalls,
  });
  const kept = createKeptAccounts();
  let underWay: readonly UnderWay[] = [];
  const carefully = new Set<Promise<void>>();
  let carefulCalls = 0;
  const neighbours = createNeighbours();
  let running: Promise<void> | undefined;
  /** The door waits until so many wait at it. */
  let gathering: { readonly calls: number; readonly done: () => void } | undefined;

  const answers = () => underWay.map(({ answered }) => answered);
  const leave = (sent: UnderWay) => {
    underWay = underWay.filter((one) => one !== sent);
  };

  async function drain(): Promise<void> {
    if (neighbours.wake()) kept.clear();
    for (;;) {
      // While others write to the same accounts, PostgreSQL has enough to do with larger batches.
      const depth = neighbours.areNear() ? 1 : deepest;
      while (underWay.length >= depth) await Promise.race(answers());
      // Whoever comes in the same turn of the event loop joins.
      await setImmediate();
      if (room.waiting() === 0) break;
      const before = underWay.reduce((sum, { decided }) => sum + countOf(decided.parties), 0);
      if (before >= worthSplitting && room.waiting() < before / deepest) {
        await gather(Math.ceil(before / deepest));
        continue;
      }
      const { decided, others } = await decide(room.take(Math.min(maxBatch, share(before, depth))));
      if (decided.parties.length > 0) {
        const sent: UnderWay = { decided, answered: send(decided).finally(() => leave(sent)) };
        underWay = [...underWay, sent];
      }
      // What is plain may overtake what is not; the other way round it would be refused too often.
      if (others.length > 0) sendCarefully(others, Promise.all(answers()));
    }
    // What is under way goes on by itself; whoever calls meanwhile is not to wait for it.
    running = undefined;
    neighbours.rest();
  }

  /**
   * Batches of one size: while PostgreSQL writes the one, its callers' answers and next calls take
   * this process as long as the other. A large and a small one would wait for each other.
   */
  function share(before: number, depth: number): number {
    const waiting = room.waiting();
    return waiting < worthSplitting ? waiting : Math.ceil((before + waiting) / depth);
  }

  /** Until so many calls wait, or a batch is answered. */
  async function gather(calls: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    gathering = { calls, done: resolve };
    await Promise.race([promise, ...answers()]);
    gathering = undefined;
  }

  /** Decides what is plain on accounts as they are supposed to be; the others go carefully. */
  async function decide(taken: readonly Waiting[]) {
    const plain = taken.filter(({ calls }) => calls.every(isPlainCall));
    let decided: Decided = {
      meetings: neighbours.meetings(),
      parties: [],
      unit: createLedgerUnit(),
      supposed: noAccounts,
      answers: [],
    };
    try {
      decided = decideOn(plain, await suppose(plain));
    } catch {
      // The careful lane meets it again, and finds whose call it is.
    }
    const fast = new Set(decided.parties);
    return { decided, others: taken.filter((party) => !fast.has(party)) };
  }

  /** The accounts of calls as this process knows them; those that it does not know are read. */
  async function suppose(parties: readonly Waiting[]): Promise<ReadonlyMap<string, Account>> {
    if (kept.size() > maxKept) kept.clear();
    const { known, missing } = recall(parties);
    if (missing.size === 0) return known;
    for (const account of await readAccounts(database, [...missing])) {
      if (isPlain(account)) kept.keep(account);
    }
    // Meanwhile the others may have moved, too.
    return recall(parties).known;
  }

  function recall(parties: readonly Waiting[]) {
    const known = new Map<string, Account>();
    const missing = new Set<string>();
    for (const { calls } of parties) {
      for (const id of accountsOf(calls)) {
        if (known.has(id)) continue;
        const account = kept.get(id);
        if (account === undefined) missing.add(id);
        else known.set(id, account);
      }
    }
    return { known, missing };
  }

  /**
   * A refusal is an answer about accounts that nothing of the batch may write, so that nothing
   * would find out that they are not as supposed: it takes the careful lane, with those who are to
   * be decided with it.
   */
  function decideOn(plain: readonly Waiting[], supposed: ReadonlyMap<string, Account>): Decided {
    const unit = createLedgerUnit();
    unit.adopt(supposed.values());
    const state: Batch = { unit, known: new Map(), refused: [], knownBooks };
    const parties: Waiting[] = [];
    const answers: (readonly (readonly Answer[])[])[] = [];
    for (const party of plain) {
      if (!accountsOf(party.calls).every((id) => supposed.has(id))) continue;
      const mark = unit.mark();
      const booked = party.calls.map((call) => carryOut(state, call));
      if (booked.every((some) => some.every(isBooked))) {
        parties.push(party);
        answers.push(booked);
      } else {
        unit.undo(mark);
      }
    }
    for (const account of unit.moved()) kept.keep(account);
    return { meetings: neighbours.meetings(), parties, unit, supposed, answers };
  }

  function isPlainCall({ journals }: Call): boolean {
    const [only, ...others] = journals;
    if (only === undefined || others.length > 0 || only.link !== null) return false;
    const { request } = only;
    if (isReversal(request) || !knownBooks.has(request.book)) return false;
    return request.transfers.every((transfer) => {
      if ('hold' in transfer || transfer.balancing !== undefined) return false;
      return transfer.kind === 'posted' || transfer.closing === undefined;
    });
  }

  async function send(decided: Decided): Promise<void> {
    const { parties, unit, supposed, answers } = decided;
    const started = elapsedMs();
    const size = countOf(parties);
    let shifts: readonly Shift[] = [];
    try {
      if (!(await sendExact(unit, supposed))) {
        await pipe.send((tx) =>
          unit.flushSupposed(tx, supposed, (told) => {
            shifts = told;
          }),
        );
      }
    } catch {
      // Whatever it was, the careful lane does it again and finds out.
      kept.clear();
      sendCarefully(parties, undefined);
      return;
    }
    const durationMs = elapsedMs() - started;
    observer?.batch?.({ lane: 'fast', size, waiting: room.waiting(), durationMs });
    if (shifts.length === 0) neighbours.metNobody();
    else if (neighbours.met(decided.meetings)) forget();
    const byId = new Map(shifts.map((shift) => [shift.id, shift]));
    if (shifts.length > 0) keepShifted(unit, byId);
    for (const [index, party] of parties.entries()) {
      const own = present(answers[index], 'the answers of a call');
      party.resolve(shifts.length === 0 ? own : own.map((some) => shiftedAnswers(some, byId)));
    }
  }

  /** What no batch under way was decided on is read again. */
  function forget(): void {
    const decidedOn = underWay.flatMap(({ decided }) => decided.unit.moved());
    const latest = new Set(decidedOn.map(({ id }) => id));
    kept.forgetOthers(latest);
  }

  /** @returns false when it has to be written otherwise */
  async function sendExact(unit: LedgerUnit, supposed: Decided['supposed']): Promise<boolean> {
    if (neighbours.areNear() || !unit.isPostedOnly()) return false;
    try {
      await pipe.send((tx) => unit.flushExact(tx, supposed));
      return true;
    } catch (error) {
      if (!isOtherwise(error)) throw error;
      return false;
    }
  }

  /** What no later batch was decided on is kept as it is; the others' own answers will tell. */
  function keepShifted(unit: LedgerUnit, shifts: ReadonlyMap<string, Shift>): void {
    for (const account of unit.moved()) {
      const shift = shifts.get(account.id);
      if (shift && kept.get(account.id)?.version === account.version)
        kept.keep(shifted(account, shift));
    }
  }

  function sendCarefully(parties: readonly Waiting[], after: Promise<unknown> | undefined): void {
    for (const { calls, resolve, reject } of parties) {
      carefulCalls += calls.length;
      const done: Promise<void> = answerCarefully(calls, after)
        .then(resolve, reject)
        .finally(() => {
          carefulCalls -= calls.length;
          carefully.delete(done);
          for (const id of accountsOf(calls)) kept.forget(id);
        });
      carefully.add(done);
    }
  }

  async function answerCarefully(calls: readonly Call[], after: Promise<unknown> | undefined) {
    if (after !== undefined) await after;
    return Promise.all(calls.map((call) => careful.submit(call)));
  }

  return {
    submit: (calls, waiting) => {
      const answered = room.enter(calls, waiting);
      running ??= drain();
      if (gathering !== undefined && room.waiting() >= gathering.calls) gathering.done();
      return answered;
    },
    waiting: () => room.waiting() + carefulCalls,
    close: async () => {
      room.close();
      while (running !== undefined || underWay.length > 0) {
        await running;
        await Promise.all(answers());
      }
      await Promise.all(carefully);
      await careful.close();
    },
  };
}

/** Whether a batch failed because an account is not as supposed. */
function isOtherwise(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '40001';
}

/** A repeat is answered by the careful lane, which knows what was written. */
function isBooked(answer: Answer): boolean {
  return answer.ok && !answer.value.replayed;
}

/** The accounts that calls name. */
function accountsOf(calls: readonly Call[]): readonly string[] {
  const [only, ...others] = calls;
  const all = (call: Call) => call.journals.flatMap(({ accounts }) => accounts);
  if (only === undefined || others.length > 0) return calls.flatMap(all);
  return only.journals.length === 1 ? (only.journals[0]?.accounts ?? []) : all(only);
}

function shifted(account: Account, shift: Shift): Account {
  return withCounters(account, {
    version: account.version + shift.version,
    debitsPosted: account.debitsPosted + shift.debitsPosted,
    creditsPosted: account.creditsPosted + shift.creditsPosted,
    debitsPending: account.debitsPending + shift.debitsPending,
    creditsPending: account.creditsPending + shift.creditsPending,
  });
}

/** The same answers, with the counters that the transfers were written with. */
function shiftedAnswers(
  answers: readonly Answer[],
  shifts: ReadonlyMap<string, Shift>,
): readonly Answer[] {
  return answers.map((answer) => {
    if (!answer.ok) return answer;
    const transfers = answer.value.transfers.map((transfer) => {
      const debit = shifts.get(transfer.debitAccount);
      const credit = shifts.get(transfer.creditAccount);
      if (debit === undefined && credit === undefined) return transfer;
      return {
        ...transfer,
        ...(debit && {
          debitVersion: transfer.debitVersion + debit.version,
          debitDebitsPosted: transfer.debitDebitsPosted + debit.debitsPosted,
          debitCreditsPosted: transfer.debitCreditsPosted + debit.creditsPosted,
          debitDebitsPending: transfer.debitDebitsPending + debit.debitsPending,
          debitCreditsPending: transfer.debitCreditsPending + debit.creditsPending,
        }),
        ...(credit && {
          creditVersion: transfer.creditVersion + credit.version,
          creditDebitsPosted: transfer.creditDebitsPosted + credit.debitsPosted,
          creditCreditsPosted: transfer.creditCreditsPosted + credit.creditsPosted,
          creditDebitsPending: transfer.creditDebitsPending + credit.debitsPending,
          creditCreditsPending: transfer.creditCreditsPending + credit.creditsPending,
        }),
      };
    });
    return { ok: true, value: { ...answer.value, transfers } };
  });
}
