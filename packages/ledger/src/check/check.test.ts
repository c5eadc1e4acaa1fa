import { openDatabase } from '@keyturn/pipeline';
import { createTestDatabase, type TestDatabase } from '@keyturn/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CheckOptions, checkLedger, createSealKey, readSealHead } from '../index.ts';
import { digestPiece } from '../seal/content.ts';
import { digestOfSeal } from '../seal/seal.ts';
import { addSeal, readSeals } from '../seal/store.ts';
import { bookJournals, journalId, sealAll, sealKey, useBook } from '../test/sealed-books.ts';

let testDatabase: TestDatabase;

beforeEach(async () => {
  testDatabase = await createTestDatabase();
  const database = testDatabase.open();
  await useBook(database);
  await bookJournals(database, 0, 10);
  await sealAll(database);
  await bookJournals(database, 10, 12);
});
afterEach(() => testDatabase.drop());

/** Edits rows as somebody with a superuser's power and the triggers switched off would. */
async function tamper(sql: string, options: CheckOptions = {}) {
  const superuser = openDatabase({ url: testDatabase.superuserUrl, applicationName: 'tamper' });
  await superuser.transaction(async (tx) => {
    await tx.query('set local session_replication_role = replica');
    for (const statement of sql.split(';')) await tx.query(statement);
  });
  const check = await checkLedger(superuser, options);
  const together = await checkLedger(superuser, { ...options, connections: 3 });
  await superuser.close();
  expect(together).toEqual(check);
  return check;
}

test('an untouched ledger is right, sealed up to its head and checked beyond it', async () => {
  const heard: bigint[] = [];
  const database = testDatabase.open();
  const head = await readSealHead(database);
  const check = await checkLedger(database, {
    onProgress: ({ transfers }) => heard.push(transfers),
    trustedKeys: [sealKey.id],
    knownHeads: [{ number: 6n, digest: head?.digest.toString('hex') ?? '' }],
  });
  expect(check).toMatchObject({
    balanced: true,
    findings: [],
    journals: 12n,
    transfers: 13n,
    seals: 6n,
    unsealedJournals: 2n,
    head: { number: 6n, digest: head?.digest.toString('hex'), signatureValid: true },
  });
  expect(heard.at(-1)).toBe(13n);
});

const of = (serial: number) => `journal_id = '${journalId(serial)}'`;
const is = (serial: number) => `id = '${journalId(serial)}'`;

const entries = 'entries are gap-free and each balance follows from the one before';
const stands = 'an account stands where its transfers leave it';
const rows = 'the rows of a seal are those that were sealed';
const stray = 'every journal before the last seal is in a seal';
const chain = 'seals are numbered without a gap and each follows from the one before';
const signed = 'a seal is signed by a known key';
const hold = 'a hold is resolved for at most its amount, between the same accounts';

const swapSides = `debit_account = credit_account, credit_account = debit_account,
  debit_version = credit_version, credit_version = debit_version,
  debit_debits_posted = credit_debits_posted, credit_debits_posted = debit_debits_posted,
  debit_credits_posted = credit_credits_posted, credit_credits_posted = debit_credits_posted,
  debit_debits_pending = credit_debits_pending, credit_debits_pending = debit_debits_pending,
  debit_credits_pending = credit_credits_pending, credit_credits_pending = debit_credits_pending`;

const transactionOf = (serial: number) =>
  `(select transaction_id from ledger.journal where ${is(serial)})`;

const account = (code: number) => `(select id from ledger.account where code = ${code} limit 1)`;

