import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { type PostgresServer, type StartOptions, startPostgres } from '../src/index.ts';

/** A new folder, in mode 700 as mkdtemp makes it, removed after the test. */
export async function scratch(name = 'keyturn-postgres-'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), name));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A server on the folder, stopped after the test; without flushing to disk unless asked. */
export async function start(
  folder: string,
  options: Partial<StartOptions> = {},
): Promise<PostgresServer> {
  const dataDirectory = join(folder, 'pg');
  const server = await startPostgres({ dataDirectory, durable: false, ...options });
  onTestFinished(() => server.stop());
  return server;
}

/** Rows of one statement, over a connection of its own. */
export async function query(
  server: PostgresServer,
  sql: string,
): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client(server.connection);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
