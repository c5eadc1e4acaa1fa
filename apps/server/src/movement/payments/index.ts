export type { OrderRequest } from './decide/create-order.ts';
export type { RefundApproval, RefundRequest } from './decide/refund-request.ts';
export { paymentsErrors } from './errors.ts';
export {
  isPaymentsEvent,
  type PaymentsEvent,
  type PaymentsEvents,
  type PaymentsEventType,
} from './events.ts';
export { paymentsConsumers, paymentsPollers } from './jobs.ts';
export { registerPaymentsRoutes } from './routes.ts';
export { createPaymentsService } from './service.ts';
export type { ChannelDay } from './store.ts';
export { type Attempt, type Method, methods, type Order, type Refund } from './tables.ts';
export type { NewOrder, PaymentsDeps, PaymentsService, RefundInput } from './types.ts';
export { createPaymentsUnit, type PaymentsUnit } from './unit.ts';
export type { AttemptView, CashierView, OrderView, RefundView } from './views.ts';
