export type { AgreementTerms } from './decide/agreement.ts';
export { escrowErrors } from './errors.ts';
export type { EscrowEvents, EscrowEventType } from './events.ts';
export { escrowConsumers, escrowPollers } from './jobs.ts';
export { registerEscrowRoutes } from './routes.ts';
export { createEscrowService } from './service.ts';
export type { DealInput, EscrowDeps, EscrowService, PartyInput } from './types.ts';
export type { DealMoneyView } from './view/deal-money.ts';
export type { AgreementView, DealSummary, DealView, ReleaseSummary } from './views.ts';
