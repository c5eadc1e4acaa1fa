import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CursorError, readJournalsOfObjects } from './index.ts';
import { createWorld, item, outside, type World } from './test/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  expect(await world.end()).toEqual([]);
});

/** A journal that an object caused; its id tells nothing of its age. */
function journalOf(object: string) {
  const posted = { kind: 'posted', debit: outside, credit: item('a'), amount: 1n } as const;
  return { ...world.journal([posted], randomUUID()), cause: causeOf(object) };
}

const causeOf = (object: string) => ({ module: 'test', object, command: 'pay' });

async function book(object: string): Promise<string> {
  const journal = journalOf(object);
  expect(await world.submitter.submit(journal)).toMatchObject({ ok: true });
  return journal.id;
}

/** The ids that a caller sees who turns the pages. */
async function listed(objects: readonly string[], limit: number): Promise<readonly string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await readJournalsOfObjects(world.database, objects, {
      limit,
      ...(cursor !== undefined && { cursor }),
    });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return ids;
}

test('are listed in the order in which they were booked, page by page', async () => {
  const first: string[] = [];
  const both: string[] = [];
  for (let turn = 0; turn < 4; turn++) {
    const one = await book('one');
    const many = Array.from({ length: 5 }, () => journalOf('one'));
    const answers = await world.submitter.submitBulk(many);
    expect(answers.every(({ ok }) => ok)).toBe(true);
    // Within a transaction by their ids.
    first.push(one, ...many.map(({ id }) => id).sort());
    both.push(...first.slice(-6), await book('two'));
  }
  for (const limit of [1, 3, 100]) {
    expect(await listed(['one'], limit)).toEqual(first);
    expect(await listed(['two', 'one', 'one', 'none'], limit)).toEqual(both);
  }
  const page = readJournalsOfObjects(world.database, ['one'], { cursor: 'WyJ4Il0' });
  await expect(page).rejects.toThrow(CursorError);
});

test('are told from those of an object whose name has the same hash', async () => {
  const [twins] = await world.database.query<{ names: string[] }>(
    `select array_agg('object-' || n) as names from generate_series(1, 300000) n
     group by hashtext('object-' || n) having count(*) > 1 limit 1`,
  );
  const [one = '', other = ''] = twins?.names ?? [];
  expect(other).not.toBe('');
  const ids = [await book(one), await book(other), await book(one)];
  expect(await listed([one], 1)).toEqual([ids[0], ids[2]]);
  expect(await listed([other], 1)).toEqual([ids[1]]);
  expect(await listed([other, one], 2)).toEqual(ids);
});

test('of an object that has a third of all journals, no more are read than a page needs', async () => {
  for (let turn = 0; turn < 30; turn++) {
    // What a group of the key has: 64 transactions.
    for (let used = 0; used < 64; used++) await world.database.query('select pg_current_xact_id()');
    const journals = Array.from({ length: 200 }, (_, index) =>
      journalOf(index % 3 === 0 ? 'busy' : randomUUID()),
    );
    expect((await world.submitter.submitBulk(journals)).every(({ ok }) => ok)).toBe(true);
  }
  const { superuserUrl } = world.testDatabase;
  await world.testDatabase.open({ url: superuserUrl }).query('analyze ledger.journal');
  const texts: string[] = [];
  const onStatement = (text: string) => texts.push(text);
  const database = world.testDatabase.open({ onStatement, maxConnections: 1 });
  // Often enough that its plan is the one for any object.
  for (let turn = 0; turn < 10; turn++) {
    await readJournalsOfObjects(database, ['busy'], { limit: 10 });
  }
  const sql = texts.find((text) => text.includes('journals_of')) ?? '';
  const [plan] = await database.query<{ 'QUERY PLAN': readonly [Explained] }>(
    `explain (analyze, buffers, format json) ${sql}`,
    [['busy'], null, '0', '00000000-0000-0000-0000-000000000000', 11],
  );
  const { Plan } = plan?.['QUERY PLAN'][0] ?? {};
  expect(Plan?.['Actual Rows']).toBe(11);
  // A group has 67 of them, all together 2,010; each costs two pages.
  expect(Plan?.['Shared Hit Blocks']).toBeLessThan(1_000);
});

interface Explained {
  readonly Plan: { readonly 'Actual Rows': number; readonly 'Shared Hit Blocks': number };
}
