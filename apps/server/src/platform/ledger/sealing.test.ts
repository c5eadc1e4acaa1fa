import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { steerableClock } from '@keyturn/kernel';
import { bookId, bookTable, createSubmitter, readSealHead, readSealLag } from '@keyturn/ledger';
import { type Database, insertRows } from '@keyturn/pipeline';
import { createTestDatabase, type TestDatabase } from '@keyturn/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '../telemetry/logger.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { checkWholeLedger } from './check.ts';
import {
  createSealingPoller,
  loadSealKey,
  observeSealing,
  readTrustedSealKeys,
  sealingProbe,
} from './sealing.ts';

const book = bookId('kt-seal', 'escrow', 'CNY');
const clock = steerableClock('2026-11-20T02:00:00Z');
let testDatabase: TestDatabase;
let database: Database;
let keyFolder: string;

beforeEach(async () => {
  clock.set('2026-11-20T02:00:00Z');
  keyFolder = await mkdtemp(join(tmpdir(), 'keyturn-seals-'));
  testDatabase = await createTestDatabase();
  database = testDatabase.open();
  await database.transaction((tx) =>
    insertRows(tx, bookTable, [
      { id: book, legalEntity: 'kt-seal', regime: 'escrow', currency: 'CNY', memo: false },
    ]),
  );
});
afterEach(async () => {
  await testDatabase.drop();
  await rm(keyFolder, { recursive: true, force: true });
});

async function bookOne(id: string) {
  const submitter = createSubmitter({ database, clock });
  const result = await submitter.submit({
    id,
    book,
    cause: { module: 'test', object: id, command: id },
    transfers: [
      {
        kind: 'posted',
        debit: { book, code: 1101, owner: 'wx' },
        credit: { book, code: 2101, owner: 'item' },
        amount: 100n,
      },
    ],
  });
  expect(result.ok).toBe(true);
  await submitter.close();
}

/** Transactions of other databases of the server keep back what began before they end. */
async function sealAll() {
  const logger = createLogger('test', 'silent');
  const poller = createSealingPoller({ database, clock, logger, keyFolder });
  while ((await readSealLag(database)).journals > 0n) await poller.drain();
}

const first = '00000000-0000-7000-8000-000000000001';
const second = '00000000-0000-7000-8000-000000000002';

test('what is booked is sealed with the installation’s own key, which the check trusts', async () => {
  await bookOne(first);
  await sealAll();
  const key = await loadSealKey(keyFolder);
  expect((await readSealHead(database))?.keyId).toBe(key.id);
  const trustedKeys = await readTrustedSealKeys(keyFolder);
  expect(trustedKeys).toEqual([key.id]);
  const check = await checkWholeLedger(testDatabase.url, { trustedKeys: trustedKeys ?? [] });
  expect(check).toMatchObject({ balanced: true, seals: 1n, unsealedJournals: 0n });
});

test('a key that was replaced stays trusted for what it sealed', async () => {
  await bookOne(first);
  await sealAll();
  await rename(join(keyFolder, 'ledger-seal.key'), join(keyFolder, 'ledger-seal.old'));
  await bookOne(second);
  await sealAll();
  const trustedKeys = (await readTrustedSealKeys(keyFolder)) ?? [];
  expect(trustedKeys).toHaveLength(2);
  const check = await checkWholeLedger(testDatabase.url, { trustedKeys });
  expect(check).toMatchObject({ balanced: true, seals: 2n });
});

test('without any key file, no key is preferred', async () => {
  expect(await readTrustedSealKeys(keyFolder)).toBeUndefined();
  expect(await readTrustedSealKeys(join(keyFolder, 'nowhere'))).toBeUndefined();
});

test('the metrics say what is not sealed yet, and the health only when that is old', async () => {
  const metrics = createMetrics('test');
  observeSealing(metrics, database, clock);
  await bookOne(first);
  clock.advance({ minutes: 9 });
  expect(await metrics.text()).toContain('keyturn_ledger_unsealed_journals{process="test"} 1\n');
  expect(await metrics.text()).toContain('keyturn_ledger_unsealed_seconds{process="test"} 540\n');
  expect((await sealingProbe(database, clock).look()).status).toBe('ok');
  clock.advance({ minutes: 2 });
  expect(await sealingProbe(database, clock).look()).toEqual({
    status: 'degraded',
    detail: '1 journals are not sealed, since 2026-11-20T02:00:00Z',
  });
  await sealAll();
  expect((await sealingProbe(database, clock).look()).status).toBe('ok');
});
