import { expect, test } from 'vitest';
import { type Account, newAccount } from './account.ts';
import { createKeptAccounts } from './kept-accounts.ts';

const openedAt = Temporal.Instant.from('2026-01-01T00:00:00Z');

function account(owner: string, version = 0n): Account {
  const opened = newAccount({ book: 'a/reserve/CNY', code: 2001, owner }, openedAt);
  const [debitsPosted, creditsPosted] = [version * 2n, version * 3n];
  return { ...opened, version, debitsPosted, creditsPosted, debitsPending: 5n, creditsPending: 7n };
}

test('an account is had as it was kept last', () => {
  const kept = createKeptAccounts();
  expect(kept.get(account('a').id)).toBeUndefined();
  kept.keep(account('a', 1n));
  kept.keep(account('b', 2n ** 61n));
  kept.keep(account('a', 9n));
  expect(kept.get(account('a').id)).toEqual(account('a', 9n));
  expect(kept.get(account('b').id)).toEqual(account('b', 2n ** 61n));
  expect(kept.size()).toBe(2);
});

test('there is room for any number of them', () => {
  const kept = createKeptAccounts();
  const accounts = Array.from({ length: 5_000 }, (_, index) => account(`w${index}`, BigInt(index)));
  for (const one of accounts) kept.keep(one);
  expect(accounts.map(({ id }) => kept.get(id))).toEqual(accounts);
});

test('what was forgotten is not there, and can be kept again', () => {
  const kept = createKeptAccounts();
  const [a, b, c] = [account('a', 1n), account('b', 2n), account('c', 3n)];
  for (const one of [a, b, c]) kept.keep(one);
  kept.forget(a.id);
  expect(kept.get(a.id)).toBeUndefined();
  kept.keep(account('a', 4n));
  expect(kept.get(a.id)).toEqual(account('a', 4n));
  kept.forgetOthers(new Set([b.id]));
  expect([a, b, c].map(({ id }) => kept.get(id) !== undefined)).toEqual([false, true, false]);
  expect(kept.size()).toBe(4);
  kept.clear();
  expect(kept.get(b.id)).toBeUndefined();
  expect(kept.size()).toBe(0);
});
