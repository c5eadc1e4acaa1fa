import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * What V8 writes with `--cpu-prof`: nodes of the call tree, and which of them ran at each sample.
 */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

/** From the first to the last that fits; what fits none is `other`. */
const areas: readonly (readonly [RegExp, string])[] = [
  [/node_modules\/(pg|pg-[a-z-]+|postgres-[a-z]+)\//, 'PostgreSQL driver'],
  [/packages\/(\w[\w-]*)\//, '$1'],
  [/apps\/server\/src\/(\w+\/\w[\w-]*)\//, '$1'],
  [/apps\/(sandbox\/src\/\w+)\//, '$1'],
  [/node:internal\/crypto/, 'signatures and ciphers'],
  [/node:sqlite|node_modules\/better-sqlite3/, 'SQLite'],
  [/undici/, 'HTTP client'],
  [/node_modules\/(fastify|@fastify|find-my-way|avvio|secure-json-parse|ajv)/, 'HTTP server'],
  [/node:_http|node:net|node:internal\/(stream|http|tls|js_stream)/, 'sockets'],
  [/^node:/, 'Node'],
];

/** Functions of V8 and Node that have no file. */
const natives: Readonly<Record<string, string>> = {
  writev: 'sockets',
  writeUtf8String: 'sockets',
  writeLatin1String: 'sockets',
  writeBuffer: 'sockets',
  '(garbage collector)': 'garbage collection',
  '(program)': 'V8',
};

function areaOf({ functionName, url }: { functionName: string; url: string }): string {
  for (const [pattern, name] of areas) {
    const found = pattern.exec(url);
    if (found) return name.replace('$1', found[1] ?? '');
  }
  return natives[functionName] ?? 'other';
}

/**
 * Where the processes spent their main threads' time, by the part of the code: the share of each
 * in percent, largest first, by the process id that V8 puts into the file's name. What runs on
 * other threads, such as signing, is not seen.
 */
export async function readProfiles(
  directory: string,
): Promise<ReadonlyMap<number, Readonly<Record<string, number>>>> {
  const shares = new Map<number, Readonly<Record<string, number>>>();
  for (const name of await readdir(directory)) {
    const pid = Number(/^CPU\.\d+\.\d+\.(\d+)\./.exec(name)?.[1]);
    const profile = JSON.parse(await readFile(join(directory, name), 'utf8')) as CpuProfile;
    shares.set(pid, sharesOf(profile));
  }
  return shares;
}

function sharesOf({ nodes, samples, timeDeltas }: CpuProfile): Readonly<Record<string, number>> {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const spent = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id);
    if (frame === undefined || frame.functionName === '(idle)') continue;
    const area = areaOf(frame);
    spent.set(area, (spent.get(area) ?? 0) + (timeDeltas[index] ?? 0));
  }
  const all = [...spent.values()].reduce((sum, time) => sum + time, 0);
  const largest = [...spent].sort(([, a], [, b]) => b - a).slice(0, 10);
  return Object.fromEntries(
    largest.map(([area, time]) => [area, Math.round((time / all) * 1_000) / 10]),
  );
}
