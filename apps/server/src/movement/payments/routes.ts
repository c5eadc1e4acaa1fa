import type { HttpApp } from '../../platform/index.ts';
import { registerCashierRoutes } from './routes/cashier.ts';
import { registerOrderRoutes } from './routes/orders.ts';
import { registerRefundRoutes } from './routes/refunds.ts';
import type { PaymentsService } from './types.ts';

/** The HTTP edge of payments: schema in, schema out. */
export function registerPaymentsRoutes(app: HttpApp, payments: PaymentsService): void {
  registerOrderRoutes(app, payments);
  registerRefundRoutes(app, payments);
  registerCashierRoutes(app, payments);
}
