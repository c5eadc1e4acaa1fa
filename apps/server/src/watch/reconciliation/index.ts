export { readBill } from './bills/read-bill.ts';
export { readTradeExport } from './bills/trade-export.ts';
export type { ExceptionKind, ExceptionState, Proposal } from './decide/exception-state.ts';
export {
  type BillLine,
  type DayBill,
  matchTrades,
  type OurTrade,
  type TradeClass,
  type TradeMatch,
} from './decide/match.ts';
export { reconciliationErrors } from './errors.ts';
export type { ReconciliationEvents } from './events.ts';
export type { FindingView } from './findings.ts';
export { reconciliationConsumers, reconciliationPollers } from './jobs.ts';
export { registerReconciliationRoutes } from './routes.ts';
export { createReconciliationService } from './service.ts';
export type * from './types.ts';
export type * from './views.ts';
