export * from './batcher.ts';
export * from './database.ts';
export * from './json.ts';
export { keyParameters } from './keys.ts';
export * from './lookup.ts';
export * from './row-set.ts';
export * from './table.ts';
