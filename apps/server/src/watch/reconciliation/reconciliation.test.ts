import { decodeId } from '@keyturn/kernel';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  account,
  checker,
  createWorld,
  day,
  fine,
  type Line,
  maker,
  statement,
  type World,
} from './test/world.ts';

let world: World;

beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const lines: readonly Line[] = [
  { reference: 'B1', amount: 10_000n },
  { reference: 'B2', amount: 2_500n, endToEndId: 'E2' },
];
const truth = { day: '2026-11-20', opening: 0n, lines };

/** Half past one of the next day in Shanghai. */
function nextNight(): void {
  world.clock.set('2026-11-20T17:50:00Z');
}

async function kinds(): Promise<readonly string[]> {
  const page = fine(await world.service.exceptions({ limit: 100 }));
  return page.items.map(({ kind }) => kind).sort();
}

test('a day that the bank told of as it happened is matched and proven to the fen', async () => {
  for (const line of lines) await world.notice(line);
  world.statements.set('2026-11-20', statement(truth));
  nextNight();
  const report = fine(await world.service.reconcile(day));
  expect(report.statements).toEqual([
    { account_id: 'escrow-main', status: 'matched', entries: 2, matched: 2, exceptions: 0 },
  ]);
  expect(report.complete).toBe(true);
  expect(report.proof).toMatchObject({ balanced: true, version: 1 });
  expect(report.proof.totals).toEqual({
    ledger: 12_500n,
    bank: 12_500n,
    liabilities: 12_500n,
    in_transit: 0n,
    difference: 0n,
  });
  expect(await kinds()).toEqual([]);
});

test('reconciling again changes nothing and makes no new version', async () => {
  for (const line of lines) await world.notice(line);
  world.statements.set('2026-11-20', statement(truth));
  nextNight();
  const first = fine(await world.service.reconcile(day));
  const again = fine(await world.service.reconcile(day));
  expect(again).toEqual(first);
});

test('an entry that nobody told of is booked from the statement, told, and explained in the proof', async () => {
  await world.notice({ reference: 'B1', amount: 10_000n });
  world.statements.set('2026-11-20', statement(truth));
  nextNight();
  const { proof } = fine(await world.service.reconcile(day));
  expect(await kinds()).toEqual(['entry_without_notice']);
  expect(await world.posted(1003, 'escrow-main')).toBe(12_500n);
  expect(proof.balanced).toBe(true);
  expect(proof.accounts[0]).toMatchObject({ bank: 12_500n, ledger: 10_000n, in_transit: 2_500n });
  expect(proof.accounts[0]?.items).toContainEqual({
    group: 'in_transit',
    kind: 'received_booked_later',
    reference: 'B2',
    amount: 2_500n,
    explanation: 'proof.received_booked_later',
  });
});

test('a day without any notice is one gap to look after, and still proven item by item', async () => {
  const many = Array.from({ length: 600 }, (_, n) => ({ reference: `N${n}`, amount: 3n }));
  world.statements.set('2026-11-20', statement({ ...truth, lines: many }));
  nextNight();
  const { proof } = fine(await world.service.reconcile(day));
  expect(await kinds()).toEqual(['entry_without_notice']);
  expect(proof).toMatchObject({ balanced: true, totals: { bank: 1_800n, in_transit: 1_800n } });
  const items = proof.accounts[0]?.items ?? [];
  expect(items).toHaveLength(501);
  expect(items.at(-1)).toMatchObject({ reference: '100 more', amount: 300n });
});

const tampered: readonly [string, Partial<Parameters<typeof statement>[0]>, readonly string[]][] = [
  [
    'drop_entry',
    { lines: lines.slice(1), closing: 12_500n },
    ['missing_at_bank', 'statement_contradicts_itself'],
  ],
  [
    'change_amount',
    { lines: [{ reference: 'B1', amount: 10_001n }, ...lines.slice(1)], closing: 12_500n },
    ['amount_differs', 'statement_contradicts_itself'],
  ],
  [
    'duplicate_entry',
    { lines: [...lines, ...lines.slice(1)], closing: 12_500n },
    ['duplicate_at_bank', 'statement_contradicts_itself'],
  ],
  [
    'extra_entry',
    { lines: [...lines, { reference: 'X1', amount: 100n }], closing: 12_500n },
    ['statement_contradicts_itself', 'unknown_entry'],
  ],
  ['wrong_balance', { closing: 12_501n }, ['statement_contradicts_itself']],
];

