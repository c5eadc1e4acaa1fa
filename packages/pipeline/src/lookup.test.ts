import { expect, test } from 'vitest';
import { createLookup } from './lookup.ts';

/** A source that answers when it is told to, and remembers what it was asked. */
function createSource() {
  const readings: { keys: readonly string[]; answer: PromiseWithResolvers<void> }[] = [];
  const lookup = createLookup<string, string>({
    maxKeys: 3,
    load: async (keys) => {
      const answer = Promise.withResolvers<void>();
      readings.push({ keys, answer });
      await answer.promise;
      return new Map(keys.filter((key) => key !== 'absent').map((key) => [key, `${key}!`]));
    },
  });
  return { lookup, readings };
}

test('who asks in the same turn shares one reading, and each gets its own answer', async () => {
  const { lookup, readings } = createSource();
  const answers = Promise.all([lookup('a'), lookup('b'), lookup('a'), lookup('absent')]);
  await Promise.resolve();
  expect(readings.map(({ keys }) => keys)).toEqual([['a', 'b', 'absent']]);
  readings[0]?.answer.resolve();
  expect(await answers).toEqual(['a!', 'b!', 'a!', undefined]);
});

test('who asks while a reading is in flight is answered by a later one, the same key too', async () => {
  const { lookup, readings } = createSource();
  const early = lookup('a');
  await Promise.resolve();
  const late = lookup('a');
  readings[0]?.answer.resolve();
  await early;
  await new Promise(setImmediate);
  expect(readings.map(({ keys }) => keys)).toEqual([['a'], ['a']]);
  readings[1]?.answer.resolve();
  expect(await late).toBe('a!');
});

test('no reading has more keys than the bound', async () => {
  const { lookup, readings } = createSource();
  const answers = Promise.all(['a', 'b', 'c', 'd'].map(lookup));
  await Promise.resolve();
  readings[0]?.answer.resolve();
  await new Promise(setImmediate);
  readings[1]?.answer.resolve();
  expect(await answers).toEqual(['a!', 'b!', 'c!', 'd!']);
  expect(readings.map(({ keys }) => keys)).toEqual([['a', 'b', 'c'], ['d']]);
});

test('a reading that fails is the failure of those who asked for it, and of nobody later', async () => {
  const { lookup, readings } = createSource();
  const failed = lookup('a');
  await Promise.resolve();
  readings[0]?.answer.reject(new Error('the line is cut'));
  await expect(failed).rejects.toThrow('the line is cut');
  const next = lookup('a');
  await Promise.resolve();
  readings[1]?.answer.resolve();
  expect(await next).toBe('a!');
});
