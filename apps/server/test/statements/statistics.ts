import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '@keyturn/pipeline';
import { isLarge, type Spread, sizes, type TableSize } from './sizes.ts';

/**
 * Makes a database look to the planner as `sizes.ts` says, without a row in it. The counts and the
 * spreads are written into the catalog, where ANALYZE would have put them. The pages are not taken
 * from the catalog by the planner, it asks the file system how long a table is
 * (estimate_rel_size): so the files are made as long as the rows would be, with holes that take no
 * room on the disk and that PostgreSQL reads as empty pages.
 *
 * @param database connects as a superuser, to a database that nobody writes to
 */
export async function pretendSizes(database: Database): Promise<void> {
  const tables = await database.query<CatalogTable>(tablesSql);
  refuseUnknown(tables);
  for (const table of tables) await pretendTable(database, table);
  for (const index of await database.query<CatalogIndex>(indexesSql)) {
    await pretendIndex(database, index);
  }
}

interface CatalogTable {
  readonly schema: string;
  readonly name: string;
  readonly file: string;
  readonly columns: readonly CatalogColumn[];
}

interface CatalogColumn {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  /** It alone is the key of the table, or unique. */
  readonly unique: boolean;
  /** It stands in an index. */
  readonly indexed: boolean;
  /** The table that it refers to. */
  readonly refers: string | null;
}

interface CatalogIndex {
  readonly schema: string;
  readonly name: string;
  readonly table: string;
  readonly file: string;
  readonly keyWidth: bigint;
  /** The condition of a partial index. */
  readonly condition: string | null;
  /** Its first column that is an expression. */
  readonly expression: { readonly name: string } | null;
}

const pageBytes = 8192;
const segmentPages = 131_072;

const tablesSql = `select n.nspname as schema, c.relname as name,
    current_setting('data_directory') || '/' || pg_relation_filepath(c.oid) as file,
    (select jsonb_agg(jsonb_build_object('name', a.attname, 'type', t.typname,
        'required', a.attnotnull,
        'unique', exists (select 1 from pg_index i where i.indrelid = c.oid and i.indisunique
          and i.indnkeyatts = 1 and i.indkey[0] = a.attnum and i.indpred is null),
        'indexed', exists (select 1 from pg_index i where i.indrelid = c.oid
          and a.attnum = any(i.indkey)),
        'refers', (select fn.nspname || '.' || f.relname from pg_constraint k
          join pg_class f on f.oid = k.confrelid join pg_namespace fn on fn.oid = f.relnamespace
          where k.conrelid = c.oid and k.contype = 'f' and k.conkey = array[a.attnum] limit 1)))
      from pg_attribute a join pg_type t on t.oid = a.atttypid
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and n.nspname not in
    ('pg_catalog', 'information_schema', 'graphile_worker')
  order by n.nspname, c.relname`;

const indexesSql = `select n.nspname as schema, c.relname as name,
    n.nspname || '.' || r.relname as "table",
    current_setting('data_directory') || '/' || pg_relation_filepath(c.oid) as file,
    pg_get_expr(i.indpred, i.indrelid) as condition,
    (select jsonb_build_object('name', a.attname) from pg_attribute a
      where a.attrelid = c.oid and i.indkey[a.attnum - 1] = 0 order by a.attnum limit 1)
      as expression,
    (select sum(coalesce(s.avg_width, 8)) from pg_attribute a
      left join pg_stats s on s.schemaname = n.nspname and s.tablename = r.relname
        and s.attname = a.attname
      where a.attrelid = r.oid and a.attnum = any(i.indkey))::bigint as "keyWidth"
  from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class r on r.oid = i.indrelid
    join pg_namespace n on n.oid = r.relnamespace
  where r.relkind = 'r' and n.nspname not in
    ('pg_catalog', 'information_schema', 'graphile_worker', 'pg_toast')`;

function refuseUnknown(tables: readonly CatalogTable[]): void {
  const there = new Set(tables.map(({ schema, name }) => `${schema}.${name}`));
  const missing = [...there].filter((name) => sizes[name] === undefined);
  const gone = Object.keys(sizes).filter((name) => !there.has(name));
  const unspread = tables.flatMap((table) => unspreadColumns(table));
  const complaints = [
    ...missing.map((name) => `say in sizes.ts how large ${name} grows`),
    ...gone.map((name) => `take ${name} out of sizes.ts: there is no such table`),
    ...unspread.map((name) => `say in sizes.ts how the values of ${name} are spread`),
  ];
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
}

/** Columns that the plans depend on, and of which nothing is said. */
function unspreadColumns(table: CatalogTable): readonly string[] {
  const name = `${table.schema}.${table.name}`;
  const size = sizes[name];
  if (size === undefined || !isLarge(size)) return [];
  const known = new Set(table.columns.map((column) => column.name));
  const wrong = Object.keys(size.columns ?? {}).filter((column) => !known.has(column));
  const silent = table.columns.filter(
    (column) => column.indexed && spreadOf(column, size) === undefined,
  );
  return [...wrong, ...silent.map((column) => column.name)].map((column) => `${name}.${column}`);
}

/** How a column's values are spread: as it is said, or as its keys tell. */
function spreadOf(column: CatalogColumn, size: TableSize): Spread | undefined {
  if (!isLarge(size)) return column.unique ? -1 : undefined;
  const said = size.columns?.[column.name];
  if (said !== undefined) return said;
  if (column.unique) return -1;
  const target = column.refers === null ? undefined : sizes[column.refers];
  if (target === undefined) return undefined;
  const there = isLarge(target) ? target.rows : target.atMost;
  return isLarge(target) ? -Math.min(1, there / size.rows) : there;
}

