import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCountersAt, readPostedAt } from '../index.ts';
import { OldLedgerError } from './old-ledger.ts';
import { createTakeoverService } from './service.ts';
import {
  anna,
  ben,
  createTakeoverWorld,
  planContent,
  type TakeoverWorld,
  takeover,
} from './test/world.ts';

let world: TakeoverWorld;
beforeEach(async () => {
  world = await createTakeoverWorld();
  for (const account of ['W1', 'W2', 'W3']) world.old.move(wallet(account, 1_000n));
  world.clock.advance({ minutes: 1 });
  expect(await world.service.importHistory(takeover)).toMatchObject({
    value: { complete: true, verified: { differing: 0 } },
  });
  world.clock.advance({ minutes: 1 });
});
afterEach(async () => {
  expect(await world.end()).toEqual([]);
});

const wallet = (account: string, amount: bigint) => ({ account, subject: '2201', amount });

async function open() {
  const found = await world.service.differences(takeover);
  return found.ok ? found.value.map((one) => [one.account, one.class, one.amount] as const) : [];
}

async function differing(): Promise<number> {
  const compared = await world.service.compare(takeover);
  if (!compared.ok) throw new Error(compared.error.code);
  return compared.value.differing;
}

test('each new row becomes a journal once, a late one with the time at which it was booked', async () => {
  const { old, clock, service, balance } = world;
  const booked = clock.now();
  const show = old.moveUnseen(wallet('W1', 70n));
  clock.advance({ hours: 1 });
  old.move(wallet('W2', -30n));
  expect(await service.shadow(takeover)).toMatchObject({ value: { rows: 1 } });
  show();
  expect(await service.shadow(takeover)).toMatchObject({ value: { rows: 1 } });
  expect(await service.shadow(takeover)).toMatchObject({ value: { rows: 0 } });
  expect(await balance('2201', 'W1')).toBe(1_070n);
  const [row] = await world.database.query<{ id: string }>(
    `select account_id as id from takeover.account where number = 'W1'`,
  );
  const id = row?.id ?? '';
  expect(await readPostedAt(world.database, id, { effectiveAt: booked })).toMatchObject({
    credits: 1_070n,
  });
  // As it was known then, it was not there.
  expect(await readCountersAt(world.database, id, booked)).toMatchObject({ creditsPosted: 1_000n });
});

test('a late row is a difference until it is seen, and the difference is kept', async () => {
  const { old, clock, service } = world;
  const show = old.moveUnseen(wallet('W1', 70n));
  clock.advance({ minutes: 1 });
  expect(await differing()).toBe(1);
  expect(await open()).toEqual([['W1', 'late_row', 70n]]);
  clock.advance({ hours: 3 });
  expect(await differing()).toBe(1);
  expect(await open()).toEqual([['W1', 'missing_row', 70n]]);
  show();
  expect(await differing()).toBe(0);
  const all = await service.differences(takeover, { all: true });
  expect(all).toMatchObject({ value: [{ account: 'W1', closedBy: 'healed', amount: 70n }] });
});

test('rows that come while the two are compared belong to the state that they were booked in', async () => {
  const { old, clock } = world;
  const show = old.moveUnseen(wallet('W1', 70n));
  clock.advance({ minutes: 1 });
  const read = old.readBalances;
  Object.assign(old, {
    readBalances: (page: Parameters<typeof read>[0]) => {
      show();
      old.move(wallet('W2', 5n));
      Object.assign(old, { readBalances: read });
      return read(page);
    },
  });
  expect(await differing()).toBe(0);
  expect(await differing()).toBe(0);
});

