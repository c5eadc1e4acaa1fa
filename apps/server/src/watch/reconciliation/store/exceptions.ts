import { type Queryable, selectList, type Tx } from '@keyturn/pipeline';
import {
  type ExceptionRow,
  type ExceptionStepRow,
  exceptionStepTable,
  exceptionTable,
} from '../tables.ts';

const columns = selectList(exceptionTable, 'e');

const lockSql = `select ${columns} from reconciliation.exception e
  where e.id = any($1::uuid[]) order by e.id for no key update`;

export async function lockExceptions(
  tx: Tx,
  ids: readonly [string, ...string[]],
): Promise<readonly ExceptionRow[]> {
  return tx.query<ExceptionRow>(lockSql, [ids]);
}

const oneSql = `select ${columns} from reconciliation.exception e where e.id = $1`;

export async function readException(db: Queryable, id: string): Promise<ExceptionRow | undefined> {
  return (await db.query<ExceptionRow>(oneSql, [id]))[0];
}

const stepsSql = `select ${selectList(exceptionStepTable, 's')} from reconciliation.exception_step s
  where s.exception_id = $1 order by s.sequence limit 1000`;

export async function readSteps(db: Queryable, id: string): Promise<readonly ExceptionStepRow[]> {
  return db.query<ExceptionStepRow>(stepsSql, [id]);
}

const firstId = '00000000-0000-0000-0000-000000000000';

/** Of each state no more than the page can hold. */
const pageSql = `select ${columns} from unnest($1::text[]) as wanted(state)
  cross join lateral (select x.* from reconciliation.exception x
    where x.state = wanted.state and (x.opened_at, x.id) > ($2, $3::uuid)
    order by x.opened_at, x.id limit $4) e
  order by e.opened_at, e.id limit $4`;

/** The oldest first: what waits longest. */
export async function readExceptionPage(
  db: Queryable,
  states: readonly string[],
  after: readonly [string, string] | undefined,
  limit: number,
): Promise<readonly ExceptionRow[]> {
  const values = [states, ...(after ?? ['-infinity', firstId]), limit];
  return db.query<ExceptionRow>(pageSql, values);
}

const brief = 'e.id, e.key, e.kind, e.state, e.journal_id as "journalId"';
const ofAccountSql = `select ${brief} from reconciliation.exception e
  where e.account_id = $1 and e.day = $2 order by e.id limit 100000`;
const ofContractSql = `select ${brief} from reconciliation.exception e
  where e.contract_id = $1 and e.day = $2 order by e.id limit 100000`;

export type ExceptionBrief = Pick<ExceptionRow, 'id' | 'key' | 'kind' | 'state' | 'journalId'>;

/** Where money can be missing: an account of ours at a bank, or an acquirer's contract. */
export type Place = { readonly accountId: string } | { readonly contractId: string };

/** The exceptions of a place's day. */
export async function readExceptionsOfDay(
  db: Queryable,
  place: Place,
  day: Temporal.PlainDate,
): Promise<readonly ExceptionBrief[]> {
  const [sql, id] =
    'accountId' in place ? [ofAccountSql, place.accountId] : [ofContractSql, place.contractId];
  return db.query<ExceptionBrief>(sql, [id, day.toString()]);
}

const briefSql = `select ${brief} from reconciliation.exception e
  where e.key = any($1::text[])`;

export async function readExceptionsByKey(
  db: Queryable,
  keys: readonly string[],
): Promise<readonly ExceptionBrief[]> {
  if (keys.length === 0) return [];
  return db.query<ExceptionBrief>(briefSql, [keys]);
}

const correctionsSql = `select e.subject, s.detail ->> 'journal_id' as "journalId"
  from reconciliation.exception e join reconciliation.exception_step s on s.exception_id = e.id
  where e.account_id = $1 and e.day between $2 and $3 and s.state = 'resolved'
    and s.detail ? 'journal_id'
  order by e.day, e.id, s.sequence limit 10000`;

/** Journals that resolved exceptions of an account's days. */
export async function readCorrections(
  db: Queryable,
  accountId: string,
  from: Temporal.PlainDate,
  to: Temporal.PlainDate,
): Promise<readonly { readonly subject: string; readonly journalId: string }[]> {
  return db.query(correctionsSql, [accountId, from.toString(), to.toString()]);
}

const countSql = `select count(*)::int4 as open,
    (count(*) filter (where e.deadline < $1))::int4 as overdue
  from reconciliation.exception e
  where e.state in ('open', 'assigned', 'proposed', 'approved', 'reopened')`;

export async function countOpenExceptions(
  db: Queryable,
  now: Temporal.Instant,
): Promise<{ readonly open: number; readonly overdue: number }> {
  const [row] = await db.query<{ open: number; overdue: number }>(countSql, [now.toString()]);
  return row ?? { open: 0, overdue: 0 };
}
