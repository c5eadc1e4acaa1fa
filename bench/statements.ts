import type pg from 'pg';

/** One statement's share of what PostgreSQL did. */
export interface SpentStatement {
  /** What it does to which table, such as `insert payments.order`. */
  readonly statement: string;
  readonly calls: number;
  readonly ms: number;
}

const spentSql = `select query, calls::int as calls, total_exec_time as ms
  from pg_stat_statements s join pg_database d on d.oid = s.dbid and d.datname = current_database()
  where query !~* 'pg_stat_statements'`;

/** Counts from now on what the server's statements take. The server was started with the module. */
export async function watchStatements(client: pg.Client): Promise<void> {
  await client.query('create extension if not exists pg_stat_statements');
  await client.query('select pg_stat_statements_reset()');
}

/** What was counted since, by verb and table, the longest first. Waiting for locks is within. */
export async function spentStatements(client: pg.Client): Promise<readonly SpentStatement[]> {
  const { rows } = await client.query<{ query: string; calls: number; ms: number }>(spentSql);
  const byName = Map.groupBy(rows, ({ query }) => nameOf(query));
  return [...byName]
    .map(([statement, same]) => ({
      statement,
      calls: same.reduce((sum, { calls }) => sum + calls, 0),
      ms: same.reduce((sum, { ms }) => sum + ms, 0),
    }))
    .sort((a, b) => b.ms - a.ms);
}

function nameOf(query: string): string {
  const verb = /^\s*(\w+)/.exec(query)?.[1]?.toLowerCase() ?? '';
  const table = /(?:from|into|update)\s+"?([a-z_]+"?\."?[a-z_]+)/i.exec(query)?.[1] ?? '';
  const locks = /for no key update/i.test(query) ? ' and lock' : '';
  return `${verb}${locks} ${table.replaceAll('"', '')}`.trim();
}
