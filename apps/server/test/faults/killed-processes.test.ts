import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createRandom, type Random } from '@keyturn/testkit';
import { expect, test } from 'vitest';
import { gatherCast } from '../../src/main/demo/cast.ts';
import { playDemo } from '../../src/main/demo/play.ts';
import { type System, startSystem } from '../../src/main/start/system.ts';
import { createLogger } from '../../src/platform/index.ts';

/**
 * The main job while processes are killed under it: database, outside world, api and worker, at
 * moments that follow from a seed. Nothing may be lost and nothing done twice.
 * KEYTURN_FAULT_SEEDS=1,2,3 runs more seeds, KEYTURN_FAULT_KILLS more kills.
 */
const seeds = (process.env['KEYTURN_FAULT_SEEDS'] ?? '1').split(',').map(Number);

const kills = Number(process.env['KEYTURN_FAULT_KILLS'] ?? '4');

async function start(directory: string): Promise<System> {
  return startSystem({
    dataDirectory: directory,
    host: '127.0.0.1',
    ports: { api: 0, sandboxAdmin: 0, acquirer: 0, bank: 0 },
    env: { ...process.env, KEYTURN_LOG_LEVEL: 'error', DATABASE_URL: undefined },
    logger: createLogger('fault test', 'silent'),
    say: () => undefined,
    onGivenUp: (error) => {
      throw error;
    },
  });
}

async function databasePid(system: System): Promise<number> {
  const file = join(system.places.postgres, 'cluster', 'data', 'postmaster.pid');
  return Number((await readFile(file, 'utf8').catch(() => '0')).split('\n')[0]);
}

/** Kills one process after another, in turns each of them, until told to stop; says whom. */
async function killAround(system: System, random: Random, stop: AbortSignal): Promise<string[]> {
  const killed: string[] = [];
  while (!stop.aborted && killed.length < kills) {
    await wait(2_000 + random.next() * 5_000, undefined, { signal: stop }).catch(over);
    if (stop.aborted) break;
    const alive = { ...system.pids(), database: await databasePid(system) };
    const rounds = Math.floor(killed.length / Object.keys(alive).length);
    const due = Object.entries(alive).filter(
      ([name]) => killed.filter((before) => before === name).length <= rounds,
    );
    const [name, pid] = random.oneOf(due);
    if (!pid) continue;
    try {
      process.kill(pid, 'SIGKILL');
      killed.push(name);
    } catch {
      // It is being started again at this moment: the next time.
    }
  }
  return killed;
}

function over(): void {
  // The demo has ended while we waited to kill again.
}

test.each(seeds)(
  'killed at moments of seed %i, the main job ends with every fen in its place',
  async (seed) => {
    const directory = await mkdtemp(join(tmpdir(), 'keyturn-fault-'));
    const system = await start(directory);
    const ending = new AbortController();
    const killing = killAround(system, createRandom(seed), ending.signal);
    try {
      const result = await playDemo(gatherCast(system, `seed${seed}`, () => undefined));
      ending.abort();
      const killed = await killing;
      expect(new Set(killed)).toEqual(new Set(['api', 'worker', 'sandbox', 'database']));
      expect(result).toMatchObject({
        balanced: true,
        deals: { released: 1, refunded: 1, funding: 1 },
        payments: { succeeded: 7 },
        refunds: { succeeded: 1 },
        payouts: { paid: 3, returned: 1 },
        ledger: { balanced: true },
      });
      for (const place of result.bank) expect(place.proof).toBe(place.sandbox);
    } finally {
      ending.abort();
      await killing;
      await system.stop();
      await rm(directory, { recursive: true, force: true });
    }
  },
  600_000,
);
