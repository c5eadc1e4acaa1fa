import { AssertionError } from '@keyturn/kernel';
import { expect, it } from 'vitest';
import { assertKeys, keyParameters } from './keys.ts';

it.each([
  ['select * from t where id = $1', [0]],
  ['select * from t where id = any($1::uuid[]) order by id limit $2', [0]],
  ['select * from t where id = any (array(select unnest($1::uuid[])))', []],
  ['select * from t where (a = $2 or b = $1) and c > $3', [0, 1]],
  ['select * from t where a <= $1 and b >= $2 and c <> $3', []],
  ['select * from t where a is not distinct from $1', []],
  ['update t set a = $2, b = $3 where id = $1 and a < $2', [0]],
  ['update t set a = $2 where id in (select u.id from u where u.b = $1 limit $3) returning a', [0]],
  ['update t set a = u.a from unnest($1::uuid[]) as u(id) where t.id = u.id', []],
  ['select * from a join b on b.id = a.id and b.kind = $1 where a.id = $2', [0, 1]],
  ['insert into t values ($1, $2) on conflict (a) do update set b = $2 where t.c = $3', [2]],
  ['select * from t where a = \'= $1\' and "b = $2" = 1 -- c = $3', []],
  ['select count(*) filter (where a = $1), b = $2 from t where c = $3', [0, 2]],
  [
    'with x as (select * from t where a = $1), y as (select $2 = 1) select * from x where b = $3',
    [0, 2],
  ],
  ['select * from t where exists (select 1 from u where u.t = t.id) and t.a = $1', [0]],
  ['select * from t where a = any($1::text[]) and b = $2::date', [0, 1]],
])('the keys of %s', (text, expected) => {
  expect(keyParameters(text)).toEqual(expected);
});

it.each([[undefined], [null], [''], [['a', '']], [['a', undefined]], [[null]]])(
  'a key that is %o is refused, with the statement that it was for',
  (value) => {
    const text = 'select * from t where a > $1 and id = $2';
    const look = () => assertKeys(text, keyParameters(text), [1, value]);
    expect(look).toThrow(AssertionError);
    expect(look).toThrow('key $2 is set in: select * from t');
  },
);

it('what is no key may be missing, and no keys ask for nothing', () => {
  const text = 'update t set a = $1 where id = any($2)';
  expect(() => assertKeys(text, keyParameters(text), [null, []])).not.toThrow();
  expect(() => assertKeys(text, keyParameters(text), [undefined, [0n, false, 'a']])).not.toThrow();
});
