import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { PostgresError, startPostgres } from '../src/index.ts';
import { isAlive } from '../src/pidfile.ts';
import { query, scratch, start } from './scratch.ts';

async function failure(work: Promise<unknown>): Promise<PostgresError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof PostgresError) return error;
  throw new Error(`expected a PostgresError, got ${String(error)}`);
}

it('makes a cluster with UTF-8, C.UTF-8, checksums and passwords, and runs it', async () => {
  const folder = await scratch();
  const server = await start(folder);
  expect(server.adopted).toBe(false);
  const rows = await query(
    server,
    `SELECT current_setting('server_version_num')::int / 10000 AS major,
            current_setting('server_encoding') AS encoding,
            current_setting('data_checksums') AS checksums,
            current_setting('password_encryption') AS passwords,
            current_setting('TimeZone') AS zone,
            (SELECT datlocprovider::text || ':' || datlocale FROM pg_database
              WHERE datname = 'postgres') AS locale`,
  );
  expect(rows).toEqual([
    {
      major: 18,
      encoding: 'UTF8',
      checksums: 'on',
      passwords: 'scram-sha-256',
      zone: 'UTC',
      locale: 'b:C.UTF-8',
    },
  ]);
  const password = join(folder, 'pg', 'cluster', 'superuser-password');
  expect((await stat(password)).mode & 0o777).toBe(0o600);
  expect(await readFile(password, 'utf8')).toBe(`${server.connection.password}\n`);
});

it('refuses a connection without the password', async () => {
  const server = await start(await scratch());
  const guess = { ...server, connection: { ...server.connection, password: 'guess' } };
  await expect(query(guess, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
});

it('keeps what was written over a stop and a start', async () => {
  const folder = await scratch();
  const first = await start(folder);
  await query(first, 'CREATE TABLE kept AS SELECT 42 AS n');
  await first.stop();
  await first.stop();
  expect(await first.exited).toEqual({ expected: true, code: 0, signal: null });
  expect(isAlive(first.pid)).toBe(false);
  const second = await start(folder);
  expect(await query(second, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
});

it('works under a long path with spaces, quotes and Chinese characters', async () => {
  const folder = join(await scratch(), `项目 "escrow's" ${'long-'.repeat(30)}`);
  await mkdir(folder);
  const server = await start(folder);
  expect(await query(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

it('passes settings on to the server', async () => {
  const server = await start(await scratch(), { settings: { max_connections: 33, jit: false } });
  expect(await query(server, 'SHOW max_connections')).toEqual([{ max_connections: '33' }]);
  expect(await query(server, 'SHOW jit')).toEqual([{ jit: 'off' }]);
});

it('names the setting that the server does not understand', async () => {
  const error = await failure(start(await scratch(), { settings: { no_such_setting: 1 } }));
  expect(error.code).toBe('start_failed');
  expect(error.message).toContain('no_such_setting');
});

it('finds the server that already runs, and leaves it to the one that started it', async () => {
  const folder = await scratch();
  const first = await start(folder);
  const second = await start(folder);
  expect(second.adopted).toBe(true);
  expect(second.connection).toEqual(first.connection);
  await second.stop();
  expect(await query(first, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

it('gives two simultaneous first starts one server', async () => {
  const folder = await scratch();
  const servers = await Promise.all([start(folder), start(folder), start(folder)]);
  expect(new Set(servers.map((server) => server.pid)).size).toBe(1);
  expect(servers.filter((server) => !server.adopted)).toHaveLength(1);
  expect((await readdir(join(folder, 'pg'))).sort()).toEqual(['cluster', 'owner', 'server.log']);
});

it('says so when the port is taken, and leaves nothing running', async () => {
  const blocker = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void blocker.close());
  await new Promise((resolve) => blocker.once('listening', resolve));
  const address = blocker.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const folder = await scratch();
  const error = await failure(start(folder, { port }));
  expect(error.code).toBe('port_taken');
  expect(error.message).toContain(`Port ${port}`);
  await expect(stat(join(folder, 'pg', 'cluster', 'data', 'postmaster.pid'))).rejects.toThrow();
});

it('does not take another PostgreSQL on the wanted port for its own', async () => {
  const other = await start(await scratch());
  const error = await failure(start(await scratch(), { port: other.connection.port }));
  expect(error.code).toBe('port_taken');
});

it('refuses the data of another major version and leaves it as it is', async () => {
  const folder = await scratch();
  const first = await start(folder);
  await first.stop();
  const version = join(folder, 'pg', 'cluster', 'data', 'PG_VERSION');
  await writeFile(version, '17\n');
  const error = await failure(start(folder));
  expect(error.code).toBe('other_version');
  expect(error.message).toMatch(/belongs to PostgreSQL 17, and this is 18/);
  expect(await readFile(version, 'utf8')).toBe('17\n');
});

it('says what to do when the password file is gone', async () => {
  const folder = await scratch();
  const first = await start(folder);
  await first.stop();
  await writeFile(join(folder, 'pg', 'cluster', 'superuser-password'), 'other\n');
  const error = await failure(start(folder));
  expect(error.code).toBe('password_lost');
});

it('says so when the data directory cannot be made, and makes nothing', async () => {
  const folder = await scratch();
  await writeFile(join(folder, 'pg'), 'a file where a folder is wanted');
  await expect(startPostgres({ dataDirectory: join(folder, 'pg', 'inside') })).rejects.toThrow();
  expect(await readdir(folder)).toEqual(['pg']);
});

it('keeps statements and details of errors out of its log', async () => {
  const server = await start(await scratch());
  await query(server, 'CREATE TABLE person (card text PRIMARY KEY)');
  const insert = `INSERT INTO person VALUES ('6222020000000000')`;
  await query(server, insert);
  await expect(query(server, insert)).rejects.toThrow(/duplicate key/);
  const log = await readFile(server.logFile, 'utf8');
  expect(log).toContain('duplicate key');
  expect(log).not.toContain('6222020000000000');
});
