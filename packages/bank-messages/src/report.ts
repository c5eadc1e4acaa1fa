import type { FileRefusal } from './errors.ts';
import type { Finding } from './findings.ts';
import { readStatements } from './read-statements.ts';
import type { Balance, Statement, StatementFile } from './statement.ts';
import { checkChain } from './verify/chain.ts';
import { type StatementCheck, verifyStatement } from './verify.ts';
import { defaultXmlLimits, type XmlLimits } from './xml/guard.ts';

/** One statement of a file with what it proves. */
export interface CheckedStatement {
  readonly statement: Statement;
  readonly check: StatementCheck;
}

/** The answer about one file. */
export type StatementReport =
  | {
      /** `imported`: nothing contradicts. `reported`: imported, with the bank's own mistakes. */
      readonly status: 'imported' | 'reported';
      readonly fileName: string;
      readonly file: StatementFile;
      readonly statements: readonly CheckedStatement[];
      /** Number of entries in all statements. */
      readonly entries: number;
      /**
       * The first statement's opening and the last one's closing balance, when all are of one
       * account and currency; otherwise look at each statement.
       */
      readonly opening: Balance | undefined;
      readonly closing: Balance | undefined;
      readonly findings: readonly Finding[];
      readonly notVerifiable: readonly string[];
    }
  | {
      readonly status: 'refused';
      readonly fileName: string;
      readonly refusal: FileRefusal;
      /** The refusal's English sentence. */
      readonly reason: string;
    };

function withChain(check: StatementCheck, gap: Finding | undefined): StatementCheck {
  if (gap === undefined) return check;
  return { ...check, result: 'contradicted', findings: [...check.findings, gap] };
}

/** Checks all statements of a file that was read, alone and against each other. */
export function checkFile(file: StatementFile): StatementReport {
  const gaps = checkChain(file);
  const statements = file.statements.map((statement, index) => ({
    statement,
    check: withChain(verifyStatement(statement), gaps.get(index)),
  }));
  const findings = statements.flatMap(({ check }) => check.findings);
  const first = file.statements[0];
  const oneAccount = file.statements.every(
    ({ account, currency }) => account.id === first?.account.id && currency === first.currency,
  );
  return {
    status: findings.length === 0 ? 'imported' : 'reported',
    fileName: file.fileName,
    file,
    statements,
    entries: file.statements.reduce((sum, { entries }) => sum + entries.length, 0),
    opening: oneAccount ? first?.opening : undefined,
    closing: oneAccount ? file.statements.at(-1)?.closing : undefined,
    findings,
    notVerifiable: statements.flatMap(({ check }) => check.notVerifiable),
  };
}

/** Reads and checks one file of a bank: imported, reported or refused, with the reasons. */
export function reportStatements(
  bytes: Uint8Array,
  fileName: string,
  limits: XmlLimits = defaultXmlLimits,
): StatementReport {
  const read = readStatements(bytes, fileName, limits);
  if (read.ok) return checkFile(read.value);
  return { status: 'refused', fileName, refusal: read.error, reason: read.error.reason };
}
