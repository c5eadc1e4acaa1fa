import { ok, type Refusal, type Result } from '@keyturn/kernel';
import type { Tx } from '@keyturn/pipeline';
import { type AccountSpec, accountId } from './account.ts';
import { differencesOf } from './decide/differences.ts';
import { burnsId } from './decide/precedence.ts';
import { refuse } from './errors.ts';
import {
  type AnyRequest,
  fingerprintOf,
  type HoldRef,
  isReversal,
  type Journal,
} from './journal.ts';
import { journalRow } from './rows.ts';
import { insertRefusedJournals, loadBooks, loadReceipts } from './store.ts';
import {
  createLedgerUnit,
  type JournalReceipt,
  type LedgerUnit,
  type LedgerWants,
} from './unit.ts';

/** A journal whose form is right, as it waits for its batch. */
export interface Prepared {
  readonly request: AnyRequest;
  readonly fingerprint: string;
  readonly link: string | null;
  /** The ids of the accounts that it names; those of holds and reversals are not named. */
  readonly accounts: readonly string[];
}

/**
 * Journals that stand or fall together, mostly one, and the moment at which they were submitted,
 * which a repeat of the batch keeps.
 */
export interface Call {
  readonly journals: readonly Prepared[];
  readonly now: Temporal.Instant;
}

/** A journal that stands alone, as a call. Its form is right. */
export function callOf(request: AnyRequest, now: Temporal.Instant): Call {
  return { journals: [new Alone(request)], now };
}

/**
 * What a batch has to know of a journal is made when the batch asks for it, for one journal after
 * the other: between all that is done for one request and the next it takes several times as long.
 * A class, since an object's own getters would be defined anew for each journal.
 */
class Alone implements Prepared {
  readonly request: AnyRequest;
  readonly link = null;
  #fingerprint: string | undefined;
  #accounts: readonly string[] | undefined;

  constructor(request: AnyRequest) {
    this.request = request;
  }

  get fingerprint(): string {
    this.#fingerprint ??= fingerprintOf(this.request);
    return this.#fingerprint;
  }

  get accounts(): readonly string[] {
    this.#accounts ??= namedAccounts(this.request);
    return this.#accounts;
  }
}

/** The receipt of a journal; `replayed` when it had been booked before. */
export type Submitted = JournalReceipt & { readonly replayed: boolean };

export type Answer = Result<Submitted, Refusal>;

/** One batch of the ledger's own door: the answers of each call, one per journal, in order. */
export async function executeBatch(
  tx: Tx,
  calls: readonly Call[],
  knownBooks: Set<string>,
): Promise<readonly (readonly Answer[])[]> {
  const first = calls[0];
  if (!first) return [];
  const requests = calls.flatMap(({ journals }) => journals.map(({ request }) => request));
  await learnBooks(tx, requests, knownBooks);
  const unit = createLedgerUnit();
  const wants = wantsOf(requests.filter(({ book }) => knownBooks.has(book)));
  const loading = unit.load(tx, wants, first.now);
  // Sent behind the locks, in a statement of its own: what another transaction booked is visible.
  // Behind a look at holds it may be sent before them; then a journal that comes meanwhile is found
  // by its key, and the batch is carried out again.
  const [, known] = await Promise.all([loading, firstAnswers(tx, requests)]);
  const batch: Batch = { unit, known, refused: [], knownBooks };
  const answers = calls.map((call) => carryOut(batch, call));
  unit.flush(tx);
  insertRefusedJournals(tx, batch.refused);
  return answers;
}

export interface Batch {
  readonly unit: LedgerUnit;
  /** What the ids of this batch did before, also within it. */
  readonly known: Map<string, JournalReceipt>;
  readonly refused: Journal[];
  readonly knownBooks: ReadonlySet<string>;
}

/** Books are never removed: one that was seen is there. */
async function learnBooks(tx: Tx, requests: readonly AnyRequest[], known: Set<string>) {
  const asked = new Set<string>();
  for (const { book } of requests) if (!known.has(book)) asked.add(book);
  if (asked.size === 0) return;
  for (const book of await loadBooks(tx, [...asked])) known.add(book);
}

/** The ids of the accounts that a request names, those of holds and reversals apart. */
export function namedAccounts(request: AnyRequest): readonly string[] {
  if (isReversal(request)) return [];
  const ids: string[] = [];
  for (const transfer of request.transfers) {
    if (!('hold' in transfer)) ids.push(accountId(transfer.debit), accountId(transfer.credit));
  }
  return ids;
}

