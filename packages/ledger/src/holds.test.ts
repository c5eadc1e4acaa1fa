import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountId, listOpenHolds } from './index.ts';
import { createWorld, item, outside, type World } from './test/world.ts';

let world: World;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  expect(await world.end()).toEqual([]);
});

test('an open hold is found behind more entries than one page looks through', async () => {
  const id = accountId(item('busy'));
  await world.fund('busy', 1_000n);
  const hold = { kind: 'pending', debit: item('busy'), credit: outside, amount: 5n } as const;
  const journal = await world.book(hold);
  const spend = { kind: 'posted', debit: item('busy'), credit: outside, amount: 1n } as const;
  await world.book(...Array.from({ length: 499 }, () => spend));
  const before = await listOpenHolds(world.database, id);
  expect(before.items.map(({ journalId }) => journalId)).toEqual([journal]);
  await world.book(spend);
  expect((await listOpenHolds(world.database, id)).items).toEqual([]);
  const seen: string[] = [];
  let pages = 0;
  for (let cursor: string | undefined = ''; cursor !== undefined; pages++) {
    const page = await listOpenHolds(world.database, id, cursor === '' ? {} : { cursor });
    seen.push(...page.items.map(({ journalId, leg }) => `${journalId}/${leg}`));
    cursor = page.nextCursor;
  }
  expect(seen).toEqual([`${journal}/0`]);
  expect(pages).toBe(2);
});
