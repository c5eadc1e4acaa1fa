import { elapsedMs } from '@keyturn/kernel';
import pg from 'pg';
import { checkWholeLedger } from '../apps/server/src/platform/index.ts';
import type { Bench } from './bench.ts';
import { gatherPayers, type Payers } from './payers.ts';
import { watchProcesses } from './processes.ts';
import { median, quantile, round } from './statistics.ts';
import { type BenchSystem, startBenchSystem } from './system.ts';
import { prepareTpcb, type Tpcb } from './tpcb.ts';

/** How many callers there are at once. */
const levels = [1, 16, 120] as const;
type Level = (typeof levels)[number];

/** The baseline's transactions are short: it needs this share of the seconds only. */
const baselineShare = 0.5;

/** One measured time of paying. */
interface Sample {
  readonly perSecond: number;
  readonly paid: number;
  readonly latenciesMs: readonly number[];
  readonly processes: Readonly<Record<string, { cpuMs: number; peakMiB: number }>>;
}

interface Measured {
  readonly payments: Sample[];
  readonly tpcb: number[];
}

interface Run {
  readonly bench: BenchSystem;
  readonly payers: Payers;
  readonly seconds: number;
  readonly stopped: AbortSignal;
  /** All orders that were seen as paid, those of the warm-up too. */
  readonly tally: { seen: number };
}

/**
 * Orders of escrowed items paid end to end over HTTP, beside TPC-B on the same server. Ends
 * everything it started, also when it fails or is interrupted.
 */
export const benchPayments: Bench = async ({ rounds, seconds, say }) => {
  const stopped = new AbortController();
  const interrupt = () => stopped.abort(new Error('The benchmark was interrupted.'));
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const bench = await startBenchSystem(say);
  try {
    stopped.signal.throwIfAborted();
    say('Preparing the baseline …');
    const tpcb = await prepareTpcb(bench.superuserUrl);
    const payers = await gatherPayers(bench.system, Math.max(...levels));
    const run: Run = { bench, payers, seconds, stopped: stopped.signal, tally: { seen: 0 } };
    try {
      const measured = await measure(run, tpcb, rounds, say);
      const end = await lookAtBooks(run, say);
      return { ...report(measured), baseline: tpcb.by, rounds, seconds, ...end };
    } finally {
      await payers.close();
    }
  } finally {
    say('Stopping …');
    await bench.stop();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
};

async function measure(
  run: Run,
  tpcb: Tpcb,
  rounds: number,
  say: (line: string) => void,
): Promise<ReadonlyMap<Level, Measured>> {
  say('Warming up …');
  let rate = (await pay({ ...run, seconds: 3 }, 16, 100)).perSecond;
  const measured = new Map(levels.map((level) => [level, { payments: [], tpcb: [] } as Measured]));
  await analyze(run.bench.databaseUrl);
  for (let turn = 1; turn <= rounds; turn++) {
    for (const [level, { payments, tpcb: baseline }] of measured) {
      const reference = await tpcb.measure(
        level,
        Math.max(1, Math.ceil(run.seconds * baselineShare)),
      );
      run.stopped.throwIfAborted();
      const sample = await pay(run, level, rate);
      rate = Math.max(rate, sample.perSecond);
      baseline.push(reference);
      payments.push(sample);
      say(
        `round ${turn}, ${level} at once: ${round(sample.perSecond, 1)} orders paid a second ` +
          `(p50 ${round(quantile(sample.latenciesMs, 0.5), 0)} ms), ${round(reference, 0)} TPC-B`,
      );
    }
  }
  return measured;
}

/**
 * Lets so many payers pay, each its next item when the last is seen as paid. They begin orders for
 * the run's seconds; the time counts until the last of them is paid, so that nothing that was begun
 * is left out, however long one takes.
 *
 * @param rate orders a second that there are to be items for; fewer items end the time sooner
 */
async function pay(run: Run, count: number, rate: number): Promise<Sample> {
  const { payers, seconds, stopped, tally } = run;
  await payers.prepare(Math.ceil(rate * 1.3 * seconds) + 2 * count);
  stopped.throwIfAborted();
  const latenciesMs: number[] = [];
  const unwatch = await watchProcesses(run.bench.pids);
  const started = elapsedMs();
  let over = false;
  let took = 0;
  let processes: Sample['processes'] = {};
  const caller = async () => {
    const payOne = payers.payer();
    while (!over && elapsedMs() - started < seconds * 1_000) {
      stopped.throwIfAborted();
      const item = payers.take();
      if (item === undefined) return;
      latenciesMs.push(await payOne(item));
      tally.seen += 1;
    }
  };
  const callers = Array.from({ length: count }, caller);
  try {
    await Promise.all(callers);
    took = elapsedMs() - started;
  } catch (error) {
    // Whoever interrupts from a terminal interrupts the system too: that is no failure of its own.
    throw stopped.aborted ? stopped.reason : error;
  } finally {
    over = true;
    await Promise.allSettled(callers);
    processes = await unwatch();
  }
  const paid = latenciesMs.length;
  return { perSecond: (paid * 1_000) / took, paid, latenciesMs, processes };
}

async function analyze(url: string): Promise<void> {
  await withClient(url, (client) => client.query('analyze'));
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const countsSql = `select
  (select count(*) from payments.order where state = 'succeeded') as "ordersPaid",
  (select count(*) from payments.attempt) as attempts,
  (select count(*) from escrow.deal) as deals,
  (select count(*) from ledger.journal) as journals,
  (select count(*) from ledger.transfer) as transfers,
  (select count(*) from platform.event) as events,
  (select count(*) from platform.command) as commands`;

/**
 * The rows that the run left, and a replay of the whole ledger.
 *
 * @throws Error when an order that was seen as paid is not in the books, or the books are wrong
 */
async function lookAtBooks(run: Run, say: (line: string) => void) {
  say('Checking the whole ledger …');
  const { bench } = run;
  const { seen } = run.tally;
  const { rows } = await withClient(bench.databaseUrl, (client) => client.query(countsSql));
  const counts = Object.fromEntries(
    Object.entries(rows[0] ?? {}).map(([name, count]) => [name, Number(count)]),
  );
  if (counts['ordersPaid'] !== seen) {
    throw new Error(`${seen} orders were seen as paid, ${counts['ordersPaid']} are in the books.`);
  }
  const check = await checkWholeLedger(bench.system.databaseUrl);
  if (!check.balanced) throw new Error(`The ledger is wrong: ${JSON.stringify(check.findings)}`);
  const { balanced, accounts, journals, transfers } = check;
  const ledger = { balanced, ...numbers({ accounts, journals, transfers }) };
  return { rows: counts, ledgerCheck: ledger };
}

function numbers(counts: Readonly<Record<string, bigint | number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, Number(count)]));
}

