import { type Clock, ok, type Refusal, type Result } from '@keyturn/kernel';
import { createBatcher, type Database, type Tx } from '@keyturn/pipeline';
import { checkForm } from './decide/check-form.ts';
import { type LedgerErrorCode, refuse } from './errors.ts';
import { wantsOf } from './execute.ts';
import { fingerprintOf, type JournalRequest } from './journal.ts';
import { readHorizon } from './seal/store.ts';
import { loadBooks, loadReceipts } from './store.ts';
import { createLedgerUnit } from './unit.ts';

/** A journal of another ledger, with the moment at which it was recorded there. */
export type HistoricJournal = Omit<JournalRequest, 'book'> & {
  readonly recordedAt: Temporal.Instant;
};

export interface ImportRequest {
  /** The caller's id: the same id with the same journals is a repeat, for ever. */
  readonly id: string;
  readonly book: string;
  /** 1 to 1,000, in the order of their times. */
  readonly journals: readonly HistoricJournal[];
}

/** How much was taken over; `replayed` when it had been before. */
export interface Imported {
  readonly journals: number;
  readonly replayed: boolean;
}

export const maxImported = 1_000;

/**
 * Takes over the history of another ledger with its own times, one call after the other, before a
 * book is used: a call is refused when the book has journals at or after its first time. Every
 * rule holds as it would have held then. All journals of a call are booked or none; nothing that
 * is refused burns an id.
 */
export interface HistoryImporter {
  importHistory(request: ImportRequest): Promise<Result<Imported, Refusal>>;
  close(): Promise<void>;
}

interface Call {
  readonly request: ImportRequest;
  readonly journals: readonly { readonly request: JournalRequest; readonly fingerprint: string }[];
  readonly now: Temporal.Instant;
}

export function createHistoryImporter(options: {
  readonly database: Database;
  readonly clock: Clock;
}): HistoryImporter {
  const batcher = createBatcher<Call, Result<Imported, Refusal>>({
    name: 'ledger.import_history',
    database: options.database,
    // A call is a batch already, and stands or falls alone.
    maxBatch: 1,
    execute: async (tx, calls) => {
      const outcomes = [];
      for (const call of calls) outcomes.push(await importCall(tx, call));
      return outcomes;
    },
  });
  return {
    importHistory: async (request) => {
      const now = options.clock.now();
      const fault = checkHistory(request, now);
      if (fault) return { ok: false, error: fault };
      const journals = request.journals.map(({ recordedAt, ...journal }) => {
        const inBook = { ...journal, book: request.book };
        // At another time, or in another call, it would be another journal.
        const link = `import/${request.id}/${recordedAt}`;
        return { request: inBook, fingerprint: fingerprintOf(inBook, link) };
      });
      return batcher.submit({ request, journals, now });
    },
    close: batcher.close,
  };
}

function fault(code: LedgerErrorCode, values: Readonly<Record<string, string>>): Refusal {
  return refuse(code, { values }).error;
}

/** What is wrong with a call itself. */
function checkHistory(request: ImportRequest, now: Temporal.Instant): Refusal | undefined {
  const { id, book, journals } = request;
  if (journals.length === 0 || journals.length > maxImported) {
    const values = { count: String(journals.length), limit: String(maxImported) };
    return fault('bulk_out_of_range', values);
  }
  const ids = new Set<string>();
  let before: Temporal.Instant | undefined;
  for (const journal of journals) {
    const { recordedAt } = journal;
    const values = { journal_id: journal.id, recorded_at: recordedAt.toString() };
    if (ids.has(journal.id)) return fault('linked_ids_repeat', values);
    ids.add(journal.id);
    if (before && Temporal.Instant.compare(recordedAt, before) < 0) {
      return fault('import_out_of_order', values);
    }
    if (Temporal.Instant.compare(recordedAt, now) >= 0) return fault('import_in_future', values);
    before = recordedAt;
    const found = checkForm({ ...journal, book });
    if (found) return found;
  }
  // The id of a call has the form of a journal's.
  const [first] = journals;
  return first && checkForm({ ...first, id, book });
}

