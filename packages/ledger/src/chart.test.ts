import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type AccountCode,
  type AccountSpec,
  accountId,
  addAccountCode,
  balanceOf,
  readAccounts,
  readChart,
} from './index.ts';
import { createWorld, outside, type World } from './test/world.ts';

let world: World;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  expect(await world.end()).toEqual([]);
});

const gift = {
  code: 2510,
  nameEn: 'Gift card',
  nameZh: '礼品卡',
  limitKind: 'debits_must_not_exceed_credits',
} as const;

function specOf(code: number, owner: string): AccountSpec {
  return { ...outside, code: code as AccountCode, owner };
}

test('a code of one’s own is in the chart for ever, and adding it again changes nothing', async () => {
  const database = world.testDatabase.open();
  const added = { ok: true, value: { ...gift, class: 'liability' } };
  expect(await addAccountCode(database, gift)).toEqual(added);
  expect(await addAccountCode(database, gift)).toEqual(added);
  expect(await readChart(database)).toContainEqual(added.value);
  expect(await addAccountCode(database, { ...gift, limitKind: 'none' })).toMatchObject({
    error: { code: 'account_code_exists', values: { code: '2510', name: 'Gift card' } },
  });
  const sql = `update ledger.account_code set limit_kind = 'none' where code = 2510`;
  await expect(database.query(sql)).rejects.toMatchObject({ code: '42501' });
});

test.each([2499, 3500, 6500, 999, 25_100, 2510.5])('%d is no code of one’s own', async (code) => {
  const database = world.testDatabase.open();
  expect(await addAccountCode(database, { ...gift, code })).toMatchObject({
    error: { code: 'account_code_invalid' },
  });
  expect(await addAccountCode(database, { ...gift, nameZh: '' })).toMatchObject({
    error: { code: 'account_code_invalid' },
  });
});

test('accounts of a code that another process added have its limit and its side', async () => {
  // As another process would: this one has not met the code.
  await world.testDatabase.open().query(
    `insert into ledger.account_code (code, name_en, name_zh, class, limit_kind) values
      (2520, 'Voucher', '代金券', 'liability', 'debits_must_not_exceed_credits')`,
  );
  const voucher = specOf(2520, 'W');
  const fund = world.journal([{ kind: 'posted', debit: outside, credit: voucher, amount: 30n }]);
  expect(await world.submitter.submit(fund)).toMatchObject({ ok: true });
  const over = world.journal([{ kind: 'posted', debit: voucher, credit: outside, amount: 31n }]);
  expect(await world.submitter.submit(over)).toMatchObject({ error: { code: 'exceeds_credits' } });
  const [account] = await readAccounts(world.testDatabase.open(), [accountId(voucher)]);
  expect(account && balanceOf(account).posted).toBe(30n);
});

test('a code that nobody added names no account', async () => {
  const nobody = world.journal([
    { kind: 'posted', debit: outside, credit: specOf(2599, 'X'), amount: 1n },
  ]);
  expect(await world.submitter.submit(nobody)).toMatchObject({
    error: { code: 'account_invalid' },
  });
});

test.each(['a\0b', 'a\ud800', ''])('the text %j names no account and no cause', async (text) => {
  const move = { kind: 'posted', debit: outside, credit: specOf(2101, 'X'), amount: 1n } as const;
  const nobody = world.journal([{ ...move, credit: specOf(2101, text) }]);
  const code = 'account_invalid';
  expect(await world.submitter.submit(nobody)).toMatchObject({ error: { code } });
  const causeless = world.journal([move]);
  const cause = { ...causeless.cause, object: text };
  expect(await world.submitter.submit({ ...causeless, cause })).toMatchObject({
    error: { code: 'cause_invalid' },
  });
});
