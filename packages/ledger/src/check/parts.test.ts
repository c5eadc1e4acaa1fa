import { type Database, openDatabase } from '@keyturn/pipeline';
import { createTestDatabase, type TestDatabase } from '@keyturn/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkDetached, checkLedger, createSealKey, type PartitionAdmin } from '../index.ts';
import { cutOff, openAdmin } from '../test/parts.ts';
import { bookJournals, clock, journalId, useBook } from '../test/sealed-books.ts';

let testDatabase: TestDatabase;
let database: Database;
let admin: PartitionAdmin & { close(): Promise<void> };

/** Part 1 has journals 0 to 4 and 7, part 2 has 6 and 8 to 12, part 3 the rest. */
beforeEach(async () => {
  testDatabase = await createTestDatabase();
  database = testDatabase.open();
  admin = openAdmin(testDatabase);
  await useBook(database);
  await bookJournals(database, 0, 5);
  await bookJournals(database, 7, 8);
  await cutOff(testDatabase, admin);
  clock.advance({ hours: 1 });
  await bookJournals(database, 6, 7);
  await bookJournals(database, 8, 13);
  await cutOff(testDatabase, admin);
  await bookJournals(database, 13, 15);
});
afterEach(async () => {
  await admin.close();
  await testDatabase.drop();
});

/** Edits rows as somebody with a superuser's power and the triggers switched off would. */
async function tamper(sql: string): Promise<void> {
  const superuser = openDatabase({ url: testDatabase.superuserUrl, applicationName: 'tamper' });
  await superuser.transaction(async (tx) => {
    await tx.query('set local session_replication_role = replica');
    for (const statement of sql.split(';')) await tx.query(statement);
  });
  await superuser.close();
}

async function brokenRules(): Promise<readonly string[]> {
  const { findings } = await checkLedger(database);
  return findings.map((finding) => finding.rule);
}

const cuts = 'a part ends with the seal and the openings that were signed at its cut';
const parts = 'parts are attached as is recorded, and follow each other';
const signed = 'a seal is signed by a known key';
const rows = 'the rows of a seal are those that were sealed';
const entries = 'entries are gap-free and each balance follows from the one before';
const stands = 'an account stands where its transfers leave it';
const hold = 'a hold is resolved for at most its amount, between the same accounts';
const resolved = 'what is registered as resolved was resolved';
const belongs = 'a transfer belongs to a journal';
const leads = 'the entries of a part lead from its openings to its closings';
const odd = 'a journal has transfers, or a refusal and none';

const of = (serial: number) => `journal_id = '${journalId(serial)}'`;
const swap = (one: string, other: string) => `alter table ledger.${one} rename to aside;
  alter table ledger.${other} rename to ${one}; alter table ledger.aside rename to ${other}`;

test('an untouched ledger of parts is right, whichever of them are there', async () => {
  for (const detached of [0, 1, 2]) {
    if (detached > 0) expect(await admin.detach(detached)).toMatchObject({ ok: true });
    const check = await checkLedger(database);
    expect(check).toMatchObject({ findings: [], balanced: true, detachedParts: detached });
  }
  for (const attached of [2, 1]) {
    expect(await admin.attach(attached)).toMatchObject({ ok: true });
    expect(await brokenRules()).toEqual([]);
  }
});

test.each([
  ['an opening', cuts, 'update ledger.partition_opening set version = version + 1'],
  ['an opening', entries, 'update ledger.partition_opening set version = version + 1'],
  ['the time of an opening', cuts, 'update ledger.partition_opening set recorded_at = now()'],
  ['an opening taken out', cuts, 'delete from ledger.partition_opening where number = 2'],
  [
    'an opening put in',
    cuts,
    `insert into ledger.partition_opening values ('${journalId(0)}', 1, 1, 0, 0, 0, 0, now())`,
  ],
  ['a cut’s count', cuts, 'update ledger.partition_cut set transfers = 1 where number = 1'],
  ['a cut’s seal', cuts, 'update ledger.partition_cut set seal_number = 1 where number = 1'],
  ['a cut’s digest', cuts, "update ledger.partition_cut set digest = sha256('x')"],
  [
    'a cut’s signature',
    signed,
    "update ledger.partition_cut set signature = decode(repeat('00', 64), 'hex')",
  ],
  ['the first cut taken out', parts, 'delete from ledger.partition_cut where number = 1'],
  [
    'a part attached by hand',
    parts,
    `alter table ledger.transfer attach partition ledger.transfer_1
      for values from ('0') to ('1')`,
  ],
  [
    'a part detached by hand',
    parts,
    'alter table ledger.transfer detach partition ledger.transfer_2',
  ],
  ['a move that is not recorded', parts, 'delete from ledger.partition_move'],
  ['a row of a part that is there', rows, `update ledger.transfer set amount = 1 where ${of(9)}`],
  [
    'a row of a part that is there',
    entries,
    `update ledger.transfer set amount = 1 where ${of(9)}`,
  ],
  [
    'a row put into another part',
    odd,
    `update ledger.transfer set transaction_id = (select max(transaction_id)
      from ledger.transfer_3) where ${of(9)}`,
  ],
  ['what was held by a detached hold', entries, 'update ledger.hold_resolution set held = 99'],
  ['a resolution that is not registered', hold, 'delete from ledger.hold_resolution'],
  [
    'a resolution that is only registered',
    resolved,
    `insert into ledger.hold_resolution values ('${journalId(9)}', 0, '${journalId(10)}', 0, 1,
      true)`,
  ],
  ['an account', stands, 'update ledger.account set version = version + 1 where code = 1101'],
])('%s, while a part is detached: "%s" is broken', async (name, rule, sql) => {
  await admin.detach(1);
  // Its rows have to fit before they can be attached by hand.
  if (name === 'a part attached by hand') await tamper('delete from ledger.transfer_1');
  await tamper(sql);
  expect(await brokenRules()).toContain(rule);
});

