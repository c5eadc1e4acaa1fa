import { readFile } from 'node:fs/promises';
import { openDatabase } from '@keyturn/pipeline';
import { administer, createTestDatabase, inDatabase, type TestDatabase } from '@keyturn/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkDetached, checkLedger, createSubmitter, readHold } from './index.ts';
import { ledgerMigrations } from './migrations.ts';
import { cutOff, openAdmin } from './test/parts.ts';
import { clock, journalId, sealAll, sealKey } from './test/sealed-books.ts';
import { book, item, outside } from './test/world.ts';

/** The rows that an older ledger wrote, through all steps that came later. */

const rows = new URL('../test/fixtures/rows-of-step-0004.json', import.meta.url);

/** Somebody else's key that refers to transfers, as there were. */
const uses = `set role keyturn_owner;
create table ledger.uses (hold_journal uuid, hold_leg smallint,
  foreign key (hold_journal, hold_leg) references ledger.transfer (journal_id, leg));
insert into ledger.uses
  select t.journal_id, t.leg from ledger.transfer t where t.kind = 'pending'`;

let old: TestDatabase;

beforeAll(async () => {
  const testDatabase = await createTestDatabase();
  const name = `steps_${process.pid}`;
  await administer(testDatabase.superuserUrl, `create database ${name} owner keyturn_owner`);
  const own = { url: inDatabase(testDatabase.url, name) };
  old = {
    ...testDatabase,
    ...own,
    superuserUrl: inDatabase(testDatabase.superuserUrl, name),
    open: (options = {}) => testDatabase.open({ ...own, ...options }),
    drop: async () => {
      await testDatabase.drop();
      await administer(
        inDatabase(testDatabase.superuserUrl, 'postgres'),
        `drop database ${name} with (force)`,
      );
    },
  };
  for (const step of await ledgerMigrations()) {
    if (step.name === 'ledger/0005_expected_rows.sql') await insertRows();
    await administer(old.superuserUrl, `set role keyturn_owner; ${step.sql}`);
  }
});
afterAll(() => old.drop());

async function insertRows(): Promise<void> {
  const database = openDatabase({ url: old.superuserUrl, applicationName: 'test' });
  const tables: Record<string, unknown> = JSON.parse(await readFile(rows, 'utf8'));
  for (const [table, content] of Object.entries(tables)) {
    await database.query(
      `insert into ledger.${table} select * from json_populate_recordset(null::ledger.${table}, $1)`,
      [JSON.stringify(content)],
    );
  }
  await database.close();
  await administer(old.superuserUrl, uses);
}

test('they are as they were sealed, and every balance follows from them', async () => {
  const check = await checkLedger(old.open(), { trustedKeys: [sealKey.id] });
  expect(check).toMatchObject({
    ...{ findings: [], balanced: true, journals: 30n, transfers: 30n, accounts: 9n },
    ...{ seals: 4n, unsealedJournals: 9n },
  });
});

test('transfers lie in the first part, each in the transaction of its journal', async () => {
  const places = await old.open().query(
    `select t.tableoid::regclass::text as part, t.transaction_id = j.transaction_id as same,
        count(*) as transfers
      from ledger.transfer t join ledger.journal j on j.id = t.journal_id group by 1, 2`,
  );
  expect(places).toEqual([{ part: 'ledger.transfer_1', same: true, transfers: 30n }]);
});

test('holds are known to be resolved, each by its own journal', async () => {
  const resolutions = await old.open().query(
    `select right(r.hold_journal::text, 2) || '/' || r.hold_leg as hold, r.held, r.posted,
        right(r.journal_id::text, 2) as by
      from ledger.hold_resolution r where r.hold_journal <> $1 order by 1`,
    [expired],
  );
  expect(resolutions).toEqual([
    { hold: '06/0', held: 100n, posted: true, by: '07' },
    { hold: '08/0', held: 20n, posted: false, by: '0a' },
    { hold: '08/1', held: 7n, posted: true, by: '09' },
    { hold: '0e/0', held: 30n, posted: true, by: '0f' },
    { hold: '10/0', held: 40n, posted: false, by: '11' },
  ]);
  expect(await readHold(old.open(), { journalId: expired, leg: 0 })).toMatchObject({
    resolution: 'void_pending',
  });
});

const expired = journalId(0x0b);
const open = { journalId: journalId(0x0c), leg: 0 };

test('work goes on: what was open is resolved, what was done is not done again', async () => {
  const submitter = createSubmitter({ database: old.open(), clock });
  let serial = 0x80;
  const submit = async (content: object) => {
    const id = journalId(serial++);
    const cause = { module: 'test', object: id, command: id };
    const answer = await submitter.submit({ id, book, cause, transfers: [], ...content });
    return answer.ok ? (answer.value.replayed ? 'replayed' : 'ok') : answer.error.code;
  };
  const post = (journal: string) =>
    submit({ transfers: [{ kind: 'post_pending', hold: { journalId: journal, leg: 0 } }] });
  expect(await post(open.journalId)).toBe('ok');
  expect(await post(open.journalId)).toBe('hold_already_posted');
  expect(await post(journalId(0x06))).toBe('hold_already_posted');
  expect(await post(expired)).toBe('hold_already_voided');
  expect(await submit({ reverses: journalId(0x05) })).toBe('already_reversed');
  const movement = { kind: 'posted', debit: outside, credit: item('a'), amount: 1_000n };
  const first = { id: journalId(0x01), transfers: [movement] };
  const cause = { module: 'test', object: first.id, command: `test:${first.id}` };
  expect(await submit({ ...first, cause })).toBe('replayed');
  expect(await submit({ transfers: [{ ...movement, credit: item('shut') }] })).toBe(
    'account_closed',
  );
  expect(await submit({ transfers: [{ ...movement, credit: item('again') }] })).toBe('ok');
  await submitter.close();
  expect((await checkLedger(old.open())).findings).toEqual([]);
});

test('they can be cut off, taken out and put back', async () => {
  const admin = openAdmin(old);
  await sealAll(old.open());
  await admin.pack(await cutOff(old, admin));
  expect(await admin.detach(1)).toMatchObject({ error: { code: 'partition_holds_open' } });
  const submitter = createSubmitter({ database: old.open(), clock });
  const id = journalId(0xa0);
  const cause = { module: 'test', object: id, command: id };
  const hold = { journalId: journalId(0x0d), leg: 0 };
  await submitter.submit({ id, book, cause, transfers: [{ kind: 'void_pending', hold }] });
  await submitter.close();
  expect(await admin.detach(1)).toMatchObject({ ok: true });
  expect((await checkLedger(old.open())).findings).toEqual([]);
  expect(await checkDetached(old.open(), 1)).toMatchObject({ value: { findings: [] } });
  expect(await admin.attach(1)).toMatchObject({ ok: true });
  expect((await checkLedger(old.open())).findings).toEqual([]);
  await admin.close();
});
