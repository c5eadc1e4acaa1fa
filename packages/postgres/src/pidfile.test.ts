import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { isAlive, parsePidfile } from './pidfile.ts';

const whole = '6089\n/srv/data\n1795222299\n45999\n\n127.0.0.1\n  2149161         4\nready   \n';

it('reads the number, the port and the state of a running server', () => {
  expect(parsePidfile(whole)).toEqual({ pid: 6089, port: 45999, status: 'ready' });
});

it('reads a file that the server is still writing', () => {
  const begun = '6089\n/srv/data\n1795222299\n45999\n\n';
  expect(parsePidfile(begun)).toEqual({ pid: 6089, port: 45999, status: undefined });
  expect(parsePidfile('6089')).toEqual({ pid: 6089, port: undefined, status: undefined });
  expect(parsePidfile('')).toBeUndefined();
});

it('takes no group of processes for a process', () => {
  expect(isAlive(0)).toBe(false);
  expect(isAlive(-1)).toBe(false);
  expect(isAlive(process.pid)).toBe(true);
});

it('knows that a process has ended although nobody asked for its result', async () => {
  // The outer shell becomes `cat`, which never asks for the result of its child.
  const parent = spawn('/bin/sh', ['-c', 'true & echo $!; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [chunk] = await once(parent.stdout, 'data');
  const pid = Number(String(chunk));
  while (isAlive(pid)) await new Promise(setImmediate);
  expect(isAlive(pid)).toBe(false);
  parent.kill();
});
