import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AccountSpec, JournalRequest } from '../index.ts';
import { OldLedgerError } from './old-ledger.ts';
import {
  anna,
  ben,
  createTakeoverWorld,
  type TakeoverWorld,
  takeover,
  takeoverBook,
} from './test/world.ts';

let world: TakeoverWorld;
let serial = 0;
const wallet = (account: string, amount: bigint) => ({ account, subject: '2201', amount });

beforeEach(async () => {
  world = await createTakeoverWorld();
  const { old, clock, service } = world;
  old.move({ ...wallet('W1', 1_000n), order: 'O-1' });
  old.move({ ...wallet('W2', 500n), order: 'O-2' });
  old.move({ account: 'K1', subject: '2202', amount: 300n });
  clock.advance({ minutes: 1 });
  await service.importHistory(takeover);
  clock.advance({ minutes: 1 });
});
afterEach(async () => {
  expect(await world.end()).toEqual([]);
});

const id = () => {
  serial += 1;
  return `00000000-0000-7000-8000-${serial.toString(16).padStart(12, '0')}`;
};
const bank: AccountSpec = { book: takeoverBook, code: 1002, owner: 'bank' };
const spec = (owner: string): AccountSpec => ({ book: takeoverBook, code: 2001, owner });

function journal(debit: AccountSpec, credit: AccountSpec, amount: bigint): JournalRequest {
  const cause = { module: 'test', object: 'o', command: 'c' };
  const transfers = [{ kind: 'posted' as const, debit, credit, amount }];
  return { id: id(), book: takeoverBook, cause, transfers };
}

/** Compares on so many days, and stands on the next one. */
async function cleanDays(days: number): Promise<void> {
  for (let day = 0; day < days; day += 1) {
    expect(await world.service.compare(takeover)).toMatchObject({ value: { differing: 0 } });
    world.clock.advance({ hours: 24 });
  }
}

async function switched(...subjects: readonly string[]): Promise<void> {
  await cleanDays(3);
  expect(await world.service.switchSubjects(takeover, subjects, anna)).toMatchObject({ ok: true });
  world.clock.advance({ minutes: 1 });
}

async function expectEqual(): Promise<void> {
  expect(await world.service.compare(takeover)).toMatchObject({ value: { differing: 0 } });
  for (const [subject, account] of [
    ['2201', 'W1'],
    ['2201', 'W2'],
    ['2202', 'K1'],
  ] as const) {
    expect(await world.balance(subject, account)).toBe(world.old.balanceOf(account));
  }
}

test('a subject is switched when its gate is open, and not before', async () => {
  const { service, old, clock } = world;
  await cleanDays(2);
  expect(await service.switchSubjects(takeover, ['2201'], anna)).toMatchObject({
    error: {
      code: 'takeover_gate_closed',
      values: { subject: '2201', missing: expect.stringContaining('2 of 3 days') },
    },
  });
  clock.advance({ hours: 24 });
  const show = old.moveUnseen(wallet('W1', 5n));
  clock.advance({ minutes: 1 });
  expect(await service.switchSubjects(takeover, ['2201'], anna)).toMatchObject({
    error: { values: { missing: expect.stringContaining('1 accounts differed today') } },
  });
  expect(await service.switchSubjects(takeover, ['2202'], anna)).toMatchObject({ ok: true });
  show();
  expect(await service.gate(takeover)).toMatchObject({
    value: [{ subject: '2201', open: false }, { subject: '2202', leads: 'new' }, {}],
  });
  expect(await service.switchSubjects(takeover, ['2202'], anna)).toMatchObject({
    error: { code: 'takeover_already_leads', values: { leads: 'new' } },
  });
  expect(await service.switchSubjects(takeover, ['77'], anna)).toMatchObject({
    error: { code: 'takeover_subject_unknown' },
  });
  expect(await service.switchSubjects(takeover, ['2201'], { by: 'Anna', why: '' })).toMatchObject({
    error: { code: 'takeover_person_missing' },
  });
});

test('writes go to the old ledger before the switch, and here and to the mirror after it', async () => {
  const { service, old, balance } = world;
  const early = await service.submit(takeover, journal(bank, spec('W1'), 10n));
  expect(early).toMatchObject({
    error: { code: 'takeover_old_leads', values: { account: 'W1', subject: '2201' } },
  });
  await switched('2201');
  const request = journal(bank, spec('W1'), 10n);
  expect(await service.submit(takeover, request)).toMatchObject({ value: { replayed: false } });
  expect(await service.submit(takeover, request)).toMatchObject({ value: { replayed: true } });
  const between = journal(spec('W1'), spec('W2'), 4n);
  expect(await service.submit(takeover, between)).toMatchObject({ ok: true });
  // An account that was never in the old ledger is opened there by its mirror.
  expect(await service.submit(takeover, journal(bank, spec('W7'), 3n))).toMatchObject({ ok: true });
  expect(old.mirrored).toEqual([]);
  // Not written back yet is no difference.
  old.fail('mirror', new OldLedgerError('gone'), 0);
  expect(await service.mirror(takeover)).toMatchObject({ value: { sent: 3, unknown: 0 } });
  expect(await balance('2201', 'W1')).toBe(1_006n);
  expect(old.balanceOf('W7')).toBe(3n);
  await expectEqual();
});