async function pretendTable(database: Database, table: CatalogTable): Promise<void> {
  const size = sizes[`${table.schema}.${table.name}`];
  if (size === undefined) throw new Error(`no size of ${table.name}`);
  const rows = isLarge(size) ? size.rows : size.atMost;
  let width = 28;
  for (const column of table.columns) {
    const spread = spreadOf(column, size);
    const averageWidth = widths[column.type] ?? 24;
    width += averageWidth * (1 - nullsOf(spread));
    if (spread !== undefined) await pretendColumn(database, table, column, spread, averageWidth);
  }
  const pages = Math.max(1, Math.ceil((rows * width) / (pageBytes - 24)));
  await pretendRelation(database, table, rows, pages, Math.floor(pages * 0.95));
}

/** Bytes of a value, where it is not as short text is. */
const widths: Readonly<Record<string, number>> = {
  uuid: 16,
  bool: 1,
  int2: 2,
  int4: 4,
  date: 4,
  int8: 8,
  xid8: 8,
  timestamptz: 8,
  bytea: 33,
  jsonb: 200,
};

function nullsOf(spread: Spread | undefined): number {
  return typeof spread === 'object' ? (spread.nulls ?? 0) : 0;
}

async function pretendColumn(
  database: Database,
  table: Pick<CatalogTable, 'schema' | 'name'>,
  column: Pick<CatalogColumn, 'name'>,
  spread: Spread,
  averageWidth: number,
): Promise<void> {
  const shares = typeof spread === 'object' && 'shares' in spread ? spread.shares : undefined;
  const nulls = nullsOf(spread);
  await database.query(columnSql, [
    table.schema,
    table.name,
    column.name,
    nulls,
    averageWidth,
    shares === undefined ? distinctOf(spread) : Object.keys(shares).length,
    shares === undefined ? null : `{${Object.keys(shares).join(',')}}`,
    shares === undefined ? null : Object.values(shares).map((share) => share * (1 - nulls)),
  ]);
}

function distinctOf(spread: Spread): number {
  if (typeof spread === 'number') return spread;
  if (!('distinct' in spread)) throw new Error('a spread by shares counts its own values');
  // Of all rows, as pg_statistic counts, not only of those that have a value.
  return spread.distinct < 0 ? spread.distinct * (1 - nullsOf(spread)) : spread.distinct;
}

const columnSql = `select pg_restore_attribute_stats('schemaname', $1::text, 'relname', $2::text,
  'attname', $3::text, 'inherited', false, 'null_frac', $4::real, 'avg_width', $5::integer,
  'n_distinct', $6::real, 'most_common_vals', $7::text, 'most_common_freqs', $8::real[])`;

async function pretendIndex(database: Database, index: CatalogIndex): Promise<void> {
  const size = sizes[index.table];
  if (size === undefined) throw new Error(`no size of ${index.table}`);
  const all = isLarge(size) ? size.rows : size.atMost;
  const share = index.condition === null ? 1 : await shareOf(database, index);
  const entries = Math.max(1, Math.round(all * share));
  // Leaves are filled to about 70 %; the first page describes the index.
  const leaves = Math.ceil((entries * (Number(index.keyWidth) + 16)) / (pageBytes * 0.7));
  await pretendRelation(database, index, entries, leaves + 1, 0);
  const spread = isLarge(size) ? size.expressions?.[index.name] : undefined;
  if (spread === undefined || index.expression === null) return;
  await pretendColumn(database, index, index.expression, spread, 8);
}

/** What share of the rows a partial index holds, as the planner sees it. */
async function shareOf(database: Database, index: CatalogIndex): Promise<number> {
  const [schema, table] = index.table.split('.');
  const from = `from "${schema}"."${table}"`;
  const rows = async (where: string) => {
    const [line] = await database.query<{ readonly 'QUERY PLAN': readonly Estimated[] }>(
      `explain (format json) select 1 ${from} ${where}`,
    );
    return line?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0;
  };
  return (await rows(`where ${index.condition}`)) / (await rows(''));
}

interface Estimated {
  readonly Plan: { readonly 'Plan Rows': number };
}

const relationSql = `select pg_restore_relation_stats('schemaname', $1::text, 'relname', $2::text,
  'reltuples', $3::real, 'relpages', $4::integer, 'relallvisible', $5::integer)`;

async function pretendRelation(
  database: Database,
  relation: { readonly schema: string; readonly name: string; readonly file: string },
  rows: number,
  pages: number,
  visiblePages: number,
): Promise<void> {
  await database.query(relationSql, [relation.schema, relation.name, rows, pages, visiblePages]);
  for (let segment = 0; segment * segmentPages < pages; segment += 1) {
    const length = Math.min(pages - segment * segmentPages, segmentPages) * pageBytes;
    await lengthen(segment === 0 ? relation.file : `${relation.file}.${segment}`, length);
  }
}

/** Files belong to the account that the server runs under, new ones too. */
async function lengthen(path: string, length: number): Promise<void> {
  const handle = await open(path, 'a');
  try {
    const { uid, gid } = await stat(join(path, '..'));
    if ((await handle.stat()).uid !== uid) await handle.chown(uid, gid);
    await handle.truncate(length);
  } finally {
    await handle.close();
  }
}