test.each(tampered)(
  '%s is found and named; the true statement puts it right',
  async (_n, change, found) => {
    for (const line of lines) await world.notice(line);
    world.statements.set('2026-11-20', statement({ ...truth, ...change }));
    nextNight();
    const { proof, complete } = fine(await world.service.reconcile(day));
    expect(await kinds()).toEqual(found);
    expect(proof.balanced).toBe(false);
    // The bank is asked again: it owes a statement that does not contradict itself.
    expect(complete).toBe(false);
    // Nothing was booked from a statement that cannot be trusted.
    expect(await world.posted(1003, 'escrow-main')).toBe(12_500n);
    world.statements.set('2026-11-20', statement({ ...truth, note: 'corrected' }));
    const after = fine(await world.service.reconcile(day));
    expect(after).toMatchObject({ complete: true, proof: { balanced: true, version: 2 } });
    const page = fine(await world.service.exceptions({}));
    expect(
      page.items.every(({ state, maker: by }) => state === 'proposed' && by?.kind === 'platform'),
    ).toBe(true);
  },
);

test('two errors that cancel each other do not pass', async () => {
  for (const line of lines) await world.notice(line);
  const swapped = [
    { reference: 'B1', amount: 10_001n },
    { reference: 'B2', amount: 2_499n, endToEndId: 'E2' },
  ];
  world.statements.set('2026-11-20', statement({ ...truth, lines: swapped }));
  nextNight();
  const { proof } = fine(await world.service.reconcile(day));
  expect(proof.accounts[0]?.difference).toBe(0n);
  expect(proof.balanced).toBe(false);
  expect(await kinds()).toEqual(['amount_differs', 'amount_differs']);
});

test('a fee that the bank took is resolved by a journal of two people, and then the day is proven', async () => {
  for (const line of lines) await world.notice(line);
  const fee = { reference: 'F1', amount: -15n };
  world.statements.set('2026-11-20', statement({ ...truth, lines: [...lines, fee] }));
  nextNight();
  const before = fine(await world.service.reconcile(day));
  expect(before.proof).toMatchObject({ balanced: false, totals: { difference: -15n } });
  const page = fine(await world.service.exceptions({ state: 'open' }));
  const [found] = page.items;
  expect(found).toMatchObject({ kind: 'unknown_entry', subject: 'F1', amount: -15n });
  const id = decodeId('exc', found?.id ?? '') ?? '';
  const journal = {
    debit: { code: 5003, owner: 'bank-fees' },
    credit: { code: 1003, owner: account.id },
  } as const;
  const boss = { ...checker, id: maker.id };
  fine(await world.service.propose('k:1', maker, id, { note: 'account fee', journal }));
  expect(await world.service.approve('k:2', boss, id)).toMatchObject({
    error: { code: 'approver_is_maker' },
  });
  expect(await world.service.approve('k:3', maker, id)).toMatchObject({ ok: false });
  const resolved = fine(await world.service.approve('k:4', checker, id));
  expect(resolved).toMatchObject({
    state: 'resolved',
    maker: { id: 'maker' },
    checker: { id: 'checker' },
  });
  expect(resolved.steps?.map(({ state }) => state)).toEqual([
    'open',
    'proposed',
    'approved',
    'resolved',
  ]);
  expect(await world.posted(5003, 'bank-fees')).toBe(15n);
  const after = fine(await world.service.reconcile(day));
  expect(after.proof).toMatchObject({ balanced: true, version: 2 });
  expect(after.proof.accounts[0]?.in_transit).toBe(-15n);
  fine(await world.service.reopen('k:5', maker, id, 'it was another fee'));
  const again = fine(await world.service.exception(id));
  expect(again).toMatchObject({ state: 'reopened' });
  const told = await world.deps.database.query<{ type: string; sequence: bigint }>(
    `select type, object_sequence as sequence from platform.event where object_id = $1 order by 2`,
    [id],
  );
  expect(told.map(({ type }) => type.replace('reconciliation.exception_', ''))).toEqual([
    'opened',
    'proposed',
    'approved',
    'resolved',
    'reopened',
  ]);
  expect(told.map(({ sequence }) => sequence)).toEqual([1n, 2n, 3n, 4n, 5n]);
  expect(fine(await world.service.proof(day)).balanced).toBe(false);
});

