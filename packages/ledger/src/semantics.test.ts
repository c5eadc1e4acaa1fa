import { maxAmount } from '@keyturn/kernel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSubmitter, type ReversalRequest, type TransferRequest } from './index.ts';
import { book, createWorld, item, otherBook, outside, type World } from './test/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  expect(await world.end()).toEqual([]);
});

function sweep(from: string, to: string, amount: bigint): TransferRequest {
  return { kind: 'posted', debit: item(from), credit: item(to), amount, balancing: 'debit' };
}

function reversal(reverses: string, id = world.uuid()): ReversalRequest {
  return { id, book, cause: { module: 'test', object: id, command: id }, reverses };
}

const refused = (code: string) => ({ ok: false, error: { code } });

test('a balancing transfer moves what is left, at most what was asked for, and tells how much', async () => {
  await world.fund('a', 100n);
  const part = world.journal([sweep('a', 'b', 30n)]);
  expect(await world.submitter.submit(part)).toMatchObject({
    value: { transfers: [{ amount: 30n, atMost: 30n, balancing: 'debit' }] },
  });
  await world.book({ kind: 'pending', debit: item('a'), credit: item('c'), amount: 20n });
  const rest = world.journal([sweep('a', 'b', maxAmount)]);
  const first = await world.submitter.submit(rest);
  expect(first).toMatchObject({
    value: { replayed: false, transfers: [{ amount: 50n, atMost: maxAmount }] },
  });
  expect(await world.submitter.submit(rest)).toEqual(
    first.ok && { ok: true, value: { ...first.value, replayed: true } },
  );
  expect(await world.balance('a')).toEqual({ posted: 20n, available: 0n });
  const none = world.journal([sweep('a', 'b', 1n)]);
  expect(await world.submitter.submit(none)).toMatchObject(refused('balancing_amount_zero'));
});

test('a balancing hold on the credit side holds as much as the debtor owes', async () => {
  const debtor = { book, code: 1201, owner: 'debtor' } as const;
  await world.book({ kind: 'posted', debit: debtor, credit: item('lender'), amount: 40n });
  const repay: TransferRequest = {
    kind: 'pending',
    debit: item('lender'),
    credit: debtor,
    amount: 100n,
    balancing: 'credit',
  };
  expect(await world.submitter.submit(world.journal([repay]))).toMatchObject({
    value: { transfers: [{ amount: 40n }] },
  });
  expect(await world.submitter.submit(world.journal([repay]))).toMatchObject(
    refused('balancing_amount_zero'),
  );
});

test('a reversal is the mirror of a journal, once, and a repeat of it is a replay', async () => {
  await world.fund('d', 100n);
  const split = await world.book(
    { kind: 'posted', debit: item('d'), credit: item('e'), amount: 60n },
    { kind: 'posted', debit: item('d'), credit: item('f'), amount: 40n },
  );
  const request = reversal(split);
  const both = await Promise.all([
    world.submitter.submit(request),
    world.submitter.submit(request),
    world.submitter.submit(reversal(split)),
  ]);
  expect(both).toMatchObject([
    { value: { replayed: false, journal: { reverses: split } } },
    { value: { replayed: true } },
    refused('already_reversed'),
  ]);
  expect(await world.balance('d')).toEqual({ posted: 100n, available: 100n });
  expect(await world.submitter.submit(reversal(split))).toMatchObject(refused('already_reversed'));
  const again = await world.submitter.submit(reversal(request.id));
  expect(again).toMatchObject(refused('reversal_of_reversal'));
});

test('a journal and its reversal may come in one batch, and a refused one is not reversed', async () => {
  await world.fund('g', 10n);
  const move = world.journal([
    { kind: 'posted', debit: item('g'), credit: item('h'), amount: 10n },
  ]);
  const over = world.journal([
    { kind: 'posted', debit: item('g'), credit: item('h'), amount: 10n },
  ]);
  const answers = await Promise.all([
    world.submitter.submit(move),
    world.submitter.submit(over),
    world.submitter.submit(reversal(over.id)),
    world.submitter.submit(reversal(move.id)),
  ]);
  expect(answers).toMatchObject([
    { ok: true },
    refused('exceeds_credits'),
    refused('reversal_of_refused'),
    { ok: true },
  ]);
  const late = await world.submitter.submit(reversal(over.id));
  expect(late).toMatchObject({ error: { values: { reason: 'exceeds_credits' } } });
});

