import { type Database, openDatabase } from '@keyturn/pipeline';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AccountSpec,
  accountId,
  type Counters,
  type Entry,
  listEntries,
  type PartitionAdmin,
  readCountersAt,
  readPostedAt,
} from '../index.ts';
import { cutOff, openAdmin } from '../test/parts.ts';
import { book, createWorld, type World } from '../test/world.ts';

/** Balances at past moments, held against a search through all entries. */

let world: World;
let admin: PartitionAdmin & { close(): Promise<void> };
let owner: Database;

beforeAll(async () => {
  world = await createWorld();
  admin = openAdmin(world.testDatabase);
  owner = openDatabase({ url: world.testDatabase.superuserUrl, applicationName: 'owner' });
});
afterAll(async () => {
  await Promise.all([admin.close(), owner.close()]);
  expect(await world.end()).toEqual([]);
});

let places = 0;

/** Three accounts without limits that nothing was booked on. */
function newAccounts(): readonly [AccountSpec, AccountSpec, AccountSpec] {
  places += 1;
  const spec = (name: string): AccountSpec => ({ book, code: 1101, owner: `${places} ${name}` });
  return [spec('a'), spec('b'), spec('c')];
}

type Pair = readonly [debit: AccountSpec, credit: AccountSpec];

/** Books transfers of 1, one after the other, all at one moment. */
async function bookAt(at: Temporal.Instant, pairs: readonly Pair[]): Promise<void> {
  world.clock.set(at);
  const journals = pairs.map(([debit, credit]) =>
    world.journal([{ kind: 'posted', debit, credit, amount: 1n }]),
  );
  const answers = await world.submitter.submitBulk(journals);
  expect(answers.filter((answer) => !answer.ok)).toEqual([]);
}

async function entriesOf(account: AccountSpec): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  let cursor: string | undefined;
  do {
    const page = cursor === undefined ? {} : { cursor };
    const { items, nextCursor } = await listEntries(world.database, accountId(account), page);
    found.push(...items);
    cursor = nextCursor;
  } while (cursor !== undefined);
  return found;
}

const upTo = (at: Temporal.Instant) => (entry: Entry) =>
  Temporal.Instant.compare(entry.recordedAt, at) <= 0;

const nothing = {
  ...{ version: 0n, debitsPosted: 0n, creditsPosted: 0n },
  ...{ debitsPending: 0n, creditsPending: 0n },
};

function countersOf(entry: Counters = nothing): Counters {
  const { version, debitsPosted, creditsPosted, debitsPending, creditsPending } = entry;
  return { version, debitsPosted, creditsPosted, debitsPending, creditsPending };
}

const found = (account: AccountSpec, at: Temporal.Instant) =>
  readCountersAt(world.database, accountId(account), at);

/** Every moment at which something was recorded, one before and one after it. */
function momentsOf(entries: readonly Entry[]): readonly Temporal.Instant[] {
  const times = new Set(entries.map(({ recordedAt }) => recordedAt.epochNanoseconds));
  return [...times].flatMap((time) =>
    [-1_000n, 0n, 1_000n].map((more) => Temporal.Instant.fromEpochNanoseconds(time + more)),
  );
}

const begin = Temporal.Instant.from('2026-11-20T02:00:00Z');
const second = (count: number) => begin.add({ seconds: count });

/** Ends the part; what is booked from now on is in the next one. */
const cut = () => cutOff(world.testDatabase, admin, 1_000);

/** Asks for an account at each of the moments around its entries, which rise with the versions. */
async function compare(account: AccountSpec): Promise<void> {
  const entries = await entriesOf(account);
  for (const at of momentsOf(entries)) {
    expect(await found(account, at)).toEqual(countersOf(entries.findLast(upTo(at))));
  }
}

test.each([
  ['on one side', () => true],
  ['on both sides in turn', (version: number) => version % 2 === 0],
  ['on the other side but for every sixteenth', (version: number) => version % 16 === 0],
])('entries %s, in three parts: each is found from its moment on', async (_name, debited) => {
  // So that the ends of the parts come at every distance from a sixteenth entry.
  const accounts = Array.from({ length: 16 }, () => newAccounts());
  const pair = ([account, other]: readonly AccountSpec[], version: number) =>
    (debited(version) ? [account, other] : [other, account]) as Pair;
  await bookAt(
    begin,
    accounts.flatMap((pairs, ahead) =>
      Array.from({ length: ahead }, (_, place) => pair(pairs, place + 1)),
    ),
  );
  for (let turn = 1; turn <= 40; turn++) {
    await bookAt(
      second(turn),
      accounts.map((pairs, ahead) => pair(pairs, ahead + turn)),
    );
    if (turn === 17 || turn === 20) await cut();
  }
  await Promise.all(accounts.map(([account]) => compare(account)));
});

test('of many entries at one moment the last one is found', async () => {
  const [account, other] = newAccounts();
  const many = Array.from({ length: 1_000 }, (): Pair => [account, other]);
  await bookAt(second(1), many.slice(0, 10));
  await bookAt(second(2), many);
  await bookAt(second(3), many.slice(0, 5));
  const versions = [1, 2, 3].map(async (at) => (await found(account, second(at))).version);
  expect(await Promise.all(versions)).toEqual([10n, 1_010n, 1_015n]);
});

