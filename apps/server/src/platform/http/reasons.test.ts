import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { expect, test } from 'vitest';
import { invalidRequest, reasonOf } from './reasons.ts';
import { validatorCompiler } from './validate.ts';

const schema = Compile(
  Type.Object(
    {
      method: Type.Union([Type.Literal('card'), Type.Literal('transfer')]),
      state: Type.Optional(Type.String({ enum: ['open', 'closed'] })),
      day: Type.Optional(Type.String({ format: 'date' })),
      count: Type.Optional(Type.Integer({ minimum: 1, maximum: 5 })),
      names: Type.Optional(
        Type.Array(Type.String({ minLength: 2, maxLength: 3 }), {
          minItems: 1,
          maxItems: 2,
          uniqueItems: true,
        }),
      ),
      rate: Type.Optional(Type.Number({ multipleOf: 2 })),
      id: Type.Optional(Type.String({ pattern: '^a' })),
    },
    { additionalProperties: false },
  ),
);

const good = { method: 'card' };
const reasonFor = (value: unknown) => {
  const failures = schema
    .Errors(value)
    .map((error) => ({ ...error, params: { ...error.params } as Record<string, unknown> }));
  return reasonOf(failures as Parameters<typeof reasonOf>[0]);
};

test.each([
  [
    'of a union',
    { method: 'cash' },
    'it is none of card, transfer',
    '须为以下之一：card、transfer',
  ],
  ['of a list', { state: 'lost' }, 'it is none of open, closed', '须为以下之一：open、closed'],
  ['of a day', { day: '2026' }, 'it has to be a day like 2026-01-31', '须为日期，例如 2026-01-31'],
  ['of a type', { count: 'two' }, 'it has to be a whole number', '须为整数'],
  ['below', { count: 0 }, 'it has to be 1 or more', '不得小于 1'],
  ['above', { count: 6 }, 'it has to be 5 or less', '不得大于 5'],
  ['too short', { names: ['a'] }, 'it needs 2 or more characters', '至少 2 个字符'],
  ['too long', { names: ['abcd'] }, 'it takes 3 characters at most', '最多 3 个字符'],
  ['too few', { names: [] }, 'it needs 1 or more entries', '至少 1 项'],
  ['too many', { names: ['ab', 'cd', 'ef'] }, 'it takes 2 entries at most', '最多 2 项'],
  ['twice', { names: ['ab', 'ab'] }, 'it names something twice', '有重复项'],
  ['of a form', { id: 'b' }, 'its form has to match ^a', '格式须匹配 ^a'],
  ['unknown', { other: 1 }, 'there is no such field here', '此处没有该字段'],
])('a value %s is told in both languages', (_, wrong, en, zh) => {
  expect(reasonFor({ ...good, ...wrong })).toEqual({ en, zh });
});

test('a field that is not there is told so', () => {
  expect(reasonFor({})).toEqual({ en: 'it is missing', zh: '缺少该字段' });
});

test('what our schemas rarely say is told in both languages, too', () => {
  const { en, zh } = reasonFor({ ...good, rate: 3 });
  expect(en).toContain('multiple of 2');
  expect(zh).toContain('2 的倍数');
});

const parts = validatorCompiler({
  schema: Type.Object({
    list: Type.Array(
      Type.Union([
        Type.Object(
          { kind: Type.Literal('move'), from: Type.String(), to: Type.String() },
          { additionalProperties: false },
        ),
        Type.Object(
          { kind: Type.Literal('end'), of: Type.Object({ id: Type.String({ pattern: '^a' }) }) },
          { additionalProperties: false },
        ),
      ]),
    ),
  }),
  method: 'POST',
  url: '/',
  httpPart: 'body',
});

test.each([
  [{ kind: 'end' }, 'list.1.of', 'it is missing'],
  [{ kind: 'end', of: { id: 'b' } }, 'list.1.of.id', 'its form has to match ^a'],
  [{ kind: 'move', from: 'x', to: 'y', of: 1 }, 'list.1.of', 'there is no such field here'],
  [{ kind: 'stop', of: { id: 'b' } }, 'list.1.kind', 'it is none of move, end'],
  [{}, 'list.1.kind', 'it is missing'],
  [1, 'list.1', 'it has to be an object'],
])('of parts told apart by a word, %j is told what is wrong with its own', (wrong, field, en) => {
  const result: unknown = parts({ list: [{ kind: 'move', from: 'x', to: 'y' }, wrong] });
  const { error } = result as { readonly error: Parameters<typeof invalidRequest>[0] };
  expect(invalidRequest(error)).toMatchObject({ param: field, values: { problem: en } });
});
