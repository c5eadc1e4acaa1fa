import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { promisify } from 'node:util';
import { elapsedMs } from '@keyturn/kernel';
import pg from 'pg';
import { tpcbTables, tpcbTransaction } from './tpcb.sql.ts';

const run = promisify(execFile);

/** The baseline: pgbench's TPC-B-like transaction on the same server. */
export interface Tpcb {
  /** `pgbench`, or `driver` when it is not installed. */
  readonly by: 'pgbench' | 'driver';
  /** Transactions per second over `seconds` with so many clients. */
  measure(clients: number, seconds: number): Promise<number>;
}

/** @param superuserUrl a superuser of the server; a database `tpcb` of scale 10 is made in it */
export async function prepareTpcb(superuserUrl: string): Promise<Tpcb> {
  const admin = new pg.Client({ connectionString: superuserUrl });
  await admin.connect();
  await admin.query('drop database if exists tpcb');
  await admin.query('create database tpcb');
  await admin.end();
  const url = new URL(superuserUrl);
  url.pathname = '/tpcb';
  const pgbench = await findPgbench();
  if (pgbench === undefined) return prepareDriver(url.href);
  await run(pgbench, ['--initialize', '--quiet', '--scale=10', url.href]);
  return {
    by: 'pgbench',
    measure: async (clients, seconds) => {
      const { stdout } = await run(pgbench, [
        '--no-vacuum',
        '--protocol=prepared',
        `--client=${clients}`,
        '--jobs=1',
        `--time=${seconds + connecting(clients)}`,
        url.href,
      ]);
      const tps = /tps = ([\d.]+)/.exec(stdout)?.[1];
      if (tps === undefined) throw new Error(`pgbench said nothing of its rate: ${stdout}`);
      return Number(tps);
    },
  };
}

/**
 * pgbench's time runs while it connects, one client after the other, but its rate is of what comes
 * after. So many seconds more leave it the time that was asked for, on a busy machine too.
 */
function connecting(clients: number): number {
  return Math.ceil(clients / 15);
}

async function findPgbench(): Promise<string | undefined> {
  for (const name of ['pgbench', '/usr/lib/postgresql/15/bin/pgbench']) {
    try {
      await run(name, ['--version']);
      return name;
    } catch {
      // Not there: the next place, or the driver.
    }
  }
  return undefined;
}

async function prepareDriver(url: string): Promise<Tpcb> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(tpcbTables);
  await client.end();
  return { by: 'driver', measure: (clients, seconds) => drive(url, clients, seconds) };
}

async function drive(url: string, clients: number, seconds: number): Promise<number> {
  const connections = await Promise.all(
    Array.from({ length: clients }, async () => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      return client;
    }),
  );
  const started = elapsedMs();
  const end = started + seconds * 1_000;
  let done = 0;
  await Promise.all(
    connections.map(async (client) => {
      while (elapsedMs() < end) {
        await transact(client);
        done += 1;
      }
    }),
  );
  const rate = done / ((elapsedMs() - started) / 1_000);
  await Promise.all(connections.map((client) => client.end()));
  return rate;
}

async function transact(client: pg.Client): Promise<void> {
  const aid = randomInt(1, 1_000_001);
  const tid = randomInt(1, 101);
  const bid = randomInt(1, 11);
  const delta = randomInt(-5_000, 5_001);
  const values = [[], [aid, delta], [aid], [tid, delta], [bid, delta], [tid, bid, aid, delta], []];
  for (const [index, text] of tpcbTransaction.entries()) {
    await client.query({ name: `tpcb-${index}`, text, values: values[index] ?? [] });
  }
}
