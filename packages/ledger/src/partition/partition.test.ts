import { type Database, openDatabase } from '@keyturn/pipeline';
import { createTestDatabase, type TestDatabase } from '@keyturn/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type AccountSpec,
  accountId,
  bookId,
  checkDetached,
  checkLedger,
  createPartitionAdmin,
  createSubmitter,
  DetachedError,
  type JournalRequest,
  listEntries,
  type PartitionAdmin,
  readCountersAt,
  readCuts,
  readPostedAt,
} from '../index.ts';
import { readSeals } from '../seal/store.ts';
import { cutOff, openAdmin } from '../test/parts.ts';
import { bookJournals, clock, journalId, sealAll, useBook } from '../test/sealed-books.ts';

let testDatabase: TestDatabase;
let database: Database;
let admin: PartitionAdmin & { close(): Promise<void> };

beforeEach(async () => {
  testDatabase = await createTestDatabase();
  database = testDatabase.open();
  admin = openAdmin(testDatabase);
  await useBook(database);
});
afterEach(async () => {
  await admin.close();
  await testDatabase.drop();
});

const book = bookId('kt-check', 'escrow', 'CNY');
const bank = accountId({ book, code: 1101, owner: 'wx' });

async function rowsOf(table: string): Promise<bigint | undefined> {
  const [row] = await database.query<{ rows: bigint }>(`select count(*) as rows from ${table}`);
  return row?.rows;
}

async function submit(request: JournalRequest | { reverses: string; id: string }) {
  const submitter = createSubmitter({ database, clock });
  const cause = { module: 'test', object: request.id, command: request.id };
  const answer = await submitter.submit({ book, cause, ...request });
  await submitter.close();
  return answer;
}

/** Journals 0 to 4 and 7 in part 1, of which 4 and 7 hold, then 6 and 8 to 12 in part 2. */
async function twoParts(): Promise<void> {
  await bookJournals(database, 0, 5);
  await bookJournals(database, 7, 8);
  clock.advance({ hours: 1 });
  await cutOff(testDatabase, admin);
  await bookJournals(database, 6, 7);
  await bookJournals(database, 8, 13);
}

test('a transfer goes to the part of its transaction, however late', async () => {
  await bookJournals(database, 0, 2);
  let begun: (() => void) | undefined;
  const waiting = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const late = database.transaction(async (tx) => {
    await tx.query('select pg_current_xact_id()');
    await waiting;
    await tx.query(
      `insert into ledger.journal (id, book_id, cause_module, cause_object, cause_command,
          fingerprint, refusal, effective_at, recorded_at)
        select $1, b.id, 'test', 'late', 'late', $1, 'exceeds_credits', $2, $2 from ledger.book b`,
      [journalId(90), clock.now().toString()],
    );
    const [place] = await tx.query<{ part: string }>(
      `insert into ledger.transfer (journal_id, leg, kind, debit_account, credit_account, amount,
          debit_version, debit_debits_posted, debit_credits_posted, credit_version,
          credit_debits_posted, credit_credits_posted, recorded_at)
        select $1::uuid, 0, 'posted', $1::uuid, $2::uuid, 1, 1, 1, 0, 1, 0, 1, $3
        returning tableoid::regclass::text as part`,
      [journalId(90), journalId(91), clock.now().toString()],
    );
    throw new Error(place?.part);
  });
  expect(await admin.begin()).toEqual({ ok: true, value: { number: 2 } });
  begun?.();
  await expect(late).rejects.toThrow('ledger.transfer_1');
  await bookJournals(database, 2, 4);
  expect([await rowsOf('ledger.transfer_1'), await rowsOf('ledger.transfer_2')]).toEqual([2n, 2n]);
});

test('no seal crosses the end of a part, and the cut names the one that ends there', async () => {
  await twoParts();
  await sealAll(database);
  const [cut] = await readCuts(database);
  const end = BigInt(cut?.endTransaction ?? 0);
  const seals = await readSeals(database, 0n, 100);
  const before = seals.filter((seal) => BigInt(seal.last.transactionId) < end);
  expect(before.length).toBeLessThan(seals.length);
  expect(seals.filter((seal) => BigInt(seal.first.transactionId) >= end)).toHaveLength(
    seals.length - before.length,
  );
  expect(cut).toMatchObject({ number: 1, sealNumber: before.at(-1)?.number, transfers: 6n });
  expect(await checkLedger(database)).toMatchObject({ balanced: true, detachedParts: 0 });
});

