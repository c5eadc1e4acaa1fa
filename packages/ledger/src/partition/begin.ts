import { type Clock, ok, present, type Refusal, type Result } from '@keyturn/kernel';
import type { Database, Tx } from '@keyturn/pipeline';
import { refuse } from '../errors.ts';
import { asOwner, attachSql, detachSql, onOwnConnection } from './owner.ts';
import { type RecordedPart, readParts } from './store.ts';

type Begun = Result<{ readonly number: number }, Refusal>;

/**
 * Ends the newest part and begins the next one. PostgreSQL reads a table when it becomes a part
 * with an end, unless a valid check says that no row lies behind the end. So the end is set some
 * numbers ahead, and the check validated while bookings go on. It refuses nobody: a booking that
 * reaches the end before the part has it comes in, and then this has to be tried again. At last
 * the numbers that are left before the end are used up.
 */
export async function beginPart(database: Database, clock: Clock): Promise<Begun> {
  const ending = await asOwner(database, (tx) => announceEnd(tx, database));
  if (!ending.ok) return ending;
  const { part, end } = ending.value;
  const table = `ledger.transfer_${part.number}`;
  await onOwnConnection(database, async (run) => {
    await run(`alter table ${table} validate constraint ${nameOfEnd(end)}`);
  });
  const begun = await asOwner(database, (tx) => switchAt(tx, database, ending.value, clock));
  if (begun.ok) await database.query(useUpSql(end));
  return begun;
}

interface Ending {
  readonly part: RecordedPart;
  readonly end: string;
}

const nameOfEnd = (end: string) => `ends_before_${end}`;

/** How far ahead the end is: more than will be booked while the part is read. */
const aheadSql = (part: number) => `select 10000 + pg_relation_size(c.oid) / 1000 as ahead,
    exists (select from ledger.transfer_${part}) as filled,
    array(select k.conname::text from pg_constraint k
      where k.conrelid = c.oid and k.conname like 'ends\\_before\\_%') as abandoned
  from pg_class c where c.oid = 'ledger.transfer_${part}'::regclass`;

async function announceEnd(tx: Tx, database: Database): Promise<Result<Ending, Refusal>> {
  const part = present((await readParts(tx)).at(-1), 'the newest part');
  const table = `ledger.transfer_${part.number}`;
  const [found] = await tx.query<{ ahead: bigint; filled: boolean; abandoned: string[] }>(
    aheadSql(part.number),
  );
  if (found?.filled !== true) {
    return refuse('partition_empty', { values: { number: String(part.number) } });
  }
  for (const name of found.abandoned)
    await tx.query(`alter table ${table} drop constraint ${name}`);
  const end = String((await nextTransaction(database)) + found.ahead);
  await tx.query(`alter table ${table} add constraint ${nameOfEnd(end)}
    check (transaction_id >= '${part.begin}'
      and (transaction_id < '${end}' or ledger.has_reached('${end}'))) not valid`);
  return ok({ part, end });
}

const validSql = `select exists (select from pg_constraint k
    where k.conrelid = $1::regclass and k.conname = $2 and k.convalidated) as valid`;

async function switchAt(
  tx: Tx,
  database: Database,
  { part, end }: Ending,
  clock: Clock,
): Promise<Begun> {
  const table = `ledger.transfer_${part.number}`;
  await tx.query('lock table ledger.transfer in access exclusive mode');
  const [check] = await tx.query<{ valid: boolean }>(validSql, [table, nameOfEnd(end)]);
  // Behind the lock, on another connection: whatever was booked has a lower number.
  const reached = (await nextTransaction(database)) >= BigInt(end);
  if (reached || check?.valid !== true) return refuse('partition_busy');
  const number = part.number + 1;
  await tx.query(detachSql(part.number));
  await tx.query(attachSql(part.number, part.begin, end));
  await tx.query(`alter table ${table} drop constraint ${nameOfEnd(end)}`);
  await tx.query('select ledger.make_partition($1)', [number]);
  await tx.query(attachSql(number, end, undefined));
  await tx.query(
    `insert into ledger.partition (number, first_transaction, made_at)
      values ($1, $2::xid8, $3)`,
    [number, end, clock.now().toString()],
  );
  return ok({ number });
}

async function nextTransaction(database: Database): Promise<bigint> {
  const [found] = await database.query<{ next: string }>(
    'select pg_current_xact_id()::text as next',
  );
  return BigInt(present(found, 'a transaction number').next);
}

/** Each round is a transaction of its own. */
const useUpSql = (end: string) => `do $$ begin
  while pg_current_xact_id() < '${end}'::xid8 loop commit; end loop;
end $$`;
