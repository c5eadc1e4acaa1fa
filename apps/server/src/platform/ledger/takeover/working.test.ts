import { OldLedgerError } from '@keyturn/ledger';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  anna,
  createTakeoverWorld,
  type TakeoverWorld,
  takeover,
  takeoverBook,
} from '../../../../../../packages/ledger/src/takeover/test/world.ts';
import type { Poller } from '../../due/poller.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { createMetrics } from '../../telemetry/metrics.ts';
import { createTakeoverPoller, observeTakeovers, takeoverProbe } from './working.ts';

let world: TakeoverWorld;
let poller: Poller;
const wallet = (account: string, amount: bigint) => ({ account, subject: '2201', amount });

beforeEach(async () => {
  world = await createTakeoverWorld();
  const { service: takeovers, clock } = world;
  const logger = createLogger('test', 'silent');
  poller = createTakeoverPoller({ takeovers, clock, logger });
});
afterEach(async () => {
  expect(await world.end()).toEqual([]);
});

async function importAll(): Promise<void> {
  const { old, clock, service } = world;
  old.move(wallet('W1', 100n));
  clock.advance({ minutes: 1 });
  expect(await service.importHistory(takeover)).toMatchObject({ ok: true });
  clock.advance({ minutes: 1 });
}

async function figures(): Promise<Readonly<Record<string, string>>> {
  const metrics = createMetrics('test');
  observeTakeovers(metrics, world.service, world.clock);
  const lines = (await metrics.text()).matchAll(/^keyturn_takeover_(\w+)\{[^}]*\} (\S+)$/gm);
  return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]));
}

const look = () => takeoverProbe(world.service, world.clock).look();

test('nothing is done and nothing wrong before the history is imported', async () => {
  await poller.drain();
  expect(world.old.mirrored).toEqual([]);
  expect(await look()).toEqual({ status: 'ok', detail: '0 under way' });
  expect(await figures()).toMatchObject({ open_differences: '0', comparison_age_seconds: '0' });
});

test('new rows are booked as they come, and the two compared as often as the plan says', async () => {
  await importAll();
  const { old, clock, service, balance } = world;
  old.move(wallet('W1', 7n));
  await poller.drain();
  expect(await balance('2201', 'W1')).toBe(107n);
  const status = async () => {
    const found = await service.status(takeover);
    return found.ok ? found.value.lastComparison : undefined;
  };
  expect(await status()).toMatchObject({ number: 1, kind: 'import' });
  clock.advance({ hours: 1 });
  old.moveUnseen(wallet('W1', 9n));
  await poller.drain();
  expect(await status()).toMatchObject({ number: 2, kind: 'shadow' });
  expect(await figures()).toMatchObject({ open_differences: '1', comparison_age_seconds: '0' });
  expect(await look()).toEqual({ status: 'degraded', detail: 'wallets: 1 accounts differ' });
});

test('an old ledger that is gone keeps the worker alive, and is seen by what is late', async () => {
  await importAll();
  const { old, clock, service } = world;
  for (let day = 0; day < 4; day += 1) {
    await service.compare(takeover);
    clock.advance({ hours: 24 });
  }
  expect(await service.switchSubjects(takeover, ['2201'], anna)).toMatchObject({ ok: true });
  const side = (code: 1002 | 2001, owner: string) => ({ book: takeoverBook, code, owner });
  const transfers = [
    { kind: 'posted' as const, debit: side(1002, 'b'), credit: side(2001, 'W1'), amount: 1n },
  ];
  const id = '00000000-0000-7000-8000-000000000001';
  const cause = { module: 'test', object: id, command: id };
  await service.submit(takeover, { id, book: takeoverBook, cause, transfers });
  clock.advance({ hours: 4 });
  const gone = new OldLedgerError('gone');
  for (const call of ['readMovements', 'mirror', 'takeSnapshot'] as const) old.fail(call, gone);
  await poller.drain();
  expect(await figures()).toMatchObject({ mirror_waiting: '1', mirror_lag_seconds: '14400' });
  expect(await look()).toMatchObject({
    status: 'degraded',
    detail: expect.stringMatching(/1 journals are not written back; wallets: not compared since/),
  });
  clock.advance({ minutes: 10 });
  await poller.drain();
  expect(await figures()).toMatchObject({ mirror_waiting: '0', mirror_lag_seconds: '0' });
  expect(await look()).toEqual({ status: 'ok', detail: '1 under way' });
});
