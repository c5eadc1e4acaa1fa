import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, rename, stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { elapsedMs } from '@keyturn/kernel';
import type { Launcher } from './account.ts';
import { fromSystemError } from './errors.ts';
import { isAlive } from './pidfile.ts';

/** Past this size the log of earlier runs is set aside at the next start. */
const maxLogBytes = 8 * 1024 * 1024;

/** A server process that has been started, ready or not. */
export interface ServerProcess {
  readonly pid: number;
  /** From now on this program waits for the process to end; before, it does not. */
  hold(): void;
  /** Resolves when the process has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** What this run has printed so far. */
  printed(): Promise<string>;
}

/**
 * Starts the server with its output in `log`. It gets a session of its own, so that Ctrl-C at the
 * terminal reaches the program that uses it first, and the database when that program says so.
 */
export async function spawnServer(
  launcher: Launcher,
  postgres: string,
  args: readonly string[],
  log: string,
): Promise<ServerProcess> {
  try {
    await rotate(log);
    const file = await open(log, 'a', 0o600);
    try {
      // Whoever may run the server later must be able to write its log, also when root made it.
      const { account } = launcher;
      if (account !== undefined) await file.chown(account.uid, account.gid);
      const from = (await file.stat()).size;
      const command = launcher.command(postgres, args);
      const child = spawn(command.file, command.args, {
        ...command.options,
        detached: true,
        stdio: ['ignore', file.fd, file.fd],
      });
      await once(child, 'spawn');
      child.unref();
      return describe(child, log, from);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fromSystemError(error, log);
  }
}

function describe(child: ChildProcess, log: string, from: number): ServerProcess {
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('a spawned process has no number');
  return { pid, ended, hold: () => child.ref(), printed: () => readFrom(log, from) };
}

async function rotate(log: string): Promise<void> {
  // Before the first start there is no log.
  const found = await stat(log).catch(() => undefined);
  if (found !== undefined && found.size > maxLogBytes) await rename(log, `${log}.1`);
}

/** At most the last 64 KiB of what was written after `from`. */
async function readFrom(log: string, from: number): Promise<string> {
  const file = await open(log, 'r');
  try {
    const { size } = await file.stat();
    const start = Math.max(from, size - 65_536);
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(size - start),
      position: start,
    });
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** PostgreSQL's three ways to end, politest first, and how long each may take. */
const waysToEnd = [
  // Fast: ends the sessions, writes a checkpoint.
  { signal: 'SIGINT', timeoutMs: 60_000 },
  // Immediate: no checkpoint, the next start recovers from the log. Nothing committed is lost.
  { signal: 'SIGQUIT', timeoutMs: 10_000 },
  { signal: 'SIGKILL', timeoutMs: 10_000 },
] as const;

/** Ends a server process and returns when it is gone. */
export async function endServer(pid: number): Promise<void> {
  for (const way of waysToEnd) {
    if (!isAlive(pid)) return;
    process.kill(pid, way.signal);
    const deadline = elapsedMs() + way.timeoutMs;
    while (elapsedMs() < deadline) {
      if (!isAlive(pid)) return;
      await pause(10);
    }
  }
  throw new Error(`PostgreSQL's process ${pid} does not end, not even by SIGKILL`);
}
