import type { FastifyInstance } from 'fastify';
import type { World } from '../core/world.ts';
import { registerOldLedgerAdmin } from './admin.ts';
import { openOldBooks } from './books.ts';
import { declareOldLedgerFaults } from './fault-points.ts';
import { createGuard, openClients } from './guard.ts';
import { createOldLedgerServer } from './routes.ts';
import { createOldLedgerTables } from './tables.ts';

export interface OldLedger {
  /** The interface for whoever moves away from it; not listening yet. */
  app: FastifyInstance;
  registerAdmin(adminApp: FastifyInstance): void;
}

/** An account system of the usual kind, which somebody wants to leave. */
export function createOldLedger(world: World): OldLedger {
  const { store, clock, commits, due, faults, logger } = world;
  createOldLedgerTables(store);
  declareOldLedgerFaults(faults);
  const books = openOldBooks({ store, clock, due, faults });
  const clients = openClients(store);
  const guard = createGuard({ clock, faults, clients });
  return {
    app: createOldLedgerServer({ books, guard, clock, commits, logger }),
    registerAdmin: (adminApp) =>
      registerOldLedgerAdmin(adminApp, { books, clients, clock, commits }),
  };
}
