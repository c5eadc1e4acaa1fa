import type { Tx } from '@keyturn/pipeline';
import { type AccountSpec, accountId } from '../account.ts';
import { createLedgerUnit } from '../unit.ts';
import type { TakeoverPlan } from './plan.ts';
import { byBooking, journalOf, leaderAt, type Mapped, mapRow } from './rows.ts';
import type { Authority, Movement, TakenAccount } from './tables.ts';

/** What rows are decided by. */
export interface BookingTerms {
  readonly plan: TakeoverPlan;
  readonly planVersion: number;
  readonly authority: ReadonlyMap<string, readonly Authority[]>;
  /** Journals of ours that were mirrored: rows that come from them are not booked again. */
  readonly mirrored: ReadonlySet<string>;
  readonly now: Temporal.Instant;
}

/** Rows as they are now, and the accounts that they belong to. */
export interface BookedRows {
  readonly rows: readonly Movement[];
  readonly accounts: readonly Omit<TakenAccount, 'takeoverId'>[];
}

interface Candidate {
  readonly row: Movement;
  readonly mapped: Mapped;
}

/**
 * Books rows by the time of their booking, each as a journal with its own value date, in the
 * caller's transaction. What the ledger refuses waits, and is tried again behind the others as
 * long as one of them goes through.
 */
export async function bookRows(
  tx: Tx,
  terms: BookingTerms,
  rows: readonly Movement[],
): Promise<BookedRows> {
  const { plan, now } = terms;
  const decided = rows.map((row) => decide(terms, row));
  const candidates = decided.flatMap((one) => ('mapped' in one ? [one] : []));
  const unit = createLedgerUnit();
  const accounts: AccountSpec[] = candidates.flatMap(({ mapped }) => [
    mapped.account,
    { book: plan.book, ...mapped.mapping.counter },
  ]);
  if (accounts.length > 0) await unit.load(tx, { accounts }, now);
  let left = candidates.toSorted((a, b) => byBooking(a.row, b.row));
  const done: Movement[] = [];
  for (let before = Number.POSITIVE_INFINITY; left.length < before; ) {
    before = left.length;
    const refused: Candidate[] = [];
    for (const candidate of left) {
      const { row, mapped } = candidate;
      const result = unit.post(journalOf(plan, row, mapped, now), now);
      if (result.ok) {
        done.push({ ...row, state: 'booked', reason: null, journalId: result.value.journal.id });
      } else {
        refused.push({ mapped, row: { ...row, state: 'waiting', reason: result.error.code } });
      }
    }
    left = refused;
  }
  unit.flush(tx);
  const others = decided.flatMap((one) => ('mapped' in one ? [] : [one.row]));
  return {
    rows: [...others, ...done, ...left.map(({ row }) => row)],
    accounts: [...new Map(decided.map((one) => [one.row.account, taken(one)])).values()],
  };
}

function decide(
  { plan, planVersion, authority, mirrored }: BookingTerms,
  found: Movement,
): Candidate | { readonly row: Movement; readonly known: Mapped | undefined } {
  const row = { ...found, planVersion };
  const known = mapRow(plan, row);
  if (row.origin !== null && mirrored.has(row.origin)) {
    return { row: { ...row, state: 'mirrored', journalId: row.origin }, known };
  }
  if (known === undefined) return { row: { ...row, state: 'unmapped' }, known };
  if (leaderAt(authority.get(row.subject), row.bookedAt) === 'new') {
    return { row: { ...row, state: 'after_switch' }, known };
  }
  if (row.amount === 0n) return { row: { ...row, state: 'nothing' }, known };
  return { row, mapped: known };
}

function taken(
  one: Candidate | { readonly row: Movement; readonly known: Mapped | undefined },
): Omit<TakenAccount, 'takeoverId'> {
  const known = 'mapped' in one ? one.mapped : one.known;
  const { account: number, subject } = one.row;
  return { number, subject, accountId: known ? accountId(known.account) : null };
}
