import { elapsedMs } from '@keyturn/kernel';
import type { Payers } from './payers.ts';
import { watchProcesses } from './processes.ts';
import type { BenchSystem } from './system.ts';

/** One measured time of paying. */
export interface Sample {
  readonly perSecond: number;
  readonly paid: number;
  readonly latenciesMs: readonly number[];
  readonly processes: Readonly<Record<string, { cpuMs: number; peakMiB: number }>>;
}

export interface Run {
  readonly bench: BenchSystem;
  readonly payers: Payers;
  readonly seconds: number;
  readonly stopped: AbortSignal;
  /** All orders that were seen as paid, those of the warm-up too. */
  readonly tally: { seen: number };
}

/** So many items as that many payers pay at most at such a rate, and some to spare. */
export function itemsFor(rate: number, seconds: number, count: number): number {
  return Math.ceil(rate * 1.3 * seconds) + 2 * count;
}

/**
 * Lets so many payers pay, each its next item when the last is seen as paid. They begin orders for
 * the run's seconds; the time counts until the last of them is paid, so that nothing that was begun
 * is left out, however long one takes.
 *
 * @param rate orders a second that there are to be items for; fewer items end the time sooner
 */
export async function pay(run: Run, count: number, rate: number): Promise<Sample> {
  const { payers, seconds, stopped, tally } = run;
  await payers.prepare(itemsFor(rate, seconds, count));
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