test.each([
  ['a changed amount', entries, `update ledger.transfer set amount = 101 where ${of(1)}`],
  ['a changed amount', rows, `update ledger.transfer set amount = 101 where ${of(1)}`],
  [
    'a changed amount that is not sealed',
    entries,
    `update ledger.transfer set amount = 101 where ${of(11)}`,
  ],
  ['debit and credit exchanged', rows, `update ledger.transfer set ${swapSides} where ${of(0)}`],
  ['debit and credit exchanged', entries, `update ledger.transfer set ${swapSides} where ${of(0)}`],
  [
    'counters of one entry',
    entries,
    `update ledger.transfer set credit_credits_posted = 999 where ${of(2)}`,
  ],
  [
    'held counters of one entry',
    entries,
    `update ledger.transfer set debit_debits_pending = 1 where ${of(11)}`,
  ],
  [
    'a movement made a hold',
    entries,
    `update ledger.transfer set kind = 'pending' where ${of(11)}`,
  ],
  [
    'a movement made the posting of a hold that is not',
    entries,
    `update ledger.transfer set kind = 'post_pending', hold_journal = journal_id, hold_leg = 7,
      amount = 1 where ${of(11)}`,
  ],
  [
    'two entries exchanged in their order',
    entries,
    `update ledger.transfer set debit_version = -debit_version where ${of(2)} or ${of(3)};
     update ledger.transfer set debit_version = 7 + debit_version where ${of(2)} or ${of(3)}`,
  ],
  [
    'a version above the last',
    entries,
    `update ledger.transfer set debit_version = 100 where ${of(11)}`,
  ],
  [
    'the time of a journal',
    rows,
    `update ledger.journal set recorded_at = recorded_at - interval '1 day' where ${is(3)}`,
  ],
  [
    'the value date of a journal',
    rows,
    `update ledger.journal set effective_at = effective_at - interval '1 day' where ${is(3)}`,
  ],
  [
    'the fingerprint of a journal',
    rows,
    `update ledger.journal set fingerprint = id where ${is(3)}`,
  ],
  [
    'the cause of a journal',
    rows,
    `update ledger.journal set cause_object = 'other' where ${is(3)}`,
  ],
  [
    'a sealed journal moved behind the seals',
    rows,
    `update ledger.journal set transaction_id = pg_current_xact_id() where ${is(9)}`,
  ],
  [
    'a transfer moved to another transaction',
    rows,
    `update ledger.transfer set transaction_id = ${transactionOf(3)} where ${of(2)}`,
  ],
  [
    'a transfer moved to another transaction, not sealed',
    'a transfer belongs to a journal',
    `update ledger.transfer set transaction_id = ${transactionOf(11)} where ${of(10)}`,
  ],
  ['a transfer taken out', entries, `delete from ledger.transfer where ${of(5)}`],
  ['a transfer taken out', rows, `delete from ledger.transfer where ${of(5)}`],
  [
    'a transfer taken out',
    'a journal has transfers, or a refusal and none',
    `delete from ledger.transfer where ${of(5)}`,
  ],
  ['the first transfer taken out', entries, `delete from ledger.transfer where ${of(0)}`],
  ['one leg of two taken out', rows, `delete from ledger.transfer where ${of(9)} and leg = 1`],
  [
    'a journal taken out without its transfers',
    'a transfer belongs to a journal',
    `delete from ledger.journal where ${is(10)}`,
  ],
  [
    'a journal taken out with its transfers',
    rows,
    `delete from ledger.transfer where ${of(5)}; delete from ledger.journal where ${is(5)}`,
  ],
  [
    'a journal taken out with its transfers',
    entries,
    `delete from ledger.transfer where ${of(5)}; delete from ledger.journal where ${is(5)}`,
  ],
  [
    'everything after a moment taken out',
    stands,
    `delete from ledger.transfer where ${of(10)} or ${of(11)}; delete from ledger.journal where ${is(10)} or ${is(11)}`,
  ],
  ['all transfers taken out', stands, 'delete from ledger.transfer'],
  [
    'an account',
    stands,
    'update ledger.account set credits_posted = credits_posted + 1 where code = 2101',
  ],
  [
    'both sides of an account',
    stands,
    'update ledger.account set credits_posted = credits_posted + 1, debits_posted = debits_posted + 1',
  ],
  ['an account that is gone', stands, "delete from ledger.account where owner = 'item-1'"],
  [
    'an account moved to another book',
    'no transfer crosses books',
    "update ledger.account set book_id = 'other' where owner = 'item-1'",
  ],
  [
    'a limit taken off and overdrawn',
    stands,
    "update ledger.account set debits_posted = credits_posted + 5, limit_kind = 'none' where code = 2101",
  ],
  [
    'an overdrawn account',
    'no limit is broken',
    'alter table ledger.account drop constraint account_is_in_order; update ledger.account set debits_posted = credits_posted + 5 where code = 2101',
  ],
  [
    'a hold posted for more than it held',
    hold,
    `update ledger.transfer set amount = 101 where ${of(6)}`,
  ],
  ['a hold that is gone', hold, `delete from ledger.transfer where ${of(7)}`],
  ['a hold made a movement', hold, `update ledger.transfer set kind = 'posted' where ${of(7)}`],
  [
    'a hold of other accounts',
    hold,
    `update ledger.transfer set credit_version = 50, credit_account = (select id from ledger.account where owner = 'item-0') where ${of(8)}`,
  ],
  [
    'a void made a posting',
    rows,
    `update ledger.transfer set kind = 'post_pending', amount = 100 where ${of(8)}`,
  ],
  [
    'a hold resolved twice',
    'a hold is resolved at most once',
    `update ledger.transfer set hold_journal = '${journalId(4)}' where ${of(8)}`,
  ],
  ['a seal’s digest', chain, "update ledger.seal set digest = sha256('x') where number = 3"],
  [
    'a seal’s digest of its rows',
    chain,
    "update ledger.seal set content_digest = sha256('x') where number = 3",
  ],
  ['a seal’s count', chain, 'update ledger.seal set journals = 9 where number = 3'],
  [
    'a seal’s time',
    chain,
    "update ledger.seal set sealed_at = sealed_at - interval '1 day' where number = 3",
  ],
  [
    'a seal’s signature',
    signed,
    "update ledger.seal set signature = decode(repeat('00', 64), 'hex') where number = 3",
  ],
  ['a seal taken out', chain, 'delete from ledger.seal where number = 3'],
  ['a seal taken out', stray, 'delete from ledger.seal where number = 3'],
  ['a gap in the numbers', chain, 'update ledger.seal set number = number + 1 where number = 6'],
  ['the first seal taken out', chain, 'delete from ledger.seal where number = 1'],
  [
    'a key put in the place of another',
    signed,
    "update ledger.seal_key set public_key = sha256('x')",
  ],
  ['a key that is gone', signed, 'delete from ledger.seal_key'],
])('%s: "%s" is broken', async (_name, rule, sql) => {
  const check = await tamper(sql);
  expect(check.balanced).toBe(false);
  expect(check.findings.map((finding) => finding.rule)).toContain(rule);
});

