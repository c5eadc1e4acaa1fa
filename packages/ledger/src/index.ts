export * from './account.ts';
export * from './book.ts';
export * from './books.ts';
export { type AccountClass, addAccountCode, type ChartLine, readChart } from './chart.ts';
export * from './check/index.ts';
export type { DetachedHold } from './decide/find-leg.ts';
export { burnsId, refusalStages } from './decide/precedence.ts';
export { type LedgerErrorCode, ledgerErrors } from './errors.ts';
export { expireHolds, readExpiryLag } from './expiry.ts';
export * from './holds.ts';
export * from './import-history.ts';
export {
  type AnyRequest,
  fingerprintOf,
  type HoldRef,
  type Journal,
  type JournalRequest,
  type ReversalRequest,
  type Side,
  type Transfer,
  type TransferKind,
  type TransferRequest,
} from './journal.ts';
export {
  CursorError,
  type Entry,
  findAccounts,
  listAccounts,
  listEntries,
  type PageRequest,
  readPostedAt,
} from './listing.ts';
export { ledgerMigrations } from './migrations.ts';
export * from './open-account.ts';
export * from './partition/index.ts';
export * from './queries.ts';
export * from './seal/index.ts';
export * from './submit.ts';
export * from './takeover/index.ts';
export {
  createLedgerUnit,
  type JournalReceipt,
  type LedgerUnit,
  type LedgerWants,
} from './unit.ts';