test.each([
  ['an amount', rows, `update ledger.transfer_1 set amount = 1 where ${of(2)}`],
  ['an amount', leads, `update ledger.transfer_1 set amount = 1 where ${of(2)}`],
  ['the time', rows, `update ledger.transfer_1 set recorded_at = now() where ${of(2)}`],
  ['a row taken out', rows, `delete from ledger.transfer_1 where ${of(2)}`],
  ['a row taken out', odd, `delete from ledger.transfer_1 where ${of(2)}`],
  [
    'a row put in',
    belongs,
    `insert into ledger.transfer_1 select * from ledger.transfer where ${of(9)} and leg = 0`,
  ],
  ['everything taken out', rows, 'delete from ledger.transfer_1'],
  [
    'an opening of the next part',
    leads,
    'update ledger.partition_opening set credits_posted = credits_posted + 1 where number = 1',
  ],
  [
    'an opening of the next part',
    cuts,
    'update ledger.partition_opening set credits_posted = credits_posted + 1 where number = 1',
  ],
  ['its seal', rows, "update ledger.seal set content_digest = sha256('x') where number = 1"],
  [
    'its journal',
    rows,
    `update ledger.journal set cause_object = 'x' where id = '${journalId(2)}'`,
  ],
])('%s of a detached part: "%s" is broken, and it is not put back', async (_name, rule, sql) => {
  await admin.detach(1);
  await tamper(sql);
  const checked = await checkDetached(database, 1);
  expect(checked.ok && checked.value.findings.map((finding) => finding.rule)).toContain(rule);
  expect(await admin.attach(1)).toMatchObject({ error: { code: 'partition_damaged' } });
});

describe('one part in the place of another', () => {
  test('is found when they are detached', async () => {
    await admin.detach(1);
    await admin.detach(2);
    await tamper(swap('transfer_1', 'transfer_2'));
    for (const number of [1, 2]) {
      expect(await checkDetached(database, number)).toMatchObject({ value: { balanced: false } });
    }
  });

  test('is found when one is there', async () => {
    await admin.detach(1);
    await tamper(swap('transfer_1', 'transfer_2'));
    expect(await brokenRules()).toContain(parts);
  });
});

test('a part that was cut with another key is found by who knows which keys may seal', async () => {
  const trustedKeys = [createSealKey(Buffer.alloc(32, 8)).id];
  const checked = await checkDetached(database, 1, { trustedKeys });
  expect(checked.ok && checked.value.findings.map((one) => one.subject)).toContain('part 1');
});

test('a part that is not cut off yet is not checked by itself, and says so', async () => {
  const uncut = { ok: false, error: { code: 'partition_not_cut' } };
  expect(await checkDetached(database, 3)).toMatchObject(uncut);
  const missing = { ok: false, error: { code: 'partition_missing' } };
  expect(await checkDetached(database, 99)).toMatchObject(missing);
});

test('a part whose table is gone cannot be checked, and says so', async () => {
  await admin.detach(1);
  await tamper('drop table ledger.transfer_1');
  const missing = { ok: false, error: { code: 'partition_missing' } };
  expect(await checkDetached(database, 1)).toMatchObject(missing);
  expect(await admin.attach(1)).toMatchObject(missing);
  expect(await checkLedger(database)).toMatchObject({ balanced: true, detachedParts: 1 });
});
