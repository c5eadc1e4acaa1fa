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

const counters = [
  'version',
  'debits_posted',
  'credits_posted',
  'debits_pending',
  'credits_pending',
] as const;

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

/** In the order of the parameters, from the first. */
const accountArrays = [
  'unnest($1::uuid[]) as id',
  'unnest($2::int8[]) as room',
  ...counters.map((counter, index) => `unnest($${index + 3}::int8[]) as old_${counter}`),
  ...counters.map((counter, index) => `unnest($${index + 8}::int8[]) as ${counter}`),
];
const expectedParameter = 13;
const debitParameter = 14;
const creditParameter = 15;

/** What only others than plain journals have is null, and not sent. */
export const absent = {
  journal: ['refusal', 'reverses', 'link'],
  transfer: ['holdJournal', 'holdLeg', 'balancing', 'atMost', 'closing'],
} as const;
const sent = {
  journal: columnsOf(journalTable, absent.journal),
  transfer: columnsOf(transferTable, absent.transfer),
};
const transferOffset = creditParameter + sent.journal.length;

/** What a transfer carries of its accounts, by how far the supposition was off. */
function shiftedColumn(counter: string, side: 'debit' | 'credit'): [string, string] {
  const column = sqlName(`${side}_${counter}`);
  const shift = `b.${counter}[s.${side}_position]`;
  const isSparse = counter.endsWith('_pending');
  return [
    column,
    isSparse ? `nullif(coalesce(s.${column}, 0) + ${shift}, 0)` : `s.${column} + ${shift}`,
  ];
}

const shiftedColumns: ReadonlyMap<string, string> = new Map(
  counters.flatMap((counter) => [
    shiftedColumn(counter, 'debit'),
    shiftedColumn(counter, 'credit'),
  ]),
);
const transferColumns = sent.transfer.map(sqlName);

const journalsSql = insertPart(journalTable, creditParameter, sent.journal);

const bookSql = `with journals as (${journalsSql} returning 1),
  written as (
    update ledger.account t
    set ${counters.map((c) => `${c} = t.${c} + (u.${c} - u.old_${c})`).join(', ')}
    from (select ${accountArrays.join(', ')}) as u
    where t.id = u.id and (select count(*) from journals) > 0
    returning t.id, ${counters.map((c) => `t.${c} - u.${c} as ${c}`).join(', ')},
      not (t.closed or t.frozen_in or t.frozen_out)
      and t.debits_posted + t.debits_pending >= 0 and t.credits_posted + t.credits_pending >= 0
      and case t.limit_kind
        when 'debits_must_not_exceed_credits'
          then t.credits_posted - t.debits_posted - t.debits_pending >= u.room
        when 'credits_must_not_exceed_debits'
          then t.debits_posted - t.credits_posted - t.credits_pending >= u.room
        else true end as fits),
  bases as materialized (
    select ${counters.map((c) => `array_agg(w.${c} order by w.id) as ${c}`).join(', ')},
      ledger.expect_rows(count(*) filter (where w.fits), $${expectedParameter})
    from written w),
  transfers as (
    insert into ${transferTable.name} (${transferColumns.join(', ')})
    select ${transferColumns.map((c) => shiftedColumns.get(c) ?? `s.${c}`).join(', ')}
    from bases b, (select ${sent.transfer
      .map((column, index) => {
        const parameter = `$${transferOffset + index + 1}::${transferTable.columns[column]}[]`;
        return `unnest(${parameter}) as ${sqlName(column)}`;
      })
      .join(', ')},
      unnest($${debitParameter}::int4[]) as debit_position,
      unnest($${creditParameter}::int4[]) as credit_position) as s)
  select w.id, w.version, w.debits_posted as "debitsPosted", w.credits_posted as "creditsPosted",
    w.debits_pending as "debitsPending", w.credits_pending as "creditsPending"
  from written w where ${counters.map((c) => `w.${c} <> 0`).join(' or ')}`;

/**
 * Fails with 40001 when an account has a flag, or not the room that the batch needs; with 22003
 * when counters leave their range.
 */
export function bookSupposed(tx: Pick<Tx, 'write'>, batch: SupposedBatch): void {
  const { supposed, journals, transfers, shifted } = batch;
  assertAbsent(journals, absent.journal);
  assertAbsent(transfers, absent.transfer);
  const after = [...batch.moved].sort((a, b) => (a.id < b.id ? -1 : 1));
  const before = after.map(({ id }) => present(supposed.get(id), 'an account as supposed'));
  const rooms = roomsOf(after, transfers);
  const positions = new Map(after.map(({ id }, index) => [id, index + 1]));
  const position = (id: string) => present(positions.get(id), 'the position of an account');
  const ordered = inKeyOrder(transferTable, transfers);
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
    ...insertValues(journalTable, inKeyOrder(journalTable, journals), sent.journal),
    ...insertValues(transferTable, ordered, sent.transfer),
  ];
  tx.write(bookSql, values, (rows) => {
    if (rows.length > 0) shifted(rows as readonly Shift[]);
  });
}

/** Makes sure of it. */
export function assertAbsent<Row>(rows: readonly Row[], columns: readonly (keyof Row)[]): void {
  for (const row of rows) {
    for (const column of columns) assert(row[column] === null, 'only what is plain is sent so');
  }
}

function countersOf(rows: readonly Account[]): readonly Buffer[] {
  const column = (read: (row: Account) => bigint) => arrayOf('int8', rows.map(read));
  return [
    column((row) => row.version),
    column((row) => row.debitsPosted),
    column((row) => row.creditsPosted),
    column((row) => row.debitsPending),
    column((row) => row.creditsPending),
  ];
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
