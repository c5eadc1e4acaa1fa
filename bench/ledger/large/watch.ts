import { elapsedMs } from '@keyturn/kernel';
import { descendants, usageOf } from '../../processes.ts';
import { round } from '../../statistics.ts';

/** What a phase took of the machine. */
export interface Spent {
  readonly seconds: number;
  /** Of this process and of PostgreSQL with its backends; milliseconds. */
  readonly cpuMs: { readonly process: number; readonly postgres: number };
  /** The highest that was seen, in MiB: resident of this process, private of the backends. */
  readonly peakMiB: { readonly process: number; readonly backends: number };
}

const lookEveryMs = 250;

/** Carries out a phase and says what it took. */
export async function watched<T>(
  postgresPid: number,
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly spent: Spent }> {
  const peak = { process: 0, backends: 0 };
  const look = async () => {
    const usage = await usageOf({
      process: [process.pid],
      postgres: await descendants(postgresPid),
    });
    const rss = process.memoryUsage().rss / 1_048_576;
    peak.process = Math.max(peak.process, round(rss, 0));
    peak.backends = Math.max(peak.backends, round(usage['postgres']?.privateMiB ?? 0, 0));
    return { process: usage['process']?.cpuMs ?? 0, postgres: usage['postgres']?.cpuMs ?? 0 };
  };
  const before = await look();
  const timer = setInterval(() => void look(), lookEveryMs);
  const started = elapsedMs();
  try {
    const value = await work();
    const seconds = round((elapsedMs() - started) / 1_000);
    const after = await look();
    const cpuMs = {
      process: after.process - before.process,
      postgres: after.postgres - before.postgres,
    };
    return { value, spent: { seconds, cpuMs, peakMiB: peak } };
  } finally {
    clearInterval(timer);
  }
}