test('a repeated row is booked once; under another id it is a duplicate, and named', async () => {
  const { old, service, clock } = world;
  const row = old.move({ ...wallet('W1', 10n), voucher: 'V1' });
  old.show(row);
  clock.advance({ minutes: 1 });
  expect(await service.shadow(takeover)).toMatchObject({ value: { rows: 1, repeated: 1 } });
  old.show(row);
  expect(await service.shadow(takeover)).toMatchObject({ value: { rows: 0, repeated: 1 } });
  expect(await differing()).toBe(0);
  old.show({ ...row, id: 'M-again' });
  expect(await differing()).toBe(1);
  expect(await service.differences(takeover)).toMatchObject({
    value: [{ account: 'W1', class: 'duplicate', amount: -10n, evidence: ['M-again'] }],
  });
});

test('a row that comes again with another amount stays booked as it was first, and is named', async () => {
  const { old, service } = world;
  const row = old.move(wallet('W1', 10n));
  await service.shadow(takeover);
  old.correct(row, 25n);
  expect(await differing()).toBe(1);
  expect(await service.differences(takeover)).toMatchObject({
    value: [{ class: 'amount_differs', amount: 15n, evidence: [row.id] }],
  });
});

test('a turned sign is told from a missing row when the row had its time', async () => {
  const { old, clock, service } = world;
  const row = { ...old.move(wallet('W1', 10n)), id: 'M-turned', amount: -40n };
  old.moveUnseen(wallet('W1', 40n));
  old.show(row);
  clock.advance({ minutes: 1 });
  expect(await differing()).toBe(1);
  expect(await open()).toEqual([['W1', 'late_row', 80n]]);
  clock.advance({ hours: 2 });
  await differing();
  expect(await service.differences(takeover)).toMatchObject({
    value: [{ class: 'wrong_sign', amount: 80n, evidence: ['M-turned'] }],
  });
});

test('rows of a subject without a mapping are listed, and booked when it has one', async () => {
  const { old, service, balance } = world;
  old.move({ account: 'D1', subject: '2299', amount: 12n });
  expect(await differing()).toBe(1);
  expect(await open()).toEqual([['D1', 'unknown_account', 0n]]);
  const counter = { code: 1101, owner: 'old ledger' };
  const added = { subject: '2299', code: 2005, owner: '{account}', sign: 'same', counter };
  const content = { ...planContent, subjects: [...planContent.subjects, added] };
  expect(await service.plan(content, anna)).toEqual({ ok: true, value: { version: 2 } });
  expect(await differing()).toBe(0);
  expect(await balance('2201', 'W1')).toBe(1_000n);
});

test('a row whose money has not come waits for it, and is booked behind it', async () => {
  const { old, balance, clock } = world;
  const show = old.moveUnseen(wallet('W9', 100n));
  clock.advance({ minutes: 1 });
  old.move(wallet('W9', -60n));
  expect(await differing()).toBe(1);
  expect(await open()).toEqual([['W9', 'late_row', 100n]]);
  expect(await balance('2201', 'W9')).toBe(0n);
  show();
  expect(await differing()).toBe(0);
  expect(await balance('2201', 'W9')).toBe(40n);
});

test('a difference is settled by a journal that one person names and another approves', async () => {
  const { old, service, balance } = world;
  old.moveUnseen(wallet('W1', 70n));
  old.moveUnseen(wallet('W2', -5n));
  await differing();
  const proposed = await service.settle(takeover, { subject: '2201' }, anna);
  expect(proposed).toMatchObject({ value: { differences: 2, totalMinor: 65n } });
  const id = proposed.ok ? proposed.value.settlement : '';
  expect(await service.approve(takeover, id, 'Anna')).toMatchObject({
    error: { code: 'takeover_same_person' },
  });
  expect(await balance('2201', 'W1')).toBe(1_000n);
  expect(await service.approve(takeover, id, 'Ben')).toMatchObject({ value: { adopted: 0 } });
  expect(await service.approve(takeover, id, 'Ben')).toMatchObject({
    error: { code: 'takeover_settlement_unknown' },
  });
  expect([await balance('2201', 'W1'), await balance('2201', 'W2')]).toEqual([1_070n, 995n]);
  expect(await differing()).toBe(0);
  const all = await service.differences(takeover, { all: true });
  expect(all).toMatchObject({ value: [{ closedBy: 'settled' }, { closedBy: 'settled' }] });
});

