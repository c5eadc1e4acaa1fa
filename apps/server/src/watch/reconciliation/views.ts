import { encodeId } from '@keyturn/kernel';
import type { ActorOf, ActorView } from '../../who/access/index.ts';
import type { ProofItem } from './decide/proof.ts';
import type { FindingView } from './findings.ts';
import type {
  BillRow,
  ExceptionRow,
  ExceptionStepRow,
  ProofLineRow,
  ProofRow,
  StatementFileRow,
  StatementRow,
} from './tables.ts';

/**
 * What the API shows. Amounts are integers in minor units of the object's currency; null when not
 * known.
 */

export const idPrefix = { file: 'stm', exception: 'exc', proof: 'prf' } as const;

/** What became of one file. Amounts are integers in minor units of `currency`. */
export interface ImportOutcome {
  readonly id: string;
  readonly file: string;
  readonly sha256: string;
  readonly outcome: 'imported' | 'reported' | 'refused';
  readonly imported: boolean;
  readonly reported: boolean;
  readonly refused: boolean;
  /** Why it was refused. */
  readonly reason?: string;
  readonly format?: string;
  readonly statements: number;
  readonly entries: number;
  /** Of the whole file, when it is about one account and currency. */
  readonly opening: bigint | null;
  readonly closing: bigint | null;
  readonly currency: string | null;
  /** Masked numbers, and ours by id. */
  readonly accounts: readonly { readonly number: string; readonly account_id?: string }[];
  /** The first thousand. */
  readonly findings: readonly FindingView[];
  readonly findings_count: number;
  /** The same bytes were here before; this is the first answer. */
  readonly repeated: boolean;
  readonly imported_at: string;
}

export interface StatementView {
  readonly id: string;
  readonly file_id: string;
  readonly format: string;
  readonly account: string;
  readonly account_id?: string;
  readonly currency: string;
  readonly day?: string;
  readonly opening: bigint | null;
  readonly closing: bigint | null;
  readonly entries: number;
  readonly result: 'verified' | 'not_verifiable' | 'contradicted';
  readonly findings: FindingView[];
  readonly imported_at: string;
}

export interface BillView {
  readonly id: string;
  readonly file_id: string;
  readonly contract_id: string;
  readonly day: string;
  readonly lines: number;
  readonly currency: string;
  readonly paid: bigint;
  readonly refunded: bigint;
  readonly fees: bigint;
  readonly net: bigint;
  readonly findings: FindingView[];
  readonly imported_at: string;
}

export interface ExceptionStepView {
  readonly state: string;
  readonly by: ActorView;
  readonly at: string;
  readonly detail: Record<string, unknown>;
}

export interface ExceptionView {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly account_id?: string;
  readonly contract_id?: string;
  readonly book?: string;
  readonly day: string;
  readonly subject: string;
  /** Positive: too much at the bank or channel; negative: missing there. */
  readonly amount: bigint | null;
  readonly currency?: string;
  readonly owner?: ActorView;
  readonly deadline: string;
  readonly overdue: boolean;
  readonly evidence: Record<string, unknown>;
  readonly proposal?: Record<string, unknown>;
  readonly maker?: ActorView;
  readonly checker?: ActorView;
  readonly journal_id?: string;
  readonly note?: string;
  readonly opened_at: string;
  readonly resolved_at?: string;
  readonly steps?: ExceptionStepView[];
}

export interface ProofItemView {
  readonly group: string;
  readonly kind: string;
  readonly reference: string;
  readonly amount: bigint;
  readonly explanation: string;
}

export interface ProofPlaceView {
  readonly entity: string;
  readonly regime: string;
  readonly book: string;
  readonly currency: string;
  readonly bank: bigint | null;
  readonly ledger: bigint;
  readonly liabilities: bigint;
  readonly in_transit: bigint;
  readonly difference: bigint | null;
  readonly balanced: boolean;
  readonly items: ProofItemView[];
}

export interface ProofView {
  readonly id: string;
  readonly date: string;
  readonly version: number;
  readonly balanced: boolean;
  readonly made_at: string;
  readonly accounts: (ProofPlaceView & { readonly account_id: string })[];
  /** Money at acquirers: the ledger's receivable beside the payments that are not settled. */
  readonly channels: (ProofPlaceView & { readonly contract_id: string })[];
  /** Of all custody accounts; `bank` is null while a statement is missing. One currency only. */
  readonly totals: {
    readonly ledger: bigint;
    readonly bank: bigint | null;
    readonly liabilities: bigint;
    readonly in_transit: bigint;
    readonly difference: bigint | null;
  };
}

export interface HealthView {
  readonly status: 'ok' | 'degraded';
  readonly detail: string;
  readonly statements: readonly {
    readonly account_id: string;
    readonly last_day?: string;
    readonly expected_day?: string;
    readonly missing: boolean;
  }[];
  readonly bills: readonly {
    readonly contract_id: string;
    readonly last_day?: string;
    readonly expected_day?: string;
    readonly missing: boolean;
  }[];
  readonly open_exceptions: number;
  readonly overdue_exceptions: number;
  readonly last_proof?: { readonly date: string; readonly balanced: boolean };
}

export function importOutcome(row: StatementFileRow, repeated: boolean): ImportOutcome {
  return {
    id: encodeId(idPrefix.file, row.id),
    file: row.name,
    sha256: row.sha256,
    outcome: row.outcome,
    imported: row.outcome === 'imported',
    reported: row.outcome === 'reported',
    refused: row.outcome === 'refused',
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.format === null ? {} : { format: row.format }),
    statements: row.statements,
    entries: row.entries,
    opening: row.openingMinor,
    closing: row.closingMinor,
    currency: row.currency,
    accounts: [...row.accounts],
    findings: [...row.findings],
    findings_count: row.findingsCount,
    repeated,
    imported_at: row.importedAt.toString(),
  };
}

