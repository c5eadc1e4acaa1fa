export { createSealKey, type SealKey } from './key.ts';
export type { Seal } from './seal.ts';
export {
  createLedgerSealer,
  type LedgerSealer,
  type Sealed,
  TransactionsRestartedError,
} from './sealer.ts';
export { readSealHead, readSealKeys, readSealLag, readSeals, type SealLag } from './store.ts';
