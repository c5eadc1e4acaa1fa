import { readdir, readFile } from 'node:fs/promises';

/** What the processes of one name use. Linux only: read from /proc; elsewhere all is 0. */
export interface Usage {
  /** Processor time so far in milliseconds, user and system, of ended children too. */
  readonly cpuMs: number;
  /** Memory at this moment in MiB; what several processes share is counted once. */
  readonly memoryMiB: number;
  /** The part of it that is not shared with any other. */
  readonly privateMiB: number;
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
      const sum = (of: (one: ProcessUsage) => number) =>
        usages.reduce((total, one) => total + of(one), 0);
      const privateMiB = sum((one) => one.privateMiB);
      // The backends of one server map the same files and the same shared buffers.
      const shared = Math.max(0, ...usages.map((one) => one.sharedMiB));
      return [
        name,
        { cpuMs: sum((one) => one.cpuMs), memoryMiB: privateMiB + shared, privateMiB },
      ] as const;
    }),
  );
  return Object.fromEntries(entries);
}

interface ProcessUsage {
  readonly cpuMs: number;
  readonly privateMiB: number;
  readonly sharedMiB: number;
}

async function usage(pid: number): Promise<ProcessUsage> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const mib = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? '0') / 1_024;
    // Fields 14 to 17 of proc(5), counted from the third, which is the first after the name.
    const cpuTicks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return {
      cpuMs: (cpuTicks * 1_000) / ticks,
      privateMiB: mib('RssAnon'),
      sharedMiB: mib('RssFile') + mib('RssShmem'),
    };
  } catch {
    return { cpuMs: 0, privateMiB: 0, sharedMiB: 0 }; // It ended meanwhile.
  }
}

/** A process and all below it, such as PostgreSQL's backends. */
export async function descendants(root: number): Promise<number[]> {
  const parents = new Map<number, number>();
  // Without /proc there is nothing to see of others.
  for (const entry of await readdir('/proc').catch(() => [])) {
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

/** Follows processes by name until stopped: processor time in between, memory at its highest. */
export async function watchProcesses(
  pids: () => Promise<Readonly<Record<string, readonly number[]>>>,
  intervalMs = 500,
): Promise<() => Promise<Record<string, { cpuMs: number; peakMiB: number }>>> {
  const before = await usageOf(await pids());
  const peaks: Record<string, number> = {};
  const look = async () => {
    const now = await usageOf(await pids());
    for (const [name, { memoryMiB }] of Object.entries(now)) {
      peaks[name] = Math.max(peaks[name] ?? 0, memoryMiB);
    }
    return now;
  };
  const timer = setInterval(() => void look(), intervalMs);
  return async () => {
    clearInterval(timer);
    const after = await look();
    return Object.fromEntries(
      Object.entries(after).map(([name, { cpuMs }]) => {
        const used = cpuMs - (before[name]?.cpuMs ?? 0);
        return [name, { cpuMs: used, peakMiB: peaks[name] ?? 0 }];
      }),
    );
  };
}
