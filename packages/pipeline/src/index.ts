export { arrayOf, type SqlType } from './array.ts';
export * from './batcher.ts';
export * from './database.ts';
export * from './json.ts';
export { keyParameters } from './keys.ts';
export * from './lookup.ts';
export * from './row-set.ts';
export * from './table.ts';
