import { type SteerableClock, steerableClock } from '@keyturn/kernel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSubmitter, expireHolds, readExpiryLag, readJournalsOfObjects } from './index.ts';
import { createWorld, item, outside, type World } from './test/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  expect(await world.end()).toEqual([]);
});

async function holdFor(seconds: number, owner: string): Promise<string> {
  const expiresAt = world.clock.now().add({ seconds });
  const to = item(`${owner} later`);
  return world.book({ kind: 'pending', debit: item(owner), credit: to, amount: 10n, expiresAt });
}

test('holds whose time is over are voided, the others stay, and the void is found by its cause', async () => {
  await world.fund('a', 30n);
  const due = await holdFor(10, 'a');
  await holdFor(1_000, 'a');
  expect(await expireHolds(world)).toBe(0);
  expect(await readExpiryLag(world.database, world.clock.now())).toBe(0);
  world.clock.advance({ seconds: 25 });
  expect(await readExpiryLag(world.database, world.clock.now())).toBe(15);
  expect(await expireHolds(world)).toBe(1);
  expect(await readExpiryLag(world.database, world.clock.now())).toBe(0);
  expect(await world.balance('a')).toEqual({ posted: 30n, available: 20n });
  const page = await readJournalsOfObjects(world.database, [due]);
  expect(page.items.flatMap(({ transfers }) => transfers.map(({ kind }) => kind)).sort()).toEqual([
    'pending',
    'void_pending',
  ]);
});

test('what was resolved in time is not due any more', async () => {
  await world.fund('b', 30n);
  const posted = await holdFor(5, 'b');
  const voided = await holdFor(5, 'b');
  await world.book({ kind: 'post_pending', hold: { journalId: posted, leg: 0 }, amount: 4n });
  await world.book({ kind: 'void_pending', hold: { journalId: voided, leg: 0 } });
  world.clock.advance({ seconds: 60 });
  expect(await expireHolds(world)).toBe(0);
  expect(await world.balance('b')).toEqual({ posted: 26n, available: 26n });
});

test('a set of due holds is worked off in pieces, the longest overdue first', async () => {
  await world.fund('c', 100n);
  for (const seconds of [3, 1, 2]) await holdFor(seconds, 'c');
  world.clock.advance({ seconds: 100 });
  expect(await expireHolds(world, 2)).toBe(2);
  expect(await readExpiryLag(world.database, world.clock.now())).toBe(97);
  expect(await expireHolds(world, 2)).toBe(1);
  expect(await expireHolds(world, 2)).toBe(0);
});

test('expirers and a late post at once resolve each hold once', async () => {
  await world.fund('d', 200n);
  const holds = [];
  for (let count = 0; count < 20; count++) holds.push(await holdFor(10, 'd'));
  // A process whose clock is behind still posts while two others already expire.
  const late: SteerableClock = steerableClock(world.clock.now());
  const poster = createSubmitter({ database: world.testDatabase.open(), clock: late });
  world.clock.advance({ seconds: 11 });
  const others = [1, 2].map(() =>
    expireHolds({ database: world.testDatabase.open(), clock: world.clock }),
  );
  const posts = holds.map((journalId) => {
    const hold = { journalId, leg: 0 };
    return poster.submit(world.journal([{ kind: 'post_pending', hold }]));
  });
  const voided = (await Promise.all(others)).reduce((sum, count) => sum + count, 0);
  const posted = (await Promise.all(posts)).filter((answer) => answer.ok).length;
  await poster.close();
  expect(posted + voided).toBe(20);
  const left = 200n - 10n * BigInt(posted);
  expect(await world.balance('d')).toEqual({ posted: left, available: left });
});

test('a closing with a time-out opens the account again', async () => {
  await world.fund('e', 7n);
  const expiresAt = world.clock.now().add({ seconds: 5 });
  await world.book({
    kind: 'pending',
    debit: item('e'),
    credit: outside,
    amount: 7n,
    closing: 'debit',
    expiresAt,
  });
  expect((await world.account(item('e'))).closed).toBe(true);
  world.clock.advance({ seconds: 5 });
  expect(await expireHolds(world)).toBe(1);
  expect(await world.account(item('e'))).toMatchObject({ closed: false, debitsPending: 0n });
});
