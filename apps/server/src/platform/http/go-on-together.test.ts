import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { goOnTogether } from './go-on-together.ts';

test('requests of one turn go on in their order, when all of them have come', async () => {
  const hold = goOnTogether();
  const gone: string[] = [];
  const come = (name: string) => hold(undefined, undefined, () => gone.push(name));
  come('first');
  come('second');
  expect(gone).toEqual([]);
  await setImmediate();
  expect(gone).toEqual(['first', 'second']);
});

test('a request that comes while others go on waits for the next turn', async () => {
  const hold = goOnTogether();
  const gone: string[] = [];
  hold(undefined, undefined, () => {
    gone.push('first');
    hold(undefined, undefined, () => gone.push('late'));
  });
  hold(undefined, undefined, () => gone.push('second'));
  await setImmediate();
  expect(gone).toEqual(['first', 'second']);
  await setImmediate();
  expect(gone).toEqual(['first', 'second', 'late']);
});
