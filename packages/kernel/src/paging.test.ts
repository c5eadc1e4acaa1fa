import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor, pageOf } from './paging.ts';

test('a page knows from one row more than it shows whether there is another', () => {
  const key = (row: number) => [String(row)];
  expect(pageOf([1, 2, 3], 2, key)).toEqual({ items: [1, 2], nextCursor: encodeCursor(['2']) });
  expect(pageOf([1, 2], 2, key)).toEqual({ items: [1, 2], nextCursor: undefined });
});

test.each(['', 'x', encodeCursor(['1']), Buffer.from('[1,2]').toString('base64url')])(
  '%j is not a cursor of two parts',
  (cursor) => {
    expect(decodeCursor(cursor, ['sequence', 'sequence'])).toBeUndefined();
  },
);

const uuid = '01937a5e-8f00-7000-8000-00000000000f';

test('a cursor comes back as it was', () => {
  const parts = ['2026-11-20T02:00:00.123456Z', uuid, '2026-11-20', '7'];
  const kinds = ['instant', 'uuid', 'date', 'sequence'] as const;
  expect(decodeCursor(encodeCursor(parts), kinds)).toEqual(parts);
});

test.each([
  ['uuid', 'a'],
  ['uuid', `${uuid}0`],
  ['uuid', '\0'],
  ['instant', '2026-11-20'],
  ['instant', '2026-13-20T02:00:00Z'],
  ['instant', '2026-11-20T02:00:00.1234567891Z'],
  ['instant', '0000-01-01T00:00:00Z'],
  ['instant', '-infinity'],
  ['date', '2026-02-30'],
  ['date', '0000-01-01'],
  ['date', ''],
  ['sequence', '-1'],
  ['sequence', '99999999999999999999'],
] as const)('a part that should be a %s is refused as %j', (kind, part) => {
  expect(decodeCursor(encodeCursor([part]), [kind])).toBeUndefined();
});
