import type { Queryable } from '@keyturn/pipeline';
import { selectList } from '@keyturn/pipeline';
import {
  type BillLineRow,
  type BillRow,
  billLineTable,
  billTable,
  type StatementFileRow,
  type StatementRow,
  statementFileTable,
  statementTable,
} from '../tables.ts';

const bySha = `select ${selectList(statementFileTable, 'f')} from reconciliation.statement_file f
  where f.sha256 = $1`;

export async function readFileBySha(
  db: Queryable,
  sha256: string,
): Promise<StatementFileRow | undefined> {
  return (await db.query<StatementFileRow>(bySha, [sha256]))[0];
}

const byId = `select ${selectList(statementFileTable, 'f')} from reconciliation.statement_file f
  where f.id = $1`;

export async function readFile(db: Queryable, id: string): Promise<StatementFileRow | undefined> {
  return (await db.query<StatementFileRow>(byId, [id]))[0];
}

/** Without the content, which a list does not need. */
const filesSql = `select ${selectList(statementFileTable, 'f').replace('f.content_sealed', "''")}
  from reconciliation.statement_file f
  where (f.imported_at, f.id) < ($1, $2::uuid)
  order by f.imported_at desc, f.id desc limit $3`;

/** A list's position: what the last row of the page before it was sorted by. */
export type After = readonly [string, string];

/** Lists begin with the latest. */
const begin: After = ['infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];

export async function readFiles(
  db: Queryable,
  after: After | undefined,
  limit: number,
): Promise<readonly StatementFileRow[]> {
  return db.query<StatementFileRow>(filesSql, [...(after ?? begin), limit]);
}

const statementsSql = `select ${selectList(statementTable, 's')} from reconciliation.statement s
  where (s.imported_at, s.id) < ($1, $2::uuid)
  order by s.imported_at desc, s.id desc limit $3`;

/** Statements that say no day stand at the end, as their cursors do. */
const sayingDay = `coalesce(s.day, date '0001-01-01')`;
const statementsOfSql = `select ${selectList(statementTable, 's')} from reconciliation.statement s
  where s.account_id = $4 and (${sayingDay}, s.imported_at, s.id) < ($5::date, $1, $2::uuid)
  order by ${sayingDay} desc, s.imported_at desc, s.id desc limit $3`;

export async function readStatementPage(
  db: Queryable,
  after: After | undefined,
  limit: number,
): Promise<readonly StatementRow[]> {
  return db.query<StatementRow>(statementsSql, [...(after ?? begin), limit]);
}

export async function readStatementPageOf(
  db: Queryable,
  accountId: string,
  after: readonly [string, string, string] | undefined,
  limit: number,
): Promise<readonly StatementRow[]> {
  const [time, id, day] = after ?? [...begin, 'infinity'];
  return db.query<StatementRow>(statementsOfSql, [time, id, limit, accountId, day]);
}

/**
 * The statements in force: of each day those of the file that came last, but one that contradicts
 * itself never takes the place of one that does not.
 */
const inForceSql = `with latest as (
    select distinct on (s.day) s.day, s.file_id from reconciliation.statement s
    where s.account_id = $1 and s.day between $2 and $3
      and s.format in ('camt.053', 'mt940', 'mt950')
    order by s.day, (s.result = 'contradicted'), s.imported_at desc, s.id desc)
  select ${selectList(statementTable, 's')} from latest l
  join reconciliation.statement s on s.file_id = l.file_id and s.day = l.day
  where s.account_id = $1 order by s.day, s.ordinal limit 10000`;

export async function readStatementsInForce(
  db: Queryable,
  accountId: string,
  from: Temporal.PlainDate,
  to: Temporal.PlainDate,
): Promise<readonly StatementRow[]> {
  return db.query<StatementRow>(inForceSql, [accountId, from.toString(), to.toString()]);
}

const lastDaySql = `select s.day from reconciliation.statement s
  where s.account_id = $1 and s.day is not null and s.format in ('camt.053', 'mt940', 'mt950')
  order by s.day desc limit 1`;

export async function readLastStatementDay(
  db: Queryable,
  accountId: string,
): Promise<Temporal.PlainDate | undefined> {
  return (await db.query<{ day: Temporal.PlainDate }>(lastDaySql, [accountId]))[0]?.day;
}

const billsSql = `select distinct on (b.day) ${selectList(billTable, 'b')}
  from reconciliation.bill b
  where b.contract_id = $1 and b.day between $2 and $3
  order by b.day, b.imported_at desc, b.id desc`;

/** The bill in force of each day: the one that came last. */
export async function readBillsInForce(
  db: Queryable,
  contractId: string,
  from: Temporal.PlainDate,
  to: Temporal.PlainDate,
): Promise<readonly BillRow[]> {
  return db.query<BillRow>(billsSql, [contractId, from.toString(), to.toString()]);
}

const billPageSql = `select ${selectList(billTable, 'b')} from reconciliation.bill b
  where b.contract_id = $1 and (b.day, b.file_id) < ($2::date, $3::uuid)
  order by b.day desc, b.file_id desc limit $4`;

export async function readBillPage(
  db: Queryable,
  contractId: string,
  after: readonly [string, string] | undefined,
  limit: number,
): Promise<readonly BillRow[]> {
  const from = after ?? ['9999-12-31', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];
  return db.query<BillRow>(billPageSql, [contractId, ...from, limit]);
}

const linesSql = `select ${selectList(billLineTable, 'l')} from reconciliation.bill_line l
  where l.bill_id = any($1::uuid[]) order by l.bill_id, l.ordinal limit 1000000`;

export async function readBillLines(
  db: Queryable,
  billIds: readonly string[],
): Promise<readonly BillLineRow[]> {
  if (billIds.length === 0) return [];
  return db.query<BillLineRow>(linesSql, [billIds]);
}
