import { steerableClock } from '@keyturn/kernel';
import { insertRows, openDatabase } from '@keyturn/pipeline';
import { createTestDatabase, type TestDatabase } from '@keyturn/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bookId, bookTable, checkLedger, createSubmitter } from './index.ts';

const book = bookId('kt-check', 'escrow', 'CNY');
let testDatabase: TestDatabase;

beforeEach(async () => {
  testDatabase = await createTestDatabase();
  const database = testDatabase.open();
  await database.transaction((tx) =>
    insertRows(tx, bookTable, [
      { id: book, legalEntity: 'kt-check', regime: 'escrow', currency: 'CNY', memo: false },
    ]),
  );
  const submitter = createSubmitter({ database, clock: steerableClock('2026-11-20T02:00:00Z') });
  for (let serial = 0; serial < 6; serial++) {
    const id = `00000000-0000-7000-8000-00000000000${serial}`;
    await submitter.submit({
      id,
      book,
      cause: { module: 'test', object: id, command: id },
      transfers: [
        {
          kind: serial === 4 ? 'pending' : 'posted',
          debit: { book, code: 1101, owner: 'wx' },
          credit: { book, code: 2101, owner: `item-${serial % 2}` },
          amount: 100n,
        },
      ],
    });
  }
});
afterEach(() => testDatabase.drop());

/** Edits rows as somebody with a superuser's power and the triggers switched off would. */
async function tamper(sql: string) {
  const superuser = openDatabase({ url: testDatabase.superuserUrl, applicationName: 'tamper' });
  await superuser.transaction(async (tx) => {
    await tx.query('set local session_replication_role = replica');
    await tx.query(sql);
  });
  const check = await checkLedger(superuser);
  await superuser.close();
  return check;
}

test('an untouched ledger balances', async () => {
  const check = await checkLedger(testDatabase.open());
  expect(check).toMatchObject({ balanced: true, findings: [], transfers: 6n, journals: 6n });
});

const last = `journal_id = '00000000-0000-7000-8000-000000000005'`;
const first = `journal_id = '00000000-0000-7000-8000-000000000000'`;

test.each([
  ['a changed amount', `update ledger.transfer set amount = 101 where ${last}`],
  ['a removed transfer', `delete from ledger.transfer where ${last}`],
  ['a removed first transfer', `delete from ledger.transfer where ${first}`],
  [
    'a changed balance in an entry',
    `update ledger.transfer set credit_credits_posted = 999 where ${first}`,
  ],
  [
    'a changed account',
    `update ledger.account set credits_posted = credits_posted + 1 where code = 2101`,
  ],
  [
    'an account changed on both sides',
    `update ledger.account set credits_posted = credits_posted + 1, debits_posted = debits_posted + 1`,
  ],
  ['two swapped versions', `update ledger.transfer set debit_version = 100 - debit_version`],
  [
    'a transfer moved to another account',
    `update ledger.transfer set credit_account =
      (select id from ledger.account where owner = 'item-1'), credit_version = 50 where ${first}`,
  ],
  ['a journal without its transfers', `delete from ledger.transfer`],
  [
    'a limit taken off and overdrawn',
    `update ledger.account set debits_posted = credits_posted + 5, limit_kind = 'none' where code = 2101`,
  ],
])('%s is found', async (_name, sql) => {
  const check = await tamper(sql);
  expect(check.balanced).toBe(false);
  expect(check.findings.length).toBeGreaterThan(0);
});
