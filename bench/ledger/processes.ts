import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { CallerTask } from './caller.ts';

const program = join(import.meta.dirname, 'caller.ts');

/** Several processes on one database, the callers shared among them: transfers a second of all. */
export async function together(processes: number, task: CallerTask): Promise<number> {
  const callers = Math.ceil(task.callers / processes);
  const rates = await Promise.all(
    Array.from({ length: processes }, () => rateOf({ ...task, callers })),
  );
  return rates.reduce((sum, rate) => sum + rate, 0);
}

async function rateOf(task: CallerTask): Promise<number> {
  const child = spawn(process.execPath, [program, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const [code] = await once(child, 'close');
  const rate = Number(text);
  if (code !== 0 || !(rate > 0)) throw new Error(`A process of callers ended with ${code}.`);
  return rate;
}
