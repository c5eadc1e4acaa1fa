import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { isAlive } from '../src/pidfile.ts';
import { query, scratch, start } from './scratch.ts';

interface Started {
  readonly starter: ChildProcess;
  readonly server: { readonly pid: number; readonly port: number; readonly adopted: boolean };
}

/** Starts a server from a program of its own, so that the test can kill that program. */
async function startElsewhere(folder: string): Promise<Started> {
  const program = join(import.meta.dirname, 'starter.ts');
  const starter = spawn(process.execPath, [program, join(folder, 'pg')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void starter.kill('SIGKILL'));
  const [line] = await once(createInterface(starter.stdout), 'line');
  const server: Started['server'] = JSON.parse(String(line));
  // Its guard ends it a moment after the program: until then it writes in the folder.
  onTestFinished(async () => {
    starter.kill('SIGKILL');
    await gone(server.pid);
  });
  return { starter, server };
}

/** Waits for the process to be gone; the test's own time limit ends the wait. */
async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await pause(10);
}

it('tells when the server dies, and recovers from kill -9 with what was committed', async () => {
  const folder = await scratch();
  const first = await start(folder, { durable: true });
  await query(first, 'CREATE TABLE kept AS SELECT 7 AS n');
  process.kill(first.pid, 'SIGKILL');
  expect(await first.exited).toEqual({ expected: false, code: null, signal: 'SIGKILL' });
  const pidfile = join(folder, 'pg', 'cluster', 'data', 'postmaster.pid');
  expect(await readFile(pidfile, 'utf8')).toMatch(new RegExp(`^${first.pid}\n`));
  const second = await start(folder, { durable: true });
  expect(second.adopted).toBe(false);
  expect(await query(second, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
});

it('is not deceived by a stale file that names a living process of another program', async () => {
  const folder = await scratch();
  const first = await start(folder);
  process.kill(first.pid, 'SIGKILL');
  await first.exited;
  const pidfile = join(folder, 'pg', 'cluster', 'data', 'postmaster.pid');
  const stale = await readFile(pidfile, 'utf8');
  await writeFile(pidfile, stale.replace(/^\d+/, String(process.pid)));
  const second = await start(folder);
  expect(second.adopted).toBe(false);
  expect(await query(second, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

it('ends the server when the program that started it is killed', async () => {
  const { starter, server } = await startElsewhere(await scratch());
  starter.kill('SIGKILL');
  await gone(server.pid);
  expect(isAlive(server.pid)).toBe(false);
});

it('starts anew while the server of a killed program is still shutting down', async () => {
  const folder = await scratch();
  const { starter, server } = await startElsewhere(folder);
  starter.kill('SIGKILL');
  await once(starter, 'exit');
  const next = await start(folder);
  expect(next.pid).not.toBe(server.pid);
  expect(await query(next, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

it('adopts the server of another living program and does not stop it', async () => {
  const folder = await scratch();
  const { server } = await startElsewhere(folder);
  const adopted = await start(folder);
  expect(adopted.adopted).toBe(true);
  expect(adopted.pid).toBe(server.pid);
  expect(adopted.connection.port).toBe(server.port);
  await adopted.stop();
  expect(isAlive(server.pid)).toBe(true);
});

it('takes over a server whose program is gone, and stops it', async () => {
  const folder = await scratch();
  const first = await start(folder);
  // The note of a program that has ended: number 0 belongs to no program.
  await writeFile(join(folder, 'pg', 'owner'), `0 ${first.pid}\n`);
  const second = await start(folder);
  expect(second.adopted).toBe(true);
  await second.stop();
  expect(isAlive(first.pid)).toBe(false);
  await first.exited;
});

it('removes what a killed initdb left behind', async () => {
  const folder = await scratch();
  const shortLived = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(shortLived, 'exit');
  await mkdir(join(folder, 'pg', `initdb-${shortLived.pid}-abcdef`, 'data'), { recursive: true });
  await start(folder);
  expect((await readdir(join(folder, 'pg'))).sort()).toEqual(['cluster', 'owner', 'server.log']);
});
