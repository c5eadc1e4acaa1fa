import type { HttpApp } from '../http/server.ts';
import { registerAccountRoutes } from './routes/accounts.ts';
import { registerBookRoutes } from './routes/books.ts';
import type { LedgerRoutesDeps } from './routes/edge.ts';
import { registerHoldRoutes } from './routes/holds.ts';
import { registerJournalRoutes } from './routes/journals.ts';
import { registerSealRoutes } from './routes/seals.ts';

/**
 * The ledger over HTTP: for integrators in books of their own, and for the platform's people, who
 * look at all of it.
 */
export function registerLedgerRoutes(app: HttpApp, deps: LedgerRoutesDeps): void {
  registerBookRoutes(app, deps);
  registerAccountRoutes(app, deps);
  registerJournalRoutes(app, deps);
  registerHoldRoutes(app, deps);
  registerSealRoutes(app, deps);
}