async function importCall(tx: Tx, call: Call): Promise<Result<Imported, Refusal>> {
  const { id, book, journals } = call.request;
  const values = { book };
  const [known] = await loadBooks(tx, [book]);
  if (known === undefined) return refuse('book_unknown', { values });
  // Calls for one book come one after the other, so that each sees the one before.
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [book]);
  const [done] = await tx.query<{ journals: number }>(doneSql, [id]);
  if (done) return replay(tx, call, done.journals);
  const first = journals[0]?.recordedAt ?? call.now;
  const last = journals.at(-1)?.recordedAt ?? first;
  const unit = createLedgerUnit();
  await unit.load(tx, wantsOf(call.journals.map(({ request }) => request)), first);
  // Behind the locks: what moves an account after this comes after its history.
  const horizon = await readHorizon(tx);
  if (await isOccupied(tx, book, first, horizon)) {
    return refuse('import_period_not_empty', { values: { book, first_at: first.toString() } });
  }
  const [taken] = await loadReceipts(
    tx,
    journals.map((journal) => journal.id),
  );
  if (taken) return refused(taken.journal.id, 'journal_conflict');
  for (const [index, { request, fingerprint }] of call.journals.entries()) {
    const now = journals[index]?.recordedAt ?? first;
    const result = unit.post(request, now, { fingerprint, link: null });
    if (!result.ok) return refused(request.id, result.error.code);
  }
  unit.flush(tx);
  const times = [first, last, call.now].map((one) => one.toString());
  tx.write(insertSql, [id, book, ...times, journals.length, horizon]);
  return ok({ journals: journals.length, replayed: false });
}

function refused(journal_id: string, reason: string) {
  return refuse('import_journal_refused', { values: { journal_id, reason } });
}

const doneSql = 'select i.journals from ledger.history_import i where i.id = $1::uuid';

/** The same call again is a repeat when all of its journals are there as they were sent. */
async function replay(tx: Tx, call: Call, journals: number): Promise<Result<Imported, Refusal>> {
  const ids = call.journals.map(({ request }) => request.id);
  const stored = new Map(
    (await loadReceipts(tx, ids)).map(({ journal }) => [journal.id, journal.fingerprint]),
  );
  const same =
    journals === ids.length &&
    call.journals.every(({ request, fingerprint }) => stored.get(request.id) === fingerprint);
  if (same) return ok({ journals: ids.length, replayed: true });
  return refuse('import_conflict', { values: { import_id: call.request.id } });
}

const insertSql = `insert into ledger.history_import
    (id, book_id, first_at, last_at, imported_at, journals, horizon)
  values ($1, $2, $3, $4, $5, $6, $7::xid8)`;

const lastSql = `select i.last_at as "lastAt", i.horizon::text as horizon
  from ledger.history_import i where i.book_id = $1 order by i.last_at desc limit 1`;

/**
 * Whether the book was moved at or after a moment. Where the call before ended at the same
 * moment, its own journals do not count. What that call saw needs no second look.
 */
async function isOccupied(
  tx: Tx,
  book: string,
  first: Temporal.Instant,
  horizon: string,
): Promise<boolean> {
  const [before] = await tx.query<{
    readonly lastAt: Temporal.Instant;
    readonly horizon: string | null;
  }>(lastSql, [book]);
  const follows = before?.lastAt.equals(first.round('microsecond')) === true;
  const from = follows ? first.add({ microseconds: 1 }) : first;
  const known = before?.horizon ?? undefined;
  const continues = before && Temporal.Instant.compare(before.lastAt, first) <= 0;
  // Data that was moved to another cluster may count its transactions anew.
  const comparable = known !== undefined && BigInt(known) <= BigInt(horizon);
  if (continues && comparable) return isBookedSince(tx, book, from, known);
  const rows = await tx.query<{ occupied: boolean }>(occupiedSql, [book, from.toString()]);
  return rows[0]?.occupied === true;
}

const occupiedSql = `select exists (select from ledger.account a where a.book_id = $1
    and (exists (select from ledger.transfer t where t.debit_account = a.id
        and t.debit_version = a.version and t.recorded_at >= $2)
      or exists (select from ledger.transfer t where t.credit_account = a.id
        and t.credit_version = a.version and t.recorded_at >= $2)
      or exists (select from ledger.partition_opening o where o.account_id = a.id
        and o.recorded_at >= $2))) as occupied`;

const pageRows = 5_000;
const sinceSql = `with page as (
    select j.transaction_id, j.id,
      j.book_id = $3 and j.recorded_at >= $4 and j.refusal is null as taken
    from ledger.journal j where (j.transaction_id, j.id) > ($1::xid8, $2::uuid)
    order by j.transaction_id, j.id limit ${pageRows})
  select p.transaction_id::text as transaction, p.id, s.taken, s.rows
  from (select bool_or(taken) as taken, count(*)::int as rows from page) s
  cross join lateral
    (select * from page order by transaction_id desc, id desc limit 1) p`;

/** Looks through the journals of all books that were booked since, page by page. */
async function isBookedSince(
  tx: Tx,
  book: string,
  from: Temporal.Instant,
  horizon: string,
): Promise<boolean> {
  let transaction = horizon;
  let journal = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const [page] = await tx.query<{
      readonly transaction: string;
      readonly id: string;
      readonly taken: boolean;
      readonly rows: number;
    }>(sinceSql, [transaction, journal, book, from.toString()]);
    if (page?.taken) return true;
    if (page === undefined || page.rows < pageRows) return false;
    transaction = page.transaction;
    journal = page.id;
  }
}