test('what was reversed cannot be taken twice: a reversal respects the limits', async () => {
  const paid = await world.fund('i', 10n);
  await world.book({ kind: 'posted', debit: item('i'), credit: item('j'), amount: 10n });
  const back = await world.submitter.submit(reversal(paid.id));
  expect(back).toMatchObject(refused('exceeds_credits'));
});

function close(owner: string, amount: bigint, balancing?: 'debit'): TransferRequest {
  const credit = item(`rest of ${owner}`);
  const debit = item(owner);
  const most = balancing === undefined ? {} : { balancing };
  return { kind: 'pending', debit, credit, amount, closing: 'debit', ...most };
}

test('a closing holds the whole balance and shuts the account; voided, it is open again', async () => {
  await world.fund('k', 10n);
  const closing = await world.book(close('k', 10n));
  expect(await world.account(item('k'))).toMatchObject({ closed: true, debitsPending: 10n });
  const pay = world.journal([{ kind: 'posted', debit: outside, credit: item('k'), amount: 1n }]);
  expect(await world.submitter.submit(pay)).toMatchObject(refused('account_closed'));
  await world.book({ kind: 'void_pending', hold: { journalId: closing, leg: 0 } });
  expect(await world.account(item('k'))).toMatchObject({ closed: false, debitsPending: 0n });
  await world.fund('k', 1n);
  expect(await world.balance('k')).toEqual({ posted: 11n, available: 11n });
});

test('a closing that is posted closes for good, also an account that is empty', async () => {
  await world.fund('l', 10n);
  await world.book({ kind: 'posted', debit: item('l'), credit: item('m'), amount: 10n });
  const closing = await world.book(close('l', maxAmount, 'debit'));
  await world.book({ kind: 'post_pending', hold: { journalId: closing, leg: 0 } });
  expect(await world.account(item('l'))).toMatchObject({ closed: true, debitsPending: 0n });
  const reopen = world.journal([{ kind: 'void_pending', hold: { journalId: closing, leg: 0 } }]);
  expect(await world.submitter.submit(reopen)).toMatchObject(refused('hold_already_posted'));
  const second = world.journal([close('l', 0n)]);
  expect(await world.submitter.submit(second)).toMatchObject(refused('account_closed'));
});

test('a closing neither leaves money behind nor overtakes a hold, and is posted whole', async () => {
  await world.fund('n', 10n);
  const some = world.journal([close('n', 9n)]);
  expect(await world.submitter.submit(some)).toMatchObject(refused('closing_leaves_balance'));
  const hold = await world.book({
    kind: 'pending',
    debit: item('n'),
    credit: item('o'),
    amount: 5n,
  });
  const early = world.journal([close('n', 5n)]);
  expect(await world.submitter.submit(early)).toMatchObject(refused('account_has_holds'));
  await world.book({ kind: 'void_pending', hold: { journalId: hold, leg: 0 } });
  const closing = await world.book(close('n', 10n));
  const part = world.journal([
    { kind: 'post_pending', hold: { journalId: closing, leg: 0 }, amount: 4n },
  ]);
  expect(await world.submitter.submit(part)).toMatchObject(refused('closing_leaves_balance'));
});

test('linked journals of two currencies are booked together, and replayed as a whole', async () => {
  const abroad = { book: otherBook, code: 2101, owner: 'p' } as const;
  const source = { book: otherBook, code: 1101, owner: 'wx' } as const;
  await world.fund('p', 50n);
  const pair = [
    world.journal([{ kind: 'posted', debit: item('p'), credit: outside, amount: 50n }]),
    world.journal(
      [{ kind: 'posted', debit: source, credit: abroad, amount: 55n }],
      world.uuid(),
      otherBook,
    ),
  ];
  const link = pair[0]?.id;
  expect(await world.submitter.submitLinked(pair)).toMatchObject([
    { value: { replayed: false, journal: { link } } },
    { value: { replayed: false, journal: { link } } },
  ]);
  expect(await world.submitter.submitLinked(pair)).toMatchObject([
    { value: { replayed: true } },
    { value: { replayed: true } },
  ]);
  const [alone] = pair;
  if (!alone) throw new Error('a pair has a first journal');
  expect(await world.submitter.submit(alone)).toMatchObject({
    error: { code: 'journal_conflict', values: { differs: 'linked journals' } },
  });
  const other = [alone, world.journal([sweep('p', 'q', 1n)])];
  expect(await world.submitter.submitLinked(other)).toMatchObject([
    refused('journal_conflict'),
    { error: { code: 'linked_journal_refused', values: { refused_journal: link } } },
  ]);
});

