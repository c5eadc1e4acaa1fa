// Runs a program of the project under its own Node, as if it had been started directly.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled, node } from './install.mjs';
import { installed, root } from './paths.mjs';
import { Stop } from './say.mjs';

/** Installs if needed, runs `file` (from the project's root) and takes over its exit code. */
export async function launch(file, args) {
  if (!existsSync(join(root, file))) throw new Stop(`There is no ${file} in ${root}.`);
  await ensureInstalled();
  process.exitCode = await runNode([youngFlag, join(root, file), ...args]);
}

/** As the processes of an installation have it (`apps/server/src/main/start/child.ts`). */
const youngFlag = '--max-semi-space-size=32';

/**
 * Runs Node 26 with the arguments, terminal and folder of this process, and passes signals on.
 * Resolves with its exit code, or 128 and the signal's number, as shells do.
 *
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>}
 */
export function runNode(args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(node(), args, { stdio: 'inherit', env: environment(), ...options });
    const release = passSignals(child);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      release();
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

/** Programs that the program starts by name find the project's own tools first. */
export function environment() {
  return { ...process.env, PATH: `${installed('.bin')}:${process.env.PATH ?? ''}` };
}

/**
 * A terminal sends Ctrl-C to both processes by itself: passing it on would interrupt the program
 * twice, and many take the second time for "at once".
 */
function passSignals(child) {
  const pass = (signal) => {
    if (signal === 'SIGINT' && process.stdin.isTTY) return;
    child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, pass);
  return () => {
    for (const signal of signals) process.off(signal, pass);
  };
}
