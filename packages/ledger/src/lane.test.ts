import { setImmediate, setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createSubmitter, type Submitter } from './index.ts';
import { createWorld, item, outside, type World } from './test/world.ts';

let world: World;
let submitter: Submitter;
const sent: string[] = [];
const seen = { fast: 0, careful: 0, refused: [] as string[] };

beforeAll(async () => {
  world = await createWorld();
  const onStatement = (text: string) => sent.push(text);
  submitter = createSubmitter({
    database: world.testDatabase.open({ onStatement }),
    clock: world.clock,
    observer: {
      batch: ({ lane, size }) => {
        seen[lane] += size;
      },
      refused: (code) => seen.refused.push(code),
    },
  });
});

beforeEach(async () => {
  // The book is known and the accounts are kept from here on.
  await world.fund('payer', 100n);
  for (let turn = 0; turn < 10; turn++) await submitter.submit(pay(1n));
  sent.length = 0;
  Object.assign(seen, { fast: 0, careful: 0, refused: [] });
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

test('what another process moved shifts what a batch writes and answers', async () => {
  await world.fund('payer', 50n);
  const before = await world.balance('payer');
  const answer = await submitter.submit(pay(5n));
  // The first was for accounts exactly as supposed.
  expect(sent).toHaveLength(2);
  const transfer = answer.ok ? answer.value.transfers[0] : undefined;
  const left = (transfer?.debitCreditsPosted ?? 0n) - (transfer?.debitDebitsPosted ?? 0n);
  expect(left).toBe(before.posted - 5n);
  const again = await submitter.submit(pay(5n));
  const next = again.ok ? again.value.transfers[0] : undefined;
  expect(next?.debitVersion).toBe((transfer?.debitVersion ?? 0n) + 1n);
  expect(sent).toHaveLength(3);
  expect(seen).toEqual({ fast: 2, careful: 0, refused: [] });
});

test('when others moved one account after the other, what is kept is read again', async () => {
  const move = (number: number) => {
    const [debit, credit] = [outside, item(`kept-${number}`)];
    return submitter.submit(world.journal([{ kind: 'posted', debit, credit, amount: 1n }]));
  };
  const read = () => sent.filter((text) => text.includes('from ledger.account a')).length;
  // The first opens them, the second keeps them.
  for (const number of [0, 1, 2, 0, 1, 2]) await move(number);
  // Others are forgotten meanwhile.
  for (let turn = 0; turn < 10; turn++) await submitter.submit(pay(1n));
  for (const number of [0, 1, 2]) await world.fund(`kept-${number}`, 10n);
  sent.length = 0;
  for (const number of [0, 1]) {
    expect(await move(number)).toMatchObject({ value: { transfers: [{ creditVersion: 4n }] } });
  }
  expect(read()).toBe(0);
  expect(await move(2)).toMatchObject({ value: { transfers: [{ creditVersion: 4n }] } });
  expect(read()).toBe(1);
});

test('what is kept of accounts that others move, too, is read again after some idling', async () => {
  const move = () => {
    const [debit, credit] = [outside, item('visited')];
    return submitter.submit(world.journal([{ kind: 'posted', debit, credit, amount: 1n }]));
  };
  const read = () => sent.filter((text) => text.includes('from ledger.account a')).length;
  // The first opens it, the second keeps it; then it is met once.
  for (let turn = 0; turn < 2; turn++) await move();
  await world.fund('visited', 10n);
  await move();
  await setTimeout(1_100);
  await world.fund('visited', 10n);
  sent.length = 0;
  expect(await move()).toMatchObject({ value: { transfers: [{ creditVersion: 6n }] } });
  // Read, and then as supposed at once.
  expect([read(), sent.length]).toEqual([1, 2]);
});

test('what another process holds meanwhile is carried by the transfers', async () => {
  const between = { debit: item('holder'), credit: item('taker') };
  const move = (amount: bigint) => world.journal([{ kind: 'posted', ...between, amount }]);
  await world.fund('holder', 100n);
  for (let turn = 0; turn < 3; turn++) await submitter.submit(move(1n));
  await world.book({ kind: 'pending', ...between, amount: 7n });
  for (const amount of [1n, 2n]) {
    const answer = await submitter.submit(move(amount));
    const carried = { debitDebitsPending: 7n, creditCreditsPending: 7n };
    expect(answer).toMatchObject({ ok: true, value: { transfers: [carried] } });
  }
});

test('two doors on one account at once are both right, and neither has to try again', async () => {
  await world.fund('payer', 1_000n);
  await submitter.submit(pay(1n));
  const other = createSubmitter({ database: world.testDatabase.open(), clock: world.clock });
  await other.submit(pay(1n));
  Object.assign(seen, { fast: 0, careful: 0, refused: [] });
  const doors = [submitter, other];
  const answers = await Promise.all(
    Array.from({ length: 400 }, (_, n) => doors[n % 2]?.submit(pay(1n))),
  );
  const versions = answers.map((answer) =>
    answer?.ok ? answer.value.transfers[0]?.debitVersion : undefined,
  );
  expect(new Set(versions).size).toBe(400);
  expect(versions).not.toContain(undefined);
  expect(seen).toEqual({ fast: 200, careful: 0, refused: [] });
  await other.close();
});

test('what two doors together have no room for is refused to the one that comes late', async () => {
  const { posted } = await world.balance('payer');
  const other = createSubmitter({ database: world.testDatabase.open(), clock: world.clock });
  await Promise.all([submitter.submit(pay(1n)), other.submit(pay(1n))]);
  const left = posted - 2n;
  const answers = await Promise.all([submitter.submit(pay(left)), other.submit(pay(left))]);
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  expect((await world.balance('payer')).posted).toBe(0n);
  await other.close();
});

test('what is not plain goes carefully, its neighbours do not', async () => {
  const hold = world.journal([
    { kind: 'pending', debit: item('payer'), credit: item('payee'), amount: 1n },
  ]);
  await submitter.submit(hold);
  Object.assign(seen, { fast: 0, careful: 0, refused: [] });
  const post = world.journal([{ kind: 'post_pending', hold: { journalId: hold.id, leg: 0 } }]);
  const answers = await Promise.all([
    submitter.submit(pay(1n)),
    submitter.submit(post),
    submitter.submit(pay(1_000_000n)),
    submitter.submit(pay(1n)),
  ]);
  expect(answers.map(({ ok }) => ok)).toEqual([true, true, false, true]);
  expect(seen).toEqual({ fast: 2, careful: 2, refused: ['exceeds_credits'] });
});

test('who brings one call is answered between the pieces of those who bring many', async () => {
  await world.fund('payer', 100_000n);
  const finished: string[] = [];
  const many = submitter
    .submitBulk(Array.from({ length: 3_000 }, () => pay(1n)))
    .then((answers) => {
      finished.push('many');
      return answers;
    });
  await submitter.submit(pay(1n));
  finished.push('one');
  expect((await many).every(({ ok }) => ok)).toBe(true);
  expect(finished).toEqual(['one', 'many']);
});

test('a caller that gives up before its batch began has booked nothing', async () => {
  const request = pay(1n);
  const gaveUp = submitter.submit(request, { signal: AbortSignal.abort() });
  await expect(gaveUp).rejects.toMatchObject({ reason: 'canceled' });
  expect(await submitter.submit(request)).toMatchObject({ ok: true, value: { replayed: false } });
});

test('one id at two doors at once is booked once and answered twice', async () => {
  await world.fund('payer', 1_000n);
  const other = createSubmitter({ database: world.testDatabase.open(), clock: world.clock });
  await other.submit(pay(1n));
  const { posted } = await world.balance('payer');
  const requests = Array.from({ length: 60 }, () => pay(1n));
  const answers = await Promise.all(
    requests.flatMap((one) => [submitter.submit(one), other.submit(one)]),
  );
  expect(answers.every(({ ok }) => ok)).toBe(true);
  const replayed = answers.filter((answer) => answer.ok && answer.value.replayed);
  expect(replayed).toHaveLength(60);
  expect((await world.balance('payer')).posted).toBe(posted - 60n);
  await other.close();
});

test('a limit holds at each step of a batch, not only at its end', async () => {
  await world.fund('payer', 1_000n);
  await submitter.submit(pay(1n));
  const { posted } = await world.balance('payer');
  const drain = { kind: 'posted', debit: item('payer'), credit: outside } as const;
  await world.book({ ...drain, amount: posted - 5n });
  const back = world.journal([
    { kind: 'posted', debit: outside, credit: item('payer'), amount: 10n },
  ]);
  const answers = await Promise.all([submitter.submit(pay(10n)), submitter.submit(back)]);
  expect(answers).toMatchObject([{ error: { code: 'exceeds_credits' } }, { ok: true }]);
  expect((await world.balance('payer')).posted).toBe(15n);
});

test('an account that was moved otherwise, as often as supposed, is told as it is', async () => {
  await world.fund('payer', 1_000n);
  // Until it goes out behind others again: another had moved the account.
  for (let turn = 0; turn < 10; turn++) await submitter.submit(pay(1n));
  const { posted } = await world.balance('payer');
  // The first is booked elsewhere meanwhile, so that its batch fails and the second's does not.
  const used = pay(10n);
  const { id, transfers, ...rest } = used;
  const other = { ...rest, id, transfers: transfers.map((one) => ({ ...one, amount: 7n })) };
  await world.submitter.submit(other);
  const first = submitter.submit(used);
  await setImmediate();
  const second = await submitter.submit(pay(1n));
  expect(await first).toMatchObject({ error: { code: 'journal_conflict' } });
  const transfer = second.ok ? second.value.transfers[0] : undefined;
  const left = (transfer?.debitCreditsPosted ?? 0n) - (transfer?.debitDebitsPosted ?? 0n);
  expect(left).toBe(posted - 8n);
});

test('batches are of one size, though callers come back one after the other', async () => {
  const sizes: number[] = [];
  const observer = { batch: ({ size }: { readonly size: number }) => sizes.push(size) };
  const database = world.testDatabase.open();
  const own = createSubmitter({ database, clock: world.clock, observer });
  await world.fund('payer', 1_000n);
  await own.submit(pay(1n));
  sizes.length = 0;
  const callTwice = async (turns: number) => {
    await own.submit(pay(1n));
    for (let turn = 0; turn < turns; turn++) await setImmediate();
    await own.submit(pay(1n));
  };
  await Promise.all(Array.from({ length: 120 }, (_, caller) => callTwice(caller % 4)));
  await own.close();
  expect(sizes.slice(0, 2)).toEqual([60, 60]);
  // A quarter of the first batch's callers is back at once.
  expect(sizes[2]).toBeGreaterThanOrEqual(30);
  expect(sizes.reduce((sum, size) => sum + size)).toBe(240);
});
