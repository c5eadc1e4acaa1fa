import { expect, test } from 'vitest';
import { createServerClock } from './server-clock.ts';

test('the time left follows the server’s clock, counted on between its answers', () => {
  let elapsed = 1_000;
  const clock = createServerClock(() => elapsed);
  expect(clock.until('2026-11-20T02:10:00Z')).toBeUndefined();
  clock.learn('2026-11-20T02:00:00Z');
  expect(clock.until('2026-11-20T02:10:00Z')).toBe(600_000);
  elapsed += 1_500;
  expect(clock.until('2026-11-20T02:10:00Z')).toBe(598_500);
  clock.learn('2026-11-20T02:09:59Z');
  expect(clock.until('2026-11-20T02:10:00Z')).toBe(1_000);
});

test('a time that cannot be read changes nothing', () => {
  const clock = createServerClock(() => 0);
  clock.learn('2026-11-20T02:00:00Z');
  clock.learn('later');
  expect(clock.until('2026-11-20T02:00:01Z')).toBe(1_000);
  expect(clock.until('later')).toBeUndefined();
});
