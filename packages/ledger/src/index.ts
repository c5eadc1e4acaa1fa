export * from './account.ts';
export * from './book.ts';
export * from './check.ts';
export { ledgerErrors } from './errors.ts';
export {
  fingerprintOf,
  type HoldRef,
  type Journal,
  type JournalRequest,
  type Transfer,
  type TransferKind,
  type TransferRequest,
} from './journal.ts';
export { ledgerMigrations } from './migrations.ts';
export * from './queries.ts';
export * from './submit.ts';
export { createLedgerUnit, type JournalReceipt, type LedgerUnit } from './unit.ts';