test('who reads for long keeps a new part waiting, not the bookings', async () => {
  await bookJournals(database, 0, 2);
  const url = testDatabase.superuserUrl;
  const hasty = openDatabase({ url, applicationName: 'owner', lockTimeoutMs: 20 });
  const { begin } = createPartitionAdmin({ database: hasty, clock });
  await database.transaction(async (tx) => {
    await tx.query('select count(*) from ledger.transfer');
    expect(await begin()).toMatchObject({ error: { code: 'partition_busy' } });
    await bookJournals(testDatabase.open(), 2, 3);
  });
  expect(await begin()).toMatchObject({ ok: true });
  await hasty.close();
});

describe('while the part that ends is read', () => {
  /** Begins a part; in the midst, before it is read, something else happens. */
  async function beginAround(meanwhile: () => Promise<void>) {
    const url = testDatabase.superuserUrl;
    const owner = openDatabase({ url, applicationName: 'begin', statementTimeoutMs: 0 });
    const connect = async () => {
      await meanwhile();
      return owner.connect();
    };
    const { begin } = createPartitionAdmin({ database: { ...owner, connect }, clock });
    return begin().finally(() => owner.close());
  }

  const passed = `do $$ begin
    for n in 1..10100 loop perform pg_current_xact_id(); commit; end loop; end $$`;

  test('bookings go on, and later ones go to the next part', async () => {
    await bookJournals(database, 0, 2);
    const begun = await beginAround(() => bookJournals(database, 2, 5));
    expect(begun).toEqual({ ok: true, value: { number: 2 } });
    await bookJournals(database, 5, 7);
    expect([await rowsOf('ledger.transfer_1'), await rowsOf('ledger.transfer_2')]).toEqual([
      5n,
      2n,
    ]);
    await sealAll(database);
    expect((await checkLedger(database)).findings).toEqual([]);
  });

  test('it is read once, before bookings have to wait', async () => {
    await bookJournals(database, 0, 2);
    const scans = async () => {
      const [row] = await database.query<{ scans: bigint; running: bigint }>(
        `select pg_stat_get_numscans('ledger.transfer_1'::regclass) as scans, (select count(*)
          from pg_stat_activity a where a.application_name = 'begin'
            and a.datname = current_database()) as running`,
      );
      return row;
    };
    const before = await scans();
    await beginAround(async () => undefined);
    let after = await scans();
    while (after?.running !== 0n) after = await scans();
    // Once for whether there is any row, and once for whether all lie before the end.
    expect((after?.scans ?? 0n) - (before?.scans ?? 0n)).toBe(2n);
  });

  test('who dies leaves nothing that refuses bookings', async () => {
    await bookJournals(database, 0, 2);
    const died = beginAround(() => Promise.reject(new Error('killed')));
    await expect(died).rejects.toThrow('killed');
    await bookJournals(database, 2, 3);
    await database.query(passed);
    await bookJournals(database, 3, 5);
    expect(await admin.begin()).toEqual({ ok: true, value: { number: 2 } });
    expect(await rowsOf('ledger.transfer_1')).toBe(5n);
    expect((await checkLedger(database)).findings).toEqual([]);
  });

  test('bookings that reach the end before come in, and the part begins another time', async () => {
    await bookJournals(database, 0, 2);
    const late = async () => {
      await database.query(passed);
      await bookJournals(database, 2, 5);
    };
    expect(await beginAround(late)).toMatchObject({ error: { code: 'partition_busy' } });
    expect(await rowsOf('ledger.transfer')).toBe(5n);
    expect(await admin.begin()).toEqual({ ok: true, value: { number: 2 } });
    await bookJournals(database, 5, 7);
    expect(await rowsOf('ledger.transfer_2')).toBe(2n);
    expect((await checkLedger(database)).findings).toEqual([]);
  });
});

test('a part that is cut off can be packed, and stays as it is', async () => {
  expect(await admin.pack(1)).toMatchObject({ error: { code: 'partition_not_cut' } });
  await twoParts();
  expect(await admin.pack(1)).toEqual({ ok: true, value: { number: 1 } });
  const [index] = await database.query<{ options: readonly string[] }>(
    "select reloptions as options from pg_class where relname = 'transfer_1_debit_version'",
  );
  expect(index?.options).toEqual(['fillfactor=100']);
  expect(await checkDetached(database, 1)).toMatchObject({ value: { balanced: true } });
});

test('a new part begins only behind one that has transfers', async () => {
  expect(await admin.begin()).toMatchObject({ error: { code: 'partition_empty' } });
});

