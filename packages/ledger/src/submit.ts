import { hash } from 'node:crypto';
import { type Clock, ok, present, type Refusal, type Result } from '@keyturn/kernel';
import { createBatcher, type Database } from '@keyturn/pipeline';
import { createChartReader, namesKnownCodes } from './chart.ts';
import { checkForm } from './decide/check-form.ts';
import type { DoorObserver } from './door-observer.ts';
import { refuse } from './errors.ts';
import {
  type Answer,
  type Call,
  callOf,
  executeBatch,
  namedAccounts,
  type Prepared,
} from './execute.ts';
import { type AnyRequest, fingerprintOf } from './journal.ts';
import { createLane, type LaneCall } from './lane.ts';
import type { WaitOptions } from './waiting-room.ts';

export type { DoorObserver } from './door-observer.ts';
export type { Answer, Submitted } from './execute.ts';
export type { WaitOptions } from './waiting-room.ts';

/** Journals that are linked, at most. */
export const maxLinked = 100;
/** Journals in one bulk call, at most. */
export const maxBulk = 10_000;

const defaultBatch = 500;
const defaultQueue = 20_000;

/** The ledger's door for callers that bring nothing but journals. */
export interface Submitter {
  /**
   * Books a journal, or the reversal of one. Its id makes it idempotent for ever: same id and
   * content gives the first answer, other content `journal_conflict` with what differs; a refusal
   * on state burns the id.
   *
   * @throws UnavailableError when the queue is full (`busy`, with the time after which to try
   *   again), the call's time was over or its caller gave up before it was begun (`expired`,
   *   `canceled`), or nobody knows yet what became of it (`unknown`): ask again with the same id
   */
  submit(request: AnyRequest, options?: WaitOptions): Promise<Answer>;
  /**
   * Books several journals, also of different books and currencies, that stand or fall together:
   * 1 to 100 of them. One answer per journal, in order: all booked or all refused, where the first
   * that cannot be booked has its own reason and the others name it. The ids are idempotent as a
   * whole: the same journals in the same order. Throws as `submit` does.
   */
  submitLinked(requests: readonly AnyRequest[], options?: WaitOptions): Promise<readonly Answer[]>;
  /**
   * Books journals one after the other, each on what those before it left, and each on its own: 1
   * to 10,000 of them. One answer per journal, in order. Goes in pieces, between which other
   * callers come in; the options are those of each piece. When it throws, as `submit` does, send
   * the same journals again: those that were booked are replayed.
   */
  submitBulk(requests: readonly AnyRequest[], options?: WaitOptions): Promise<readonly Answer[]>;
  /** How many calls wait for their batch. */
  waiting(): number;
  close(): Promise<void>;
}

export interface SubmitterOptions {
  readonly database: Database;
  readonly clock: Clock;
  /** Calls in one transaction; 500 when not said. */
  readonly maxBatch?: number;
  /** Calls that may wait, 20,000 when not said; who comes then is told when to try again. */
  readonly maxQueue?: number;
  readonly observer?: DoorObserver;
}