test('a journal that is put in, with every balance after it adjusted, is not in any seal', async () => {
  const copy = (table: string, key: string) => `insert into ledger.${table}
    select (jsonb_populate_record(x, jsonb_build_object('${key}', '${journalId(200)}')
      || ${table === 'journal' ? "'{}'" : adjusted})).* from ledger.${table} x
    where x.${key} = '${journalId(5)}'`;
  const after = `drop index ledger.transfer_1_debit_version;
    drop index ledger.transfer_1_credit_version;
    update ledger.transfer set
      debit_version = debit_version + 1, debit_debits_posted = debit_debits_posted + 100
      where debit_account = ${account(1101)} and debit_version > 6;
    update ledger.transfer set
      credit_version = credit_version + 1, credit_credits_posted = credit_credits_posted + 100
      where credit_account = (select id from ledger.account where owner = 'item-1')
        and credit_version > 3;
    update ledger.account set version = version + 1, debits_posted = debits_posted + 100
      where code = 1101;
    update ledger.account set version = version + 1, credits_posted = credits_posted + 100
      where owner = 'item-1'`;
  const check = await tamper(
    [after, copy('journal', 'id'), copy('transfer', 'journal_id')].join(';'),
  );
  expect(new Set(check.findings.map((finding) => finding.rule))).toEqual(new Set([rows, stray]));
});

