import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor, pageOf } from './paging.ts';

test('a page knows from one row more than it shows whether there is another', () => {
  const key = (row: number) => [String(row)];
  expect(pageOf([1, 2, 3], 2, key)).toEqual({ items: [1, 2], nextCursor: encodeCursor(['2']) });
  expect(pageOf([1, 2], 2, key)).toEqual({ items: [1, 2], nextCursor: undefined });
});

test.each(['', 'x', encodeCursor(['a']), Buffer.from('[1,2]').toString('base64url')])(
  '%j is not a cursor of two parts',
  (cursor) => {
    expect(decodeCursor(cursor, 2)).toBeUndefined();
  },
);

test('a cursor comes back as it was', () => {
  expect(decodeCursor(encodeCursor(['a', '中']), 2)).toEqual(['a', '中']);
});
