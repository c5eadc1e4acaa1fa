import { type Clock, ok, type Refusal, type Result } from '@keyturn/kernel';
import { type Batcher, createBatcher, type Database, type Tx } from '@keyturn/pipeline';
import type { AccountSpec } from './account.ts';
import { refuse } from './errors.ts';
import { fingerprintOf, type HoldRef, type Journal, type JournalRequest } from './journal.ts';
import { insertRefusedJournals, loadJournals, loadTransfers } from './store.ts';
import { createLedgerUnit, type JournalReceipt, journalRow } from './unit.ts';

/** A journal and the moment at which it was submitted, which a repeat of the batch keeps. */
interface Call {
  readonly request: JournalRequest;
  readonly fingerprint: string;
  readonly now: Temporal.Instant;
}

/** The receipt of a journal; `replayed` when it had been booked before. */
export type Submitted = JournalReceipt & { readonly replayed: boolean };

/**
 * The ledger's door for callers that bring nothing but a journal. Concurrent calls are coalesced
 * into one transaction. The journal's id makes it idempotent for ever: same id and content gives
 * the first answer, other content `journal_conflict`; a refusal on state burns the id.
 */
export function createSubmitter(options: {
  readonly database: Database;
  readonly clock: Clock;
  readonly maxBatch?: number;
}): {
  submit(request: JournalRequest): Promise<Result<Submitted, Refusal>>;
  close(): Promise<void>;
} {
  const batcher: Batcher<Call, Result<Submitted, Refusal>> = createBatcher({
    name: 'ledger.submit',
    database: options.database,
    execute,
    ...(options.maxBatch === undefined ? {} : { maxBatch: options.maxBatch }),
  });
  return {
    // What can be made before its batch begins is made here, while PostgreSQL writes the one
    // before.
    submit: async (request) =>
      batcher.submit({ request, fingerprint: fingerprintOf(request), now: options.clock.now() }),
    close: batcher.close,
  };
}

async function execute(
  tx: Tx,
  calls: readonly Call[],
): Promise<readonly Result<Submitted, Refusal>[]> {
  const unit = createLedgerUnit();
  const first = calls[0];
  if (!first) return [];
  const loading = unit.load(tx, wantsOf(calls), first.now);
  // Sent behind the locks, in a statement of its own: what another transaction booked is visible.
  // Behind a look at holds it may be sent before them; then a journal that comes meanwhile is found
  // by its key, and the batch is carried out again.
  const asked = firstAnswers(tx, [...new Set(calls.map(({ request }) => request.id))]);
  const [, known] = await Promise.all([loading, asked]);
  const refused: Journal[] = [];
  const outcomes = calls.map(({ request, fingerprint, now }) => {
    const before = known.get(request.id);
    if (before) return replay(before, fingerprint);
    const result = unit.post(request, now, fingerprint);
    const journal = result.ok
      ? result.value.journal
      : journalRow(request, fingerprint, result.error.code, now);
    if (!result.ok) refused.push(journal);
    known.set(request.id, result.ok ? result.value : { journal, transfers: [] });
    return result.ok ? ok({ ...result.value, replayed: false }) : result;
  });
  unit.flush(tx);
  insertRefusedJournals(tx, refused);
  return outcomes;
}

function wantsOf(calls: readonly Call[]): { accounts: AccountSpec[]; holds: HoldRef[] } {
  const accounts: AccountSpec[] = [];
  const holds: HoldRef[] = [];
  for (const { request } of calls) {
    for (const transfer of request.transfers) {
      if ('hold' in transfer) holds.push(transfer.hold);
      else accounts.push(transfer.debit, transfer.credit);
    }
  }
  return { accounts, holds };
}

async function firstAnswers(tx: Tx, ids: readonly string[]): Promise<Map<string, JournalReceipt>> {
  const journals = await loadJournals(tx, ids);
  if (journals.length === 0) return new Map();
  const transfers = await loadTransfers(
    tx,
    journals.map((journal) => journal.id),
  );
  const byJournal = Map.groupBy(transfers, (transfer) => transfer.journalId);
  return new Map(
    journals.map((journal) => [
      journal.id,
      { journal, transfers: byJournal.get(journal.id) ?? [] },
    ]),
  );
}

function replay(before: JournalReceipt, fingerprint: string): Result<Submitted, Refusal> {
  const { journal } = before;
  if (journal.fingerprint !== fingerprint) {
    return refuse('journal_conflict', { values: { journal_id: journal.id } });
  }
  if (journal.refusal !== null) {
    const values = { journal_id: journal.id, reason: journal.refusal };
    return refuse('journal_refused_before', { values });
  }
  return ok({ ...before, replayed: true });
}
