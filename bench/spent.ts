import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withClient } from './client.ts';
import { itemsFor, pay, type Run, type Sample } from './pay.ts';
import { gatherPayers } from './payers.ts';
import { readProfiles } from './profile.ts';
import { type SpentStatement, spentStatements, watchStatements } from './statements.ts';
import { round } from './statistics.ts';
import { startBenchSystem } from './system.ts';

export interface PaymentsOptions {
  readonly seconds: number;
  readonly stopped: AbortSignal;
  readonly say: (line: string) => void;
}

/** Statements that are named; the rest is summed up. */
const namedStatements = 15;

/**
 * Where the time of a paid order goes, with so many callers at once: the part of the code in each
 * process, by V8's profiler, and the statements in PostgreSQL, by pg_stat_statements. On a system
 * of its own, since both cost time.
 */
export async function lookWhereItGoes({ seconds, stopped, say }: PaymentsOptions, count: number) {
  const profiles = await mkdtemp(join(tmpdir(), 'keyturn-profiles-'));
  try {
    const bench = await startBenchSystem(say, { profiles });
    let pids: Readonly<Record<string, readonly number[]>>;
    let sample: Sample;
    let statements: readonly SpentStatement[];
    try {
      pids = await bench.pids();
      const payers = await gatherPayers(bench.system, count);
      const run: Run = { bench, payers, seconds, stopped, tally: { seen: 0 } };
      try {
        const { perSecond } = await pay({ ...run, seconds: 3 }, count, 100);
        // Before the counting: opening deals is none of it.
        await payers.prepare(itemsFor(perSecond * 1.5, seconds, count));
        await withClient(bench.databaseUrl, async (client) => {
          await client.query('analyze');
          await watchStatements(client);
        });
        sample = await pay(run, count, perSecond * 1.5);
        statements = await withClient(bench.databaseUrl, spentStatements);
      } finally {
        await payers.close();
      }
    } finally {
      await bench.stop();
    }
    const shares = await readProfiles(profiles);
    const mainThread = Object.entries(pids).flatMap(([name, [pid]]) => {
      const share = pid === undefined ? undefined : shares.get(pid);
      return share === undefined ? [] : [[name, share] as const];
    });
    const spent = {
      mainThreadPercent: Object.fromEntries(mainThread),
      statementsPerOrder: round(sum(statements, ({ calls }) => calls) / sample.paid),
      postgresMsPerOrder: perOrder(statements, sample.paid),
    };
    for (const [name, share] of mainThread) say(`${name}, % of its time: ${listed(share)}`);
    say(`PostgreSQL, ms per paid order: ${listed(spent.postgresMsPerOrder)}`);
    say(`${spent.statementsPerOrder} statements per paid order`);
    return spent;
  } finally {
    await rm(profiles, { recursive: true, force: true });
  }
}

function perOrder(statements: readonly SpentStatement[], paid: number): Record<string, number> {
  const ms = (some: readonly SpentStatement[]) => round(sum(some, (one) => one.ms) / paid, 3);
  const named = statements.slice(0, namedStatements).map((one) => [one.statement, ms([one])]);
  return { ...Object.fromEntries(named), others: ms(statements.slice(namedStatements)) };
}

function listed(figures: Readonly<Record<string, number>>): string {
  return Object.entries(figures)
    .map(([name, figure]) => `${name} ${figure}`)
    .join(', ');
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
