import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Booked, CallerTask } from './booked.ts';

const program = join(import.meta.dirname, 'caller.ts');

/** Several processes on one database, each with all of the callers. */
export async function together(processes: number, task: CallerTask): Promise<Booked> {
  const all = await Promise.all(Array.from({ length: processes }, () => runCallers(program, task)));
  return {
    transfers: all.reduce((sum, { transfers }) => sum + transfers, 0),
    perSecond: all.reduce((sum, { perSecond }) => sum + perSecond, 0),
  };
}

/** Runs a process of callers, which prints as JSON what it booked. */
export async function runCallers(script: string, task: object): Promise<Booked> {
  const child = spawn(process.execPath, [...process.execArgv, script, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`A process of callers ended with ${code}.`);
  return JSON.parse(text) as Booked;
}
