export { createPartitionAdmin, type PartitionAdmin } from './admin.ts';
export type { Cut } from './cut.ts';
export { DetachedError } from './detached.ts';
export { type Part, type RecordedPart, readCuts, readOpenPart, readParts } from './store.ts';
