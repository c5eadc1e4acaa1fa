import { openDatabase, type Queryable } from '@keyturn/pipeline';
import { createTestDatabase, type TestDatabase } from '@keyturn/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bookJournals, useBook } from '../test/sealed-books.ts';
import { checkLedger } from './check.ts';
import { readAhead, withReaders } from './readers.ts';

let testDatabase: TestDatabase;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const database = testDatabase.open();
  await useBook(database);
  await bookJournals(database, 0, 2);
});
afterAll(() => testDatabase.drop());

const count = async (db: Queryable) => {
  const [row] = await db.query<{ journals: bigint }>(
    'select count(*) as journals from ledger.journal',
  );
  return row?.journals;
};

test('all readers see the ledger as it was when the first began', async () => {
  const database = testDatabase.open();
  const seen = await withReaders(database, 3, async (readers) => {
    await bookJournals(database, 2, 4);
    return Promise.all([readers.next(), readers.next(), readers.next()].map(count));
  });
  expect(seen).toEqual([2n, 2n, 2n]);
  expect(await count(database)).toBe(4n);
});

test('readers take turns', async () => {
  await withReaders(testDatabase.open(), 2, async ({ first, next, count: readers }) => {
    const [one, other] = [next(), next()];
    expect(new Set([one, other])).toEqual(new Set([first, one === first ? other : one]));
    expect([one, other, next() === one, readers]).toEqual([one, other, true, 2]);
  });
});

test('a reader that cannot begin ends the check, and leaves no transaction open', async () => {
  const database = openDatabase({ url: testDatabase.url, applicationName: 'two readers' });
  let begun = 0;
  const check = checkLedger(
    {
      transaction: async (work) => {
        begun += 1;
        if (begun === 3) throw new Error('no connection is left');
        return database.transaction(work);
      },
    },
    { connections: 3 },
  );
  await expect(check).rejects.toThrow('no connection is left');
  expect(database.pool.idleCount).toBe(database.pool.totalCount);
  await database.close();
});

test('answers come in the order of the questions, of which so many are asked ahead', async () => {
  const answered = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let asked = 0;
  async function* questions() {
    for (let number = 0; number < 5; number++) {
      yield async () => {
        asked += 1;
        await answered[number]?.promise;
        return number;
      };
    }
  }
  const answers = readAhead(questions(), 2);
  const first = answers.next();
  answered[1]?.resolve();
  answered[0]?.resolve();
  expect(await first).toMatchObject({ value: 0 });
  expect(asked).toBe(2);
  const rest: number[] = [];
  for await (const answer of answers) rest.push(answer);
  expect(rest).toEqual([1, 2, 3, 4]);
});
