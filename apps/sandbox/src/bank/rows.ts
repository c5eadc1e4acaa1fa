import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Row } from '../core/store.ts';

/** A statement whose integers come as bigint, so that no amount passes through a double. */
export function exact(store: DatabaseSync, sql: string): StatementSync {
  const statement = store.prepare(sql);
  statement.setReadBigInts(true);
  return statement;
}

/** An amount in fen. */
export function fen(row: Row, column: string): bigint {
  const value = row[column];
  if (typeof value !== 'bigint') throw new Error(`column ${column} is not an exact integer`);
  return value;
}

/** Epoch milliseconds, counts and sequence numbers: integers that a double holds. */
export function count(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'bigint') throw new Error(`column ${column} is not an exact integer`);
  const double = Number(value);
  if (!Number.isSafeInteger(double)) throw new Error(`column ${column} is too large`);
  return double;
}

/** The same, where there may be none. */
export function optionalCount(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : count(row, column);
}
