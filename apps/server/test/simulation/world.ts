import { setTimeout } from 'node:timers/promises';
import { bankZone } from '@keyturn/kernel';
import { type Database, isConnectionError, openDatabase } from '@keyturn/pipeline';
import { createPostgresProxy, createTestDatabase, type PostgresProxy } from '@keyturn/testkit';
import type { Consumer, Poller } from '../../src/platform/index.ts';
import { startTestWorld, type TestWorld } from '../world.ts';
import { createSimulatedClock, type SimulatedClock } from './clock.ts';
import { createOutside, type Outside } from './outside.ts';
import { gatherPeople, type People } from './people.ts';

/** A Friday morning: a weekend comes soon, and days on which the bank is open. */
const beginning = Temporal.Instant.from('2026-11-20T09:30:00+08:00');

/**
 * The whole platform and the world outside it, with one hand on everything that moves by itself:
 * time passes as it is moved, and work that waits is done when it is told.
 */
export interface SimulatedWorld {
  readonly test: TestWorld;
  readonly people: People;
  readonly outside: Outside;
  /** Between the platform and its database. */
  readonly proxy: PostgresProxy;
  /** Looks behind the curtain, past the proxy. */
  readonly reader: Database;
  now(): Temporal.ZonedDateTime;
  /** Time passes; the hours that it takes are lived through. */
  advance(duration: Temporal.DurationLike): Promise<void>;
  /** Everything that waits and is due is done, inside and outside. */
  rest(): Promise<void>;
  close(): Promise<void>;
}

export async function startSimulatedWorld(): Promise<SimulatedWorld> {
  const database = await createTestDatabase();
  const proxy = await createPostgresProxy(database.url);
  // What makes the world runs on a clock that is a moment ahead of it.
  const clock = createSimulatedClock(beginning.add({ minutes: 1 }));
  const followTime = async () => clock;
  const test = await startTestWorld({
    database: { ...database, url: proxy.url(database.url) },
    idle: true,
    standsAt: beginning,
    api: { followTime },
    worker: { followTime },
  });
  const outside = createOutside(test.sandboxAdmin);
  const people = gatherPeople(test);
  const reader = openDatabase({
    url: database.url,
    applicationName: 'keyturn simulation',
    maxConnections: 1,
    statementTimeoutMs: 0,
  });
  const hands = createHands({ test, outside, reader, clock });
  await hands.moveTo(clock.now());
  return {
    test,
    people,
    outside,
    proxy,
    reader,
    now: () => clock.now().toZonedDateTimeISO(bankZone),
    advance: async (duration) => {
      const target = clock.now().toZonedDateTimeISO(bankZone).add(duration).toInstant();
      await hands.passTo(target);
    },
    rest: hands.rest,
    close: async () => {
      proxy.disarm();
      await Promise.all([outside.close(), people.close(), reader.close()]);
      await test.close();
      await proxy.close();
      await database.drop();
    },
  };
}

/** As far as time may leap whatever happens: notices older than five minutes are not believed. */
const stride = { minutes: 4 } as const;

/** How long nobody does what waits while time passes. */
const nap = { minutes: 170 } as const;

interface Held {
  readonly test: TestWorld;
  readonly outside: Outside;
  readonly reader: Database;
  readonly clock: SimulatedClock;
}

const progressSql = `select (select coalesce(max(seq), 0) from platform.event) as events,
  (select count(*) from platform.command) as commands,
  (select count(*) from channels.notification where applied_at is not null) as applied`;

const hiddenSql = `select exists (select 1 from platform.event e
  where e.transaction_id >= pg_snapshot_xmin(pg_current_snapshot())) as hidden`;

function createHands({ test, outside, reader, clock }: Held) {
  const { consumers, pollers, platform } = test.worker;
  // Days are reconciled here, not by the queue, which would do it when it likes.
  const work: readonly (Consumer | Poller)[] = [
    ...consumers,
    ...pollers.filter(({ name }) => name !== 'reconciliation.days'),
  ];

  async function reconcileDays(): Promise<void> {
    for (const day of await platform.reconciliation.dueDays()) {
      for (const job of platform.reconciliation.jobKinds) await job.work({ date: day.toString() });
    }
  }

  async function progress(): Promise<string> {
    const [row] = await reader.query<Record<string, bigint>>(progressSql);
    return Object.values(row ?? {}).join('/');
  }

  async function rest(): Promise<void> {
    for (let round = 0; round < 100; round++) {
      await outside.delivered();
      await allHeard();
      const before = await progress();
      for (const one of work) await persist(() => one.drain());
      await persist(reconcileDays);
      await outside.delivered();
      if ((await progress()) === before) return;
    }
    throw new Error('the platform does not come to rest');
  }

  /**
   * Until every event can be read: a transaction that is open anywhere on the server, such as of a
   * test beside this one, keeps back what was told after it began.
   */
  async function allHeard(): Promise<void> {
    const patience = AbortSignal.timeout(60_000);
    for (;;) {
      const [row] = await reader.query<{ hidden: boolean }>(hiddenSql);
      if (row?.hidden !== true) return;
      patience.throwIfAborted();
      await setTimeout(10);
    }
  }

  /** Our clock first: what the outside world sends on the way is then of this moment. */
  async function moveTo(instant: Temporal.Instant): Promise<Temporal.Instant> {
    clock.set(instant);
    await outside.moveTo(instant);
    return outside.delivered();
  }

  async function passTo(target: Temporal.Instant): Promise<void> {
    let due = await outside.delivered();
    let napEnd = clock.now().add(nap);
    for (let now = clock.now(); isBefore(now, target); now = clock.now()) {
      const event = later(due, now.add(stride));
      const next = earlier(earlier(event, napEnd), target);
      due = await moveTo(next);
      if (isBefore(next, napEnd) && isBefore(next, target)) continue;
      await rest();
      due = await outside.delivered();
      napEnd = next.add(nap);
    }
  }

  return { rest, moveTo, passTo };
}

function isBefore(a: Temporal.Instant, b: Temporal.Instant): boolean {
  return Temporal.Instant.compare(a, b) < 0;
}

function later(a: Temporal.Instant, b: Temporal.Instant): Temporal.Instant {
  return isBefore(a, b) ? b : a;
}

function earlier(a: Temporal.Instant, b: Temporal.Instant): Temporal.Instant {
  return isBefore(a, b) ? a : b;
}

/** How often work is begun again that lost its database; its loop would do the same. */
const patience = 10;

async function persist(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isConnectionError(error) || attempt === patience) throw error;
    }
  }
}
