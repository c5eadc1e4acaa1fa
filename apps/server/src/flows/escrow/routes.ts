import type { HttpApp } from '../../platform/index.ts';
import { agreementRoutes } from './routes/agreements.ts';
import { dealRoutes } from './routes/deals.ts';
import { moneyRoutes } from './routes/money.ts';
import type { EscrowService } from './types.ts';

/** The HTTP edge of escrow: schema in, schema out. */
export function registerEscrowRoutes(app: HttpApp, escrow: EscrowService): void {
  agreementRoutes(app, escrow);
  dealRoutes(app, escrow);
  moneyRoutes(app, escrow);
}
