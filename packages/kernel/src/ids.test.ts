import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeId, derivedId, encodeId, namedId, newId, routeKey, routeKeyOf } from './ids.ts';

const now = Temporal.Instant.from('2026-11-20T02:00:00Z');
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('an id is a UUIDv7 that carries its owner’s route key and sorts by time', () => {
  const early = newId(now, 'someone');
  const late = newId(now.add({ milliseconds: 1 }), 'someone');
  expect(early).toMatch(uuidPattern);
  expect(routeKey(early)).toBe(routeKeyOf('someone'));
  expect(early < late).toBe(true);
  expect(encodeId('ord', early) < encodeId('ord', late)).toBe(true);
});

test('any id survives the wire', () => {
  fc.assert(
    fc.property(fc.uuid(), (uuid) => {
      expect(decodeId('ord', encodeId('ord', uuid))).toBe(uuid);
    }),
  );
});

test('what is not an id of that kind is not read', () => {
  const text = encodeId('ord', newId(now, 'x'));
  expect(decodeId('pay', text)).toBeUndefined();
  expect(decodeId('ord', `${text}0`)).toBeUndefined();
  expect(decodeId('ord', `ord_${'z'.repeat(26)}`)).toBeUndefined();
  expect(decodeId('ord', `ord_${'u'.repeat(26)}`)).toBeUndefined();
});

test('a command that is sent again makes the same ids, and different ones for each index', () => {
  expect(derivedId(now, 'seed', 1, 7)).toBe(derivedId(now, 'seed', 1, 7));
  expect(derivedId(now, 'seed', 1, 7)).not.toBe(derivedId(now, 'seed', 2, 7));
  expect(derivedId(now, 'seed', 1, 7)).toMatch(uuidPattern);
});

test('a named id follows from the name', () => {
  expect(namedId('a/1/b', 'b')).toBe(namedId('a/1/b', 'b'));
  expect(namedId('a/1/b', 'b')).toMatch(uuidPattern);
  expect(routeKey(namedId('a/1/b', 'b'))).toBe(routeKeyOf('b'));
});
