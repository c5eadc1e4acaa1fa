import { assert } from '@keyturn/kernel';
import { arrayOf, type SqlType } from './array.ts';
import type { Tx } from './database.ts';

/** A table as its module sees it: columns in camelCase here, in snake_case there. */
export interface Table<Row> {
  readonly name: string;
  readonly columns: Readonly<Record<keyof Row & string, SqlType>>;
  /** The columns that identify a row; rows are written in their order. */
  readonly key: readonly (keyof Row & string)[];
  /** The columns that may change; none for an insert-only table. */
  readonly mutable: readonly (keyof Row & string)[];
  /** Numbers that are mostly 0, which is stored as null, since that takes no room. */
  readonly nullForZero?: readonly (keyof Row & string)[];
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
  const sparse: readonly string[] = table.nullForZero ?? [];
  return Object.keys(table.columns)
    .map((column) => {
      const stored = `${alias}.${sqlName(column)}`;
      return `${sparse.includes(column) ? `coalesce(${stored}, 0)` : stored} as "${column}"`;
    })
    .join(', ');
}

/** The text by which a row is found in a row set. */
export function keyOf<Row>(table: Table<Row>, row: Row): string {
  const [only, ...others] = table.key;
  if (only !== undefined && others.length === 0) return String(row[only]);
  return table.key.map((column) => String(row[column])).join('/');
}

function parameters<Row>(
  table: Table<Row>,
  columns: readonly (keyof Row & string)[],
  rows: readonly Row[],
): unknown[] {
  return columns.map((column) => {
    const sparse = table.nullForZero?.includes(column) === true;
    const values = rows.map((row) => row[column]);
    return arrayOf(
      table.columns[column],
      sparse ? values.map((value) => (value === 0n ? null : value)) : values,
    );
  });
}

/** Rows in the order of their keys, in which they are written: a unique index waits too. */
export function inKeyOrder<Row>(table: Table<Row>, rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((a, b) => {
    for (const column of table.key) {
      // Keys are texts and numbers, which SQL and this compare alike as far as it matters here.
      const left = a[column];
      const right = b[column];
      if (left !== right) return left < right ? -1 : 1;
    }
    return 0;
  });
}

/**
 * The rows of so many arrays. In the select list they are taken in step, without being stored
 * first, as they would be behind FROM.
 */
function unnest<Row>(
  table: Table<Row>,
  columns: readonly (keyof Row & string)[],
  offset = 0,
): string {
  const lists = columns.map((column, index) => {
    const array = `$${offset + index + 1}::${table.columns[column]}[]`;
    return `unnest(${array}) as ${sqlName(column)}`;
  });
  return `select ${lists.join(', ')}`;
}

/** The columns of a table, but for some that are left to their defaults. */
export function columnsOf<Row>(
  table: Table<Row>,
  without: readonly (keyof Row & string)[] = [],
): readonly (keyof Row & string)[] {
  const columns = Object.keys(table.columns) as (keyof Row & string)[];
  return columns.filter((column) => !without.includes(column));
}

/**
 * An insert as a part of a larger statement, with its parameters behind so many others.
 *
 * @param same what other columns have in every row, in SQL
 */
export function insertPart<Row>(
  table: Table<Row>,
  offset: number,
  columns = columnsOf(table),
  same: { readonly [column in keyof Row & string]?: string } = {},
): string {
  const names = [...columns, ...Object.keys(same)].map(sqlName).join(', ');
  const values = [unnest(table, columns, offset), ...Object.values(same)].join(', ');
  return `insert into ${table.name} (${names}) ${values}`;
}

/** The parameters of an insert of rows in the order of their keys: an array for each column. */
export function insertValues<Row>(
  table: Table<Row>,
  rows: readonly Row[],
  columns = columnsOf(table),
): unknown[] {
  return parameters(table, columns, rows);
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
      `from (${unnest(table, changed)}) as u ` +
      `where ${equal(table.key, 't.', ' and ')} returning 1`,
  };
  statements.set(table, made);
  return made;
}

/** Inserts all rows with one statement. */
export function insertRows<Row>(
  tx: Pick<Tx, 'write'>,
  table: Table<Row>,
  rows: readonly Row[],
): void {
  if (rows.length === 0) return;
  tx.write(statementsOf(table).insert, insertValues(table, inKeyOrder(table, rows)));
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
  tx.write(
    statementsOf(table).update,
    parameters(table, columns, inKeyOrder(table, rows)),
    (updated) =>
      assert(updated.length === rows.length, `every row of ${table.name} to update exists`),
  );
}