function report(measured: ReadonlyMap<Level, Measured>) {
  const ratios: Record<string, number> = {};
  const medians: Record<string, unknown> = {};
  for (const [level, { payments, tpcb }] of measured) {
    const rate = median(payments.map((sample) => sample.perSecond));
    const baseline = median(tpcb);
    ratios[`payments_vs_tpcb_${level}`] = round(rate / baseline, 4);
    const latencies = payments.flatMap((sample) => sample.latenciesMs);
    medians[level] = {
      ordersPaidPerSecond: round(rate),
      tpcbPerSecond: round(baseline),
      p50Ms: round(quantile(latencies, 0.5), 1),
      p99Ms: round(quantile(latencies, 0.99), 1),
      ordersCounted: latencies.length,
      perOrderCpuMs: byProcess(payments, (sample, name) => {
        return (sample.processes[name]?.cpuMs ?? 0) / Math.max(1, sample.paid);
      }),
    };
  }
  const samples = [...measured.values()].flatMap(({ payments }) => payments);
  const peaks = (name: string) => samples.map((sample) => sample.processes[name]?.peakMiB ?? 0);
  const names = Object.keys(samples[0]?.processes ?? {});
  const peakMiB = Object.fromEntries(names.map((name) => [name, round(Math.max(...peaks(name)))]));
  return { ratios, medians, peakMiB };
}

/** The median of a figure over the samples, for each process. */
function byProcess(
  samples: readonly Sample[],
  figure: (sample: Sample, name: string) => number,
): Record<string, number> {
  const names = Object.keys(samples[0]?.processes ?? {});
  return Object.fromEntries(
    names.map((name) => [name, round(median(samples.map((sample) => figure(sample, name))))]),
  );
}