test('what was recorded later, but for an earlier moment, is not left out for ever', async () => {
  const [account, other] = newAccounts();
  const many = Array.from({ length: 1_000 }, (): Pair => [account, other]);
  await bookAt(second(2), many);
  await bookAt(second(1), many);
  for (const at of [second(2), second(3), second(100_000)]) {
    expect(await found(account, at)).toMatchObject({ version: 2_000n });
  }
  expect(await found(account, second(0))).toEqual(nothing);
});

test('one that is much too late does not stand for all before it', async () => {
  const [account, other] = newAccounts();
  for (let version = 1; version < 64; version++) await bookAt(second(version), [[account, other]]);
  await bookAt(second(0), [[other, account]]);
  for (const version of [20n, 31n, 32n, 40n]) {
    expect(await found(account, second(Number(version)))).toMatchObject({ version });
  }
});

test('parts may end with entries that are not in the order of their moments', async () => {
  const [account, other] = newAccounts();
  for (const at of [10, 5, 6]) {
    await bookAt(second(at), [[account, other]]);
    if (at !== 6) await cut();
  }
  expect(await found(account, second(7))).toMatchObject({ version: 3n });
});

test('some rows are read, however many entries there are, by whichever plan', async () => {
  const accounts = Array.from({ length: 8 }, newAccounts);
  const pairs = accounts.map(([account, other]): Pair => [account, other]);
  const many = Array.from({ length: 100 }, () => pairs).flat();
  for (let turn = 1; turn <= 20; turn++) await bookAt(second(turn), many);
  await owner.query('analyze ledger.transfer');
  const texts: string[] = [];
  const watched = openDatabase({
    url: world.testDatabase.superuserUrl,
    applicationName: 'past',
    onStatement: (text) => texts.push(text),
  });
  const id = accounts.map(([account]) => accountId(account))[0] ?? '';
  await readCountersAt(watched, id, second(15));
  const client = await watched.connect();
  await client.query(`prepare past as ${texts[0]}`);
  for (const mode of ['force_custom_plan', 'force_generic_plan']) {
    await client.query(`set plan_cache_mode = ${mode}`);
    const { rows } = await client.query(
      `explain (analyze, format json) execute past ('${id}', '${second(15)}')`,
    );
    expect(rowsRead(rows)).toBeLessThan(30);
  }
  client.release();
  await watched.close();
});

/** Rows of transfers that a plan really read. */
function rowsRead(node: unknown): number {
  if (typeof node !== 'object' || node === null) return 0;
  const of = (key: string) => (key in node ? Number(node[key as keyof typeof node]) : 0);
  const scans = 'Relation Name' in node && String(node['Relation Name']).startsWith('transfer_');
  const own = (of('Actual Rows') + of('Rows Removed by Filter')) * of('Actual Loops');
  return Object.values(node)
    .map(rowsRead)
    .reduce((a, b) => a + b, scans ? own : 0);
}

describe('random entries', () => {
  const directions = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 40 });
  /** What is booked at one moment, how many seconds later or late, and whether a part ends. */
  const bookings = fc.array(
    fc.record({
      directions,
      wait: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 1_500 })),
      late: fc.integer({ min: 0, max: 5 }),
      ends: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
    }),
    { minLength: 1, maxLength: 6, size: 'max' },
  );

  async function bookAll(
    steps: typeof bookings extends fc.Arbitrary<infer Steps> ? Steps : never,
    inOrder: boolean,
  ): Promise<readonly AccountSpec[]> {
    const accounts = newAccounts();
    const [a, b, c] = accounts;
    const pairs: readonly Pair[] = [
      [a, b],
      [b, a],
      [a, c],
      [c, b],
    ];
    let passed = 0;
    for (const { directions, wait, late, ends } of steps) {
      passed += wait;
      const at = second(inOrder ? passed : passed - late);
      await bookAt(
        at,
        directions.flatMap((direction) => pairs.slice(direction, direction + 1)),
      );
      if (ends) await cut();
    }
    return accounts;
  }

  test('in the order of their moments are found as a search finds them', async () => {
    await fc.assert(
      fc.asyncProperty(bookings, async (steps) => {
        await Promise.all((await bookAll(steps, true)).map(compare));
      }),
      { numRuns: 15 },
    );
  });

  test('some seconds late are found within these seconds, and add up exactly', async () => {
    await fc.assert(
      fc.asyncProperty(bookings, async (steps) => {
        for (const account of await bookAll(steps, false)) {
          const entries = await entriesOf(account);
          for (const at of momentsOf(entries)) {
            const anchor = await found(account, at);
            const before = entries.slice(0, Number(anchor.version));
            const behind = entries.slice(before.length);
            expect(anchor).toEqual(countersOf(before.at(-1)));
            expect([...before.slice(-1), ...behind.slice(0, 1)].filter(upTo(at))).toEqual(
              before.slice(-1),
            );
            expect(before.filter(upTo(at.add({ seconds: 5 })))).toEqual(before);
            expect(behind.filter(upTo(at.subtract({ seconds: 5 })))).toEqual([]);
            const counted = entries.filter(upTo(at));
            const debits = counted.filter(({ side }) => side === 'debit').length;
            expect(
              await readPostedAt(world.database, accountId(account), { effectiveAt: at }),
            ).toEqual({
              debits: BigInt(debits),
              credits: BigInt(counted.length - debits),
            });
          }
        }
      }),
      { numRuns: 8 },
    );
  });
});
