import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AnyRequest, JournalRequest, TransferRequest } from './index.ts';
import { book, createWorld, item, otherBook, outside, type World } from './test/world.ts';

let world: World;
let held: string;
beforeAll(async () => {
  world = await createWorld();
  held = await world.book({ kind: 'pending', debit: outside, credit: item('h'), amount: 9n });
});
afterAll(async () => {
  expect(await world.end()).toEqual([]);
});

const pay: TransferRequest = { kind: 'posted', debit: outside, credit: item('a'), amount: 5n };
const hold: TransferRequest = { ...pay, kind: 'pending' };
const later = Temporal.Instant.from('2026-12-01T00:00:00.000000001Z');
const inOther = (owner: string, code: 1101 | 2101) => ({ book: otherBook, code, owner });

const changes: readonly [
  string,
  readonly TransferRequest[],
  (request: JournalRequest) => AnyRequest,
][] = [
  ['cause', [pay], (r) => ({ ...r, cause: { ...r.cause, command: 'another' } })],
  ['effective time', [pay], (r) => ({ ...r, effectiveAt: later })],
  ['number of legs', [pay], (r) => ({ ...r, transfers: [pay, pay] })],
  ['leg 0: amount', [pay], (r) => ({ ...r, transfers: [{ ...pay, amount: 6n }] })],
  ['leg 0: credit account', [pay], (r) => ({ ...r, transfers: [{ ...pay, credit: item('b') }] })],
  [
    'leg 1: debit account',
    [pay, pay],
    (r) => ({ ...r, transfers: [pay, { ...pay, debit: item('h') }] }),
  ],
  ['leg 0: kind', [pay], (r) => ({ ...r, transfers: [hold] })],
  ['leg 0: balancing', [pay], (r) => ({ ...r, transfers: [{ ...pay, balancing: 'debit' }] })],
  ['leg 0: time-out', [hold], (r) => ({ ...r, transfers: [{ ...hold, expiresAt: later }] })],
  ['leg 0: closing', [hold], (r) => ({ ...r, transfers: [{ ...hold, closing: 'debit' }] })],
  [
    'book, leg 0: debit account, leg 0: credit account',
    [pay],
    (r) => ({
      ...r,
      book: otherBook,
      transfers: [{ ...pay, debit: inOther('wx', 1101), credit: inOther('a', 2101) }],
    }),
  ],
  [
    'reversed journal',
    [pay],
    ({ id, cause }) => ({ id, cause, book, reverses: '00000000-0000-7000-8000-00000000ffff' }),
  ],
];

test.each(changes)('a conflict names what differs: %s', async (differs, transfers, change) => {
  const request = world.journal(transfers);
  expect(await world.submitter.submit(request)).toMatchObject({ ok: true });
  const answer = await world.submitter.submit(change(request));
  expect(answer).toMatchObject({ error: { code: 'journal_conflict', values: { differs } } });
  const repeat = await world.submitter.submit(request);
  expect(repeat).toMatchObject({ ok: true, value: { replayed: true } });
});

test('a conflict about a hold names the hold or the amount', async () => {
  const ref = { journalId: held, leg: 0 };
  const request = world.journal([{ kind: 'post_pending', hold: ref, amount: 3n }]);
  await world.submitter.submit(request);
  for (const [differs, transfer] of [
    ['leg 0: amount', { kind: 'post_pending', hold: ref, amount: 4n }],
    ['leg 0: hold', { kind: 'post_pending', hold: { ...ref, leg: 1 }, amount: 3n }],
    ['how it is written', { kind: 'post_pending', hold: ref }],
  ] as const) {
    const answer = await world.submitter.submit({ ...request, transfers: [transfer] });
    expect(answer).toMatchObject({ error: { code: 'journal_conflict', values: { differs } } });
  }
});

test('two contents under one id in one batch are a conflict as they are in two', async () => {
  const request = world.journal([pay]);
  const [first, second] = await Promise.all([
    world.submitter.submit(request),
    world.submitter.submit({ ...request, transfers: [{ ...pay, amount: 6n }] }),
  ]);
  expect(first).toMatchObject({ ok: true });
  expect(second).toMatchObject({
    error: { code: 'journal_conflict', values: { differs: 'leg 0: amount' } },
  });
});

test('the order in which a cause names its parts makes no difference', async () => {
  const request = world.journal([pay]);
  await world.submitter.submit(request);
  const { module, object, command } = request.cause;
  const turned = { ...request, cause: { command, object, module } };
  expect(await world.submitter.submit(turned)).toMatchObject({ value: { replayed: true } });
});
