/**
 * The transaction of pgbench's built-in "TPC-B (sort of)" script, from PostgreSQL's documentation
 * of pgbench, and its tables. Used where pgbench itself is not installed.
 */
export const tpcbTables = `
  create table pgbench_accounts (aid int primary key, bid int, abalance int, filler char(84));
  create table pgbench_branches (bid int primary key, bbalance int, filler char(88));
  create table pgbench_tellers (tid int primary key, bid int, tbalance int, filler char(84));
  create table pgbench_history
    (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
  insert into pgbench_branches select n, 0 from generate_series(1, 10) n;
  insert into pgbench_tellers select n, (n - 1) / 10 + 1, 0 from generate_series(1, 100) n;
  insert into pgbench_accounts select n, (n - 1) / 100000 + 1, 0 from generate_series(1, 1000000) n;
  analyze`;

export const tpcbTransaction = [
  'BEGIN',
  'UPDATE pgbench_accounts SET abalance = abalance + $2 WHERE aid = $1',
  'SELECT abalance FROM pgbench_accounts WHERE aid = $1',
  'UPDATE pgbench_tellers SET tbalance = tbalance + $2 WHERE tid = $1',
  'UPDATE pgbench_branches SET bbalance = bbalance + $2 WHERE bid = $1',
  'INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES ($1, $2, $3, $4, CURRENT_TIMESTAMP)',
  'END',
] as const;
