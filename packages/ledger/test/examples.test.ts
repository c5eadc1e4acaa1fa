import { readdir, readFile } from 'node:fs/promises';
import type { AccountSpec } from '@keyturn/ledger';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exchange } from '../examples/exchange.ts';
import { takePartOfAHold } from '../examples/hold.ts';
import { payOrder } from '../examples/own-command.ts';
import { takeOut } from '../examples/parts.ts';
import { sweep } from '../examples/sweep.ts';
import { transfer } from '../examples/transfer.ts';
import { sealUpTo } from '../src/test/parts.ts';
import { book, createWorld, item, otherBook, outside, type World } from '../src/test/world.ts';

let world: World;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  expect(await world.end()).toEqual([]);
});

const income: AccountSpec = { book, code: 4001, owner: 'income' };

it('two accounts and a transfer', async () => {
  expect(await transfer(world.testDatabase.url)).toBe(120_000n);
});

it('a hold that is posted in part releases the rest', async () => {
  await world.fund('guest', 60_000n);
  const hotel: AccountSpec = { book, code: 2003, owner: 'hotel' };
  const after = await takePartOfAHold(world, item('guest'), hotel);
  expect(after).toEqual({ held: 0n, left: 28_000n });
  expect(await world.balance('guest')).toEqual({ posted: 28_000n, available: 28_000n });
});

it('linked journals in two currencies are booked both or neither', async () => {
  await world.fund('customer', 70_000n);
  const house: AccountSpec = { book: otherBook, code: 1101, owner: 'house' };
  const customer: AccountSpec = { book: otherBook, code: 2101, owner: 'customer' };
  const yuan = { customer: item('customer'), house: outside };
  const again = () =>
    exchange(world.submitter, { ...yuan, amount: 70_000n }, { customer, house, amount: 10_000n });
  expect(await again()).toBeUndefined();
  expect(await again()).toBe('exceeds_credits');
  expect((await world.account(customer)).creditsPosted).toBe(10_000n);
});

it('a sweep takes what is there, and then nothing', async () => {
  await world.fund('merchant', 300n);
  const take = () => sweep(world.submitter, item('merchant'), income, 500n);
  expect(await take()).toBe(300n);
  expect(await take()).toBe(0n);
});

it('a command of one’s own changes its row and the accounts together', async () => {
  const admin = world.testDatabase.open({ url: world.testDatabase.superuserUrl });
  await admin.query('create table shop_order (id text primary key, state text not null)');
  await admin.query('grant select, update on shop_order to keyturn_app');
  await admin.query(`insert into shop_order values ('one', 'open'), ('two', 'open')`);
  await world.fund('payer', 100n);
  expect(await payOrder(world, 'one', item('payer'), income, 80n)).toBe('paid');
  expect(await payOrder(world, 'two', item('payer'), income, 80n)).toBe('exceeds_credits');
  const rows = await admin.query('select state from shop_order order by id');
  expect(rows).toEqual([{ state: 'paid' }, { state: 'exceeds_credits' }]);
  expect(await world.balance('payer')).toEqual({ posted: 20n, available: 20n });
});

it('a part of the transfers is taken out, when it is cut off and has no open hold', async () => {
  const owner = world.testDatabase.open({ url: world.testDatabase.superuserUrl });
  expect(await takeOut(owner, world.clock)).toBe('partition_not_cut');
  await sealUpTo(world.testDatabase, 1);
  expect(await takeOut(owner, world.clock)).toBeUndefined();
});

it('the README shows nothing else than what is tried here', async () => {
  const folder = new URL('../examples/', import.meta.url);
  const names = await readdir(folder);
  const examples = await Promise.all(
    names.map(async (name) => (await readFile(new URL(name, folder), 'utf8')).trim()),
  );
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code.trim());
  expect(blocks.length).toBeGreaterThan(0);
  for (const block of blocks) expect(examples).toContain(block);
  for (const name of names) expect(readme).toContain(`examples/${name}`);
});
