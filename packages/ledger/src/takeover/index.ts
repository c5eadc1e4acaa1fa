export type { SubjectGate, Switched } from './authority.ts';
export type { ComparisonReport } from './compare.ts';
export type { SubjectFigures } from './compare-store.ts';
export type { TakeoverDeps } from './context.ts';
export {
  type DifferenceClass,
  differenceClasses,
  differenceSentences,
} from './decide/explain.ts';
export type { Gate } from './decide/gate.ts';
export type { RefundRequest } from './door.ts';
export { type TakeoverErrorCode, takeoverErrors } from './errors.ts';
export type { ImportProgress } from './import.ts';
export type { MirrorProgress } from './mirror.ts';
export type { MirrorLag } from './mirror-store.ts';
export {
  type MirrorItem,
  type OldBalance,
  type OldLedger,
  OldLedgerError,
  type OldMovement,
  type OldSnapshot,
} from './old-ledger.ts';
export {
  oldName,
  type PlanFault,
  type PlannedAccount,
  readPlan,
  type SubjectMapping,
  type TakeoverPlan,
} from './plan.ts';
export { journalIdOf } from './rows.ts';
export { createTakeoverService, type TakeoverService, type TakeoverStatus } from './service.ts';
export type { Decision, Proposal, Settled } from './settle.ts';
export type { ShadowProgress } from './shadow.ts';
export { submitThrough } from './submit-through.ts';
export type { Authority, Comparison, Difference, MovementState, Takeover } from './tables.ts';
