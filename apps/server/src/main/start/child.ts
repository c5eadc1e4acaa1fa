import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { elapsedMs } from '@keyturn/kernel';
import { StartError } from './installation.ts';

/** A process of the tree: started again when it ends by itself, ended with the tree. */
export interface Child {
  readonly name: string;
  /** What the process said when it was ready: its first line of JSON. */
  readonly ready: Readonly<Record<string, unknown>>;
  pid(): number | undefined;
  stop(): Promise<void>;
}

export interface ChildOptions {
  readonly name: string;
  readonly script: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
  /** Called when it died more often than a restart can help. */
  readonly onGivenUp: (error: StartError) => void;
  readonly readyTimeoutMs?: number;
}

const restartsPerMinute = 10;
/**
 * MiB for objects that die young, of which a batch makes many: more than V8's own choice, so that
 * it is cleared less often, and less of it is kept by mistake. `tools/launch.mjs` says the same.
 */
const youngFlag = '--max-semi-space-size=32';
const endWithParent = new URL('end-with-parent.ts', import.meta.url).href;

/**
 * Starts a process, waits for its line of JSON with `"ready": true`, and keeps it running. What
 * it writes goes to its log file.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  let child: ChildProcess | undefined;
  let stopping = false;
  const deaths: number[] = [];
  const log = createWriteStream(options.logFile, { flags: 'a', mode: 0o600 });

  async function launch(): Promise<Readonly<Record<string, unknown>>> {
    const flags = [youngFlag, '--import', endWithParent];
    const args = [...flags, options.script, ...(options.args ?? [])];
    const started = spawn(process.execPath, args, {
      env: { ...options.env },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    child = started;
    started.stderr?.pipe(log, { end: false });
    return awaitReady(options, started, log);
  }

  function watch(started: ChildProcess | undefined): void {
    started?.once('exit', () => {
      if (!stopping) void revive();
    });
  }

  async function revive(): Promise<void> {
    const now = elapsedMs();
    deaths.push(now);
    while ((deaths[0] ?? now) < now - 60_000) deaths.shift();
    if (deaths.length > restartsPerMinute) {
      options.onGivenUp(
        new StartError(
          `The process ${options.name} ended ${deaths.length} times within a minute. See ${options.logFile}.`,
        ),
      );
      return;
    }
    await wait(Math.min(100 * 2 ** deaths.length, 3_000));
    if (stopping) return;
    try {
      await launch();
      watch(child);
    } catch {
      // It ended before it was ready; that counts as a death too.
      if (!stopping) await revive();
    }
  }

  const ready = await launch();
  watch(child);
  return {
    name: options.name,
    ready,
    pid: () => child?.pid,
    stop: async () => {
      stopping = true;
      await end(child);
      log.end();
    },
  };
}

async function awaitReady(
  options: ChildOptions,
  child: ChildProcess,
  log: NodeJS.WritableStream,
): Promise<Readonly<Record<string, unknown>>> {
  let last = '';
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(
        new StartError(
          `The process ${options.name} was not ready in time. See ${options.logFile}.`,
        ),
      );
    }, options.readyTimeoutMs ?? 60_000);
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        log.write(`${line}\n`);
        last = line;
        const said = parseReady(line);
        if (!said) return;
        clearTimeout(timer);
        resolve(said);
      });
    }
    child.stderr?.on('data', (chunk: Buffer) => {
      last = chunk.toString('utf8').trim().split('\n').at(-1) ?? last;
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(
        new StartError(`The process ${options.name} ended (${code ?? 'by a signal'}): ${last}`),
      );
    });
  });
}

function parseReady(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const said: unknown = JSON.parse(line);
    const isReady = typeof said === 'object' && said !== null && 'ready' in said;
    return isReady && said.ready === true ? (said as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // An ordinary line of text.
  }
}

/** Asks politely, then insists. */
async function end(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const insist = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(insist);
}