const adjusted = `jsonb_build_object('debit_version', x.debit_version + 1,
  'debit_debits_posted', x.debit_debits_posted + 100, 'credit_version', x.credit_version + 1,
  'credit_credits_posted', x.credit_credits_posted + 100)`;

/** Cuts the ledger off behind seal 4, with everything that would tell. */
const cutOff = `delete from ledger.seal where number > 4;
  delete from ledger.hold_resolution where journal_id >= '${journalId(8)}';
  delete from ledger.transfer where journal_id >= '${journalId(8)}';
  delete from ledger.journal where id >= '${journalId(8)}';
  update ledger.account a set version = e.version, debits_posted = e.dp, credits_posted = e.cp,
    debits_pending = coalesce(e.dh, 0), credits_pending = coalesce(e.ch, 0) from (
      select distinct on (account) * from (
        select debit_account as account, debit_version as version, debit_debits_posted as dp,
          debit_credits_posted as cp, debit_debits_pending as dh, debit_credits_pending as ch
        from ledger.transfer union all
        select credit_account, credit_version, credit_debits_posted, credit_credits_posted,
          credit_debits_pending, credit_credits_pending from ledger.transfer) m
      order by account, version desc) e where e.account = a.id`;

describe('an end that is cut off together with its seals', () => {
  test('is found by a head that was kept elsewhere', async () => {
    const head = await readSealHead(testDatabase.open());
    const known = { number: 6n, digest: head?.digest.toString('hex') ?? '' };
    const check = await tamper(cutOff, { knownHeads: [known] });
    expect(check.findings).toEqual([
      {
        rule: 'the ledger reaches what is known of it',
        subject: 'seal 6',
        detail: `is not ${known.digest}`,
      },
    ]);
  });

  test('looks whole to who knows no head', async () => {
    expect(await tamper(cutOff)).toMatchObject({ balanced: true, seals: 4n });
  });
});

describe('a chain that is recomputed after a change', () => {
  /** Changes a journal and seals all of it anew, as far as that can be done. */
  async function resealed(secret: number, keyId: string, options: CheckOptions) {
    const superuser = openDatabase({ url: testDatabase.superuserUrl, applicationName: 'tamper' });
    const seals = await readSeals(superuser, 0n, 100);
    const key = createSealKey(Buffer.alloc(32, secret));
    await superuser.transaction(async (tx) => {
      await tx.query('set local session_replication_role = replica');
      await tx.query(`update ledger.journal set cause_object = 'other' where ${is(3)}`);
      await tx.query('delete from ledger.seal');
      await tx.query('insert into ledger.seal_key values ($1, $2, now()) on conflict do nothing', [
        key.id,
        key.publicKey,
      ]);
      let previousDigest: Buffer = Buffer.alloc(32);
      for (const seal of seals) {
        const piece = await digestPiece(tx, seal);
        const { journals, transfers, digest: contentDigest } = piece;
        const body = { ...seal, journals, transfers, contentDigest, previousDigest, keyId };
        const digest = digestOfSeal(body);
        await addSeal(tx, { ...body, digest, signature: key.sign(digest) }, { ...key, id: keyId });
        previousDigest = digest;
      }
    });
    const check = await checkLedger(superuser, options);
    await superuser.close();
    return check;
  }

  test('without the key is found by its signatures', async () => {
    const check = await resealed(8, sealKey.id, {});
    expect(check.head?.signatureValid).toBe(false);
    expect(check.findings.filter((finding) => finding.rule === signed)).toHaveLength(6);
  });

  test('with a key of its own is found by who knows which keys may seal', async () => {
    const other = createSealKey(Buffer.alloc(32, 8));
    const check = await resealed(8, other.id, { trustedKeys: [sealKey.id] });
    expect(new Set(check.findings.map((finding) => finding.detail))).toEqual(
      new Set([`key ${other.id} is not trusted`]),
    );
  });
});
