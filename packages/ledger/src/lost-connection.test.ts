import { randomUUID } from 'node:crypto';
import { steerableClock } from '@keyturn/kernel';
import { type Database, insertRows } from '@keyturn/pipeline';
import {
  createPostgresProxy,
  createTestDatabase,
  type Direction,
  type PostgresProxy,
  type TestDatabase,
} from '@keyturn/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type AccountSpec,
  accountId,
  bookId,
  bookTable,
  checkLedger,
  createSubmitter,
  readAccounts,
} from './index.ts';

const book = bookId('kt-lost', 'escrow', 'CNY');
let testDatabase: TestDatabase;
let proxy: PostgresProxy;
let cutDatabase: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  await testDatabase
    .open()
    .transaction((tx) =>
      insertRows(tx, bookTable, [
        { id: book, legalEntity: 'kt-lost', regime: 'escrow', currency: 'CNY', memo: false },
      ]),
    );
  proxy = await createPostgresProxy(testDatabase.url);
  cutDatabase = testDatabase.open({ url: proxy.url(testDatabase.url), maxConnections: 1 });
});

afterAll(async () => {
  proxy.disarm();
  const check = await checkLedger(testDatabase.open());
  await proxy.close();
  await testDatabase.drop();
  expect(check.findings).toEqual([]);
});

const from: AccountSpec = { book, code: 1101, owner: 'wx' };

async function paidTo(owner: string): Promise<bigint> {
  const [account] = await readAccounts(testDatabase.open(), [
    accountId({ book, code: 2101, owner }),
  ]);
  return account?.creditsPosted ?? 0n;
}

test.each<Direction>(['to_server', 'to_client'])(
  'cut at any message %s, a journal is booked once and answered',
  async (direction) => {
    const submitter = createSubmitter({
      database: cutDatabase,
      clock: steerableClock('2026-11-20T02:00:00Z'),
    });
    let cuts = 0;
    for (let message = 1; ; message++) {
      const owner = `${direction}-${message}`;
      proxy.cutAt(direction, message);
      const id = randomUUID();
      const result = await submitter.submit({
        id,
        book,
        cause: { module: 'test', object: id, command: id },
        transfers: [
          { kind: 'posted', debit: from, credit: { book, code: 2101, owner }, amount: 7n },
        ],
      });
      const wasCut = !proxy.armed();
      proxy.disarm();
      expect(result.ok, `message ${message}`).toBe(true);
      expect(await paidTo(owner), `message ${message}`).toBe(7n);
      if (!wasCut) break;
      cuts += 1;
    }
    // A batch is at least: begin, lock, open, lock, read, four writes and a commit.
    expect(cuts).toBeGreaterThan(20);
    await submitter.close();
  },
);

test.each<Direction>(['to_server', 'to_client'])(
  'cut at any message %s, batches that were sent behind each other are booked once and answered',
  async (direction) => {
    const clock = steerableClock('2026-11-20T02:00:00Z');
    const submitter = createSubmitter({ database: cutDatabase, clock });
    const owner = `behind each other ${direction}`;
    const book7 = () => {
      const id = randomUUID();
      const credit: AccountSpec = { book, code: 2101, owner };
      return submitter.submit({
        id,
        book,
        cause: { module: 'test', object: id, command: id },
        transfers: [{ kind: 'posted', debit: from, credit, amount: 7n }],
      });
    };
    // From here on the book and the accounts are known.
    for (let turn = 0; turn < 3; turn++) await book7();
    const together = 40;
    let booked = 3;
    for (let message = 1; ; message++) {
      proxy.cutAt(direction, message);
      const results = await Promise.all(Array.from({ length: together }, book7));
      const wasCut = !proxy.armed();
      proxy.disarm();
      booked += together;
      expect(
        results.filter(({ ok }) => !ok),
        `message ${message}`,
      ).toEqual([]);
      const versions = results.map((one) => one.ok && one.value.transfers[0]?.creditVersion);
      expect(new Set(versions).size, `message ${message}`).toBe(together);
      expect(await paidTo(owner), `message ${message}`).toBe(7n * BigInt(booked));
      if (!wasCut) {
        // Two batches, each one statement.
        expect(message).toBeGreaterThan(4);
        break;
      }
    }
    await submitter.close();
  },
);
