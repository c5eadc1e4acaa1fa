import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AccountSpec } from '../index.ts';
import { createSubmitter } from '../submit.ts';
import { type TakeoverErrorCode, takeoverErrors } from './errors.ts';
import { OldLedgerError } from './old-ledger.ts';
import { submitThrough } from './submit-through.ts';
import {
  anna,
  createTakeoverWorld,
  planContent,
  type TakeoverWorld,
  takeover,
  takeoverBook,
} from './test/world.ts';

/** Every code of the registry is reached here, in the order in which a takeover meets them. */

let world: TakeoverWorld;
const reached = new Set<string>();

beforeAll(async () => {
  world = await createTakeoverWorld();
});
afterAll(async () => {
  expect([...reached].sort()).toEqual(Object.keys(takeoverErrors).sort());
  expect(await world.end()).toEqual([]);
});

async function refused(
  code: TakeoverErrorCode,
  answer: Promise<{ ok: boolean; error?: { code: string; values?: object } }>,
): Promise<void> {
  const found = await answer;
  expect(found).toMatchObject({ ok: false, error: { code } });
  // Each placeholder of the sentences has its value.
  const { en, zh } = takeoverErrors[code];
  for (const [, name = ''] of `${en}${zh}`.matchAll(/\{(\w+)\}/g)) {
    expect(Object.keys(found.error?.values ?? {})).toContain(name);
  }
  reached.add(code);
}

const wallet = (account: string, amount: bigint) => ({ account, subject: '2201', amount });
const spec = (owner: string): AccountSpec => ({ book: takeoverBook, code: 2001, owner });
const bank: AccountSpec = { book: takeoverBook, code: 1002, owner: 'bank' };
let serial = 0;
function journal(amount = 1n) {
  serial += 1;
  const id = `00000000-0000-7000-8000-${serial.toString(16).padStart(12, '0')}`;
  const cause = { module: 'test', object: 'o', command: 'c' };
  const transfers = [{ kind: 'posted' as const, debit: bank, credit: spec('W1'), amount }];
  return { id, book: takeoverBook, cause, transfers };
}

test('plans and the history', async () => {
  const { service, old, clock } = world;
  await refused('takeover_unknown', service.status('nobody'));
  await refused('takeover_person_missing', service.plan(planContent, { by: '', why: 'x' }));
  await refused('takeover_plan_invalid', service.plan({}, anna));
  const elsewhere = { ...planContent, book: 'nowhere/own/CNY' };
  await refused('takeover_plan_invalid', service.plan(elsewhere, anna));
  await refused('takeover_import_unfinished', service.compare(takeover));
  old.move({ ...wallet('W1', 100n), order: 'O-1' });
  old.move({ ...wallet('W2', 100n), order: 'O-1' });
  clock.advance({ minutes: 1 });
  const other = await createTakeoverWorld();
  const submitter = createSubmitter({ database: other.database, clock: other.clock });
  await submitter.submit(journal());
  await submitter.close();
  other.old.move(wallet('W1', 1n));
  other.clock.advance({ minutes: 1 });
  await refused('takeover_import_refused', other.service.importHistory(takeover));
  expect(await other.end()).toEqual([]);
  expect(await service.importHistory(takeover)).toMatchObject({ ok: true });
  const subjects = planContent.subjects.map((one) => ({ ...one, sign: 'opposite' }));
  await refused('takeover_mapping_in_use', service.plan({ ...planContent, subjects }, anna));
});

test('the old ledger, and who works', async () => {
  const { service, old } = world;
  old.fail('takeSnapshot', new OldLedgerError('gone'));
  await refused('takeover_old_unavailable', service.compare(takeover));
  const asked = Promise.withResolvers<void>();
  const told = Promise.withResolvers<void>();
  const read = old.readMovements;
  Object.assign(old, {
    readMovements: async (page: Parameters<typeof read>[0]) => {
      asked.resolve();
      await told.promise;
      return read(page);
    },
  });
  const first = service.shadow(takeover);
  await asked.promise;
  await refused('takeover_busy', service.shadow(takeover));
  told.resolve();
  expect(await first).toMatchObject({ ok: true });
});