describe('a part that is taken out', () => {
  beforeEach(async () => {
    await twoParts();
    expect(await admin.detach(1)).toMatchObject({ ok: true, value: { number: 1 } });
  });

  test('leaves a ledger that is right, and goes on', async () => {
    await bookJournals(database, 13, 16);
    await sealAll(database);
    const check = await checkLedger(database);
    expect(check.findings).toEqual([]);
    expect(check).toMatchObject({ balanced: true, detachedParts: 1, transfers: 10n });
  });

  test('is right by itself, and with what it left', async () => {
    expect(await checkDetached(database, 1)).toMatchObject({
      value: { balanced: true, transfers: 6n, findings: [] },
    });
    await cutOff(testDatabase, admin);
    expect(await checkDetached(database, 2)).toMatchObject({
      value: { balanced: true, transfers: 7n, findings: [] },
    });
  });

  test('is put back, and everything is as before', async () => {
    expect(await admin.attach(1)).toMatchObject({ ok: true, value: { balanced: true } });
    expect(await checkLedger(database)).toMatchObject({
      balanced: true,
      detachedParts: 0,
      transfers: 13n,
    });
    expect(await admin.attach(1)).toMatchObject({ error: { code: 'partition_out_of_order' } });
  });

  test('keeps its journals: their ids are used for ever', async () => {
    const debit: AccountSpec = { book, code: 1101, owner: 'wx' };
    const credit: AccountSpec = { book, code: 2101, owner: 'item-0' };
    const again = { id: journalId(0), book, cause: cause(0) };
    const posted = { kind: 'posted' as const, debit, credit, amount: 100n };
    expect(await submit({ ...again, transfers: [posted] })).toMatchObject({
      ok: true,
      value: { replayed: true, transfers: [] },
    });
    expect(await submit({ ...again, transfers: [{ ...posted, amount: 1n }] })).toMatchObject({
      error: { code: 'journal_conflict', values: { differs: 'transfers' } },
    });
  });

  test('keeps its journals from being reversed until it is put back', async () => {
    const reversal = { id: journalId(60), reverses: journalId(0) };
    expect(await submit(reversal)).toMatchObject({ error: { code: 'reversal_of_detached' } });
    await admin.attach(1);
    expect(await submit({ ...reversal, id: journalId(61) })).toMatchObject({ ok: true });
  });

  test('answers of its time are refused, never wrong', async () => {
    const at = clock.now();
    const within = at.subtract({ hours: 1, seconds: 1 });
    await expect(readCountersAt(database, bank, within)).rejects.toThrow(DetachedError);
    await expect(readPostedAt(database, bank, { effectiveAt: within })).rejects.toThrow(
      DetachedError,
    );
    const opening = await readCountersAt(database, bank, at.subtract({ minutes: 1 }));
    expect(opening).toMatchObject({ version: 6n, debitsPosted: 400n, debitsPending: 200n });
    expect(await readCountersAt(database, bank, at)).toMatchObject({ version: 13n });
    const posted = await readPostedAt(database, bank, { effectiveAt: at.subtract({ minutes: 1 }) });
    expect(posted).toEqual({ debits: 400n, credits: 0n });
  });

  test('a statement says from where on there are entries', async () => {
    const refused = await listEntries(database, bank).catch((error) => error);
    expect(refused).toBeInstanceOf(DetachedError);
    const { cursor, version } = refused.refusal.values;
    expect(version).toBe('6');
    const page = await listEntries(database, bank, { cursor });
    expect(page.items.map((entry) => entry.version)).toEqual([7n, 8n, 9n, 10n, 11n, 12n, 13n]);
  });
});

function cause(serial: number) {
  const id = journalId(serial);
  return { module: 'test', object: id, command: id };
}

test.each([
  ['not cut yet', 'partition_not_cut', 1, async () => bookJournals(database, 0, 5)],
  ['not the oldest', 'partition_out_of_order', 2, twoParts],
  ['with an open hold', 'partition_holds_open', 1, openHold],
])('a part is not taken out when it is %s', async (_name, code, number, prepare) => {
  await prepare();
  expect(await admin.detach(number)).toMatchObject({ ok: false, error: { code } });
});

async function openHold(): Promise<void> {
  await bookJournals(database, 0, 5);
  await cutOff(testDatabase, admin);
}

async function indexesOf(part: number): Promise<readonly string[]> {
  const rows = await database.query<{ definition: string }>(
    `select pg_get_indexdef(i.indexrelid) as definition from pg_index i
      where i.indrelid = 'ledger.transfer_${part}'::regclass order by 1`,
  );
  return rows.map(({ definition }) => definition.replaceAll(`transfer_${part}`, 'transfer'));
}