test('a difference that changed since it was proposed is not settled', async () => {
  const { old, service } = world;
  old.moveUnseen(wallet('W1', 70n));
  await differing();
  const proposed = await service.settle(takeover, { subject: '2201' }, anna);
  old.moveUnseen(wallet('W1', 1n));
  await differing();
  const id = proposed.ok ? proposed.value.settlement : '';
  expect(await service.approve(takeover, id, ben.by)).toMatchObject({
    error: { code: 'takeover_difference_changed', values: { proposed: '70', amount: '71' } },
  });
});

test('a journal that passes by the mirror is found, and named', async () => {
  const { database, clock, service } = world;
  const { createSubmitter } = await import('../submit.ts');
  const submitter = createSubmitter({ database, clock });
  const id = '00000000-0000-7000-8000-000000000009';
  const side = (code: 1101 | 2001, owner: string) => ({ book: planContent.book, code, owner });
  const answer = await submitter.submit({
    id,
    book: planContent.book,
    cause: { module: 'test', object: 'o', command: 'c' },
    transfers: [{ kind: 'posted', debit: side(1101, 'x'), credit: side(2001, 'W1'), amount: 9n }],
  });
  await submitter.close();
  expect(answer.ok).toBe(true);
  expect(await differing()).toBe(1);
  expect(await service.differences(takeover)).toMatchObject({
    value: [{ class: 'not_mirrored', amount: -9n, evidence: [id] }],
  });
});

test('an old ledger that does not answer is a refusal that can be tried again', async () => {
  const { old, service } = world;
  old.fail('takeSnapshot', new OldLedgerError('connection refused'));
  expect(await service.compare(takeover)).toMatchObject({
    error: { code: 'takeover_old_unavailable', values: { reason: 'connection refused' } },
  });
  expect(await differing()).toBe(0);
});

test('two who work on one takeover take turns, and who waits too long is told so', async () => {
  const { old, service } = world;
  const database = world.testDatabase.open({ lockTimeoutMs: 0 });
  const patient = createTakeoverService({ database, clock: world.clock, connect: () => old });
  const both = await Promise.all([patient.compare(takeover), patient.compare(takeover)]);
  expect(both.map(({ ok }) => ok)).toEqual([true, true]);
  await patient.close();
  const asked = Promise.withResolvers<void>();
  const told = Promise.withResolvers<void>();
  const take = old.takeSnapshot;
  Object.assign(old, {
    takeSnapshot: async () => {
      asked.resolve();
      await told.promise;
      return take();
    },
  });
  const first = service.compare(takeover);
  await asked.promise;
  expect(await service.shadow(takeover)).toMatchObject({ error: { code: 'takeover_busy' } });
  told.resolve();
  expect(await first).toMatchObject({ ok: true });
});

test('rows that turn up behind those that were read are found, as far as the plan reads again', async () => {
  const { old, service, clock } = world;
  const near = old.moveBehind(wallet('W1', 7n));
  const amended = old.move(wallet('W2', 1n));
  old.correct(amended, 2n);
  clock.advance({ minutes: 1 });
  await service.shadow(takeover);
  near();
  expect(await service.shadow(takeover)).toMatchObject({ value: { rows: 0 } });
  expect(await differing()).toBe(2);
  expect(await service.plan({ ...planContent, reread: 3 }, anna)).toMatchObject({ ok: true });
  expect(await service.shadow(takeover)).toMatchObject({ value: { rows: 1, conflicts: 0 } });
  expect(await differing()).toBe(1);
  expect(await open()).toEqual([['W2', 'amount_differs', 1n]]);
  // What is read again and again is noted down once.
  expect(await service.shadow(takeover)).toMatchObject({ value: { rows: 0, conflicts: 0 } });
});
