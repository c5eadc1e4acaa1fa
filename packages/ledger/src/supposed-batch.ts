import { assert, present } from '@keyturn/kernel';
import {
  arrayOf,
  columnsOf,
  inKeyOrder,
  insertPart,
  insertValues,
  sqlName,
  type Tx,
} from '@keyturn/pipeline';
import type { Account } from './account.ts';
import { type Journal, journalTable, type Transfer, transferTable } from './journal.ts';

/**
 * Batches that were decided on supposed accounts, written without having read them. What such a
 * batch does to an account is a difference: it holds whatever the counters are, as long as the
 * account has no flag and has room for it. So the statement adds the differences to the accounts as
 * they are (waiting for whoever moves them at that moment), fails when one has a flag or too little
 * room, shifts what the transfers carry by how far the supposition was off, and tells that.
 */

/** By how much an account was another than supposed. */
export interface Shift {
  readonly id: string;
  readonly version: bigint;
  readonly debitsPosted: bigint;
  readonly creditsPosted: bigint;
  readonly debitsPending: bigint;
  readonly creditsPending: bigint;
}

export interface SupposedBatch {
  readonly supposed: ReadonlyMap<string, Account>;
  /** The accounts that transfers moved, as they would stand. */
  readonly moved: readonly Account[];
  readonly journals: readonly Journal[];
  readonly transfers: readonly Transfer[];
  readonly shifted: (shifts: readonly Shift[]) => void;
}

type Counter =
  | 'version'
  | 'debits_posted'
  | 'credits_posted'
  | 'debits_pending'
  | 'credits_pending';

const counterOf: Readonly<Record<Counter, (account: Account) => bigint>> = {
  version: (account) => account.version,
  debits_posted: (account) => account.debitsPosted,
  credits_posted: (account) => account.creditsPosted,
  debits_pending: (account) => account.debitsPending,
  credits_pending: (account) => account.creditsPending,
};
const postedCounters = ['version', 'debits_posted', 'credits_posted'] as const;
const allCounters = [...postedCounters, 'debits_pending', 'credits_pending'] as const;

/** What only others than plain journals have is null, and not sent. */
const absentOfJournal = ['refusal', 'reverses', 'link'] as const;
const absentOfTransfer = ['holdJournal', 'holdLeg', 'balancing', 'atMost', 'closing'] as const;
/** What is the same in all transfers where nothing is held: a kind, and nulls. */
const sameWhenPosted = [
  'kind',
  'expiresAt',
  'debitDebitsPending',
  'debitCreditsPending',
  'creditDebitsPending',
  'creditCreditsPending',
] as const;

/** What is sent of plain journals, and of their transfers. */
export const sentOfJournal = columnsOf(journalTable, absentOfJournal);
const sentOfTransfer = columnsOf(transferTable, absentOfTransfer);
export const sentOfPosted = columnsOf(transferTable, [...absentOfTransfer, ...sameWhenPosted]);
export const postedKind = "'posted'";

/** Whether a batch only moves money at once, between accounts that hold nothing back. */
export function isPostedOnly(moved: readonly Account[], transfers: readonly Transfer[]): boolean {
  return (
    transfers.every(({ kind }) => kind === 'posted') &&
    moved.every(({ debitsPending, creditsPending }) => debitsPending + creditsPending === 0n)
  );
}

/** A statement for batches of a form: which counters it knows, which columns it is sent. */
interface Form {
  readonly counters: readonly Counter[];
  readonly columns: readonly (keyof Transfer & string)[];
  readonly sql: string;
}

const postedForm = makeForm(postedCounters, sentOfPosted);
const wholeForm = makeForm(allCounters, sentOfTransfer);

function makeForm(counters: readonly Counter[], columns: Form['columns']): Form {
  const posted = counters.length === postedCounters.length;
  const accountArrays = [
    'unnest($1::uuid[]) as id',
    'unnest($2::int8[]) as room',
    ...counters.map((c, index) => `unnest($${index + 3}::int8[]) as old_${c}`),
    ...counters.map((c, index) => `unnest($${index + 3 + counters.length}::int8[]) as ${c}`),
  ];
  const expected = accountArrays.length + 1;
  const [debitPosition, creditPosition] = [expected + 1, expected + 2];
  const transferOffset = creditPosition + sentOfJournal.length;
  const shifted = new Map(counters.flatMap((c) => [shiftOf(c, 'debit'), shiftOf(c, 'credit')]));
  const names = columns.map(sqlName);
  const values = names.map((column) => shifted.get(column) ?? `s.${column}`);
  const sql = `with journals as (
    ${insertPart(journalTable, creditPosition, sentOfJournal)} returning 1),
  written as (
    update ledger.account t
    set ${counters.map((c) => `${c} = t.${c} + (u.${c} - u.old_${c})`).join(', ')}
    from (select ${accountArrays.join(', ')}) as u
    where t.id = u.id and (select count(*) from journals) > 0
    returning t.id, ${counters.map((c) => `t.${c} - u.${c} as ${c}`).join(', ')},
      not (t.closed or t.frozen_in or t.frozen_out)
      ${posted ? 'and t.debits_pending = 0 and t.credits_pending = 0' : ''}
      and t.debits_posted + t.debits_pending >= 0 and t.credits_posted + t.credits_pending >= 0
      and case t.limit_kind
        when 'debits_must_not_exceed_credits'
          then t.credits_posted - t.debits_posted - t.debits_pending >= u.room
        when 'credits_must_not_exceed_debits'
          then t.debits_posted - t.credits_posted - t.credits_pending >= u.room
        else true end as fits),
  bases as materialized (
    select ${counters.map((c) => `array_agg(w.${c} order by w.id) as ${c}`).join(', ')},
      ledger.expect_rows(count(*) filter (where w.fits), $${expected})
    from written w),
  transfers as (
    insert into ${transferTable.name} (${[...names, ...(posted ? ['kind'] : [])].join(', ')})
    select ${[...values, ...(posted ? [postedKind] : [])].join(', ')}
    from bases b, (select ${columns
      .map((column, index) => {
        const parameter = `$${transferOffset + index + 1}::${transferTable.columns[column]}[]`;
        return `unnest(${parameter}) as ${sqlName(column)}`;
      })
      .join(', ')},
      unnest($${debitPosition}::int4[]) as debit_position,
      unnest($${creditPosition}::int4[]) as credit_position) as s)
  select w.id, ${counters.map((c) => `w.${c}`).join(', ')}
  from written w where ${counters.map((c) => `w.${c} <> 0`).join(' or ')}`;
  return { counters, columns, sql };
}

