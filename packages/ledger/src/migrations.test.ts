import { openDatabase } from '@keyturn/pipeline';
import { administer, createTestDatabase, inDatabase } from '@keyturn/testkit';
import { expect, test } from 'vitest';
import { ledgerMigrations } from './migrations.ts';

/** Two journals of one transaction each: a hold of 100, and what posts 60 of it. */
const before = `
insert into ledger.book values ('b', 'kt', 'escrow', 'CNY', false);
insert into ledger.account (id, book_id, code, owner, limit_kind, opened_at)
  select ('00000000-0000-8000-8000-00000000000' || n)::uuid, 'b', 1101, n::text, 'none', now()
  from generate_series(1, 2) n;
insert into ledger.journal (id, book_id, cause_module, cause_object, cause_command, fingerprint,
    effective_at, recorded_at)
  values ('00000000-0000-7000-8000-000000000001', 'b', 'm', 'o', 'c', md5('1')::uuid, now(), now());
insert into ledger.journal (id, book_id, cause_module, cause_object, cause_command, fingerprint,
    effective_at, recorded_at)
  values ('00000000-0000-7000-8000-000000000002', 'b', 'm', 'o', 'c', md5('2')::uuid, now(), now());
insert into ledger.transfer (journal_id, leg, kind, debit_account, credit_account, amount,
    hold_journal, hold_leg, debit_version, debit_debits_posted, debit_credits_posted,
    debit_debits_pending, credit_version, credit_debits_posted, credit_credits_posted,
    credit_credits_pending, recorded_at)
  select ('00000000-0000-7000-8000-00000000000' || v.n)::uuid, 0, v.kind,
    '00000000-0000-8000-8000-000000000001', '00000000-0000-8000-8000-000000000002', v.amount,
    v.hold::uuid, v.hold_leg, v.n, v.posted, 0, v.held, v.n, 0, v.posted, v.held, now()
  from (values (1, 'pending', 100, null, null::int, 0, 100),
    (2, 'post_pending', 60, '00000000-0000-7000-8000-000000000001', 0, 60, null))
    as v (n, kind, amount, hold, hold_leg, posted, held);
create schema elsewhere;
create table elsewhere.uses (hold_journal uuid, hold_leg smallint,
  foreign key (hold_journal, hold_leg) references ledger.transfer (journal_id, leg))`;

test('transfers that were booked before there were parts move into the first', async () => {
  const testDatabase = await createTestDatabase();
  const name = `steps_${process.pid}`;
  await administer(testDatabase.superuserUrl, `create database ${name}`);
  const url = inDatabase(testDatabase.superuserUrl, name);
  for (const step of await ledgerMigrations()) {
    if (step.name === 'ledger/0009_partitions.sql') await administer(url, before);
    await administer(url, step.sql);
  }
  const database = openDatabase({ url, applicationName: 'test' });
  const transfers = await database.query(
    `select t.tableoid::regclass::text as part, t.kind, t.transaction_id = j.transaction_id as same
      from ledger.transfer t join ledger.journal j on j.id = t.journal_id order by j.id`,
  );
  const part = 'ledger.transfer_1';
  expect(transfers).toEqual([
    { part, kind: 'pending', same: true },
    { part, kind: 'post_pending', same: true },
  ]);
  const resolutions = await database.query('select held, posted from ledger.hold_resolution');
  expect(resolutions).toEqual([{ held: 100n, posted: true }]);
  await database.close();
  await administer(testDatabase.superuserUrl, `drop database ${name}`);
  await testDatabase.drop();
});
