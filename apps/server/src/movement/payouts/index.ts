export type { PayoutRequest } from './decide/create-payout.ts';
export type { PayoutState } from './decide/payout-state.ts';
export { payoutsErrors } from './errors.ts';
export {
  isPayoutsEvent,
  type PayoutsEvent,
  type PayoutsEvents,
  type PayoutsEventType,
} from './events.ts';
export { payoutsConsumers, payoutsPollers } from './jobs.ts';
export { registerPayoutsRoutes } from './routes.ts';
export { createPayoutsService } from './service.ts';
export type { Payout } from './tables.ts';
export type { NewPayout, PayoutSource, PayoutsDeps, PayoutsService } from './types.ts';
export { createPayoutsUnit, type PayoutsUnit } from './unit.ts';
export type { PayoutView } from './views.ts';
