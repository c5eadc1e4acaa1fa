import { present } from '@keyturn/kernel';
import { insertRows, type Tx, updateRows } from '@keyturn/pipeline';
import { type Account, accountClosing, accountCounters, accountFlags } from './account.ts';
import type { DetachedHold, HoldState } from './decide/find-leg.ts';
import type { Original } from './decide/reversal.ts';
import { bookExact } from './exact-batch.ts';
import {
  type HoldRef,
  type Journal,
  journalTable,
  type Transfer,
  transferTable,
} from './journal.ts';
import {
  type DueHold,
  dueHoldTable,
  type HoldResolution,
  holdResolutionTable,
  type ShiftedEntry,
  shiftedEntryTable,
} from './rows.ts';
import { deleteDueHolds } from './store.ts';
import { bookSupposed, isPostedOnly, type Shift } from './supposed-batch.ts';

/** What a batch works on in memory, with the way back and the way into the database. */
export interface BatchState {
  readonly accounts: Map<string, Account>;
  readonly holds: Map<string, HoldState | DetachedHold>;
  /** Of journals that this batch may reverse: undefined while they are not there. */
  readonly originals: Map<string, Original | undefined>;
  /** Ids of accounts whose freeze changes, and of those that are closed. */
  readonly flagged: Set<string>;
  readonly closing: Set<string>;
  readonly journals: Journal[];
  readonly transfers: Transfer[];
  readonly due: DueHold[];
  readonly resolved: HoldRef[];
  readonly resolutions: HoldResolution[];
  readonly shifted: ShiftedEntry[];
  setAccount(account: Account): void;
  setHold(key: string, hold: HoldState): void;
  setOriginal(id: string, original: Original): void;
  /** Adds a row that `undo` takes out again. */
  append<Row>(rows: Row[], row: Row): Row;
  mark(): number;
  undo(mark: number): void;
  /** The accounts that transfers moved, as they stand. */
  moved(): readonly Account[];
  flush(tx: Tx): void;
  /** Whether a batch that was decided on supposed accounts can be written by `flushExact`. */
  isPostedOnly(): boolean;
  /** Writes such a batch if the accounts are exactly as supposed (exact-batch.ts). */
  flushExact(tx: Pick<Tx, 'write'>, supposed: ReadonlyMap<string, Account>): void;
  /**
   * Writes a batch that was decided on supposed accounts (supposed-batch.ts); `shifted` is told by
   * how much they were others.
   */
  flushSupposed(
    tx: Pick<Tx, 'write'>,
    supposed: ReadonlyMap<string, Account>,
    shifted: (shifts: readonly Shift[]) => void,
  ): void;
}

export function holdKey(hold: HoldRef): string {
  return `${hold.journalId}/${hold.leg}`;
}

export function createBatchState(): BatchState {
  const accounts = new Map<string, Account>();
  const holds = new Map<string, HoldState | DetachedHold>();
  const originals = new Map<string, Original | undefined>();
  const flagged = new Set<string>();
  const closing = new Set<string>();
  const rows = {
    journals: [] as Journal[],
    transfers: [] as Transfer[],
    due: [] as DueHold[],
    resolved: [] as HoldRef[],
    resolutions: [] as HoldResolution[],
    shifted: [] as ShiftedEntry[],
  };
  /** How to take back what was done, the latest last. */
  const undoing: (() => void)[] = [];

  function inBatch(id: string): Account {
    return present(accounts.get(id), 'an account of this batch');
  }

  function set<Value>(values: Map<string, Value>, key: string, value: Value): void {
    const before = values.get(key);
    const had = before !== undefined || values.has(key);
    undoing.push(() => (had ? values.set(key, before as Value) : values.delete(key)));
    values.set(key, value);
  }

  /** The accounts that were moved, until one is again. */
  let latest: readonly Account[] | undefined;

  function moved(): readonly Account[] {
    latest ??= movedNow();
    return latest;
  }

  function movedNow(): readonly Account[] {
    const ids = new Set<string>();
    for (const { debitAccount, creditAccount } of rows.transfers) {
      ids.add(debitAccount).add(creditAccount);
    }
    return [...ids].map(inBatch);
  }

  return {
    ...{ accounts, holds, originals, flagged, closing, ...rows },
    setAccount: (account) => {
      latest = undefined;
      set(accounts, account.id, account);
    },
    setHold: (key, hold) => set(holds, key, hold),
    setOriginal: (id, original) => set(originals, id, original),
    append: (list, row) => {
      undoing.push(() => list.pop());
      list.push(row);
      return row;
    },
    mark: () => undoing.length,
    undo: (mark) => {
      latest = undefined;
      while (undoing.length > mark) undoing.pop()?.();
    },
    moved,
    flush: (tx) => {
      const counted = moved().filter(({ id }) => !closing.has(id));
      updateRows(tx, accountFlags, [...flagged].map(inBatch));
      updateRows(tx, accountClosing, [...closing].map(inBatch));
      updateRows(tx, accountCounters, counted);
      insertRows(tx, journalTable, rows.journals);
      insertRows(tx, transferTable, rows.transfers);
      insertRows(tx, holdResolutionTable, rows.resolutions);
      insertRows(tx, shiftedEntryTable, rows.shifted);
      insertRows(tx, dueHoldTable, rows.due);
      deleteDueHolds(tx, rows.resolved);
    },
    isPostedOnly: () => isPostedOnly(moved(), rows.transfers),
    flushExact: (tx, supposed) => {
      const { journals, transfers } = rows;
      bookExact(tx, { supposed, moved: moved(), journals, transfers });
      insertRows(tx, shiftedEntryTable, rows.shifted);
    },
    flushSupposed: (tx, supposed, shifted) => {
      const { journals, transfers } = rows;
      bookSupposed(tx, { supposed, moved: moved(), journals, transfers, shifted });
      insertRows(tx, shiftedEntryTable, rows.shifted);
      insertRows(tx, dueHoldTable, rows.due);
    },
  };
}
