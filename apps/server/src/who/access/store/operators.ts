import { type Queryable, selectList, type Tx } from '@keyturn/pipeline';
import { type OperatorRow, operatorTable } from '../rows.ts';

/** SQL about operators and their sessions. */

const selectOperator = `select ${selectList(operatorTable, 't')} from access.operator t`;
const byUsernameSql = `${selectOperator} where t.username = any($1::text[])`;
const byIdSql = `${selectOperator} where t.id = any($1::uuid[])`;
const lockSql = `${selectOperator} where t.id = any($1::uuid[]) order by t.id for no key update`;
const listSql = `${selectOperator} where t.id < $1 order by t.id desc limit $2`;

export async function readOperatorsByName(
  db: Queryable,
  usernames: readonly string[],
): Promise<readonly OperatorRow[]> {
  return usernames.length === 0 ? [] : db.query<OperatorRow>(byUsernameSql, [usernames]);
}

export async function readOperators(
  db: Queryable,
  ids: readonly string[],
): Promise<readonly OperatorRow[]> {
  return ids.length === 0 ? [] : db.query<OperatorRow>(byIdSql, [ids]);
}

export async function lockOperators(
  tx: Tx,
  ids: readonly string[],
): Promise<readonly OperatorRow[]> {
  return ids.length === 0 ? [] : tx.query<OperatorRow>(lockSql, [ids]);
}

export function listOperators(
  db: Queryable,
  before: string,
  limit: number,
): Promise<readonly OperatorRow[]> {
  return db.query<OperatorRow>(listSql, [before, limit]);
}

export interface NewSession {
  readonly id: string;
  readonly operatorId: string;
  readonly tokenSha256: Buffer;
  readonly createdAt: Temporal.Instant;
  readonly expiresAt: Temporal.Instant;
}

const openSql = `insert into access.operator_session
  (id, operator_id, token_sha256, created_at, last_seen_at, expires_at)
  values ($1, $2, $3, $4, $4, $5)`;

export async function insertSession(db: Queryable, session: NewSession): Promise<void> {
  await db.query(openSql, [
    session.id,
    session.operatorId,
    session.tokenSha256,
    session.createdAt.toString(),
    session.expiresAt.toString(),
  ]);
}

/** An open session with its operator. */
export interface SessionRow extends OperatorRow {
  readonly sessionId: string;
  readonly lastSeenAt: Temporal.Instant;
  readonly expiresAt: Temporal.Instant;
}

const sessionSql = `select ${selectList(operatorTable, 't')}, s.id as "sessionId",
    s.last_seen_at as "lastSeenAt", s.expires_at as "expiresAt"
  from access.operator_session s join access.operator t on t.id = s.operator_id
  where s.token_sha256 = $1 and s.ended_at is null`;

export async function readSession(
  db: Queryable,
  tokenSha256: Buffer,
): Promise<SessionRow | undefined> {
  const [row] = await db.query<SessionRow>(sessionSql, [tokenSha256]);
  return row;
}

const seenSql = `update access.operator_session set last_seen_at = $2
  where id = $1 and last_seen_at < $2`;

export async function markSeen(db: Queryable, id: string, now: Temporal.Instant): Promise<void> {
  await db.query(seenSql, [id, now.toString()]);
}

const endSql = `update access.operator_session set ended_at = $2
  where token_sha256 = $1 and ended_at is null`;

export async function endSession(
  db: Queryable,
  tokenSha256: Buffer,
  now: Temporal.Instant,
): Promise<void> {
  await db.query(endSql, [tokenSha256, now.toString()]);
}

const passwordSql = 'update access.operator set password = $2 where id = $1';
const endOthersSql = `update access.operator_session set ended_at = $3
  where operator_id = $1 and ended_at is null and token_sha256 <> $2`;

/** Sets the password's hash and ends the operator's sessions but the one that is kept. */
export async function replacePassword(
  tx: Tx,
  operatorId: string,
  password: string,
  keptTokenSha256: Buffer,
  now: Temporal.Instant,
): Promise<void> {
  await tx.query(passwordSql, [operatorId, password]);
  await tx.query(endOthersSql, [operatorId, keptTokenSha256, now.toString()]);
}
