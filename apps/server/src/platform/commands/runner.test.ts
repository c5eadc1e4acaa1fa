import { err, ok } from '@keyturn/kernel';
import {
  bookTable,
  createLedgerUnit,
  type LedgerUnit,
  readAccountsOfOwners,
} from '@keyturn/ledger';
import { insertRows, type Unit } from '@keyturn/pipeline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestPlatform, type TestPlatform } from '../../../test/platform.ts';
import { createCommandRunner } from './runner.ts';

const book = 'kt-test/escrow/CNY';
let platform: TestPlatform;

beforeAll(async () => {
  platform = await createTestPlatform({
    test_refused: { status: 409, retryable: false, title: 'Refused', en: 'no', zh: '否' },
    test_unusable: { status: 422, retryable: false, title: 'Unusable', en: 'no', zh: '否' },
  });
  await platform.database.transaction((tx) =>
    insertRows(tx, bookTable, [
      { id: book, legalEntity: 'kt-test', regime: 'escrow', currency: 'CNY', memo: false },
    ]),
  );
});

afterAll(() => platform.close());

interface Pay {
  readonly owner: string;
  readonly amount: bigint;
  readonly fail?: 'refuse' | 'unusable' | 'throw';
}

/** A small command over the ledger: pays an owner, or ends as it is told to after having booked. */
function definePay(target: TestPlatform, name: string, onStatement?: (text: string) => void) {
  const database = onStatement ? target.testDatabase.open({ onStatement }) : target.database;
  const runner = createCommandRunner({ ...target, database, onEvents: () => undefined });
  return runner.define<Pay, { ledger: LedgerUnit & Unit }, { id: string; amount: bigint }>({
    name,
    units: () => ({ ledger: createLedgerUnit() }),
    load: async (tx, { ledger }, calls) => {
      const accounts = calls.flatMap(({ input }) => accountsOf(input));
      await ledger.load(tx, { accounts }, target.clock.now());
    },
    decide: ({ ledger }, input, context) => {
      const id = context.newId(input.owner);
      const [debit, credit] = accountsOf(input);
      const cause = { module: 'test', object: id, command: context.key };
      const transfers = [{ kind: 'posted' as const, debit, credit, amount: input.amount }];
      const posted = ledger.post({ id, book, cause, transfers }, context.now);
      if (!posted.ok) return posted;
      context.emit({
        type: 'test.paid',
        objectId: id,
        objectSequence: 1n,
        payload: { amount: 1n },
      });
      if (input.fail === 'refuse') return err({ code: 'test_refused' });
      if (input.fail === 'unusable') return err({ code: 'test_unusable' });
      if (input.fail === 'throw') throw new Error('a bug in a decision');
      return ok({ id, amount: input.amount });
    },
  });
}

function accountsOf(input: Pay) {
  return [
    { book, code: 1101, owner: 'wx' },
    { book, code: 2101, owner: input.owner },
  ] as const;
}

async function held(owner: string): Promise<bigint> {
  const [account] = await readAccountsOfOwners(platform.database, [owner]);
  return account ? account.creditsPosted - account.debitsPosted : 0n;
}

test('the same key gives the first answer again, also from another process, with money intact', async () => {
  const first = await definePay(platform, 'test.pay')('k:1', { owner: 'a', amount: 7n });
  const again = await definePay(platform, 'test.pay')('k:1', { owner: 'a', amount: 7n });
  expect(first).toMatchObject({ ok: true, replayed: false, value: { amount: 7n } });
  expect(again).toEqual({ ...first, replayed: true });
  expect(await held('a')).toBe(7n);
});

test('the same key with another body is a conflict, while the first runs and after it', async () => {
  const pay = definePay(platform, 'test.pay');
  const [first, during] = await Promise.all([
    pay('k:2', { owner: 'b', amount: 1n }),
    pay('k:2', { owner: 'b', amount: 2n }),
  ]);
  const after = await pay('k:2', { owner: 'b', amount: 3n });
  expect(first.ok).toBe(true);
  for (const other of [during, after]) {
    expect(other).toMatchObject({ ok: false, error: { code: 'idempotency_conflict' } });
  }
  expect(await held('b')).toBe(1n);
});

test('two processes with one key pay once', async () => {
  const one = definePay(platform, 'test.pay');
  const two = definePay(platform, 'test.pay');
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, (_, index) => index).flatMap((index) => [
      one(`race:${index}`, { owner: 'c', amount: 1n }),
      two(`race:${index}`, { owner: 'c', amount: 1n }),
    ]),
  );
  expect(outcomes.every((outcome) => outcome.ok)).toBe(true);
  expect(outcomes.filter((outcome) => outcome.replayed)).toHaveLength(50);
  expect(await held('c')).toBe(50n);
});

test('a refused, an unusable and a broken decision leave nothing behind and do not touch their neighbours', async () => {
  const pay = definePay(platform, 'test.pay');
  const [fine, refused, unusable, broken, last] = await Promise.all([
    pay('n:1', { owner: 'd', amount: 1n }),
    pay('n:2', { owner: 'd', amount: 10n, fail: 'refuse' }),
    pay('n:3', { owner: 'd', amount: 100n, fail: 'unusable' }),
    pay('n:4', { owner: 'd', amount: 1000n, fail: 'throw' }),
    pay('n:5', { owner: 'd', amount: 2n }),
  ]);
  expect([fine.ok, last.ok]).toEqual([true, true]);
  expect(refused).toMatchObject({ error: { code: 'test_refused' } });
  expect(unusable).toMatchObject({ error: { code: 'test_unusable' } });
  expect(broken).toMatchObject({ error: { code: 'internal_error' } });
  expect(await held('d')).toBe(3n);
});

test('a refusal on state burns the key, a refusal of the request does not', async () => {
  const pay = definePay(platform, 'test.pay');
  await pay('burn:1', { owner: 'e', amount: 1n, fail: 'refuse' });
  await pay('burn:2', { owner: 'e', amount: 1n, fail: 'unusable' });
  const burnt = await pay('burn:1', { owner: 'e', amount: 1n, fail: 'refuse' });
  const free = await pay('burn:2', { owner: 'e', amount: 1n });
  expect(burnt).toMatchObject({ ok: false, replayed: true });
  expect(free).toMatchObject({ ok: true, replayed: false });
});

test('the number of statements of a batch does not grow with the batch', async () => {
  const counts: number[] = [];
  for (const size of [1, 10, 100]) {
    let statements = 0;
    const pay = definePay(platform, `test.pay_${size}`, () => {
      statements += 1;
    });
    await pay(`warm:${size}`, { owner: 'f', amount: 1n });
    statements = 0;
    await Promise.all(
      Array.from({ length: size }, (_, index) =>
        pay(`count:${size}:${index}`, { owner: 'f', amount: 1n }),
      ),
    );
    counts.push(statements);
  }
  expect(new Set(counts).size).toBe(1);
});
