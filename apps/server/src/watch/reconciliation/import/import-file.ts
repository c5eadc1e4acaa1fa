import { hash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { newId, ok, type Refusal, type Result } from '@keyturn/kernel';
import { errorCode, insertRows, type Tx } from '@keyturn/pipeline';
import { maskNumber } from '../../../banks/channels/index.ts';
import type { Bill } from '../bills/bill.ts';
import { readBill } from '../bills/read-bill.ts';
import { refuse } from '../errors.ts';
import { readBillsInForce, readFileBySha } from '../store/files.ts';
import {
  type BillLineRow,
  billLineTable,
  billTable,
  type StatementEntryRow,
  type StatementFileRow,
  type StatementRow,
  statementEntryTable,
  statementFileTable,
  statementTable,
} from '../tables.ts';
import type { ReconciliationDeps } from '../types.ts';
import { type ImportOutcome, importOutcome } from '../views.ts';
import type { PlainEntry, PlainReport, PlainStatement, Reading } from './plain.ts';
import { openReading, ReadingExhausted } from './read.ts';

/** The largest file that is taken: 32 MiB. */
export const maxFileSize = 32 * 1024 * 1024;

const compress = promisify(gzip);

export type Source = { readonly source: 'uploaded' | 'fetched'; readonly id: string };

interface Arrival {
  readonly id: string;
  readonly sha256: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly by: Source;
  readonly now: Temporal.Instant;
}

export interface Importer {
  statement(bytes: Uint8Array, name: string, by: Source): Promise<Result<ImportOutcome, Refusal>>;
  bill(
    contract: BillContract,
    day: Temporal.PlainDate,
    bytes: Uint8Array,
    name: string,
  ): Promise<Result<ImportOutcome, Refusal>>;
}

export function createImporter(deps: ReconciliationDeps): Importer {
  const { database } = deps;
  const limits = {
    timeoutMs: deps.readTimeoutMs ?? 60_000,
    memoryMb: deps.readMemoryMb ?? 2_048,
  };

  /** Writes a file that is new; the same bytes, also at the same time, give the first answer. */
  async function once(
    bytes: Uint8Array,
    name: string,
    by: Source,
    write: (arrival: Arrival) => Promise<StatementFileRow>,
  ): Promise<Result<ImportOutcome, Refusal>> {
    if (bytes.length > maxFileSize) {
      const values = { file: name, size: String(bytes.length), limit: String(maxFileSize) };
      return refuse('statement_too_large', { values });
    }
    const sha256 = hash('sha256', bytes);
    const before = await readFileBySha(database, sha256);
    if (before) return ok(importOutcome(before, true));
    const now = deps.clock.now();
    const arrival = { id: newId(now, sha256), sha256, name: fileName(name), bytes, by, now };
    try {
      return ok(importOutcome(await write(arrival), false));
    } catch (error) {
      if (error instanceof ReadingExhausted) {
        deps.logger.warn({ file: sha256, why: error.message }, 'a statement was not read');
        return refuse('statement_reading_exhausted', { values: { why: error.message } });
      }
      if (errorCode(error) !== '23505') throw error;
      const first = await readFileBySha(database, sha256);
      if (!first) throw error;
      return ok(importOutcome(first, true));
    }
  }

  async function sealedContent({ bytes, sha256 }: Arrival): Promise<string> {
    const packed = await compress(bytes);
    return deps.sealer.seal(packed.toString('base64'), `reconciliation.statement_file:${sha256}`);
  }

  return {
    statement: (bytes, name, by) =>
      once(bytes, name, by, async (arrival) => {
        const reading = await openReading(bytes, arrival.name, limits);
        try {
          return await writeStatements(deps, arrival, reading, await sealedContent(arrival));
        } finally {
          await reading.close();
        }
      }),
    bill: async (contract, day, bytes, name) => {
      const by = { source: 'fetched', id: 'system:reconciliation' } as const;
      const outcome = await once(bytes, name, by, async (arrival) =>
        writeBill(deps, arrival, contract, day, await sealedContent(arrival)),
      );
      if (!outcome.ok || !outcome.value.repeated) return outcome;
      const file = await readFileBySha(database, outcome.value.sha256);
      if (file) await writeBillAgain(deps, file, contract, day, bytes);
      return outcome;
    },
  };
}

/** The last part of a path, without what a terminal or a page could take for its own. */
function fileName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  const plain = last.replaceAll(/\p{C}/gu, '').slice(0, 200);
  return plain === '' ? 'unnamed' : plain;
}

