import { checkLedger, type LedgerFinding } from '@keyturn/ledger';
import { type Database, openDatabase, type Queryable } from '@keyturn/pipeline';

/**
 * Something that must hold whenever nobody is in the middle of a transaction: a sentence, and the
 * question for what breaks it. The question's rows have a `subject` (the object's id) and a
 * `detail` (a sentence with the figures).
 */
export interface Invariant {
  readonly rule: string;
  readonly sql: string;
}

/** What broke an invariant. */
export type Finding = LedgerFinding;

/** More of the same help nobody. */
const mostPerRule = 20;

/**
 * Asks all questions about one snapshot: the ledger's own first, then those that are given.
 * Empty means sound.
 */
export async function findBroken(
  database: Pick<Database, 'transaction'>,
  invariants: readonly Invariant[],
): Promise<readonly Finding[]> {
  return database.transaction(async (tx) => {
    // It makes the transaction a reading one with a snapshot, so it comes first.
    const ledger = await checkLedger({ transaction: (work) => work(tx) });
    return [...ledger.findings, ...(await askAll(tx, invariants))];
  });
}

/** The questions alone, in a transaction of the caller's. */
export async function askAll(
  tx: Queryable,
  invariants: readonly Invariant[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { rule, sql } of invariants) {
    const rows = await tx.query<Omit<Finding, 'rule'>>(
      `select * from (${sql}) as broken limit ${mostPerRule}`,
    );
    findings.push(...rows.map((row) => ({ rule, ...row })));
  }
  return findings;
}

/** A connection of its own without time-outs: the questions read everything. */
export async function withReader<T>(url: string, work: (db: Database) => Promise<T>): Promise<T> {
  const database = openDatabase({
    url,
    applicationName: 'keyturn invariants',
    maxConnections: 1,
    statementTimeoutMs: 0,
  });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