test('if one linked journal is refused none is booked, and all ids are burnt', async () => {
  await world.fund('r', 50n);
  const chain = [30n, 30n, 30n].map((amount) =>
    world.journal([{ kind: 'posted', debit: item('r'), credit: item('s'), amount }]),
  );
  const culprit = chain[1]?.id;
  const because = {
    error: { code: 'linked_journal_refused', values: { refused_journal: culprit } },
  };
  expect(await world.submitter.submitLinked(chain)).toMatchObject([
    because,
    refused('exceeds_credits'),
    because,
  ]);
  expect(await world.balance('r')).toEqual({ posted: 50n, available: 50n });
  await world.fund('r', 50n);
  for (const answer of await world.submitter.submitLinked(chain)) {
    expect(answer).toMatchObject(refused('journal_refused_before'));
  }
});

test('in bulk each journal stands on what those before it left, and has its own answer', async () => {
  const pay = world.journal([{ kind: 'posted', debit: outside, credit: item('t'), amount: 5n }]);
  const take = (amount: bigint) =>
    world.journal([{ kind: 'posted', debit: item('t'), credit: item('u'), amount }]);
  const malformed = { ...take(1n), id: 'no uuid' };
  const answers = await world.submitter.submitBulk([
    take(5n),
    pay,
    take(3n),
    malformed,
    take(3n),
    pay,
    take(2n),
  ]);
  expect(answers).toMatchObject([
    refused('exceeds_credits'),
    { value: { replayed: false } },
    { ok: true },
    refused('journal_id_invalid'),
    refused('exceeds_credits'),
    { value: { replayed: true } },
    { ok: true },
  ]);
  expect(await world.balance('t')).toEqual({ posted: 0n, available: 0n });
});

test('a journal of a book that does not exist is refused and leaves its id free', async () => {
  const request = world.journal([
    { kind: 'void_pending', hold: { journalId: world.uuid(), leg: 0 } },
  ]);
  const nowhere = { ...request, book: 'kt-nobody/escrow/CNY' };
  expect(await world.submitter.submit(nowhere)).toMatchObject(refused('book_unknown'));
  expect(await world.submitter.submit(request)).toMatchObject(refused('hold_unknown'));
});

test('a batch of everything takes as many statements as one of each', async () => {
  let sent = 0;
  const onStatement = () => {
    sent += 1;
  };
  const database = world.testDatabase.open({ onStatement });
  const submitter = createSubmitter({ database, clock: world.clock });
  const counts: number[] = [];
  // More than these would be sent as two batches, one behind the other.
  for (const size of [1, 3]) {
    const requests = [];
    for (let n = 0; n < size; n++) {
      const owner = `batch ${size} ${n}`;
      const paid = await world.fund(owner, 50n);
      const full = await world.fund(`${owner} full`, 5n);
      const to = item(`${owner} to`);
      const movement = { debit: item(owner), credit: to, amount: 10n } as const;
      const expiresAt = world.clock.now().add({ hours: 1 });
      const journalId = await world.book({ kind: 'pending', ...movement, expiresAt });
      requests.push(
        world.journal([{ kind: 'posted', ...movement }]),
        world.journal([{ kind: 'pending', ...movement, expiresAt }]),
        world.journal([{ kind: 'post_pending', hold: { journalId, leg: 0 } }]),
        world.journal([{ kind: 'posted', ...movement, amount: 1_000n }]),
        { ...world.journal([{ kind: 'posted', ...movement }]), effectiveAt: expiresAt },
        world.journal([close(`${owner} full`, 5n)]),
        reversal(paid.id),
        reversal(full.id),
        world.journal([
          { kind: 'posted', debit: outside, credit: item(`${to.owner} new`), amount: 1n },
        ]),
      );
    }
    sent = 0;
    const answers = await submitter.submitBulk(requests);
    expect(answers.filter((answer) => answer.ok).length).toBeGreaterThanOrEqual(5 * size);
    counts.push(sent);
  }
  await submitter.close();
  // The first batch also learns of the book, which the second one knows.
  const [one, many] = counts;
  expect(many).toBe((one ?? 0) - 1);
});
