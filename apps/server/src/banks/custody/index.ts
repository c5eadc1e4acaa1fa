export { custodyErrors } from './errors.ts';
export { custodyEvents } from './events.ts';
export { custodyPollers } from './jobs.ts';
export { createReceiptsUnit } from './receipts-unit.ts';
export { registerCustodyRoutes } from './routes.ts';
export { type CustodyDeps, createCustodyService } from './service.ts';
export { assetOf, suspenseOf } from './specs.ts';
export type * from './types.ts';
