import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { createAcquirer } from './acquirer/index.ts';
import { registerClockRoutes } from './admin/clock-routes.ts';
import { registerDeliveryRoutes } from './admin/delivery-routes.ts';
import { registerFaultRoutes } from './admin/fault-routes.ts';
import { createBank } from './bank/index.ts';
import { createAdminApp } from './core/admin-app.ts';
import type { Logger } from './core/logger.ts';
import { openWorld } from './core/world.ts';
import { createOldLedger } from './old-ledger/index.ts';

export interface SandboxOptions {
  /** The directory that keeps the world: one SQLite file, and the keys. */
  data: string;
  host: string;
  /** Port 0 takes any free one. */
  acquirerPort: number;
  bankPort: number;
  adminPort: number;
  /** The old ledger listens only when it is given a port. */
  oldLedgerPort?: number | undefined;
  /** Where time stands until it is moved; it runs with the machine's when not given. */
  standsAt?: Temporal.Instant | undefined;
  logger: Logger;
}

export interface Sandbox {
  addresses: { acquirer: string; bank: string; admin: string; old_ledger?: string };
  close(): Promise<void>;
}

/** Listens and gives the address by which others reach it. */
async function listen(app: FastifyInstance, port: number, host: string): Promise<string> {
  await app.listen({ port, host });
  const address: AddressInfo | string | null = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}

/** Starts the outside world: the acquirer, the bank and the admin API over one store. */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { host, logger } = options;
  const world = openWorld(options.data, logger, options.standsAt);
  const bank = createBank(world);
  const acquirer = createAcquirer(world, bank);
  const oldLedger = createOldLedger(world);
  const admin = createAdminApp(logger);
  registerClockRoutes(admin, world);
  registerFaultRoutes(admin, world.faults);
  registerDeliveryRoutes(admin, world.deliver);
  bank.registerAdmin(admin);
  acquirer.registerAdmin(admin);
  oldLedger.registerAdmin(admin);
  const addresses = {
    acquirer: await listen(acquirer.app, options.acquirerPort, host),
    bank: await bank.listen(options.bankPort, host),
    admin: await listen(admin, options.adminPort, host),
    ...(options.oldLedgerPort === undefined
      ? {}
      : { old_ledger: await listen(oldLedger.app, options.oldLedgerPort, host) }),
  };
  // Last: what became due while nobody ran may send notifications, which may bring questions.
  world.due.start();
  world.deliver.start();
  return {
    addresses,
    close: async () => {
      world.due.stop();
      await Promise.all([acquirer.app.close(), bank.close(), oldLedger.app.close(), admin.close()]);
      await world.deliver.close();
      world.store.close();
    },
  };
}