function fileRow(
  arrival: Arrival,
  contentSealed: string,
  outcome: Pick<
    StatementFileRow,
    | 'format'
    | 'outcome'
    | 'reason'
    | 'statements'
    | 'entries'
    | 'openingMinor'
    | 'closingMinor'
    | 'currency'
    | 'accounts'
    | 'findings'
    | 'findingsCount'
  >,
): StatementFileRow {
  const { id, sha256, name, bytes, by, now } = arrival;
  return {
    id,
    sha256,
    name,
    size: bytes.length,
    contentSealed,
    source: by.source,
    importedBy: by.id,
    importedAt: now,
    ...outcome,
  };
}

const nothing = {
  statements: 0,
  entries: 0,
  openingMinor: null,
  closingMinor: null,
  currency: null,
  accounts: [],
  findings: [],
  findingsCount: 0,
} as const;

async function writeStatements(
  deps: ReconciliationDeps,
  arrival: Arrival,
  reading: Reading,
  contentSealed: string,
): Promise<StatementFileRow> {
  const { report } = reading;
  if (report.outcome === 'refused') {
    const { outcome, reason } = report;
    const row = fileRow(arrival, contentSealed, { ...nothing, format: null, outcome, reason });
    await deps.database.transaction((tx) => insertRows(tx, statementFileTable, [row]));
    return row;
  }
  const ours = new Map((await deps.custody.accounts()).map((a) => [a.number, a.id] as const));
  const statements = report.statements.map((statement, ordinal) =>
    statementRow(deps, arrival, statement, ordinal, ours.get(statement.accountNumber) ?? null),
  );
  const row = fileRow(arrival, contentSealed, {
    ...outcomeOf(report),
    accounts: accountsOf(statements),
  });
  await deps.database.transaction(async (tx) => {
    insertRows(tx, statementFileTable, [row]);
    insertRows(tx, statementTable, statements);
    await writeEntries(deps, tx, statements, reading, arrival.now);
  });
  return row;
}

function outcomeOf(report: Exclude<PlainReport, { outcome: 'refused' }>) {
  return {
    format: report.format,
    outcome: report.outcome,
    reason: null,
    statements: report.statements.length,
    entries: report.entries,
    openingMinor: report.opening,
    closingMinor: report.closing,
    currency: report.currency,
    findings: report.findings,
    findingsCount: report.findingsCount,
  };
}

function accountsOf(statements: readonly StatementRow[]): StatementFileRow['accounts'] {
  const accounts = new Map<string, { number: string; account_id?: string }>();
  for (const { accountMasked: number, accountId } of statements.slice(0, 1_000)) {
    accounts.set(number, accountId === null ? { number } : { number, account_id: accountId });
  }
  return [...accounts.values()];
}

function dateOf(day: string | null): Temporal.PlainDate | null {
  return day === null ? null : Temporal.PlainDate.from(day);
}

function statementRow(
  deps: ReconciliationDeps,
  arrival: Arrival,
  statement: PlainStatement,
  ordinal: number,
  accountId: string | null,
): StatementRow {
  const id = newId(arrival.now, accountId ?? arrival.sha256);
  const { accountNumber } = statement;
  const context = `reconciliation.statement:${id}`;
  return {
    id,
    fileId: arrival.id,
    ordinal,
    format: statement.format,
    accountNumberSealed: deps.sealer.seal(accountNumber, context),
    accountMasked: maskNumber(accountNumber),
    accountId,
    currency: statement.currency,
    day: dateOf(statement.day),
    fromOn: dateOf(statement.from),
    toOn: dateOf(statement.to),
    openingMinor: statement.opening,
    closingMinor: statement.closing,
    entries: statement.entries,
    balanceHolds: statement.balanceHolds,
    result: statement.result,
    findings: statement.findings,
    messageId: statement.messageId,
    importedAt: arrival.now,
  };
}

async function writeEntries(
  deps: ReconciliationDeps,
  tx: Tx,
  statements: readonly StatementRow[],
  reading: Reading,
  now: Temporal.Instant,
): Promise<void> {
  for (let piece = await reading.next(); piece.length > 0; piece = await reading.next()) {
    const rows = piece.flatMap((entry): StatementEntryRow[] => {
      const statement = statements[entry.statement];
      return statement ? [entryRow(deps, statement, entry, now)] : [];
    });
    insertRows(tx, statementEntryTable, rows);
    await tx.written();
  }
}

