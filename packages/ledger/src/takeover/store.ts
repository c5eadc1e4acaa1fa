import { insertRows, type Queryable, selectList, type Tx, updateRows } from '@keyturn/pipeline';
import {
  type Authority,
  accountTable,
  authorityTable,
  type Conflict,
  conflictTable,
  type Movement,
  movementTable,
  type PlanRow,
  pieceTable,
  planTable,
  type TakenAccount,
  type Takeover,
  takeoverTable,
} from './tables.ts';

/** The SQL of a takeover: its state and plan, the rows that were read, and who leads. */

const takeoverSql = `select ${selectList(takeoverTable, 't')} from takeover.takeover t
  where t.id = $1`;

export async function readTakeover(db: Queryable, id: string): Promise<Takeover | undefined> {
  return (await db.query<Takeover>(takeoverSql, [id]))[0];
}

const lockSql = `${takeoverSql} for no key update`;

/** Whoever changes what was read of the old ledger holds this row. */
export async function lockTakeover(tx: Tx, id: string): Promise<Takeover | undefined> {
  return (await tx.query<Takeover>(lockSql, [id]))[0];
}

const allSql = `select ${selectList(takeoverTable, 't')} from takeover.takeover t
  order by t.id limit 100`;

/** All takeovers, at most 100: one for each ledger that is left behind. */
export async function listTakeovers(db: Queryable): Promise<readonly Takeover[]> {
  return db.query<Takeover>(allSql);
}

const planSql = `select ${selectList(planTable, 'p')} from takeover.plan p
  where p.takeover_id = $1 order by p.version desc limit 1`;

export async function readPlanRow(db: Queryable, id: string): Promise<PlanRow | undefined> {
  return (await db.query<PlanRow>(planSql, [id]))[0];
}

export function insertTakeover(tx: Tx, takeover: Takeover): void {
  insertRows(tx, takeoverTable, [takeover]);
}

export function updateTakeover(tx: Tx, takeover: Takeover): void {
  updateRows(tx, takeoverTable, [takeover]);
}

export function insertPlan(tx: Tx, plan: PlanRow): void {
  insertRows(tx, planTable, [plan]);
}

const usedSql = `select u.subject from unnest($2::text[]) as u(subject)
  where exists (select from takeover.account a
    where a.takeover_id = $1 and a.subject = u.subject and a.account_id is not null)`;

/** Which of these subjects have accounts that were booked on. */
export async function readUsedSubjects(
  db: Queryable,
  id: string,
  subjects: readonly string[],
): Promise<readonly string[]> {
  if (subjects.length === 0) return [];
  const rows = await db.query<{ subject: string }>(usedSql, [id, subjects]);
  return rows.map(({ subject }) => subject);
}

const movementsSql = `select ${selectList(movementTable, 'm')} from takeover.movement m
  where m.takeover_id = $1 and m.id = any($2::text[])`;

export async function readMovements(
  db: Queryable,
  id: string,
  rows: readonly string[],
): Promise<readonly Movement[]> {
  if (rows.length === 0) return [];
  return db.query<Movement>(movementsSql, [id, rows]);
}

const pieceSql = `select ${selectList(movementTable, 'm')} from takeover.movement m
  where m.takeover_id = $1 and m.piece = $2 and m.state = 'booked' order by m.booked_at, m.id
  limit 1000`;

/** The rows of a piece of the history that are booked, in the order in which they are. */
export async function readPieceRows(
  db: Queryable,
  id: string,
  piece: number,
): Promise<readonly Movement[]> {
  return db.query<Movement>(pieceSql, [id, piece]);
}

const openPieceSql = `select p.number from takeover.piece p
  where p.takeover_id = $1 and p.imported_at is null order by p.number limit 1`;

/** The piece that was decided and not, or not surely, imported. */
export async function readOpenPiece(db: Queryable, id: string): Promise<number | undefined> {
  return (await db.query<{ number: number }>(openPieceSql, [id]))[0]?.number;
}

export function insertPiece(tx: Tx, id: string, number: number, decidedAt: Temporal.Instant): void {
  insertRows(tx, pieceTable, [{ takeoverId: id, number, decidedAt, importedAt: null }]);
}

const pieceDoneSql = `update takeover.piece p set imported_at = $3
  where p.takeover_id = $1 and p.number = $2`;

export async function closePiece(
  db: Queryable,
  id: string,
  number: number,
  importedAt: Temporal.Instant,
): Promise<void> {
  await db.query(pieceDoneSql, [id, number, importedAt.toString()]);
}

export function insertMovements(tx: Tx, rows: readonly Movement[]): void {
  insertRows(tx, movementTable, rows);
}

export function updateMovements(tx: Tx, rows: readonly Movement[]): void {
  updateRows(tx, movementTable, rows);
}

export function insertConflicts(tx: Tx, rows: readonly Conflict[]): void {
  insertRows(tx, conflictTable, rows);
}

const conflictsSql = `select ${selectList(conflictTable, 'c')} from takeover.conflict c
  where c.takeover_id = $1 and c.id = any($2::text[])`;

export async function readConflicts(
  db: Queryable,
  id: string,
  rows: readonly string[],
): Promise<readonly Conflict[]> {
  return db.query<Conflict>(conflictsSql, [id, rows]);
}

const pendingSql = `select ${selectList(movementTable, 'm')} from takeover.movement m
  where m.takeover_id = $1 and m.id > $2 and m.state in ('waiting', 'unmapped')
  order by m.id limit $3`;

/** Rows that are not booked and may be later, by id. */
export async function readPending(
  tx: Tx,
  id: string,
  after: string,
  limit: number,
): Promise<readonly Movement[]> {
  return tx.query<Movement>(pendingSql, [id, after, limit]);
}

