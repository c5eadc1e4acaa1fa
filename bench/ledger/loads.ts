import { randomInt } from 'node:crypto';
import { elapsedMs, newId, systemClock } from '@keyturn/kernel';
import { accountId, type Submitter } from '@keyturn/ledger';
import { openDatabase } from '@keyturn/pipeline';
import pg from 'pg';
import { perCallFunction, twoStatements } from './baselines.sql.ts';
import type { Booked } from './booked.ts';
import type { Choose } from './choose.ts';

/** What so many callers did in a time. */
export interface Load extends Booked {
  readonly latenciesMs: readonly number[];
}

/** Lets callers do one thing after another for some seconds; counts until the last one is done. */
async function drive(
  callers: number,
  seconds: number,
  one: (caller: number) => Promise<void>,
): Promise<Load> {
  const started = elapsedMs();
  const end = started + seconds * 1_000;
  const latenciesMs: number[] = [];
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      for (let begun = elapsedMs(); begun < end; begun = elapsedMs()) {
        await one(caller);
        latenciesMs.push(elapsedMs() - begun);
      }
    }),
  );
  const transfers = latenciesMs.length;
  return { transfers, perSecond: (transfers * 1_000) / (elapsedMs() - started), latenciesMs };
}

/** One transfer a call through the ledger's own interface, at the door that a process has. */
export async function submitting(
  submitter: Submitter,
  choose: Choose,
  { callers, seconds }: { readonly callers: number; readonly seconds: number },
): Promise<Load> {
  return drive(callers, seconds, async () => {
    const { debit, credit } = choose();
    const id = newId(systemClock.now(), debit.owner);
    const result = await submitter.submit({
      id,
      book: debit.book,
      cause: { module: 'bench', object: debit.owner, command: id },
      transfers: [{ kind: 'posted', debit, credit, amount: BigInt(randomInt(1, 1_000)) }],
    });
    if (!result.ok) throw new Error(`A transfer was refused: ${result.error.code}`);
  });
}

/** One transfer a call to a function in the database, over so many connections. */
export async function callingFunction(
  url: string,
  choose: Choose,
  load: { readonly callers: number; readonly connections: number; readonly seconds: number },
): Promise<Load> {
  const maxConnections = load.connections;
  const database = openDatabase({ url, applicationName: 'bench function', maxConnections });
  try {
    await database.query(perCallFunction);
    return await drive(load.callers, load.seconds, async () => {
      const { debit, credit } = choose();
      const id = newId(systemClock.now(), debit.owner);
      await database.query('select bench_transfer($1, $2, $3, $4, $5, $6)', [
        id,
        debit.book,
        accountId(debit),
        accountId(credit),
        randomInt(1, 1_000),
        id,
      ]);
    });
  } finally {
    await database.close();
  }
}

/** One caller alone with a transaction of two plain statements. */
export async function twoPlainStatements(url: string, seconds: number): Promise<Load> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(twoStatements.table);
    return await drive(1, seconds, async () => {
      const account = randomInt(1, 10_001);
      const values = [account, randomInt(1, 1_000)];
      await client.query('begin');
      await client.query({ name: 'update', text: twoStatements.update, values });
      await client.query({ name: 'insert', text: twoStatements.insert, values });
      await client.query('commit');
    });
  } finally {
    await client.end();
  }
}