/**
 * What an entry says about people is kept of our own accounts only, sealed: it goes with the
 * receipt.
 */
function entryRow(
  deps: ReconciliationDeps,
  statement: StatementRow,
  entry: PlainEntry,
  now: Temporal.Instant,
): StatementEntryRow {
  const id = newId(now, statement.id);
  const ours = statement.accountId !== null;
  const details = JSON.stringify(entry.details);
  return {
    id,
    statementId: statement.id,
    ordinal: entry.ordinal,
    accountId: statement.accountId,
    day: statement.day,
    bankReference: entry.bankReference,
    endToEndId: entry.endToEndId,
    amountMinor: entry.amount,
    currency: entry.currency,
    direction: entry.direction,
    status: entry.status,
    bookedOn: dateOf(entry.bookedOn),
    valueOn: dateOf(entry.valueOn),
    virtualNumber: entry.virtualNumber,
    detailsSealed: ours ? deps.sealer.seal(details, `reconciliation.entry:${id}`) : null,
  };
}

interface BillContract {
  readonly id: string;
  readonly currency: string;
}

async function writeBill(
  deps: ReconciliationDeps,
  arrival: Arrival,
  contract: BillContract,
  day: Temporal.PlainDate,
  contentSealed: string,
): Promise<StatementFileRow> {
  const read = readBill(arrival.bytes);
  if (!read.ok) {
    const reason = `${arrival.name} is not a trade bill: ${read.error.reason}`;
    const refused = { ...nothing, format: null, outcome: 'refused' as const, reason };
    const row = fileRow(arrival, contentSealed, refused);
    await deps.database.transaction((tx) => insertRows(tx, statementFileTable, [row]));
    return row;
  }
  const { format, lines, findings } = read.value;
  const row = fileRow(arrival, contentSealed, {
    ...nothing,
    format,
    outcome: findings.length === 0 ? 'imported' : 'reported',
    reason: null,
    statements: 1,
    entries: lines.length,
    currency: contract.currency,
    findings,
    findingsCount: findings.length,
  });
  await deps.database.transaction(async (tx) => {
    insertRows(tx, statementFileTable, [row]);
    await writeBillRows(tx, arrival.id, contract, day, read.value, arrival.now);
  });
  return row;
}

/**
 * The bills of days without trades are the same bytes, of whatever day and contract: the file is
 * kept once, and stands for each of them.
 */
async function writeBillAgain(
  deps: ReconciliationDeps,
  file: StatementFileRow,
  contract: BillContract,
  day: Temporal.PlainDate,
  bytes: Uint8Array,
): Promise<void> {
  const read = readBill(bytes);
  if (!read.ok) return;
  const inForce = await readBillsInForce(deps.database, contract.id, day, day);
  if (inForce.some(({ fileId }) => fileId === file.id)) return;
  await deps.database.transaction((tx) =>
    writeBillRows(tx, file.id, contract, day, read.value, deps.clock.now()),
  );
}

async function writeBillRows(
  tx: Tx,
  fileId: string,
  contract: BillContract,
  day: Temporal.PlainDate,
  { lines, totals, findings }: Bill,
  now: Temporal.Instant,
): Promise<void> {
  const bill = {
    id: newId(now, contract.id),
    fileId,
    contractId: contract.id,
    day,
    lines: lines.length,
    paidMinor: totals.paid,
    refundedMinor: totals.refunded,
    feesMinor: totals.fees,
    currency: contract.currency,
    findings,
    importedAt: now,
  };
  insertRows(tx, billTable, [bill]);
  for (let from = 0; from < lines.length; from += 1_000) {
    const rows = lines.slice(from, from + 1_000).map(
      (line, index): BillLineRow => ({
        billId: bill.id,
        ordinal: from + index,
        number: line.number,
        kind: line.kind,
        originalNumber: line.originalNumber ?? null,
        channelNumber: line.channelNumber,
        amountMinor: line.amount,
        settledMinor: line.settled,
        feeMinor: line.fee,
        succeeded: line.succeeded,
        at: line.at,
      }),
    );
    insertRows(tx, billLineTable, rows);
    await tx.written();
  }
}
