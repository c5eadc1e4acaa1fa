import { type Database, openDatabase } from '@keyturn/pipeline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorld, item, outside, type World } from './test/world.ts';

/** What the database refuses whoever writes, a superuser too. */
let world: World;
let superuser: Database;

beforeAll(async () => {
  world = await createWorld();
  await world.fund('a', 100n);
  const { superuserUrl } = world.testDatabase;
  superuser = openDatabase({ url: superuserUrl, applicationName: 'rules' });
});
afterAll(async () => {
  await superuser.close();
  expect(await world.end()).toEqual([]);
});

/** The transfer that funded `a` once more, as its second leg, with some columns changed. */
async function copyTransfer(changed: Readonly<Record<string, string>>): Promise<void> {
  const values: Readonly<Record<string, string>> = {
    journal_id: 't.journal_id',
    leg: '1',
    kind: 't.kind',
    debit_account: 't.debit_account',
    credit_account: 't.credit_account',
    amount: 't.amount',
    debit_version: 't.debit_version + 100',
    debit_debits_posted: '0',
    debit_credits_posted: '0',
    credit_version: 't.credit_version + 100',
    credit_debits_posted: '0',
    credit_credits_posted: '0',
    recorded_at: 't.recorded_at',
    ...changed,
  };
  await superuser.query(`insert into ledger.transfer (${Object.keys(values).join(', ')})
    select ${Object.values(values).join(', ')} from ledger.transfer t limit 1`);
}

test.each<[string, Readonly<Record<string, string>>]>([
  ['a leg below 0', { leg: '-1' }],
  ['one account on both sides', { debit_account: 't.credit_account' }],
  ['no amount', { amount: '0' }],
  ['an amount below 0', { amount: '-1', kind: `'void_pending'` }],
  ['another kind', { kind: `'moved'` }],
  ['a posted transfer of a hold', { hold_journal: 't.journal_id', hold_leg: '0' }],
  ['a hold of a hold', { kind: `'pending'`, hold_journal: 't.journal_id', hold_leg: '0' }],
  ['the posting of no hold', { kind: `'post_pending'` }],
  ['the voiding of no hold', { kind: `'void_pending'` }],
  ['a hold without its leg', { kind: `'void_pending'`, hold_journal: 't.journal_id' }],
  ['a leg without its hold', { kind: `'pending'`, hold_leg: '0' }],
  ['a posted transfer that closes', { closing: `'debit'` }],
  ['a closing of neither side', { kind: `'pending'`, closing: `'both'` }],
  ['a balancing of neither side', { balancing: `'both'`, at_most: 't.amount' }],
  ['a balancing without its bound', { balancing: `'debit'` }],
  ['a bound of no balancing', { at_most: 't.amount' }],
  ['more than was asked for', { balancing: `'debit'`, at_most: 't.amount - 1' }],
])('no transfer has %s', async (_, changed) => {
  await expect(copyTransfer(changed)).rejects.toMatchObject({
    code: '23514',
    constraint: 'transfer_is_in_order',
  });
});

test.each([
  'debits_posted = -1',
  'credits_pending = -1',
  'version = -1',
  'debits_posted = credits_posted + 1',
  'debits_pending = credits_posted + 1',
  `limit_kind = 'credits_must_not_exceed_debits'`,
  `limit_kind = 'some'`,
])('no account of a party is left with %s', async (set) => {
  await expect(
    superuser.query(`update ledger.account set ${set} where code = $1`, [item('a').code]),
  ).rejects.toMatchObject({ code: '23514', constraint: 'account_is_in_order' });
});

const unknown = '00000000-0000-7000-8000-00000000ffff';

test.each<[string, string]>([
  [
    'an account in a book that is not there',
    `insert into ledger.account (id, book_id, code, owner, limit_kind, opened_at)
      values ('${unknown}', 'none', 1101, 'x', 'none', now())`,
  ],
  [
    'an account of a code that is not in the chart',
    `insert into ledger.account (id, book_id, code, owner, limit_kind, opened_at)
      values ('${unknown}', '${outside.book}', 1999, 'x', 'none', now())`,
  ],
  [
    'metadata of an account that is not there',
    `insert into ledger.account_metadata (account_id, key, value) values ('${unknown}', 'k', 'v')`,
  ],
  [
    'the reversal of a journal that is not there',
    `insert into ledger.journal (id, book_id, cause_module, cause_object, cause_command,
        fingerprint, effective_at, recorded_at, reverses)
      values ('${unknown}', '${outside.book}', 'm', 'o', 'c', '${unknown}', now(), now(),
        '00000000-0000-7000-8000-00000000fffe')`,
  ],
])('there is not %s', async (_, sql) => {
  await expect(superuser.query(sql)).rejects.toMatchObject({ code: '23503' });
});

test.each([
  'update ledger.book set memo = true',
  'delete from ledger.book',
  'truncate ledger.book cascade',
  'delete from ledger.account',
  'delete from ledger.account_code',
])('what others refer to stays as it is: %s', async (sql) => {
  await expect(superuser.query(sql)).rejects.toMatchObject({ code: '23001' });
});
