import { checkWholeLedger } from '../apps/server/src/platform/index.ts';
import type { Bench } from './bench.ts';
import { withClient } from './client.ts';
import { pay, type Run, type Sample } from './pay.ts';
import { gatherPayers } from './payers.ts';
import { lookWhereItGoes, type PaymentsOptions } from './spent.ts';
import { median, quantile, round } from './statistics.ts';
import { startBenchSystem } from './system.ts';
import { prepareTpcb, type Tpcb } from './tpcb.ts';

/** How many callers there are at once. */
const levels = [1, 16, 120] as const;
type Level = (typeof levels)[number];

/** The baseline's transactions are short: it needs this share of the seconds only. */
const baselineShare = 0.5;

interface Measured {
  readonly payments: Sample[];
  readonly tpcb: number[];
}

/**
 * Orders of escrowed items paid end to end over HTTP, beside TPC-B on the same server; then once
 * more under profilers. Ends everything it started, also when it fails or is interrupted.
 */
export const benchPayments: Bench = async ({ rounds, seconds, say }) => {
  const stopped = new AbortController();
  const interrupt = () => stopped.abort(new Error('The benchmark was interrupted.'));
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const options = { seconds, stopped: stopped.signal, say };
  try {
    const figures = await measureAll(options, rounds);
    say('Starting once more, to see where the time goes …');
    return { ...figures, spent: await lookWhereItGoes(options, Math.max(...levels)) };
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
};

async function measureAll({ seconds, stopped, say }: PaymentsOptions, rounds: number) {
  const bench = await startBenchSystem(say);
  try {
    stopped.throwIfAborted();
    say('Preparing the baseline …');
    const tpcb = await prepareTpcb(bench.superuserUrl);
    const payers = await gatherPayers(bench.system, Math.max(...levels));
    const run: Run = { bench, payers, seconds, stopped, tally: { seen: 0 } };
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
  }
}

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

async function analyze(url: string): Promise<void> {
  await withClient(url, (client) => client.query('analyze'));
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