test('a notice that told too much is corrected by the difference, and then the day is proven', async () => {
  const [first, ...others] = lines;
  await world.notice({ reference: 'B1', ...first, amount: 10_700n });
  for (const line of others) await world.notice(line);
  world.statements.set('2026-11-20', statement(truth));
  nextNight();
  const before = fine(await world.service.reconcile(day));
  expect(before.proof).toMatchObject({ balanced: false, totals: { difference: -700n } });
  const [found] = fine(await world.service.exceptions({ state: 'open' })).items;
  expect(found).toMatchObject({ kind: 'amount_differs', subject: 'B1', amount: -700n });
  const id = decodeId('exc', found?.id ?? '') ?? '';
  const journal = {
    debit: { code: 2301, owner: account.id },
    credit: { code: 1003, owner: account.id },
  } as const;
  fine(await world.service.propose('k:1', maker, id, { note: 'the notice was wrong', journal }));
  fine(await world.service.approve('k:2', checker, id));
  expect(await world.posted(1003, account.id)).toBe(12_500n);
  const after = fine(await world.service.reconcile(day));
  expect(after.proof).toMatchObject({ balanced: true, totals: { in_transit: -700n } });
  expect(fine(await world.service.exceptions({})).items).toEqual([]);
});

test('a correction never touches a client’s balance', async () => {
  for (const line of lines) await world.notice(line);
  const fee = { reference: 'F1', amount: -15n };
  world.statements.set('2026-11-20', statement({ ...truth, lines: [...lines, fee] }));
  nextNight();
  fine(await world.service.reconcile(day));
  const [found] = fine(await world.service.exceptions({})).items;
  const { decodeId } = await import('@keyturn/kernel');
  const journal = {
    debit: { code: 2101, owner: 'somebody' },
    credit: { code: 1003, owner: account.id },
  } as const;
  const id = decodeId('exc', found?.id ?? '') ?? '';
  expect(await world.service.propose('k:1', maker, id, { note: 'theirs', journal })).toMatchObject({
    error: { code: 'exception_proposal_invalid' },
  });
});

test('a receipt that the next day’s statement has is in transit, and its exception ends there', async () => {
  for (const line of lines) await world.notice(line);
  world.statements.set(
    '2026-11-20',
    statement({ day: '2026-11-20', opening: 0n, lines: lines.slice(0, 1) }),
  );
  nextNight();
  const first = fine(await world.service.reconcile(day));
  expect(first.proof.balanced).toBe(false);
  expect(await kinds()).toEqual(['missing_at_bank']);
  world.statements.set(
    '2026-11-21',
    statement({ day: '2026-11-21', opening: 10_000n, lines: lines.slice(1) }),
  );
  world.clock.set('2026-11-21T17:50:00Z');
  const next = fine(await world.service.reconcile(day.add({ days: 1 })));
  expect(next.proof.balanced).toBe(true);
  const page = fine(await world.service.exceptions({}));
  expect(page.items).toMatchObject([{ kind: 'missing_at_bank', state: 'proposed' }]);
  const rerun = fine(await world.service.proof(day));
  expect(rerun).toMatchObject({ balanced: true, version: 2, totals: { in_transit: -2_500n } });
});

test('a statement that does not come is an exception, in the health, and is asked for again', async () => {
  const [none] = await world.service.dueDays();
  expect(none).toBeUndefined();
  expect(await world.service.health()).toMatchObject({ status: 'ok' });
  world.clock.set('2026-11-20T16:41:00Z');
  expect(await world.service.dueDays()).toEqual([day]);
  const [job] = world.service.jobKinds;
  await job?.work({ date: '2026-11-20' });
  expect(await kinds()).toEqual([]);
  world.clock.set('2026-11-20T17:45:00Z');
  expect(await world.service.dueDays()).toEqual([day]);
  await job?.work({ date: '2026-11-20' });
  expect(await kinds()).toEqual(['missing_statement']);
  expect(await world.service.health()).toMatchObject({
    status: 'degraded',
    statements: [{ account_id: 'escrow-main', expected_day: '2026-11-20', missing: true }],
  });
  expect(await world.service.dueDays()).toEqual([]);
  for (const line of lines) await world.notice(line);
  world.statements.set('2026-11-20', statement(truth));
  world.clock.advance({ minutes: 20 });
  expect(await world.service.dueDays()).toEqual([day]);
  await job?.work({ date: '2026-11-20' });
  expect(await world.service.health()).toMatchObject({ statements: [{ missing: false }] });
  world.clock.advance({ hours: 5 });
  expect(await world.service.dueDays()).toEqual([]);
});

test('a clock that leaps a week brings every day in between', async () => {
  await world.service.dueDays();
  world.clock.advance({ hours: 24 * 7 });
  const days = await world.service.dueDays();
  expect(days.map(String)).toEqual(
    Array.from({ length: 7 }, (_, n) => day.add({ days: n }).toString()),
  );
});

test('a day that is not over is not reconciled', async () => {
  expect(await world.service.reconcile(day)).toMatchObject({
    error: { code: 'reconciliation_day_not_over' },
  });
});
