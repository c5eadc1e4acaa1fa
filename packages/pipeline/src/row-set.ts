import { assert, present } from '@keyturn/kernel';
import type { Tx } from './database.ts';
import { insertRows, keyOf, type Table, updateRows } from './table.ts';

/**
 * A part of the state that a batch of commands works on in memory: read and locked once, changed by
 * pure decisions, taken back to a mark when one of them refuses, and written in sets at the end.
 */
export interface Unit {
  mark(): number;
  undo(mark: number): void;
  flush(tx: Tx): void;
}

/** The rows of one table that a batch works on. Rows are values: a change replaces the row. */
export interface RowSet<Row> extends Unit {
  /**
   * Takes rows that were read (and locked, if they will change). A row that is here already
   * stays.
   */
  adopt(rows: readonly Row[]): void;
  get(key: string): Row | undefined;
  all(): Iterable<Row>;
  /** A new row, inserted at the flush. */
  insert(row: Row): Row;
  /** Changes mutable columns of a row that is here; returns the new row. */
  update(key: string, change: Partial<Row>): Row;
}

type State = 'loaded' | 'inserted' | 'updated';

export function createRowSet<Row>(table: Table<Row>): RowSet<Row> {
  const rows = new Map<string, { row: Row; state: State }>();
  const log: { key: string; before: { row: Row; state: State } | undefined }[] = [];
  const mutable = new Set<string>(table.mutable);

  function write(key: string, row: Row, state: State): Row {
    log.push({ key, before: rows.get(key) });
    rows.set(key, { row, state });
    return row;
  }

  return {
    adopt: (loaded) => {
      for (const row of loaded) {
        const key = keyOf(table, row);
        if (!rows.has(key)) rows.set(key, { row, state: 'loaded' });
      }
    },
    get: (key) => rows.get(key)?.row,
    all: () => [...rows.values()].map(({ row }) => row),
    insert: (row) => {
      const key = keyOf(table, row);
      assert(!rows.has(key), `a new row of ${table.name} is new`);
      return write(key, row, 'inserted');
    },
    update: (key, change) => {
      const current = rows.get(key);
      assert(current !== undefined, `a row of ${table.name} was loaded before it changes`);
      for (const column of Object.keys(change)) {
        assert(
          mutable.has(column) || current.state === 'inserted',
          `column ${column} of ${table.name} may change`,
        );
      }
      const state = current.state === 'inserted' ? 'inserted' : 'updated';
      return write(key, { ...current.row, ...change }, state);
    },
    mark: () => log.length,
    undo: (mark) => {
      while (log.length > mark) {
        const entry = present(log.pop(), 'the last change');
        if (entry.before === undefined) rows.delete(entry.key);
        else rows.set(entry.key, entry.before);
      }
    },
    flush: (tx) => {
      const inserted = [];
      const updated = [];
      for (const { row, state } of rows.values()) {
        if (state === 'inserted') inserted.push(row);
        if (state === 'updated') updated.push(row);
      }
      updateRows(tx, table, updated);
      insertRows(tx, table, inserted);
    },
  };
}

/** Several units as one, flushed in the order given: upper rows first, ledger accounts last. */
export function combineUnits(units: readonly Unit[]): {
  mark(): readonly number[];
  undo(marks: readonly number[]): void;
  flush(tx: Tx): void;
} {
  return {
    mark: () => units.map((unit) => unit.mark()),
    undo: (marks) => {
      for (const [index, unit] of units.entries()) {
        const mark = marks[index];
        assert(mark !== undefined, 'a mark for each unit');
        unit.undo(mark);
      }
    },
    flush: (tx) => {
      for (const unit of units) unit.flush(tx);
    },
  };
}