test.each(['pack', 'attach'] as const)(
  'a part from before there were indexes by moment is given them by %s',
  async (how) => {
    await twoParts();
    const before = clock.now().subtract({ minutes: 30 });
    await admin.detach(1);
    const superuser = testDatabase.open({ url: testDatabase.superuserUrl });
    await superuser.query('drop index ledger.transfer_1_debit_time, ledger.transfer_1_credit_time');
    expect(await admin[how](1)).toMatchObject({ ok: true });
    const all = await indexesOf(2);
    expect(all.filter((index) => index.includes('recorded_at'))).toHaveLength(2);
    const packed = / WITH \(fillfactor='100'\)/;
    expect((await indexesOf(1)).map((index) => index.replace(packed, ''))).toEqual(all);
    if (how === 'pack') await admin.attach(1);
    expect(await readCountersAt(database, bank, before)).toMatchObject({ version: 6n });
  },
);

test.each([
  ['its own part', ['transfer_1'], -3_601],
  ['the part after those in which it was not moved', ['transfer_3'], 0],
])('a past balance is looked up in %s and in no other', async (_name, parts, seconds) => {
  await bookJournals(database, 0, 5);
  clock.advance({ hours: 1 });
  await cutOff(testDatabase, admin);
  const elsewhere = (owner: string): AccountSpec => ({ book, code: 1101, owner });
  const sides = { debit: elsewhere('a'), credit: elsewhere('b'), amount: 1n };
  const journal = { id: journalId(70), book, cause: cause(70) };
  await submit({ ...journal, transfers: [{ kind: 'posted', ...sides }] });
  await cutOff(testDatabase, admin);
  await bookJournals(database, 10, 12);
  const texts: string[] = [];
  const watched = openDatabase({
    url: testDatabase.superuserUrl,
    applicationName: 'past',
    onStatement: (text) => texts.push(text),
  });
  const at = clock.now().add({ seconds });
  await readCountersAt(watched, bank, at);
  const [plan] = await watched.query<{ 'QUERY PLAN': unknown }>(
    `explain (analyze, format json) ${texts[0]}`,
    [bank, at.toString()],
  );
  await watched.close();
  expect(new Set(visited(plan?.['QUERY PLAN']))).toEqual(new Set(parts));
});

/** The parts that a plan really looked into. */
function visited(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(visited);
  if (typeof node !== 'object' || node === null) return [];
  const own = 'Relation Name' in node ? String(node['Relation Name']) : '';
  const loops = 'Actual Loops' in node ? Number(node['Actual Loops']) : 0;
  const mine = own.startsWith('transfer_') && loops > 0 ? [own] : [];
  return [...mine, ...Object.values(node).flatMap(visited)];
}

describe('what was booked cannot be changed', () => {
  const tables = ['ledger.transfer', 'ledger.transfer_1', 'ledger.transfer_2'];
  const changes = tables.flatMap((table) => [
    `update ${table} set amount = 1`,
    `delete from ${table}`,
    `truncate ${table}`,
  ]);

  test.each(['attached', 'detached'])('in parts that are %s', async (state) => {
    await twoParts();
    if (state === 'detached') await admin.detach(1);
    const superuser = testDatabase.open({ url: testDatabase.superuserUrl });
    for (const sql of changes) {
      await expect(database.query(sql), sql).rejects.toThrow('permission denied');
      await expect(superuser.query(sql), sql).rejects.toThrow('never changed or removed');
    }
  });

  test.each([
    'ledger.hold_resolution',
    'ledger.partition',
    'ledger.partition_cut',
    'ledger.partition_opening',
    'ledger.partition_move',
  ])('in %s', async (table) => {
    await twoParts();
    await admin.detach(1);
    const superuser = testDatabase.open({ url: testDatabase.superuserUrl });
    await expect(database.query(`delete from ${table}`)).rejects.toThrow('permission denied');
    for (const sql of [`delete from ${table}`, `truncate ${table} cascade`]) {
      await expect(superuser.query(sql), sql).rejects.toThrow('never changed or removed');
    }
  });

  test('and the running role makes, moves and fills no parts', async () => {
    await twoParts();
    for (const sql of [
      'select ledger.make_partition(9)',
      'alter table ledger.transfer detach partition ledger.transfer_1',
      'insert into ledger.transfer_1 select * from ledger.transfer_1',
      "insert into ledger.partition values (9, '9', now())",
      'insert into ledger.partition_move values (9, 1, false, now())',
    ]) {
      await expect(database.query(sql), sql).rejects.toThrow(/permission denied|must be owner/);
    }
  });
});