export function wantsOf(requests: readonly AnyRequest[]): LedgerWants {
  const accounts: AccountSpec[] = [];
  const holds: HoldRef[] = [];
  const reversals: string[] = [];
  for (const request of requests) {
    if (isReversal(request)) {
      reversals.push(request.reverses);
      continue;
    }
    for (const transfer of request.transfers) {
      if ('hold' in transfer) holds.push(transfer.hold);
      else accounts.push(transfer.debit, transfer.credit);
    }
  }
  return { accounts, holds, reversals };
}

async function firstAnswers(tx: Tx, requests: readonly AnyRequest[]) {
  const ids = new Set(requests.map(({ id }) => id));
  const receipts = await loadReceipts(tx, [...ids]);
  return new Map<string, JournalReceipt>(receipts.map((one) => [one.journal.id, one]));
}

/** Decides one call on the batch as those before it left it. */
export function carryOut(batch: Batch, call: Call): readonly Answer[] {
  if (call.journals.some(({ request }) => batch.known.has(request.id))) {
    const before = call.journals.map(({ request }) => batch.known.get(request.id));
    const replayed = call.journals.map((journal, index) => replay(before[index], journal));
    return unlessWhole(call, replayed);
  }
  const mark = batch.unit.mark();
  const booked: Answer[] = [];
  for (const journal of call.journals) {
    const result = post(batch, journal, call.now);
    if (!result.ok) {
      batch.unit.undo(mark);
      return refuseAll(batch, call, booked.length, result.error);
    }
    const { journal: row, transfers } = result.value;
    booked.push(ok({ journal: row, transfers, replayed: false }));
  }
  for (const answer of booked)
    if (answer.ok) batch.known.set(answer.value.journal.id, answer.value);
  return booked;
}

function post({ unit, knownBooks }: Batch, journal: Prepared, now: Temporal.Instant) {
  const { request } = journal;
  if (knownBooks.has(request.book)) return unit.post(request, now, journal);
  return refuse('book_unknown', { values: { book: request.book } });
}

/** One of the journals was refused: so are those that are linked with it, and all ids are burnt. */
function refuseAll(batch: Batch, call: Call, culprit: number, error: Refusal): readonly Answer[] {
  const answers = call.journals.map((_, index) =>
    index === culprit ? { ok: false as const, error } : refusedBy(call, culprit, error),
  );
  if (!burnsId(error.code)) return answers;
  for (const [index, { request, fingerprint, link }] of call.journals.entries()) {
    const code = index === culprit ? error.code : 'linked_journal_refused';
    const journal = journalRow(request, fingerprint, code, call.now, link);
    batch.refused.push(journal);
    batch.unit.refused(journal);
    batch.known.set(request.id, { journal, transfers: [] });
  }
  return answers;
}

function refusedBy(call: Call, culprit: number, error: Refusal) {
  const refused_journal = call.journals[culprit]?.request.id ?? '';
  return refuse('linked_journal_refused', { values: { refused_journal, reason: error.code } });
}

function replay(before: JournalReceipt | undefined, { request, fingerprint, link }: Prepared) {
  if (!before) return undefined;
  const { journal, transfers } = before;
  if (journal.fingerprint !== fingerprint) {
    return refuse('journal_conflict', { values: differencesOf(request, link, journal, transfers) });
  }
  if (journal.refusal !== null) {
    const values = { journal_id: journal.id, reason: journal.refusal };
    return refuse('journal_refused_before', { values });
  }
  return ok({ journal, transfers, replayed: true });
}

/**
 * Linked journals are a repeat only as a whole. If one of their ids was used otherwise, the others
 * are refused with it, and nothing is booked or burnt.
 */
function unlessWhole(call: Call, replayed: readonly (Answer | undefined)[]): readonly Answer[] {
  const culprit = replayed.findIndex((answer) => answer !== undefined && !answer.ok);
  const found = replayed[culprit];
  return replayed.map((answer) => {
    if (answer !== undefined && (found === undefined || !answer.ok)) return answer;
    const error = found !== undefined && !found.ok ? found.error : { code: 'journal_conflict' };
    return refusedBy(call, Math.max(culprit, 0), error);
  });
}
