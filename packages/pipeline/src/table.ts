import { assert } from '@keyturn/kernel';
import type { Tx } from './database.ts';
import { toJson } from './json.ts';

export type SqlType =
  | 'uuid'
  | 'text'
  | 'int2'
  | 'int4'
  | 'int8'
  | 'bool'
  | 'timestamptz'
  | 'date'
  | 'jsonb'
  | 'bytea';

/** A table as its module sees it: columns in camelCase here, in snake_case there. */
export interface Table<Row> {
  readonly name: string;
  readonly columns: Readonly<Record<keyof Row & string, SqlType>>;
  /** The columns that identify a row; rows are written in their order. */
  readonly key: readonly (keyof Row & string)[];
  /** The columns that may change; none for an insert-only table. */
  readonly mutable: readonly (keyof Row & string)[];
}

export function defineTable<Row>(table: Table<Row>): Table<Row> {
  return table;
}

/** A column's name in SQL, in quotes: some good words, such as freeze, are SQL's own. */
export function sqlName(column: string): string {
  return `"${column.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}"`;
}

/** The select list of a table, each column under its camelCase name: `t.id as "id", …`. */
export function selectList<Row>(table: Table<Row>, alias: string): string {
  return Object.keys(table.columns)
    .map((column) => `${alias}.${sqlName(column)} as "${column}"`)
    .join(', ');
}

/** The text by which a row is found in a row set. */
export function keyOf<Row>(table: Table<Row>, row: Row): string {
  return table.key.map((column) => String(row[column])).join('/');
}

/** Types whose text needs no quotes within an array. */
const plain: ReadonlySet<SqlType> = new Set([
  'uuid',
  'int2',
  'int4',
  'int8',
  'bool',
  'timestamptz',
  'date',
]);

/**
 * A column of values as PostgreSQL's text of an array. Written here and not by the driver, which
 * asks each value anew what it is and how it is escaped.
 */
function arrayText(type: SqlType, values: readonly unknown[]): string {
  // Shorter columns are filled up with nulls by unnest; the key always has all of its values.
  if (values.every((value) => value === null)) return '{}';
  const texts = values.map((value) => {
    if (value === null || value === undefined) return 'NULL';
    if (plain.has(type)) return textOf(value);
    return quoted(type === 'jsonb' ? toJson(value) : String(value));
  });
  return `{${texts.join(',')}}`;
}

let lastInstant: Temporal.Instant | undefined;
let lastInstantText = '';

/** The rows of a batch mostly carry the same moment, whose text takes time to make. */
function textOf(value: unknown): string {
  if (!(value instanceof Temporal.Instant)) return String(value);
  if (value !== lastInstant) {
    lastInstant = value;
    lastInstantText = value.toString();
  }
  return lastInstantText;
}

function quoted(text: string): string {
  return `"${/["\\]/.test(text) ? text.replace(/["\\]/g, '\\$&') : text}"`;
}

function parameters<Row>(
  table: Table<Row>,
  columns: readonly (keyof Row & string)[],
  rows: readonly Row[],
): unknown[] {
  return columns.map((column) => {
    const type = table.columns[column];
    const values = rows.map((row) => row[column]);
    return type === 'bytea' ? values : arrayText(type, values);
  });
}

function sorted<Row>(table: Table<Row>, rows: readonly Row[]): readonly Row[] {
  const keyed = rows.map((row) => ({ key: keyOf(table, row), row }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return keyed.map(({ row }) => row);
}

function unnest<Row>(
  table: Table<Row>,
  columns: readonly (keyof Row & string)[],
  offset = 0,
): string {
  return columns
    .map((column, index) => `$${offset + index + 1}::${table.columns[column]}[]`)
    .join(', ');
}

/** An insert as a part of a larger statement, with its parameters behind so many others. */
export function insertPart<Row>(table: Table<Row>, offset: number): string {
  const columns = Object.keys(table.columns) as (keyof Row & string)[];
  const names = columns.map(sqlName).join(', ');
  return `insert into ${table.name} (${names}) select * from unnest(${unnest(table, columns, offset)})`;
}

/** The parameters of an insert of these rows: an array for each column, sorted by key. */
export function insertValues<Row>(table: Table<Row>, rows: readonly Row[]): unknown[] {
  const columns = Object.keys(table.columns) as (keyof Row & string)[];
  return parameters(table, columns, sorted(table, rows));
}

/** `a = u.a, b = u.b`: assignments from, or comparisons with, the unnested parameters. */
function equal(columns: readonly string[], left: string, separator: string): string {
  return columns.map((c) => `${left}${sqlName(c)} = u.${sqlName(c)}`).join(separator);
}

const statements = new WeakMap<object, { insert: string; update: string }>();

function statementsOf<Row>(table: Table<Row>): { insert: string; update: string } {
  const known = statements.get(table);
  if (known) return known;
  const changed = [...table.key, ...table.mutable];
  const made = {
    insert: insertPart(table, 0),
    update:
      `update ${table.name} t set ${equal(table.mutable, '', ', ')} ` +
      `from unnest(${unnest(table, changed)}) as u(${changed.map(sqlName).join(', ')}) ` +
      `where ${equal(table.key, 't.', ' and ')} returning 1`,
  };
  statements.set(table, made);
  return made;
}

/** Inserts all rows with one statement, sorted by key, since a unique index waits too. */
export function insertRows<Row>(
  tx: Pick<Tx, 'write'>,
  table: Table<Row>,
  rows: readonly Row[],
): void {
  if (rows.length === 0) return;
  tx.write(statementsOf(table).insert, insertValues(table, rows));
}

/** Writes the mutable columns of all rows with one statement. The rows are locked by the caller. */
export function updateRows<Row>(
  tx: Pick<Tx, 'write'>,
  table: Table<Row>,
  rows: readonly Row[],
): void {
  if (rows.length === 0) return;
  assert(table.mutable.length > 0, `${table.name} is insert-only`);
  const columns = [...table.key, ...table.mutable];
  tx.write(statementsOf(table).update, parameters(table, columns, sorted(table, rows)), (updated) =>
    assert(updated.length === rows.length, `every row of ${table.name} to update exists`),
  );
}
