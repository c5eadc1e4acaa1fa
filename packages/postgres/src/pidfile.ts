import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fromSystemError } from './errors.ts';

const run = promisify(execFile);

/** What PostgreSQL writes into postmaster.pid, as far as it has come. */
export interface Postmaster {
  readonly pid: number;
  /** undefined while the server has not yet opened its port. */
  readonly port: number | undefined;
  /** `ready`, `starting`, `stopping`, `standby`; undefined while the server has not yet said. */
  readonly status: string | undefined;
}

/**
 * Reads postmaster.pid; its lines are: pid, data directory, start, port, socket, host, shm,
 * status.
 */
export function parsePidfile(text: string): Postmaster | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const port = Number(lines[3] ?? '');
  return {
    pid,
    port: Number.isInteger(port) && port > 0 ? port : undefined,
    status: lines[7] || undefined,
  };
}

export async function readPidfile(data: string): Promise<Postmaster | undefined> {
  const path = join(data, 'postmaster.pid');
  try {
    return parsePidfile(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw fromSystemError(error, path);
  }
}

/** Whether a process with this number runs, under whichever user. */
export function isAlive(pid: number): boolean {
  return exists(pid) && !hasEnded(pid);
}

function exists(pid: number): boolean {
  // To the system call, 0 and negative numbers stand for groups of processes.
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * An ended process keeps its number until its parent, or process 1 in its place, asks for its
 * result. In a container whose process 1 never asks that is for ever, so the number alone proves
 * nothing.
 */
function hasEnded(pid: number): boolean {
  try {
    // `pid (name) state …`; the name may hold anything, a bracket included.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
    return state === 'Z' || state === 'X';
  } catch {
    // No /proc on this system (macOS): then the number has to do.
    return false;
  }
}

/**
 * The server that postmaster.pid speaks of, if it still runs. The number may by now belong to
 * another program, or to a process that has ended and was never asked for its result; for
 * either's sake PostgreSQL would refuse to start, so the stale file is removed. (A second server
 * on the same data stays impossible: PostgreSQL also guards the directory by a shared memory
 * segment that ends with the last of its processes.)
 */
export async function findPostmaster(data: string): Promise<Postmaster | undefined> {
  const found = await readPidfile(data);
  if (found === undefined || !exists(found.pid)) return undefined;
  if (isAlive(found.pid) && (await isPostgres(found.pid))) return found;
  await rm(join(data, 'postmaster.pid'), { force: true });
  return undefined;
}

async function isPostgres(pid: number): Promise<boolean> {
  try {
    return (await readFile(`/proc/${pid}/comm`, 'utf8')).trim() === 'postgres';
  } catch {
    // No /proc on this system (macOS), or the process has just ended.
  }
  try {
    const { stdout } = await run('ps', ['-p', String(pid), '-o', 'comm=']);
    return stdout.trim().endsWith('postgres');
  } catch {
    // ps fails for a process that does not exist.
    return false;
  }
}
