import type { Database, Tx } from '@keyturn/pipeline';
import { expect, test } from 'vitest';
import { createTakeoverService } from './service.ts';
import {
  anna,
  createTakeoverWorld,
  type TakeoverWorld,
  takeover,
  takeoverBook,
} from './test/world.ts';

class Killed extends Error {
  override name = 'Killed';
}

/**
 * A database on which the process ends at the n-th thing that it does: before a statement, or
 * between a commit and its answer.
 */
function killedAt(database: Database, step: number): Database {
  let left = step;
  const pass = () => {
    left -= 1;
    if (left < 0) throw new Killed();
  };
  const watched = (tx: Tx): Tx => ({
    ...tx,
    get statements() {
      return tx.statements;
    },
    query: (text, values) => {
      pass();
      return tx.query(text, values);
    },
    write: (text, values, check) => {
      pass();
      tx.write(text, values, check);
    },
  });
  return {
    ...database,
    query: async (text, values) => {
      pass();
      return database.query(text, values);
    },
    transaction: async (work) => {
      const value = await database.transaction((tx) => work(watched(tx)));
      pass();
      return value;
    },
  };
}

const accounts = [
  ['2201', 'W1'],
  ['2201', 'W2'],
  ['1122', 'R1'],
] as const;

async function expectEqual({ service, old, balance }: TakeoverWorld): Promise<void> {
  expect(await service.compare(takeover)).toMatchObject({ value: { differing: 0 } });
  for (const [subject, account] of accounts) {
    expect(await balance(subject, account)).toBe(old.balanceOf(account));
  }
}

/** Ends the process at every n-th step until the work goes through; how often that was. */
async function survive(
  world: TakeoverWorld,
  stride: number,
  work: (service: TakeoverWorld['service']) => Promise<unknown>,
): Promise<number> {
  const { database, clock, old } = world;
  for (let deaths = 0, step = 0; ; deaths += 1, step += stride) {
    const service = createTakeoverService({
      database: killedAt(database, step),
      clock,
      connect: () => old,
    });
    try {
      expect(await work(service)).toMatchObject({ ok: true });
      return deaths;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      clock.advance({ minutes: 2 });
    } finally {
      await service.close();
    }
  }
}

test('killed before any statement and behind any commit, nothing is lost and nothing done twice', async () => {
  const world = await createTakeoverWorld();
  const { old, clock } = world;
  for (let row = 0; row < 1_200; row += 1) {
    clock.advance({ seconds: 1 });
    const [subject, account] = accounts[row % 3] ?? accounts[0];
    old.move({ subject, account, amount: BigInt(row % 5) + 1n });
  }
  clock.advance({ minutes: 1 });
  const imports = await survive(world, 1, (service) => service.importHistory(takeover));
  expect(imports).toBeGreaterThan(20);
  await expectEqual(world);

  for (let row = 0; row < 700; row += 1) old.move({ subject: '2201', account: 'W1', amount: 3n });
  clock.advance({ minutes: 1 });
  const shadows = await survive(world, 1, (service) => service.shadow(takeover));
  expect(shadows).toBeGreaterThan(10);
  await expectEqual(world);

  for (let day = 0; day < 4; day += 1) {
    clock.advance({ hours: 24 });
    await world.service.compare(takeover);
  }
  const switches = await survive(world, 1, async (service) => {
    const switched = await service.switchSubjects(takeover, ['2201'], anna);
    // Killed behind its commit it had been switched.
    const done = !switched.ok && switched.error.code === 'takeover_already_leads';
    return done ? { ok: true } : switched;
  });
  expect(switches).toBeGreaterThan(10);
  clock.advance({ minutes: 1 });

  const side = (code: 1002 | 2001, owner: string) => ({ book: takeoverBook, code, owner });
  const cause = { module: 'test', object: 'o', command: 'c' };
  const id = '00000000-0000-7000-8000-000000000001';
  const debit = side(1002, 'bank');
  const transfers = [{ kind: 'posted' as const, debit, credit: side(2001, 'W2'), amount: 9n }];
  const before = old.balanceOf('W2');
  await survive(world, 1, (service) =>
    service.submit(takeover, { id, book: takeoverBook, cause, transfers }),
  );
  await survive(world, 1, async (service) => {
    const sent = await service.mirror(takeover);
    clock.advance({ minutes: 2 });
    return sent;
  });
  await expectEqual(world);
  expect(old.balanceOf('W2')).toBe(before + 9n);
  expect(await world.end()).toEqual([]);
}, 120_000);
