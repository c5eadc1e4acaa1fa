import { type Database, openDatabase, type Queryable } from '@keyturn/pipeline';

/** What the tables hold, told by the versions of their rows, whoever wrote them. */
export type Picture = ReadonlyMap<string, { readonly rows: bigint; readonly versions: string }>;

/** Looks behind the curtain: as a superuser, past the gate and past the proxy. */
export interface Eye {
  readonly database: Database;
  look(through?: Queryable): Promise<Picture>;
  /** Whether a session of this name waits for another one's lock. */
  waits(applicationName: string): Promise<boolean>;
  close(): Promise<void>;
}

/** The job queue's own tables are its own affair. */
const tablesSql = `select format('%I.%I', n.nspname, c.relname) as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and not c.relispartition
    and n.nspname !~ '^(pg_|information_schema$|graphile_worker$|public$)' order by 1`;

const waitsSql = `select count(*) as waiting from pg_stat_activity
  where datname = current_database() and application_name = $1 and wait_event_type = 'Lock'`;

/**
 * An update, even to the same values, makes another version of a row; a look does not. By name:
 * several processes of the server may look at once, and give what they have as it comes.
 */
function pictureSql(tables: readonly string[]): string {
  const looks = tables
    .map(
      (table) => `select '${table}' as name, count(*) as rows,
        coalesce(sum(hashtextextended(t.ctid::text || t.xmin::text, 0)), 0)::text as versions
        from ${table} t`,
    )
    .join(' union all ');
  return `${looks} order by name`;
}

export async function openEye(url: string): Promise<Eye> {
  const database = openDatabase({ url, applicationName: 'keyturn eye', maxConnections: 2 });
  const tables = await database.query<{ name: string }>(tablesSql);
  const sql = pictureSql(tables.map(({ name }) => name));
  return {
    database,
    look: async (through = database) => {
      const rows = await through.query<{ name: string; rows: bigint; versions: string }>(sql);
      return new Map(rows.map(({ name, ...picture }) => [name, picture]));
    },
    waits: async (applicationName) => {
      const [row] = await database.query<{ waiting: bigint }>(waitsSql, [applicationName]);
      return row !== undefined && row.waiting > 0n;
    },
    close: database.close,
  };
}

/** The tables that differ, each with the rows that it has more: `payments.order +0`. */
export function changesBetween(before: Picture, after: Picture): readonly string[] {
  return [...after].flatMap(([name, { rows, versions }]) => {
    const old = before.get(name);
    return old?.versions === versions ? [] : [`${name} +${rows - (old?.rows ?? 0n)}`];
  });
}