export function statementView(row: StatementRow): StatementView {
  return {
    id: encodeId(idPrefix.file, row.id),
    file_id: encodeId(idPrefix.file, row.fileId),
    format: row.format,
    account: row.accountMasked,
    ...(row.accountId === null ? {} : { account_id: row.accountId }),
    currency: row.currency,
    ...(row.day === null ? {} : { day: row.day.toString() }),
    opening: row.openingMinor,
    closing: row.closingMinor,
    entries: row.entries,
    result: row.result,
    findings: [...row.findings],
    imported_at: row.importedAt.toString(),
  };
}

export function billView(row: BillRow): BillView {
  return {
    id: encodeId(idPrefix.file, row.id),
    file_id: encodeId(idPrefix.file, row.fileId),
    contract_id: row.contractId,
    day: row.day.toString(),
    lines: row.lines,
    currency: row.currency,
    paid: row.paidMinor,
    refunded: row.refundedMinor,
    fees: row.feesMinor,
    net: row.paidMinor - row.refundedMinor - row.feesMinor,
    findings: [...row.findings],
    imported_at: row.importedAt.toString(),
  };
}

/** Who is named in exceptions and their steps, as kept. */
export function peopleOf(
  rows: readonly ExceptionRow[],
  steps: readonly ExceptionStepRow[] = [],
): readonly (string | null)[] {
  const named = rows.flatMap(({ ownerId, maker, checker }) => [ownerId, maker, checker]);
  return [...named, ...steps.flatMap(({ by, detail }) => [by, assigneeOf(detail)])];
}

/** To whom a step gave an exception. */
function assigneeOf(detail: ExceptionStepRow['detail']): string | null {
  const id = detail['owner_id'];
  return typeof id === 'string' ? id : null;
}

export function exceptionView(
  row: ExceptionRow,
  now: Temporal.Instant,
  who: ActorOf,
  steps?: readonly ExceptionStepRow[],
): ExceptionView {
  const optional = <K extends string>(name: K, value: string | null) =>
    (value === null ? {} : { [name]: value }) as { readonly [P in K]?: string };
  const person = <K extends string>(name: K, kept: string | null) =>
    (kept === null ? {} : { [name]: who(kept) }) as { readonly [P in K]?: ActorView };
  return {
    id: encodeId(idPrefix.exception, row.id),
    kind: row.kind,
    state: row.state,
    ...optional('account_id', row.accountId),
    ...optional('contract_id', row.contractId),
    ...optional('book', row.book),
    day: row.day.toString(),
    subject: row.subject,
    amount: row.amountMinor,
    ...optional('currency', row.currency),
    ...person('owner', row.ownerId),
    deadline: row.deadline.toString(),
    overdue: row.state !== 'resolved' && Temporal.Instant.compare(now, row.deadline) > 0,
    evidence: { ...row.evidence },
    ...(row.proposal === null ? {} : { proposal: { ...row.proposal } }),
    ...person('maker', row.maker),
    ...person('checker', row.checker),
    ...optional('journal_id', row.journalId),
    ...optional('note', row.note),
    opened_at: row.openedAt.toString(),
    ...optional('resolved_at', row.resolvedAt?.toString() ?? null),
    ...(steps === undefined ? {} : { steps: steps.map((step) => stepView(step, who)) }),
  };
}

function stepView({ state, by, at, detail }: ExceptionStepRow, who: ActorOf): ExceptionStepView {
  const { owner_id: _kept, ...rest } = detail;
  const assignee = assigneeOf(detail);
  const owner = assignee === null ? {} : { owner: who(assignee) };
  return { state, by: who(by), at: at.toString(), detail: { ...rest, ...owner } };
}

function itemView(item: ProofItem): ProofItemView {
  const { group, kind, reference, amount, explanation } = item;
  return { group, kind, reference, amount, explanation };
}

function placeView(line: ProofLineRow): ProofPlaceView {
  return {
    entity: line.entity,
    regime: line.regime,
    book: line.book,
    currency: line.currency,
    bank: line.bankMinor,
    ledger: line.ledgerMinor,
    liabilities: line.liabilitiesMinor,
    in_transit: line.inTransitMinor,
    difference: line.differenceMinor,
    balanced: line.balanced,
    items: line.items.map(itemView),
  };
}

function total(lines: readonly ProofLineRow[], of: (line: ProofLineRow) => bigint): bigint {
  return lines.reduce((sum, line) => sum + of(line), 0n);
}

export function proofView(proof: ProofRow, lines: readonly ProofLineRow[]): ProofView {
  const custody = lines.filter((line) => line.placeKind === 'custody');
  const complete = custody.every((line) => line.bankMinor !== null);
  return {
    id: encodeId(idPrefix.proof, proof.id),
    date: proof.day.toString(),
    version: proof.version,
    balanced: proof.balanced,
    made_at: proof.madeAt.toString(),
    accounts: custody.map((line) => ({ account_id: line.place, ...placeView(line) })),
    channels: lines
      .filter((line) => line.placeKind === 'channel')
      .map((line) => ({ contract_id: line.place, ...placeView(line) })),
    totals: {
      ledger: total(custody, (line) => line.ledgerMinor),
      bank: complete ? total(custody, (line) => line.bankMinor ?? 0n) : null,
      liabilities: total(custody, (line) => line.liabilitiesMinor),
      in_transit: total(custody, (line) => line.inTransitMinor),
      difference: complete ? total(custody, (line) => line.differenceMinor ?? 0n) : null,
    },
  };
}
