import { expect, test } from 'vitest';
import { ApiError } from './problem.ts';
import { pollDelay, retryDelay, shouldRetry } from './query-client.ts';

const busy = new ApiError('unreadable', 'busy', { status: 503, retryAfterMs: 7_000 });
const refused = new ApiError('problem', 'no', {
  status: 404,
  problem: { title: '', status: 404, detail: '', code: 'x', retryable: false },
});

test('only what waiting can cure is asked again, and not for ever', () => {
  expect(shouldRetry(0, busy)).toBe(true);
  expect(shouldRetry(3, busy)).toBe(false);
  expect(shouldRetry(0, refused)).toBe(false);
  expect(shouldRetry(0, new Error('a bug'))).toBe(false);
});

test('the server’s wish to wait is honoured', () => {
  expect(retryDelay(0, busy)).toBe(7_000);
  expect(retryDelay(2, new ApiError('offline', ''))).toBe(4_000);
  expect(retryDelay(20, new ApiError('offline', ''))).toBe(30_000);
});

test('polling grows slower while nothing changes, and slower still while it fails', () => {
  const quiet = [0, 60_000, 300_000, 900_000, 9_000_000].map((ms) => pollDelay(ms, 0));
  expect(quiet).toEqual([2_000, 4_000, 10_000, 30_000, 60_000]);
  expect(pollDelay(0, 1)).toBe(4_000);
  expect(pollDelay(0, 50)).toBe(60_000);
});
