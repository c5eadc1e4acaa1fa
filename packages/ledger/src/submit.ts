import { hash } from 'node:crypto';
import { type Clock, present } from '@keyturn/kernel';
import { createBatcher, type Database } from '@keyturn/pipeline';
import { checkForm } from './decide/check-form.ts';
import { refuse } from './errors.ts';
import { type Answer, type Call, executeBatch, type Prepared } from './execute.ts';
import { type AnyRequest, fingerprintOf } from './journal.ts';
import { createLane } from './lane.ts';

export type { Answer, Submitted } from './execute.ts';

/** Journals that are linked, at most. */
export const maxLinked = 100;
/** Journals in one bulk call, at most. */
export const maxBulk = 10_000;

const defaultBatch = 500;

/** The ledger's door for callers that bring nothing but journals. */
export interface Submitter {
  /**
   * Books a journal, or the reversal of one. Its id makes it idempotent for ever: same id and
   * content gives the first answer, other content `journal_conflict` with what differs; a refusal
   * on state burns the id.
   */
  submit(request: AnyRequest): Promise<Answer>;
  /**
   * Books several journals, also of different books and currencies, that stand or fall together:
   * 1 to 100 of them. One answer per journal, in order: all booked or all refused, where the first
   * that cannot be booked has its own reason and the others name it. The ids are idempotent as a
   * whole: the same journals in the same order.
   */
  submitLinked(requests: readonly AnyRequest[]): Promise<readonly Answer[]>;
  /**
   * Books journals one after the other, each on what those before it left, and each on its own: 1
   * to 10,000 of them. One answer per journal, in order. Goes in pieces, between which other
   * callers come in. When it throws, send the same journals again: those that were booked are
   * replayed.
   */
  submitBulk(requests: readonly AnyRequest[]): Promise<readonly Answer[]>;
  close(): Promise<void>;
}

/** Concurrent calls are coalesced into one transaction. */
export function createSubmitter(options: {
  readonly database: Database;
  readonly clock: Clock;
  readonly maxBatch?: number;
}): Submitter {
  const knownBooks = new Set<string>();
  const maxBatch = options.maxBatch ?? defaultBatch;
  const careful = createBatcher<Call, readonly Answer[]>({
    name: 'ledger.submit',
    database: options.database,
    execute: (tx, calls) => executeBatch(tx, calls, knownBooks),
    maxBatch,
  });
  const { database } = options;
  const batcher = createLane({ database, careful, knownBooks, maxBatch });

  // What can be made before its batch begins is made here, while PostgreSQL writes the one before.
  async function submit(request: AnyRequest): Promise<Answer> {
    const fault = checkForm(request);
    if (fault) return { ok: false, error: fault };
    const journal = { request, fingerprint: fingerprintOf(request), link: null };
    const answers = await batcher.submit({ journals: [journal], now: options.clock.now() });
    return present(answers[0], 'the answer of a journal');
  }

  return {
    submit,
    submitLinked: async (requests) => {
      const refused = checkChain(requests);
      if (refused) return refused;
      const journals = linked(requests);
      return batcher.submit({ journals, now: options.clock.now() });
    },
    submitBulk: async (requests) => {
      const refused = checkCount(requests, maxBulk);
      if (refused) return refused;
      const answers: Answer[] = [];
      for (let next = 0; next < requests.length; next += maxBatch) {
        const piece = requests.slice(next, next + maxBatch);
        answers.push(...(await Promise.all(piece.map(submit))));
      }
      return answers;
    },
    close: batcher.close,
  };
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
    return { request, fingerprint: fingerprintOf(request, digest), link };
  });
}
