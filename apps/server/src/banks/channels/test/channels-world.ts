import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ErrorRegistry } from '@keyturn/kernel';
import { bookId, bookTable } from '@keyturn/ledger';
import { insertRows } from '@keyturn/pipeline';
import { createTestPlatform, type TestPlatform } from '../../../../test/platform.ts';
import { createHttpApp, type HttpApp } from '../../../platform/index.ts';
import { loadOrCreateKey } from '../../../platform/secrets/key-file.ts';
import { createSealer, type Sealer } from '../../../platform/secrets/sealer.ts';
import {
  type ChannelsService,
  channelsErrors,
  createChannelsService,
  createCredentialStore,
  registerChannelsRoutes,
} from '../index.ts';
import { followWorld, type OutsideWorld, startOutsideWorld } from './outside-world.ts';

export const book = bookId('kt-escrow', 'escrow', 'CNY');
export const masterAccount = '6225000100001001';
export const ownAccount = '6225000100002002';

/**
 * Our channels service with its HTTP edge, over a database of the test's own, and the world around
 * it.
 */
export interface ChannelsWorld {
  readonly world: OutsideWorld;
  readonly platform: TestPlatform;
  readonly channels: ChannelsService;
  readonly sealer: Sealer;
  readonly app: HttpApp;
  readonly address: string;
  close(): Promise<void>;
}

/** What a module above adds, before the edge listens. */
export interface Above {
  readonly errors: readonly ErrorRegistry[];
  routes(app: HttpApp, parts: Pick<ChannelsWorld, 'platform' | 'channels' | 'sealer'>): void;
}

export async function createChannelsWorld(above?: Above): Promise<ChannelsWorld> {
  const [world, platform] = await Promise.all([
    startOutsideWorld(),
    createTestPlatform(channelsErrors, ...(above?.errors ?? [])),
  ]);
  const { database, clock, logger, metrics, errors } = platform;
  followWorld(clock);
  await database.transaction((tx) =>
    insertRows(tx, bookTable, [
      { id: book, legalEntity: 'kt-escrow', regime: 'escrow', currency: 'CNY', memo: false },
    ]),
  );
  const sealer = createSealer(await loadOrCreateKey(join(world.keyDirectory, 'seal.key')));
  const credentials = createCredentialStore(world.keyDirectory);
  const channels = createChannelsService({
    database,
    clock,
    logger,
    metrics,
    sealer,
    credentials,
  });
  const app = await createHttpApp({ logger, errors, metrics });
  registerChannelsRoutes(app, channels);
  above?.routes(app, { platform, channels, sealer });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    ...{ world, platform, channels, sealer, app, address },
    close: async () => {
      await world.stop();
      await app.close();
      await channels.close();
      await platform.close();
    },
  };
}

/** The contracts of the demo world: one acquirer, one bank with a master and an own account. */
export async function enrolBoth({ world, channels, address }: ChannelsWorld): Promise<void> {
  const bank = await world.enrolBank({
    id: 'bank-escrow',
    clientId: 'KT01',
    book,
    notifyUrl: `${address}/v1/notifications/bank-escrow`,
    accounts: [
      { account: masterAccount, kind: 'escrow_master' },
      { account: ownAccount, kind: 'own', opening_balance: 10_000_000 },
    ],
  });
  const acquirer = await world.enrolAcquirer({
    id: 'wx-escrow',
    mchid: '1900000001',
    book,
    settlesTo: 'escrow-main',
    settlementAccount: masterAccount,
    notifyUrl: `${address}/v1/notifications/wx-escrow`,
  });
  for (const draft of [bank, acquirer]) {
    const kept = await channels.upsertContract(draft);
    if (!kept.ok) throw new Error(kept.error.code);
  }
}

/** A number that nobody used before, as out_trade_no, EndToEndId or request id. */
export function newNumber(prefix: string): string {
  return `${prefix}${randomBytes(8).toString('hex').toUpperCase()}`;
}