test('differences', async () => {
  const { service, old } = world;
  const nothing = '00000000-0000-7000-8000-000000000000';
  const one = { differences: [nothing] };
  await refused('takeover_difference_unknown', service.settle(takeover, one, anna));
  await refused('takeover_settlement_unknown', service.approve(takeover, nothing, 'Ben'));
  const none = { subject: '2201' };
  await refused('takeover_settlement_empty', service.settle(takeover, none, anna));
  const show = old.moveUnseen({ account: 'X1', subject: '99', amount: 1n });
  await service.compare(takeover);
  const unmapped = { subject: '99' };
  await refused('takeover_difference_unsettleable', service.settle(takeover, unmapped, anna));
  const back = old.moveUnseen({ account: 'X1', subject: '99', amount: -1n });
  show();
  back();
  const late = old.moveUnseen(wallet('W1', 1n));
  await service.compare(takeover);
  const proposed = await service.settle(takeover, none, anna);
  const settlement = proposed.ok ? proposed.value.settlement : '';
  await refused('takeover_same_person', service.approve(takeover, settlement, 'Anna'));
  const more = old.moveUnseen(wallet('W1', 1n));
  await service.compare(takeover);
  await refused('takeover_difference_changed', service.approve(takeover, settlement, 'Ben'));
  late();
  more();
});

test('switches', async () => {
  const { service, old, clock } = world;
  await refused('takeover_subject_unknown', service.switchSubjects(takeover, ['77'], anna));
  await refused('takeover_already_leads', service.switchBack(takeover, ['2201'], anna));
  await refused('takeover_gate_closed', service.switchSubjects(takeover, ['2201'], anna));
  await refused('takeover_old_leads', service.submit(takeover, journal()));
  const voucher = 'V-1';
  old.move({ ...wallet('W1', 5n), voucher });
  old.move({ account: 'K1', subject: '2202', amount: 5n, voucher });
  await service.shadow(takeover);
  await refused(
    'takeover_subjects_move_together',
    service.switchSubjects(takeover, ['2201'], anna),
  );
  for (let day = 0; day < 4; day += 1) {
    clock.advance({ hours: 24 });
    await service.compare(takeover);
  }
  const both = ['2201', '2202'];
  expect(await service.switchSubjects(takeover, both, anna)).toMatchObject({ ok: true });
  clock.advance({ minutes: 1 });
  expect(await service.submit(takeover, journal())).toMatchObject({ ok: true });
  old.fail('mirror', new OldLedgerError('gone'));
  await refused('takeover_mirror_lags', service.switchBack(takeover, both, anna));
  clock.advance({ minutes: 1 });
  old.move(wallet('W1', 5n));
  clock.advance({ minutes: 1 });
  await refused('takeover_not_equal', service.switchBack(takeover, both, anna));
});

test('refunds, and journals that are linked', async () => {
  const { service, database, clock } = world;
  const { id } = journal();
  const refund = { id, order: 'O-1', amount: 101n };
  await refused('takeover_order_ambiguous', service.refund(takeover, refund));
  await refused('takeover_order_unknown', service.refund(takeover, { ...refund, order: 'O-2' }));
  const named = { ...refund, account: 'W1' };
  await refused('takeover_refund_exceeds_paid', service.refund(takeover, named));
  const door = submitThrough(createSubmitter({ database, clock }), service);
  const answers = await door.submitLinked([journal(), journal()]);
  for (const answer of answers) {
    await refused('takeover_links_unsupported', Promise.resolve(answer));
  }
  // Each alone goes through, and to the mirror; a bulk call is many of them.
  const booked = [...(await door.submitBulk([journal(), journal()])), await door.submit(journal())];
  expect(booked.map((answer) => answer.ok)).toEqual([true, true, true]);
  expect(await service.mirror(takeover)).toMatchObject({ value: { sent: 3 } });
  await door.close();
});
