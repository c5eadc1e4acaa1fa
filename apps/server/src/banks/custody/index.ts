export { assetOf, suspenseOf } from './specs.ts';
export type * from './types.ts';
