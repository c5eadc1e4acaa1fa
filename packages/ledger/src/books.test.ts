import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  accountId,
  CursorError,
  listBooks,
  openBook,
  readAccountsOfOwners,
  readBook,
  readChart,
  readJournalsOfObjects,
} from './index.ts';
import { book, createWorld, item, otherBook, outside, type World } from './test/world.ts';

let world: World;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  expect(await world.end()).toEqual([]);
});

const kept = { legalEntity: 'k1.shop', regime: 'own', currency: 'CNY', keeper: 'k1' } as const;

test('a book is opened once, by whoever keeps it, and stays that one’s', async () => {
  const { database } = world;
  const [one, other] = await Promise.all([openBook(database, kept), openBook(database, kept)]);
  expect([one, other].filter((opened) => opened.ok && !opened.value.replayed)).toHaveLength(1);
  expect(await openBook(database, kept)).toMatchObject({
    ok: true,
    value: { replayed: true, book: { id: 'k1.shop/own/CNY', memo: false, keeper: 'k1' } },
  });
  for (const keeper of ['k2', null]) {
    expect(await openBook(database, { ...kept, keeper })).toMatchObject({
      error: { code: 'book_exists' },
    });
  }
  expect(await openBook(database, { ...kept, regime: 'merchant' })).toMatchObject({
    value: { book: { memo: true } },
  });
  expect(await readBook(database, 'nobody/own/CNY')).toBeUndefined();
});

test('books are listed by keeper, and all of them, page by page', async () => {
  const { database } = world;
  const first = await listBooks(database, { keeper: 'k1' }, { limit: 1 });
  const cursor = first.nextCursor ?? '';
  const second = await listBooks(database, { keeper: 'k1' }, { limit: 1, cursor });
  expect(second.nextCursor).toBeUndefined();
  const ids = [...first.items, ...second.items].map(({ id }) => id);
  expect(ids).toEqual(['k1.shop/merchant/CNY', 'k1.shop/own/CNY']);
  const all = await listBooks(database, {});
  expect(all.items.map(({ id }) => id)).toEqual([...ids, book, otherBook]);
  await expect(listBooks(database, {}, { cursor: 'x' })).rejects.toThrow(CursorError);
});

test('what keepers call their owners and objects is not taken for what others call so', async () => {
  const { database, submitter } = world;
  const id = await world.book({ kind: 'posted', debit: outside, credit: item('same'), amount: 1n });
  const theirs = world.journal([
    {
      kind: 'posted',
      debit: { ...outside, book: 'k1.shop/own/CNY' },
      credit: { ...item('same'), book: 'k1.shop/own/CNY' },
      amount: 1n,
    },
  ]);
  const inTheirs = { ...theirs, book: 'k1.shop/own/CNY', cause: { ...theirs.cause, object: id } };
  expect(await submitter.submit(inTheirs)).toMatchObject({ ok: true });
  const accounts = await readAccountsOfOwners(database, ['same']);
  expect(accounts.map((account) => account.id)).toEqual([accountId(item('same'))]);
  const ours = await readJournalsOfObjects(database, [id]);
  expect(ours.items.map((journal) => journal.id)).toEqual([id]);
  const of = await readJournalsOfObjects(database, [id], {}, 'k1.shop/own/CNY');
  expect(of.items.map((journal) => journal.id)).toEqual([theirs.id]);
});

test('the chart names each code in both languages', async () => {
  const chart = await readChart(world.database);
  expect(chart).toHaveLength(27);
  for (const line of chart) expect(line.nameEn && line.nameZh).toBeTruthy();
});
