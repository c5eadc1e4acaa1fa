import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';
import { transact } from './store.ts';
import { openWorld, type World } from './world.ts';

let directory: string;
let world: World;
const log: string[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyturn-due-'));
  log.length = 0;
  world = openWorld(
    directory,
    createLogger((line) => log.push(line)),
  );
});

afterEach(() => {
  world.store.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('due work', () => {
  it('runs in the order of its time, each with the world at that time', async () => {
    const seen: [string, number][] = [];
    world.due.handle('note', ({ name = '' }, at) => {
      const lag = world.clock.now().epochMilliseconds - at.epochMilliseconds;
      seen.push([name, at.epochMilliseconds]);
      expect(lag).toBeGreaterThanOrEqual(0);
      expect(lag).toBeLessThan(60_000);
    });
    const start = world.clock.now();
    const inHours = (hours: number) => start.add({ hours });
    world.due.schedule('note', inHours(5), { name: 'third' });
    world.due.schedule('note', inHours(1), { name: 'first' });
    world.due.schedule('note', inHours(2), { name: 'second' });
    world.due.schedule('note', inHours(30), { name: 'later' });
    await world.due.advanceTo(inHours(24));
    expect(seen.map(([name]) => name)).toEqual(['first', 'second', 'third']);
    expect(seen[1]?.[1]).toBe(inHours(2).epochMilliseconds);
  });

  it('runs what the work itself schedules on the way', async () => {
    let days = 0;
    world.due.handle('daily', (_payload, at) => {
      days += 1;
      world.due.schedule('daily', at.add({ hours: 24 }), {});
    });
    const start = world.clock.now();
    world.due.schedule('daily', start.add({ hours: 24 }), {});
    await world.due.advanceTo(start.add({ hours: 24 * 60 }));
    expect(days).toBe(60);
    expect(world.due.isScheduled('daily')).toBe(true);
  });

  it('that fails is rolled back, told, and tried again, and holds up nothing else', async () => {
    let attempts = 0;
    let others = 0;
    world.due.handle('other', () => {
      others += 1;
    });
    world.due.handle('shaky', () => {
      attempts += 1;
      world.due.schedule('other', world.clock.now(), {});
      if (attempts === 1) throw new Error('not yet');
    });
    const start = world.clock.now();
    world.due.schedule('shaky', start.add({ hours: 1 }), {});
    world.due.schedule('other', start.add({ hours: 2 }), {});
    await world.due.advanceTo(start.add({ hours: 3 }));
    expect([attempts, others]).toEqual([1, 1]);
    expect(log.join()).toContain('not yet');
    await world.due.advanceTo(start.add({ hours: 4 }));
    expect([attempts, others]).toEqual([2, 2]);
    expect(world.due.isScheduled('shaky')).toBe(false);
  });

  it('can be called off, and is not there when its transaction was rolled back', async () => {
    let runs = 0;
    world.due.handle('note', () => {
      runs += 1;
    });
    const soon = world.clock.now().add({ minutes: 1 });
    world.due.cancel(world.due.schedule('note', soon, {}));
    expect(() =>
      transact(world.store, () => {
        world.due.schedule('note', soon, {});
        throw new Error('undone');
      }),
    ).toThrow('undone');
    await world.due.advanceTo(soon.add({ minutes: 1 }));
    expect(runs).toBe(0);
  });

  it('waits in the store while nobody runs', () => {
    const soon = world.clock.now().add({ minutes: 1 });
    world.due.schedule('note', soon, { name: 'kept' });
    world.clock.advance({ minutes: 2 });
    world.store.close();
    world = openWorld(
      directory,
      createLogger(() => {}),
    );
    const names: string[] = [];
    world.due.handle('note', ({ name = '' }) => {
      names.push(name);
    });
    world.due.run();
    expect(names).toEqual(['kept']);
  });
});

describe('the world’s clock', () => {
  it('keeps its offset in the store and never goes backwards', () => {
    world.clock.advance({ days: 40 });
    const now = world.clock.now();
    world.clock.advanceTo(now.subtract({ hours: 1 }));
    expect(Temporal.Instant.compare(world.clock.now(), now)).toBeGreaterThanOrEqual(0);
    expect(() => world.clock.advance({ hours: -1 })).toThrow(RangeError);
    const offset = world.clock.offsetMs();
    world.store.close();
    world = openWorld(
      directory,
      createLogger(() => {}),
    );
    expect(world.clock.offsetMs()).toBe(offset);
  });

  it('tells its listeners of each step', () => {
    let told = 0;
    world.clock.onAdvance(() => {
      told += 1;
    });
    world.clock.advance({ minutes: 1 });
    world.clock.advance({ minutes: 1 });
    expect(told).toBe(2);
  });
});

describe('writes that share a commit', () => {
  it('stand apart: one that throws takes nobody with it', async () => {
    world.store.exec('create table t (n integer primary key)');
    const insert = world.store.prepare('insert into t values (?)');
    const write = (n: number, fails = false) =>
      world.commits.write(() => {
        insert.run(n);
        if (fails) throw new Error(`no ${n}`);
        return n;
      });
    const results = await Promise.allSettled([write(1), write(2, true), write(3), write(1)]);
    expect(results.map(({ status }) => status)).toEqual([
      ...['fulfilled', 'rejected', 'fulfilled', 'rejected'],
    ]);
    const rows = world.store.prepare('select n from t order by n').all();
    expect(rows.map((row) => row['n'])).toEqual([1, 3]);
  });
});