test('a journal that touches a subject of the old ledger is refused as a whole', async () => {
  const { service } = world;
  await switched('2201');
  const merchant: AccountSpec = { book: takeoverBook, code: 2002, owner: 'm-K1' };
  expect(await service.submit(takeover, journal(spec('W1'), merchant, 10n))).toMatchObject({
    error: { code: 'takeover_old_leads', values: { account: 'K1', subject: '2202' } },
  });
  await expectEqual();
});

test('subjects whose movements share a voucher change hands together', async () => {
  const { service, old } = world;
  old.move({ ...wallet('W1', -20n), voucher: 'V-7' });
  old.move({ account: 'K1', subject: '2202', amount: 20n, voucher: 'V-7' });
  await cleanDays(3);
  expect(await service.switchSubjects(takeover, ['2201'], anna)).toMatchObject({
    error: {
      code: 'takeover_subjects_move_together',
      values: { subject: '2201', other: '2202', voucher: 'V-7' },
    },
  });
  expect(await service.switchSubjects(takeover, ['2201', '2202'], anna)).toMatchObject({
    ok: true,
  });
  world.clock.advance({ minutes: 1 });
  expect(await service.switchBack(takeover, ['2202'], anna)).toMatchObject({
    error: { code: 'takeover_subjects_move_together' },
  });
});

test('a mirror whose answer is lost is sent again and counted once', async () => {
  const { service, old } = world;
  await switched('2201');
  await service.submit(takeover, journal(bank, spec('W1'), 10n));
  old.fail('mirror', new OldLedgerError('no answer'), 2);
  expect(await service.mirror(takeover)).toMatchObject({ value: { sent: 0, unknown: 1 } });
  expect(await service.status(takeover)).toMatchObject({ value: { mirror: { waiting: 1n } } });
  // Nobody knows whether it arrived: no comparison before that is known.
  expect(await service.compare(takeover)).toMatchObject({
    error: { code: 'takeover_old_unavailable' },
  });
  await expectEqual();
  expect(old.balanceOf('W1')).toBe(1_010n);
  expect(await service.status(takeover)).toMatchObject({ value: { mirror: { waiting: 0n } } });
});

test('what the old ledger books after the switch is listed, and adopted when it is approved', async () => {
  const { service, old, clock, balance } = world;
  const show = old.moveUnseen(wallet('W2', 6n));
  clock.advance({ minutes: 1 });
  show();
  await switched('2201');
  old.move(wallet('W1', 25n));
  clock.advance({ minutes: 1 });
  expect(await service.compare(takeover)).toMatchObject({ value: { differing: 1 } });
  expect(await balance('2201', 'W1')).toBe(1_000n);
  expect(await service.differences(takeover)).toMatchObject({
    value: [{ account: 'W1', class: 'written_after_switch', waitingMinor: 25n, amount: 0n }],
  });
  const proposed = await service.settle(takeover, { subject: '2201' }, anna);
  const settlement = proposed.ok ? proposed.value.settlement : '';
  expect(await service.approve(takeover, settlement, ben.by)).toMatchObject({
    value: { adopted: 1, journal: undefined },
  });
  await expectEqual();
  expect(await balance('2201', 'W1')).toBe(1_025n);
});

test('a row that was booked before the switch and comes after it is no write after the switch', async () => {
  const { service, old, clock } = world;
  await cleanDays(3);
  // The balance has not moved when it is compared: only the row is late, by its booking.
  const row = { ...old.move(wallet('W2', 6n)) };
  expect(await service.switchSubjects(takeover, ['2201'], anna)).toMatchObject({ ok: true });
  clock.advance({ minutes: 1 });
  old.show({ ...row, id: 'M-late', account: 'W2', bookedAt: row.bookedAt.subtract({ hours: 1 }) });
  await service.shadow(takeover);
  const [found] = await world.database.query<{ state: string }>(
    `select state from takeover.movement where id = 'M-late'`,
  );
  expect(found?.state).toBe('booked');
});

test('an order of before the switch is refunded here, up to what was paid, and mirrored', async () => {
  const { service, old } = world;
  const refund = { id: id(), order: 'O-1', amount: 400n };
  expect(await service.refund(takeover, refund)).toMatchObject({
    error: { code: 'takeover_old_leads' },
  });
  await switched('2201');
  expect(await service.refund(takeover, refund)).toMatchObject({ value: { replayed: false } });
  expect(await service.refund(takeover, refund)).toMatchObject({ value: { replayed: true } });
  expect(await service.refund(takeover, { ...refund, id: id(), amount: 601n })).toMatchObject({
    error: {
      code: 'takeover_refund_exceeds_paid',
      values: { paid: '1000', refunded: '400', remaining: '600', amount: '601' },
    },
  });
  const both = await Promise.all([
    service.refund(takeover, { ...refund, id: id() }),
    service.refund(takeover, { ...refund, id: id() }),
  ]);
  expect(both.map(({ ok }) => ok).sort()).toEqual([false, true]);
  expect(await service.refund(takeover, { ...refund, id: id(), order: 'O-9' })).toMatchObject({
    error: { code: 'takeover_order_unknown' },
  });
  await service.mirror(takeover);
  expect(old.mirrored).toMatchObject([
    { order: 'O-1', kind: 'refund', movements: [{ account: 'W1', amount: -400n }] },
    { order: 'O-1', kind: 'refund' },
  ]);
  await expectEqual();
  // What comes back as a row of the old ledger is not counted a second time.
  expect(await service.refund(takeover, { ...refund, id: id(), amount: 200n })).toMatchObject({
    ok: true,
  });
});

