import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createSubmitter, type Submitter } from './index.ts';
import { createWorld, item, outside, type World } from './test/world.ts';

let world: World;
let submitter: Submitter;
const sent: string[] = [];

beforeAll(async () => {
  world = await createWorld();
  const onStatement = (text: string) => sent.push(text);
  submitter = createSubmitter({
    database: world.testDatabase.open({ onStatement }),
    clock: world.clock,
  });
});

beforeEach(async () => {
  // The book is known and the accounts are kept from here on.
  await world.fund('payer', 100n);
  for (let turn = 0; turn < 10; turn++) await submitter.submit(pay(1n));
  sent.length = 0;
});

afterAll(async () => {
  await submitter.close();
  expect(await world.end()).toEqual([]);
});

function pay(amount: bigint) {
  return world.journal([{ kind: 'posted', debit: item('payer'), credit: item('payee'), amount }]);
}

test('what goes between accounts that it left itself is one statement', async () => {
  const answer = await submitter.submit(pay(3n));
  expect(answer).toMatchObject({ ok: true, value: { replayed: false } });
  expect(sent).toHaveLength(1);
  expect(sent[0]).toContain('ledger.expect_rows');
});

test('an account that somebody else moved meanwhile is found out, and decided on as it is', async () => {
  const { posted } = await world.balance('payer');
  await world.book({ kind: 'posted', debit: item('payer'), credit: outside, amount: posted - 1n });
  expect(await submitter.submit(pay(2n))).toMatchObject({
    ok: false,
    error: { code: 'exceeds_credits' },
  });
  await world.fund('payer', 5n);
  expect(await submitter.submit(pay(6n))).toMatchObject({ ok: true });
  expect((await world.balance('payer')).posted).toBe(0n);
});

test('nothing is refused on what is only supposed', async () => {
  const { posted } = await world.balance('payer');
  expect(await submitter.submit(pay(posted))).toMatchObject({ ok: true });
  expect(sent).toHaveLength(1);
  await world.fund('payer', 7n);
  expect(await submitter.submit(pay(7n))).toMatchObject({ ok: true });
});

test('an account that was frozen meanwhile is found out', async () => {
  const before = await world.balance('payer');
  await world.freeze(item('payer'), { in: false, out: true });
  expect(await submitter.submit(pay(1n))).toMatchObject({
    ok: false,
    error: { code: 'account_frozen' },
  });
  await world.freeze(item('payer'), { in: false, out: false });
  expect(await world.balance('payer')).toEqual(before);
});

test('an id that was used before gives its first answer, and moves nothing again', async () => {
  const request = pay(4n);
  expect(await submitter.submit(request)).toMatchObject({ value: { replayed: false } });
  const { posted } = await world.balance('payer');
  expect(await submitter.submit(request)).toMatchObject({ ok: true, value: { replayed: true } });
  expect((await world.balance('payer')).posted).toBe(posted);
});

test('calls that follow on each other while others are written are booked in their order', async () => {
  const { posted } = await world.balance('payer');
  const calls = Array.from({ length: 100 }, () => submitter.submit(pay(posted / 50n)));
  const answers = await Promise.all(calls);
  const firstRefused = answers.findIndex(({ ok }) => !ok);
  expect(firstRefused).toBeGreaterThanOrEqual(50);
  expect(answers.slice(firstRefused).every(({ ok }) => !ok)).toBe(true);
});
