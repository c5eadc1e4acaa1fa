import { expect, test } from 'vitest';
import { sharedBuffersOf } from './database.ts';

test.each([
  { memory: 0.5, taken: '128MB' },
  { memory: 1, taken: '128MB' },
  { memory: 2, taken: '256MB' },
  { memory: 4.5, taken: '576MB' },
  { memory: 16, taken: '2048MB' },
  { memory: 64, taken: '2048MB' },
])('of $memory GiB the embedded server keeps $taken', ({ memory, taken }) => {
  expect(sharedBuffersOf(memory * 1024 ** 3)).toBe(taken);
});
