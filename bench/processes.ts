import { readdir, readFile } from 'node:fs/promises';

/** What a process has used so far. Linux only: read from /proc. */
export interface Usage {
  /** Processor time in milliseconds, user and system. */
  readonly cpuMs: number;
  /** The most memory it had at any time, in MiB. */
  readonly peakMiB: number;
}

/** Clock ticks per second of /proc/<pid>/stat: 100 on every Linux that Node runs on. */
const ticks = 100;

/** The usage of processes by name. A process that is gone counts nothing. */
export async function usageOf(
  pids: Readonly<Record<string, readonly number[]>>,
): Promise<Record<string, Usage>> {
  const entries = await Promise.all(
    Object.entries(pids).map(async ([name, list]) => {
      const usages = await Promise.all(list.map(usage));
      const cpuMs = usages.reduce((sum, one) => sum + one.cpuMs, 0);
      const peakMiB = usages.reduce((sum, one) => sum + one.peakMiB, 0);
      return [name, { cpuMs, peakMiB }] as const;
    }),
  );
  return Object.fromEntries(entries);
}

async function usage(pid: number): Promise<Usage> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const peak = /VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? '0';
    // Fields 14 and 15 of proc(5), counted from the third, which is the first after the name.
    const cpuMs = ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticks;
    return { cpuMs, peakMiB: Number(peak) / 1_024 };
  } catch {
    return { cpuMs: 0, peakMiB: 0 }; // It ended meanwhile.
  }
}

/**
 * The processes below one, such as PostgreSQL's backends. Their past ones are counted by their
 * parent's children time.
 */
export async function descendants(root: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const entry of await readdir('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    if (parent > 0) parents.set(pid, parent);
  }
  const found = [root];
  for (const pid of found) {
    for (const [child, parent] of parents) if (parent === pid) found.push(child);
  }
  return found;
}
