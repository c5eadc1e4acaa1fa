export type { CheckedHead } from './chain.ts';
export {
  type CheckOptions,
  type CheckProgress,
  checkLedger,
  type KnownHead,
  type LedgerCheck,
} from './check.ts';
export { type CheckedPart, checkDetached } from './detached.ts';
export type { LedgerFinding } from './findings.ts';
