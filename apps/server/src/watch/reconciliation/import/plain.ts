import {
  type Finding,
  reportStatements,
  type StatementEntry,
  type StatementReport,
} from '@keyturn/bank-messages';
import type { FindingView } from '../findings.ts';

/**
 * What crosses from the reading thread: plain values, days as text. Amounts are signed minor
 * units.
 */
export interface PlainStatement {
  readonly format: string;
  readonly accountNumber: string;
  readonly currency: string;
  readonly day: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly opening: bigint | null;
  readonly closing: bigint | null;
  readonly entries: number;
  readonly balanceHolds: boolean | null;
  readonly result: 'verified' | 'not_verifiable' | 'contradicted';
  readonly findings: readonly FindingView[];
  readonly messageId: string | null;
}

export type PlainReport =
  | { readonly outcome: 'refused'; readonly reason: string }
  | {
      readonly outcome: 'imported' | 'reported';
      readonly format: string;
      readonly statements: readonly PlainStatement[];
      readonly entries: number;
      readonly opening: bigint | null;
      readonly closing: bigint | null;
      readonly currency: string | null;
      readonly findings: readonly FindingView[];
      readonly findingsCount: number;
    };

export interface PlainDetails {
  readonly counterpartyName?: string;
  readonly counterpartyAccount?: string;
  readonly remittance?: string;
  /** The reason of a return. */
  readonly returned?: string;
}

export interface PlainEntry {
  readonly statement: number;
  readonly ordinal: number;
  readonly bankReference: string | null;
  readonly endToEndId: string | null;
  readonly amount: bigint;
  readonly currency: string;
  readonly direction: 'credit' | 'debit';
  readonly status: string;
  readonly bookedOn: string | null;
  readonly valueOn: string | null;
  readonly virtualNumber: string | null;
  readonly details: PlainDetails;
}

/** Findings kept of one file; the others are counted. */
const maxFindings = 1_000;

/** One file as read, its entries handed out in pieces so that nobody holds them all twice. */
export interface Reading {
  readonly report: PlainReport;
  next(): Promise<readonly PlainEntry[]>;
  close(): Promise<void>;
}

function findingView({ code, sentence, path, line }: Finding): FindingView {
  return {
    code,
    sentence,
    ...(path === undefined ? {} : { path }),
    ...(line === undefined ? {} : { line }),
  };
}

function plainReport(report: StatementReport): PlainReport {
  if (report.status === 'refused') return { outcome: 'refused', reason: report.reason };
  const { file, opening, closing, findings } = report;
  const currencies = new Set(file.statements.map(({ currency }) => currency));
  const [currency] = currencies;
  return {
    outcome: report.status,
    format: file.format,
    statements: report.statements.map(({ statement, check }) => ({
      format: statement.format,
      accountNumber: statement.account.id,
      currency: statement.currency,
      day: (statement.closing?.date ?? statement.to)?.toString() ?? null,
      from: statement.from?.toString() ?? null,
      to: statement.to?.toString() ?? null,
      opening: statement.opening?.amount ?? null,
      closing: statement.closing?.amount ?? null,
      entries: statement.entries.length,
      balanceHolds: check.balanceHolds ?? null,
      result: check.result,
      findings: check.findings.slice(0, maxFindings).map(findingView),
      messageId: statement.messageId ?? statement.statementId ?? null,
    })),
    entries: report.entries,
    opening: opening?.amount ?? null,
    closing: closing?.amount ?? null,
    currency: currencies.size === 1 && currency !== undefined ? currency : null,
    findings: findings.slice(0, maxFindings).map(findingView),
    findingsCount: findings.length,
  };
}

function plainEntry(entry: StatementEntry, statement: number, ordinal: number): PlainEntry {
  const returned = entry.returnReason;
  // A return keeps the parties of the original payment: the other side is still its creditor.
  const otherIsCreditor = entry.direction === 'debit' || returned !== undefined;
  const name = (otherIsCreditor ? entry.creditor : entry.debtor)?.name;
  const account = (otherIsCreditor ? entry.creditorAccount : entry.debtorAccount)?.id;
  const remittance = entry.remittance.join(' ').trim();
  return {
    statement,
    ordinal,
    bankReference: entry.bankReference ?? null,
    endToEndId: entry.endToEndId ?? null,
    amount: entry.amount,
    currency: entry.currency,
    direction: entry.direction,
    status: entry.status,
    bookedOn: (entry.bookingDate ?? entry.valueDate)?.toString() ?? null,
    valueOn: (entry.valueDate ?? entry.bookingDate)?.toString() ?? null,
    virtualNumber: entry.virtualAccount ?? null,
    details: {
      ...(name === undefined ? {} : { counterpartyName: name }),
      ...(account === undefined ? {} : { counterpartyAccount: account }),
      ...(remittance === '' ? {} : { remittance }),
      ...(returned === undefined
        ? {}
        : { returned: returned.code ?? returned.proprietary ?? 'NARR' }),
    },
  };
}

/** Reads a file in this thread. Its entries come in pieces of `size`, an empty piece at the end. */
export function readPlain(
  bytes: Uint8Array,
  name: string,
  size: number,
): { readonly report: PlainReport; next(): readonly PlainEntry[] } {
  const report = reportStatements(bytes, name);
  const statements = report.status === 'refused' ? [] : report.file.statements;
  let statement = 0;
  let ordinal = 0;
  return {
    report: plainReport(report),
    next: () => {
      const piece: PlainEntry[] = [];
      for (let current = statements[statement]; current; current = statements[statement]) {
        const entry = current.entries[ordinal];
        if (entry === undefined) {
          statement += 1;
          ordinal = 0;
          continue;
        }
        piece.push(plainEntry(entry, statement, ordinal));
        ordinal += 1;
        if (piece.length === size) break;
      }
      return piece;
    },
  };
}