/** Concurrent calls are coalesced into one transaction. */
export function createSubmitter(options: SubmitterOptions): Submitter {
  const { database, clock, observer } = options;
  const knownBooks = new Set<string>();
  const maxBatch = options.maxBatch ?? defaultBatch;
  const maxQueue = options.maxQueue ?? defaultQueue;
  const careful = createBatcher<Call, readonly Answer[]>({
    name: 'ledger.submit',
    database,
    execute: (tx, calls) => executeBatch(tx, calls, knownBooks),
    maxBatch,
    // Who was let in at the door is not sent away here.
    maxQueue: Number.POSITIVE_INFINITY,
    ...(observer?.batch === undefined
      ? {}
      : { onBatch: (figures) => observer.batch?.({ lane: 'careful', ...figures }) }),
  });
  const lane = createLane({ database, careful, knownBooks, maxBatch, maxQueue, observer });

  const readChart = createChartReader(database);
  /** Another process may have added a code since. */
  const learnCodes = async (requests: readonly AnyRequest[]) => {
    if (!requests.every(namesKnownCodes)) await readChart();
  };

  function noted(answer: Answer): Answer {
    if (!answer.ok) observer?.refused?.(answer.error.code);
    return answer;
  }

  async function answersOf(calls: readonly Call[], waiting: LaneCall): Promise<readonly Answer[]> {
    return (await lane.submit(calls, waiting)).flat().map(noted);
  }

  return {
    submit: async (request, waiting) => {
      if (!namesKnownCodes(request)) await readChart();
      // Whose form is wrong is told so without a batch.
      const prepared = prepare(request, clock);
      if (!prepared.ok) return prepared;
      const [answers] = await lane.submit([prepared.value], { ...waiting, bulk: false });
      return noted(present(answers?.[0], 'the answer of a journal'));
    },
    submitLinked: async (requests, waiting) => {
      await learnCodes(requests);
      const refused = checkChain(requests);
      if (refused) return refused;
      const call = { journals: linked(requests), now: clock.now() };
      return answersOf([call], { ...waiting, bulk: false });
    },
    submitBulk: async (requests, waiting) => {
      const refused = checkCount(requests, maxBulk);
      if (refused) return refused;
      await learnCodes(requests);
      const answers: Answer[] = [];
      for (let next = 0; next < requests.length; next += maxBatch) {
        const piece = requests.slice(next, next + maxBatch).map((one) => prepare(one, clock));
        const calls = piece.flatMap((one) => (one.ok ? [one.value] : []));
        const booked = calls.length === 0 ? [] : await answersOf(calls, { ...waiting, bulk: true });
        const inOrder = booked.values();
        for (const one of piece) {
          answers.push(one.ok ? present(inOrder.next().value, 'the answer of a journal') : one);
        }
      }
      return answers;
    },
    waiting: lane.waiting,
    close: lane.close,
  };
}

/** A journal as it waits for its batch, or why it cannot be one. */
function prepare(request: AnyRequest, clock: Clock): Result<Call, Refusal> {
  const fault = checkForm(request);
  return fault ? { ok: false, error: fault } : ok(callOf(request, clock.now()));
}

function checkCount(requests: readonly AnyRequest[], limit: number): readonly Answer[] | undefined {
  const count = requests.length;
  if (count > 0 && count <= limit) return undefined;
  const values = { count: String(count), limit: String(limit) };
  // Also a call without journals says why nothing happened.
  const refusal = refuse('bulk_out_of_range', { values });
  return count === 0 ? [refusal] : requests.map(() => refusal);
}

/** A fault of form in a chain refuses the whole of it. */
function checkChain(requests: readonly AnyRequest[]): readonly Answer[] | undefined {
  const counted = checkCount(requests, maxLinked);
  if (counted) return counted;
  const ids = new Set<string>();
  for (const { id } of requests) {
    if (ids.has(id)) {
      const refusal = refuse('linked_ids_repeat', { values: { journal_id: id } });
      return requests.map(() => refusal);
    }
    ids.add(id);
  }
  const faults = requests.map(checkForm);
  const culprit = faults.findIndex((error) => error !== undefined);
  const reason = faults[culprit]?.code;
  if (reason === undefined) return undefined;
  const refused_journal = requests[culprit]?.id ?? '';
  const others = refuse('linked_journal_refused', { values: { refused_journal, reason } });
  return faults.map((error) => (error ? { ok: false, error } : others));
}

/** Each knows with which others it is linked, so that alone it would be another journal. */
function linked(requests: readonly AnyRequest[]): readonly Prepared[] {
  const link = requests[0]?.id ?? null;
  const all = requests.map((request) => [request.id, fingerprintOf(request)]);
  const digest = hash('sha256', JSON.stringify(all)).slice(0, 32);
  return requests.map((request) => {
    const fingerprint = fingerprintOf(request, digest);
    return { request, fingerprint, link, accounts: namedAccounts(request) };
  });
}