test('an order that was paid to two accounts names the one that refunds', async () => {
  const { service, old } = world;
  old.move({ ...wallet('W2', 5n), order: 'O-1' });
  await switched('2201');
  const refund = { id: id(), order: 'O-1', amount: 5n };
  expect(await service.refund(takeover, refund)).toMatchObject({
    error: { code: 'takeover_order_ambiguous', values: { accounts: 'W1, W2' } },
  });
  expect(await service.refund(takeover, { ...refund, account: 'W2' })).toMatchObject({ ok: true });
});

test('the way back loses nothing, and waits for the mirror', async () => {
  const { service, old, clock } = world;
  await switched('2201');
  await service.submit(takeover, journal(bank, spec('W1'), 10n));
  old.fail('mirror', new OldLedgerError('gone'), 1);
  expect(await service.switchBack(takeover, ['2201'], ben)).toMatchObject({
    error: { code: 'takeover_mirror_lags', values: { count: '1' } },
  });
  clock.advance({ minutes: 10 });
  expect(await service.switchBack(takeover, ['2201'], ben)).toMatchObject({
    value: { leads: 'old', subjects: ['2201'] },
  });
  expect(old.balanceOf('W1')).toBe(1_010n);
  clock.advance({ minutes: 1 });
  expect(await service.submit(takeover, journal(bank, spec('W1'), 1n))).toMatchObject({
    error: { code: 'takeover_old_leads' },
  });
  old.move(wallet('W1', 5n));
  clock.advance({ minutes: 1 });
  await expectEqual();
  expect(await world.balance('2201', 'W1')).toBe(1_015n);
  const status = await service.status(takeover);
  expect(status).toMatchObject({
    value: {
      authority: [
        { subject: '2201', number: 1, leads: 'new', decidedBy: 'Anna' },
        { subject: '2201', number: 2, leads: 'old', decidedBy: 'Ben' },
      ],
    },
  });
});

test('the way back is refused while the two differ', async () => {
  const { service, old, clock } = world;
  await switched('2201');
  old.move(wallet('W1', 25n));
  clock.advance({ minutes: 1 });
  expect(await service.switchBack(takeover, ['2201'], ben)).toMatchObject({
    error: { code: 'takeover_not_equal', values: { subject: '2201', count: '1' } },
  });
});

test('holds and reversals are mirrored by what they post', async () => {
  const { service, old } = world;
  await switched('2201');
  const cause = { module: 'test', object: 'o', command: 'c' };
  const held = id();
  const hold = { kind: 'pending' as const, debit: spec('W1'), credit: bank, amount: 100n };
  await service.submit(takeover, { id: held, book: takeoverBook, cause, transfers: [hold] });
  await service.mirror(takeover);
  expect(old.mirrored).toEqual([]);
  const posted = id();
  const post = { kind: 'post_pending' as const, hold: { journalId: held, leg: 0 }, amount: 60n };
  await service.submit(takeover, { id: posted, book: takeoverBook, cause, transfers: [post] });
  const paid = journal(bank, spec('W2'), 9n);
  await service.submit(takeover, paid);
  await service.submit(takeover, { id: id(), book: takeoverBook, cause, reverses: paid.id });
  await service.mirror(takeover);
  expect(old.balanceOf('W1')).toBe(940n);
  expect(old.balanceOf('W2')).toBe(500n);
  expect(old.mirrored).toHaveLength(3);
  await expectEqual();
});

test('writes that come and are mirrored while the two are compared are no difference', async () => {
  const { service, old, clock } = world;
  await switched('2201');
  await service.submit(takeover, journal(bank, spec('W1'), 10n));
  const read = old.readBalances;
  Object.assign(old, {
    readBalances: async (page: Parameters<typeof read>[0]) => {
      // Behind the snapshot: one that is mirrored at once, and one that is not yet.
      await service.submit(takeover, journal(bank, spec('W1'), 3n));
      await service.mirror(takeover);
      await service.submit(takeover, journal(spec('W2'), spec('W1'), 2n));
      Object.assign(old, { readBalances: read });
      return read(page);
    },
  });
  expect(await service.compare(takeover)).toMatchObject({ value: { differing: 0 } });
  clock.advance({ minutes: 1 });
  await expectEqual();
  expect(old.balanceOf('W1')).toBe(1_015n);
});
