import type { Page } from '@keyturn/kernel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type AccountOpener,
  type AccountSpec,
  accountId,
  CursorError,
  createAccountOpener,
  findAccounts,
  listAccounts,
  listEntries,
  type PageRequest,
  readPostedAt,
} from './index.ts';
import { book, createWorld, item, otherBook, outside, type World } from './test/world.ts';

let world: World;
let opener: AccountOpener;
beforeAll(async () => {
  world = await createWorld();
  opener = createAccountOpener(world);
});
afterAll(async () => {
  await opener.close();
  expect(await world.end()).toEqual([]);
});

const refused = (code: string) => ({ ok: false, error: { code } });

async function pages<T>(read: (page: PageRequest) => Promise<Page<T>>, limit: number) {
  const all: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await read({ limit, ...(cursor === undefined ? {} : { cursor }) });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    all.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return all;
}

test('an account is opened with its limit and metadata; a repeat is one, other terms are not', async () => {
  const account: AccountSpec = { book, code: 1201, owner: 'tenant' };
  const limit = 'credits_must_not_exceed_debits';
  const metadata = { city: 'Shanghai', contract: '7' };
  const request = { account, limit, metadata } as const;
  const both = await Promise.all([opener.openAccount(request), opener.openAccount(request)]);
  expect(both).toMatchObject([
    { ok: true, value: { replayed: false, account: { limitKind: limit } } },
    { ok: true, value: { replayed: true, metadata } },
  ]);
  expect(await opener.openAccount(request)).toMatchObject({ value: { replayed: true, metadata } });
  const other = await opener.openAccount({ account, metadata: { city: 'Beijing' } });
  expect(other).toMatchObject({
    error: { code: 'account_exists', values: { differs: 'limit, metadata' } },
  });
  const over = world.journal([{ kind: 'posted', debit: item('x'), credit: account, amount: 1n }]);
  await world.fund('x', 1n);
  expect(await world.submitter.submit(over)).toMatchObject(refused('exceeds_debits'));
});

test('a limit of the chart stands, bounds of metadata hold, and a book must exist', async () => {
  const account = item('y');
  expect(await opener.openAccount({ account, limit: 'none' })).toMatchObject(
    refused('account_limit_fixed'),
  );
  const many = Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`k${n}`, 'v']));
  for (const metadata of [many, { k: 'v'.repeat(201) }, { '': 'v' }, { k: 'a\0b' }]) {
    const answer = await opener.openAccount({ account, metadata });
    expect(answer).toMatchObject(refused('account_metadata_invalid'));
  }
  const nowhere = await opener.openAccount({ account: { ...account, book: 'nobody' } });
  expect(nowhere).toMatchObject(refused('book_unknown'));
  const nobody = await opener.openAccount({ account: { ...account, owner: '' } });
  expect(nobody).toMatchObject(refused('opened_account_invalid'));
});

test('accounts are found by one key and value, page by page', async () => {
  for (let n = 0; n < 5; n++) {
    const metadata = { store: n === 3 ? 'other' : 'main', n: String(n) };
    await opener.openAccount({ account: item(`shop ${n}`), metadata });
  }
  const found = await pages(
    (page) => findAccounts(world.database, { key: 'store', value: 'main' }, page),
    2,
  );
  expect(found.map(({ owner }) => owner).sort()).toEqual(['shop 0', 'shop 1', 'shop 2', 'shop 4']);
});

test('the accounts of a book come by code and owner, each once', async () => {
  const codes = [2101, 1101, 2101] as const;
  for (const [n, code] of codes.entries()) {
    await opener.openAccount({ account: { book: otherBook, code, owner: `o${n}` } });
  }
  const listed = await pages((page) => listAccounts(world.database, otherBook, page), 1);
  expect(listed.map(({ code, owner }) => `${code}/${owner}`)).toEqual([
    '1101/o1',
    '2101/o0',
    '2101/o2',
  ]);
  await expect(listAccounts(world.database, book, { cursor: 'eyJ9' })).rejects.toThrow(CursorError);
});

test('a statement lists every entry in order, with the balances after it', async () => {
  await world.fund('z', 100n);
  const hold = await world.book({
    kind: 'pending',
    debit: item('z'),
    credit: outside,
    amount: 40n,
  });
  await world.book({ kind: 'post_pending', hold: { journalId: hold, leg: 0 }, amount: 30n });
  const id = accountId(item('z'));
  const entries = await pages((page) => listEntries(world.database, id, page), 2);
  expect(entries).toMatchObject([
    { version: 1n, side: 'credit', kind: 'posted', amount: 100n, creditsPosted: 100n },
    { version: 2n, side: 'debit', kind: 'pending', amount: 40n, debitsPending: 40n },
    { version: 3n, side: 'debit', kind: 'post_pending', debitsPosted: 30n, debitsPending: 0n },
  ]);
  expect(entries[0]?.counterpart).toBe(accountId(outside));
});

test('a balance by value date keeps what was effective apart from what was recorded', async () => {
  const june = Temporal.Instant.from('2026-12-01T12:00:00Z');
  const at = (hours: number) => june.add({ hours });
  const credit = item('dated');
  const pay = async (recorded: number, amount: bigint, effective?: number) => {
    world.clock.set(at(recorded));
    const request = world.journal([{ kind: 'posted', debit: outside, credit, amount }]);
    const dated = effective === undefined ? {} : { effectiveAt: at(effective) };
    expect((await world.submitter.submit({ ...request, ...dated })).ok).toBe(true);
  };
  await pay(0, 1n);
  await pay(10, 20n, 30);
  await pay(20, 300n);
  await pay(40, 4000n, 5);
  const posted = async (effective: number, recorded?: number) => {
    const known = recorded === undefined ? {} : { recordedAt: at(recorded) };
    const when = { effectiveAt: at(effective), ...known };
    return (await readPostedAt(world.database, accountId(credit), when)).credits;
  };
  expect(await posted(-1)).toBe(0n);
  expect(await posted(0)).toBe(1n);
  // Recorded after 40 hours, it counts from the fifth for who asks later.
  expect(await posted(5)).toBe(4001n);
  expect(await posted(5, 39)).toBe(1n);
  expect(await posted(25, 25)).toBe(301n);
  expect(await posted(25)).toBe(4301n);
  expect(await posted(30, 30)).toBe(321n);
  expect(await posted(100)).toBe(4321n);
  expect(await posted(100, 15)).toBe(21n);
  expect(await posted(29, 15)).toBe(1n);
});