const waitingSql = `select ${selectList(movementTable, 'm')} from takeover.movement m
  where m.takeover_id = $1 and m.account = any($2::text[]) and m.state = 'waiting'
  order by m.booked_at, m.id limit $3`;

/** Rows that wait for money on these accounts, the oldest first. */
export async function readWaiting(
  tx: Tx,
  id: string,
  accounts: readonly string[],
  limit: number,
): Promise<readonly Movement[]> {
  if (accounts.length === 0) return [];
  return tx.query<Movement>(waitingSql, [id, accounts, limit]);
}

const accountsSql = `select ${selectList(accountTable, 'a')} from takeover.account a
  where a.takeover_id = $1 and a.number = any($2::text[])`;

export async function readTakenAccounts(
  db: Queryable,
  id: string,
  numbers: readonly string[],
): Promise<readonly TakenAccount[]> {
  if (numbers.length === 0) return [];
  return db.query<TakenAccount>(accountsSql, [id, numbers]);
}

const accountsByIdSql = `select ${selectList(accountTable, 'a')} from takeover.account a
  where a.account_id = any($2::uuid[]) and a.takeover_id = $1`;

export async function readTakenById(
  db: Queryable,
  id: string,
  accounts: readonly string[],
): Promise<readonly TakenAccount[]> {
  if (accounts.length === 0) return [];
  return db.query<TakenAccount>(accountsByIdSql, [id, accounts]);
}

const takeAccountsSql = `insert into takeover.account (takeover_id, number, subject, account_id)
  select $1::text, u.number, u.subject, u.account_id
  from unnest($2::text[], $3::text[], $4::uuid[]) as u(number, subject, account_id)
  on conflict (takeover_id, number) do update set account_id = excluded.account_id
    where takeover.account.account_id is null and excluded.account_id is not null`;

/**
 * Writes accounts down; one that had no mapping may get its account. Those that are there already
 * are only looked at: an insert that meets a row locks it, and hot accounts are met all the time.
 */
export async function takeAccounts(
  tx: Tx,
  id: string,
  accounts: readonly Omit<TakenAccount, 'takeoverId'>[],
): Promise<void> {
  const numbers = accounts.map(({ number }) => number);
  const known = new Map((await readTakenAccounts(tx, id, numbers)).map((one) => [one.number, one]));
  const sorted = accounts
    .filter(({ number, accountId }) => {
      const there = known.get(number);
      return there === undefined || (there.accountId === null && accountId !== null);
    })
    .sort((a, b) => (a.number < b.number ? -1 : 1));
  if (sorted.length === 0) return;
  await tx.query(takeAccountsSql, [
    id,
    sorted.map(({ number }) => number),
    sorted.map(({ subject }) => subject),
    sorted.map(({ accountId }) => accountId),
  ]);
}

const pairsSql = `insert into takeover.subject_pair (takeover_id, subject, other, voucher, seen_at)
  select distinct on (least(m.subject, u.subject), greatest(m.subject, u.subject))
    $1::text, least(m.subject, u.subject), greatest(m.subject, u.subject), u.voucher,
    $4::timestamptz
  from unnest($2::text[], $3::text[]) as u(voucher, subject)
  join takeover.movement m on m.takeover_id = $1 and m.voucher = u.voucher
    and m.subject <> u.subject
  on conflict (takeover_id, subject, other) do nothing`;

/** Notes which subjects have vouchers in common, by rows that were just written. */
export function notePairs(
  tx: Tx,
  id: string,
  rows: readonly { readonly voucher: string | null; readonly subject: string }[],
  now: Temporal.Instant,
): void {
  const vouchers = new Map<string, { voucher: string; subject: string }>();
  for (const { voucher, subject } of rows) {
    if (voucher !== null) vouchers.set(`${voucher} ${subject}`, { voucher, subject });
  }
  if (vouchers.size === 0) return;
  const all = [...vouchers.values()];
  const columns = [all.map((one) => one.voucher), all.map((one) => one.subject)];
  tx.write(pairsSql, [id, ...columns, now.toString()]);
}

const pairsOfSql = `select p.subject, p.other, p.voucher from takeover.subject_pair p
  where p.takeover_id = $1 and (p.subject = any($2::text[]) or p.other = any($2::text[]))
  order by p.subject, p.other limit 1000`;

export interface SubjectPair {
  readonly subject: string;
  readonly other: string;
  readonly voucher: string;
}

/** Which subjects have vouchers in common with these. */
export async function readPairs(
  db: Queryable,
  id: string,
  subjects: readonly string[],
): Promise<readonly SubjectPair[]> {
  return db.query<SubjectPair>(pairsOfSql, [id, subjects]);
}

const authoritySql = `select ${selectList(authorityTable, 'a')} from takeover.authority a
  where a.takeover_id = $1 order by a.subject, a.number limit 10000`;

/** Who led what since when, by subject; a subject without a row is led by the old ledger. */
export async function readAuthority(
  db: Queryable,
  id: string,
): Promise<ReadonlyMap<string, readonly Authority[]>> {
  const rows = await db.query<Authority>(authoritySql, [id]);
  return Map.groupBy(rows, ({ subject }) => subject);
}

export function insertAuthority(tx: Tx, rows: readonly Authority[]): void {
  insertRows(tx, authorityTable, rows);
}

/**
 * Who leads is read by those who write, together, and changed by one alone: a switch waits for
 * the writes that are under way, and those after it see what it decided.
 */
export async function shareAuthority(tx: Tx, id: string): Promise<void> {
  await tx.query('select pg_advisory_xact_lock_shared(hashtextextended($1, 8))', [id]);
}

export async function holdAuthority(tx: Tx, id: string): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 8))', [id]);
}