/** What a transfer carries of its accounts, by how far the supposition was off. */
function shiftOf(counter: Counter, side: 'debit' | 'credit'): [string, string] {
  const column = sqlName(`${side}_${counter}`);
  const shift = `b.${counter}[s.${side}_position]`;
  const isSparse = counter.endsWith('_pending');
  return [
    column,
    isSparse ? `nullif(coalesce(s.${column}, 0) + ${shift}, 0)` : `s.${column} + ${shift}`,
  ];
}

type ShiftRow = { readonly id: string } & Readonly<Partial<Record<Counter, bigint>>>;

function shiftFrom(row: ShiftRow): Shift {
  return {
    id: row.id,
    version: row.version ?? 0n,
    debitsPosted: row.debits_posted ?? 0n,
    creditsPosted: row.credits_posted ?? 0n,
    debitsPending: row.debits_pending ?? 0n,
    creditsPending: row.credits_pending ?? 0n,
  };
}

/**
 * Fails with 40001 when an account has a flag, or not the room that the batch needs, or holds
 * something where nobody supposed it; with 22003 when counters leave their range.
 */
export function bookSupposed(tx: Pick<Tx, 'write'>, batch: SupposedBatch): void {
  const { supposed, journals, transfers, shifted } = batch;
  assertPlain(journals, transfers);
  const after = [...batch.moved].sort((a, b) => (a.id < b.id ? -1 : 1));
  const before = after.map(({ id }) => present(supposed.get(id), 'an account as supposed'));
  const rooms = roomsOf(after, transfers);
  const positions = new Map(after.map(({ id }, index) => [id, index + 1]));
  const position = (id: string) => present(positions.get(id), 'the position of an account');
  const ordered = inKeyOrder(transferTable, transfers);
  const { counters, columns, sql } = isPostedOnly(after, transfers) ? postedForm : wholeForm;
  const countersOf = (rows: readonly Account[]) =>
    counters.map((counter) => arrayOf('int8', rows.map(counterOf[counter])));
  const values = [
    arrayOf(
      'uuid',
      after.map(({ id }) => id),
    ),
    arrayOf(
      'int8',
      after.map(({ id }) => rooms.get(id) ?? 0n),
    ),
    ...countersOf(before),
    ...countersOf(after),
    after.length,
    arrayOf(
      'int4',
      ordered.map(({ debitAccount }) => position(debitAccount)),
    ),
    arrayOf(
      'int4',
      ordered.map(({ creditAccount }) => position(creditAccount)),
    ),
    ...insertValues(journalTable, inKeyOrder(journalTable, journals), sentOfJournal),
    ...insertValues(transferTable, ordered, columns),
  ];
  tx.write(sql, values, (rows) => {
    if (rows.length > 0) shifted((rows as readonly ShiftRow[]).map(shiftFrom));
  });
}

/** Makes sure that what is not sent is null. */
export function assertPlain(journals: readonly Journal[], transfers: readonly Transfer[]): void {
  const isNull = <Row>(rows: readonly Row[], columns: readonly (keyof Row)[]) =>
    rows.every((row) => columns.every((column) => row[column] === null));
  assert(
    isNull(journals, absentOfJournal) && isNull(transfers, absentOfTransfer),
    'only what is plain is sent so',
  );
}

/** What an account with a limit has left under it. */
function leftOn(account: Account): bigint {
  const { debitsPosted, creditsPosted, debitsPending, creditsPending, limitKind } = account;
  return limitKind === 'debits_must_not_exceed_credits'
    ? creditsPosted - debitsPosted - debitsPending
    : debitsPosted - creditsPosted - creditsPending;
}

/**
 * How much each account with a limit must have left under it after the batch, so that none of its
 * transfers broke the limit on the way, whatever the counters were before.
 */
function roomsOf(
  after: readonly Account[],
  transfers: readonly Transfer[],
): ReadonlyMap<string, bigint> {
  const accounts = new Map(after.map((account) => [account.id, account]));
  const least = new Map<string, bigint>();
  const leave = (id: string, left: bigint) => {
    const known = least.get(id);
    if (known === undefined || left < known) least.set(id, left);
  };
  for (const t of transfers) {
    if (accounts.get(t.debitAccount)?.limitKind === 'debits_must_not_exceed_credits') {
      leave(t.debitAccount, t.debitCreditsPosted - t.debitDebitsPosted - t.debitDebitsPending);
    }
    if (accounts.get(t.creditAccount)?.limitKind === 'credits_must_not_exceed_debits') {
      leave(t.creditAccount, t.creditDebitsPosted - t.creditCreditsPosted - t.creditCreditsPending);
    }
  }
  const room = (account: Account) => leftOn(account) - (least.get(account.id) ?? leftOn(account));
  return new Map(after.map((account) => [account.id, room(account)]));
}
