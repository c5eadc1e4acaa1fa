import type { FastifyInstance } from 'fastify';
import type { World } from '../core/world.ts';
import { registerAcquirerAdmin } from './admin-routes.ts';
import { createBills } from './bills.ts';
import { createGate } from './gate.ts';
import { createMerchantApi } from './merchant-api.ts';
import { merchantEndpoints } from './merchant-endpoints.ts';
import { openMerchants } from './merchants.ts';
import { createNotifications } from './notifications.ts';
import { createOrders } from './orders.ts';
import { openOrderStore } from './orders-store.ts';
import { registerPayerRoutes } from './payer-routes.ts';
import { openPlatformCertificate } from './platform-certificate.ts';
import { createRefunds } from './refunds.ts';
import { openRefundStore } from './refunds-store.ts';
import { type BankCredit, createSettlements } from './settlement.ts';
import { createTables } from './tables.ts';

export interface Acquirer {
  /** The merchant API and the payer's pages; not listening yet. */
  app: FastifyInstance;
  registerAdmin(adminApp: FastifyInstance): void;
}

/** The acquirer: WeChat Pay APIv3 for direct merchants, and its payers. */
export function createAcquirer(world: World, bank: BankCredit): Acquirer {
  const { store, clock, faults, commits, due, deliver, logger } = world;
  createTables(store);
  const certificate = openPlatformCertificate(world.keysDirectory, clock);
  const merchants = openMerchants(store);
  const orderStore = openOrderStore(store);
  const refundStore = openRefundStore(store);
  const notifications = createNotifications({ clock, faults, deliver, signer: certificate });
  const orders = createOrders({
    ...{ store: orderStore, clock, commits, faults, merchants, notifications },
  });
  const refunds = createRefunds({
    ...{ orders: orderStore, store: refundStore, clock, commits, due, faults },
    ...{ merchants, notifications },
  });
  const bills = createBills({ store, clock, faults });
  const settlements = createSettlements({ store, clock, due, faults, merchants, bank });
  const gate = createGate({ store, clock, commits, merchants });
  const api = createMerchantApi({ clock, faults, gate, signer: certificate, logger });
  api.serve(merchantEndpoints({ clock, faults, orders, refunds, bills, certificate }));
  registerPayerRoutes(api.app, { clock, merchants, orders, store: orderStore });
  return {
    app: api.app,
    registerAdmin: (adminApp) =>
      registerAcquirerAdmin(adminApp, {
        ...{ clock, commits, merchants, orders, orderStore, refunds, refundStore },
        ...{ settlements, certificate },
      }),
  };
}
