import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { bookTable, checkLedger } from '@keyturn/ledger';
import { type Database, insertRows, openDatabase } from '@keyturn/pipeline';
import { type PostgresServer, startPostgres } from '@keyturn/postgres';
import { createRandom } from '@keyturn/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { embeddedSettings } from '../../src/main/start/database.ts';
import { arrangeCluster, migrate } from '../../src/platform/index.ts';
import { type BookingTask, book, journalsOf } from './door/booking.ts';

/**
 * The ledger's own door while what it stands on is killed under it: processes of callers, backends
 * of the database, the connections between them. KEYTURN_FAULT_SEEDS=1,2,3 runs more seeds.
 */
const seeds = (process.env['KEYTURN_FAULT_SEEDS'] ?? '1').split(',').map(Number);
const callers = 40;
const rounds = 25;
const program = join(import.meta.dirname, 'door', 'booking.ts');

let folder: string;
let server: PostgresServer;
let appUrl: string;
let superuser: Database;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyturn-door-'));
  const settings = { ...embeddedSettings, restart_after_crash: 'on' };
  server = await startPostgres({ dataDirectory: folder, settings });
  const passwords = { app: 'app', migrate: 'migrate' };
  const urls = await arrangeCluster(server.url, 'keyturn', passwords);
  await migrate(urls.migrate, 'keyturn_app');
  appUrl = urls.app;
  const ledger = new URL(server.url);
  ledger.pathname = '/keyturn';
  superuser = openDatabase({ url: ledger.href, applicationName: 'door test', maxConnections: 2 });
  await superuser.transaction((tx) =>
    insertRows(tx, bookTable, [
      { id: book, legalEntity: 'kt-door', regime: 'escrow', currency: 'CNY', memo: false },
    ]),
  );
});

afterEach(async () => {
  await superuser.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Booking {
  readonly child: ChildProcess;
  readonly answered: Set<string>;
  readonly ended: Promise<unknown>;
}

/** Starts a process of callers, and notes down which journals it was answered. */
function startBooking(answered: Set<string>): Booking {
  const task: BookingTask = { url: appUrl, callers, rounds };
  const child = spawn(process.execPath, [program, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout }).on('line', (id) => answered.add(id));
  return { child, answered, ended: once(child, 'close') };
}

/** Resolves when so many more are answered, or the process has ended. */
async function reached({ child, answered, ended }: Booking, more: number): Promise<void> {
  const goal = answered.size + more;
  let over = false;
  void ended.then(() => {
    over = true;
  });
  while (!over && answered.size < goal && child.exitCode === null) await wait(5);
}

/** Asks until the database is back from a crash. */
async function ask<Row>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await superuser.query<Row>(sql, values);
    } catch (error) {
      if (attempt > 200) throw error;
      await wait(50);
    }
  }
}

async function countOf(ids: Iterable<string>): Promise<bigint | undefined> {
  const sql = 'select count(*) from ledger.journal j where j.id in (select unnest($1::uuid[]))';
  return (await ask<{ count: bigint }>(sql, [[...ids]]))[0]?.count;
}

async function expectAllBookedOnce(): Promise<void> {
  const all = Array.from({ length: callers }, (_, caller) => journalsOf(caller, rounds)).flat();
  const [journals] = await ask<{ count: bigint }>('select count(*) from ledger.journal j');
  expect(journals?.count).toBe(BigInt(all.length));
  expect(await countOf(all.map(({ id }) => id))).toBe(BigInt(all.length));
  const check = await checkLedger(superuser);
  expect(check.findings).toEqual([]);
  const expected = all
    .flatMap(({ transfers }) => transfers)
    .reduce((sum, one) => (one.kind === 'posted' ? sum + one.amount : sum), 0n);
  const [outside] = await ask<{ paid: bigint }>(
    `select a.debits_posted as paid from ledger.account a where a.owner = 'wx'`,
  );
  expect(outside?.paid).toBe(expected);
}

test.each(seeds)(
  'seed %i: a process of callers that is killed has booked what it was answered, and books the rest when it comes again',
  async (seed) => {
    const random = createRandom(seed);
    const answered = new Set<string>();
    for (let kill = 0; kill < 5; kill++) {
      const before = answered.size;
      const booking = startBooking(answered);
      await reached(booking, before + 1 + Math.floor(random.next() * 400));
      booking.child.kill('SIGKILL');
      await booking.ended;
      expect(await countOf(answered)).toBe(BigInt(answered.size));
    }
    const last = startBooking(answered);
    expect((await last.ended) as unknown[]).toEqual([0, null]);
    await expectAllBookedOnce();
  },
);

test.each(seeds)(
  'seed %i: two processes of callers go on over lost connections and crashes of the database',
  async (seed) => {
    const random = createRandom(seed);
    const bookings = [startBooking(new Set()), startBooking(new Set())];
    let made = 0;
    for (let fault = 0; fault < 6; fault++) {
      const booking = random.oneOf(bookings);
      await reached(booking, 1 + Math.floor(random.next() * 400));
      const backends = await ask<{ pid: number }>(
        `select pid from pg_stat_activity where application_name = 'door'`,
      );
      if (backends.length === 0) continue;
      const { pid } = random.oneOf(backends);
      // A backend that is killed takes the whole server down, which recovers by itself.
      if (fault % 3 === 2) process.kill(pid, 'SIGKILL');
      else await ask('select pg_terminate_backend($1)', [pid]);
      made += 1;
    }
    // One crash at least fell into the work.
    expect(made).toBeGreaterThanOrEqual(3);
    for (const { ended } of bookings) expect(await ended).toEqual([0, null]);
    await expectAllBookedOnce();
  },
);
