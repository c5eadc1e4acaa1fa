export * from './assert.ts';
export * from './clock.ts';
export * from './errors.ts';
export * from './ids.ts';
export * from './json-text.ts';
export * from './money.ts';
export * from './paging.ts';
export * from './result.ts';
