// One process at a time. Runs on Node 20, before anything is installed.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { stateFolder } from './paths.mjs';
import { say } from './say.mjs';

/**
 * Runs `work` while no other process runs work of the same name; waits for its turn. The lock of
 * a process that is gone counts for nothing.
 *
 * @template T
 * @param {string} name
 * @param {() => T | Promise<T>} work
 * @param {string} [folder]
 * @returns {Promise<T>}
 */
export async function alone(name, work, folder = stateFolder) {
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, `${name}.lock`);
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    await take(lock, mine, name);
    try {
      return await work();
    } finally {
      rmSync(lock, { force: true });
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

async function take(lock, mine, name) {
  let told = false;
  while (!tryLink(mine, lock)) {
    const holder = read(lock);
    if (holder !== undefined && !isAlive(Number(holder))) {
      discard(lock, holder);
      continue;
    }
    if (!told && holder !== undefined) say(`Waiting for process ${holder}, which does: ${name}.`);
    told = true;
    await pause(100);
  }
}

/** A link appears with its content in one step, which writing a file would not. */
function tryLink(mine, lock) {
  try {
    linkSync(mine, lock);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Takes a dead process's lock away, and gives it back if it turns out to be somebody else's by
 * now.
 */
function discard(lock, holder) {
  const aside = `${lock}.stale-${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (read(aside) !== holder) tryLink(aside, lock);
  rmSync(aside, { force: true });
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
