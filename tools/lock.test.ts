import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { alone } from './lock.mjs';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyturn-lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

/** A process of its own that says when it enters and leaves, and stays until its input closes. */
const program = `
const { alone } = await import(process.argv[1]);
await alone('work', async () => {
  process.stdout.write('in\\n');
  for await (const _ of process.stdin);
  process.stdout.write('out\\n');
}, process.argv[2]);
`;

function start() {
  const lock = pathToFileURL(join(import.meta.dirname, 'lock.mjs')).href;
  const args = ['--input-type=module', '-e', program, lock, folder];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

it('gives the result of the work and leaves nothing behind', async () => {
  expect(await alone('work', () => 42, folder)).toBe(42);
  await expect(alone('work', () => Promise.reject(new Error('no')), folder)).rejects.toThrow('no');
  expect(readdirSync(folder)).toEqual([]);
});

it('makes a second process wait until the first is done', async () => {
  const first = start();
  await once(first.stdout, 'data');
  const second = start();
  const entered = once(second.stdout, 'data').then(() => 'second in');
  // It says on standard error that it waits: only then is the order of events worth looking at.
  expect(String(await once(second.stderr, 'data'))).toContain(`process ${first.pid}`);
  const left = once(first.stdout, 'data').then(() => 'first out');
  first.stdin.end();
  expect(await Promise.race([left, entered])).toBe('first out');
  expect(await entered).toBe('second in');
});

it('takes over from a process that was killed', async () => {
  const first = start();
  await once(first.stdout, 'data');
  first.kill('SIGKILL');
  await once(first, 'exit');
  expect(await alone('work', () => 'mine', folder)).toBe('mine');
});

it('takes over from a process that is long gone', async () => {
  const gone = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(gone, 'exit');
  writeFileSync(join(folder, 'work.lock'), String(gone.pid));
  expect(await alone('work', () => 'mine', folder)).toBe('mine');
});
