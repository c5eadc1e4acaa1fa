import { DatabaseSync } from 'node:sqlite';

/** One row as SQLite gives it; each reader checks the columns that it uses. */
export type Row = Record<string, unknown>;

/**
 * Opens the sandbox's one file. WAL with synchronous FULL: what was answered is on the disk, so a
 * killed sandbox remembers all it said, as a real bank would.
 */
export function openStore(file: string): DatabaseSync {
  const store = new DatabaseSync(file);
  store.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;');
  store.exec('pragma busy_timeout = 5000; pragma cache_size = -65536;');
  // Fewer and larger checkpoints: each one waits for the disk.
  store.exec('pragma wal_autocheckpoint = 4000;');
  store.exec(
    'create table if not exists core_setting (name text primary key, value text not null)',
  );
  return store;
}

/**
 * Runs synchronous work in a transaction; inside of another one it becomes a savepoint, so that a
 * refused part leaves its neighbours alone. What the work throws is thrown on after the roll-back.
 */
export function transact<T>(store: DatabaseSync, work: () => T): T {
  const nested = store.isTransaction;
  store.exec(nested ? 'savepoint part' : 'begin immediate');
  try {
    const result = work();
    store.exec(nested ? 'release part' : 'commit');
    return result;
  } catch (error) {
    if (store.isTransaction) store.exec(nested ? 'rollback to part; release part' : 'rollback');
    throw error;
  }
}

/** A text column that must be there. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new Error(`column ${column} is not text`);
  return value;
}

/** A text column that may be null. */
export function optionalText(row: Row, column: string): string | undefined {
  const value = row[column];
  if (value === null || value === undefined) return undefined;
  if (typeof value !== 'string') throw new Error(`column ${column} is not text`);
  return value;
}

/** An integer column that a double holds exactly: counts, epoch milliseconds, fen. */
export function integer(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw new Error(`column ${column} is not an integer`);
  }
  return value;
}

/** An integer column that may be null. */
export function optionalInteger(row: Row, column: string): number | undefined {
  return row[column] === null || row[column] === undefined ? undefined : integer(row, column);
}

/** An amount in fen. */
export function amount(row: Row, column: string): bigint {
  const value = row[column];
  return typeof value === 'bigint' ? value : BigInt(integer(row, column));
}

/** Settings that survive a restart: the clock's offset, the seed of the faults. */
export interface Settings {
  read(name: string): string | undefined;
  write(name: string, value: string): void;
}

export function openSettings(store: DatabaseSync): Settings {
  const select = store.prepare('select value from core_setting where name = ?');
  const upsert = store.prepare(`insert into core_setting (name, value) values (?, ?)
    on conflict (name) do update set value = excluded.value`);
  return {
    read: (name) => {
      const row = select.get(name);
      return row === undefined ? undefined : text(row, 'value');
    },
    write: (name, value) => {
      upsert.run(name, value);
    },
  };
}
