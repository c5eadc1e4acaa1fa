import fc, { type Arbitrary } from 'fast-check';
import type { JsonSchema } from './document.ts';

/** What the generator knows of the world: ids that exist, and words that mean something there. */
export interface Knowledge {
  /** Ids seen so far with one of these prefixes. */
  ids(prefixes: readonly string[]): readonly string[];
  /** Values that a property of this name can sensibly, or oddly, have. */
  words(property: string, manner: Manner): readonly unknown[];
}

/** Which values a schema stands for: those that are likely, or those at its edges. */
export type Manner = 'likely' | 'odd';

/** Makes values that a schema allows. In odd manner, some that only look as if it did. */
export function valuesOf(
  schema: JsonSchema,
  manner: Manner,
  knowledge: Knowledge,
  property = '',
): Arbitrary<unknown> {
  const inner = (part: JsonSchema, name = property) => valuesOf(part, manner, knowledge, name);
  const plain = plainValues(schema, manner, inner, knowledge, property);
  const words = knowledge.words(property, manner).filter((word) => fits(schema, word));
  if (words.length === 0) return plain;
  const known = fc.constantFrom(...words);
  return manner === 'likely'
    ? fc.oneof({ weight: 9, arbitrary: known }, { weight: 1, arbitrary: plain })
    : fc.oneof(known, plain);
}

function fits(schema: JsonSchema, word: unknown): boolean {
  if (schema.anyOf) return schema.anyOf.some((part) => fits(part, word));
  if (schema.const !== undefined) return schema.const === word;
  if (schema.enum) return schema.enum.includes(word);
  if (typeof word === 'object') return schema.type === 'object' || schema.type === 'array';
  if (schema.type !== typeof word) return false;
  if (schema.pattern !== undefined) return new RegExp(schema.pattern).test(String(word));
  return schema.format === undefined;
}

type Inner = (schema: JsonSchema, property?: string) => Arbitrary<unknown>;

function plainValues(
  schema: JsonSchema,
  manner: Manner,
  inner: Inner,
  knowledge: Knowledge,
  property: string,
): Arbitrary<unknown> {
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((part) => inner(part)));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'string':
      return strings(schema, manner, knowledge);
    case 'integer':
    case 'number':
      return integers(schema, manner);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return arrays(schema, manner, inner, property);
    case 'object':
      return objects(schema, manner, inner, knowledge);
    default:
      return fc.jsonValue({ maxDepth: 3 });
  }
}

function integers({ minimum = -1e15, maximum = 1e15 }: JsonSchema, manner: Manner) {
  const edges = fc.constantFrom(minimum, maximum, Math.max(minimum, 0), Math.max(minimum, 1));
  const small = fc.integer({ min: Math.max(minimum, 1), max: Math.min(maximum, 100_000) });
  return manner === 'likely'
    ? fc.oneof({ weight: 8, arbitrary: small }, { weight: 1, arbitrary: edges })
    : fc.oneof(
        edges,
        fc.maxSafeInteger().map((n) => Math.min(Math.max(n, minimum), maximum)),
      );
}

const idPattern = /^\^(?:\(([a-z|]+)\)|([a-z]+))_\[0-9a-hjkmnp-tv-z\]\{26\}\$$/;

function strings(schema: JsonSchema, manner: Manner, knowledge: Knowledge): Arbitrary<string> {
  const { pattern, format, minLength = 0, maxLength = 200 } = schema;
  const id = idPattern.exec(pattern ?? '');
  if (id) return ids((id[1] ?? id[2] ?? '').split('|'), knowledge);
  if (pattern !== undefined) return matching(pattern, maxLength);
  if (format === 'date-time') return instants(manner);
  if (format === 'date') return days(manner);
  if (manner === 'likely') return fc.string({ minLength: Math.max(minLength, 1), maxLength });
  const size = { minLength, maxLength };
  return fc.oneof(
    fc.string({ ...size, unit: 'binary' }),
    fc.string({ ...size, unit: 'grapheme' }),
    fc.constantFrom(minLength, maxLength).map((length) => '房'.repeat(length)),
    fc.constantFrom(...awkwardTexts).filter((text) => text.length >= minLength),
  );
}

function matching(pattern: string, maxLength: number): Arbitrary<string> {
  const expression = new RegExp(pattern);
  // What looks ahead cannot be made from the pattern; a word that it lets through is a beginning.
  return pattern.includes('(?')
    ? fc.stringMatching(/^[A-Za-z0-9]{3,40}$/).filter((text) => expression.test(text))
    : fc.stringMatching(expression, { maxLength });
}

/** Texts that something on the way may stumble over. */
const awkwardTexts = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '\u202e\u200b\ufeff',
  "'; drop table ledger.transfer; --",
  '{reference}',
  '$1',
  '%s%n',
  '../../etc/passwd',
  '<script>alert(1)</script>',
  '\\u0000',
  '__proto__',
  'constructor',
  '🏠'.repeat(20),
  'e\u0301'.repeat(20),
  '\u0007\u001b[31m',
  '\r\nSet-Cookie: a=b',
];

const letters = '0123456789abcdefghjkmnpqrstvwxyz';

function ids(prefixes: readonly string[], knowledge: Knowledge): Arbitrary<string> {
  const invented = fc
    .tuple(
      fc.constantFrom(...prefixes),
      fc.array(fc.constantFrom(...letters), { minLength: 25, maxLength: 25 }),
      fc.constantFrom('0', '7', 'z'),
    )
    .map(([prefix, rest, first]) => `${prefix}_${first}${rest.join('')}`);
  const known = knowledge.ids(prefixes);
  if (known.length === 0) return invented;
  return fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...known) },
    { weight: 1, arbitrary: invented },
  );
}

function instants(manner: Manner): Arbitrary<string> {
  const year2000 = 946_684_800_000;
  const likely = fc
    .integer({ min: year2000, max: year2000 + 40 * 365 * 86_400_000 })
    .map((at) => Temporal.Instant.fromEpochMilliseconds(at).toString());
  if (manner === 'likely') return likely;
  return fc.oneof(
    likely,
    fc.constantFrom(
      '1900-01-01T00:00:00Z',
      '2999-12-31T23:59:59.999999999Z',
      '9999-12-31T23:59:59Z',
      '0000-01-01T00:00:00Z',
      '2026-11-20T02:00:00.1234567891Z',
      '2026-11-20T23:59:60Z',
      '2026-11-20t02:00:00z',
      '2026-11-20T02:00:00+23:59',
      '2026-11-20T02:00:00',
      '2026-02-30T02:00:00Z',
    ),
  );
}

function days(manner: Manner): Arbitrary<string> {
  const first = Temporal.PlainDate.from('2026-01-01');
  const likely = fc.integer({ min: 0, max: 720 }).map((n) => first.add({ days: n }).toString());
  if (manner === 'likely') return likely;
  const edges = ['1900-01-01', '2999-12-31', '9999-12-31', '0000-01-01', '2026-02-30', '20260101'];
  return fc.oneof(likely, fc.constantFrom(...edges));
}

function arrays(
  { items = {}, minItems = 0, maxItems = 10, uniqueItems = false }: JsonSchema,
  manner: Manner,
  inner: Inner,
  property: string,
): Arbitrary<unknown[]> {
  const most = manner === 'likely' ? Math.min(maxItems, minItems + 3) : maxItems;
  const size = { minLength: minItems, maxLength: most };
  return uniqueItems
    ? fc.uniqueArray(inner(items, property), { ...size, selector: (one) => JSON.stringify(one) })
    : fc.array(inner(items, property), size);
}

function objects(
  schema: JsonSchema,
  manner: Manner,
  inner: Inner,
  knowledge: Knowledge,
): Arbitrary<unknown> {
  const { properties = {}, required = [], patternProperties = {} } = schema;
  const parts = Object.entries(properties).map(
    ([name, part]) => [name, inner(part, name)] as const,
  );
  const record = fc.record(Object.fromEntries(parts), { requiredKeys: [...required] });
  const [named] = Object.entries(patternProperties);
  if (named === undefined) return record;
  const [pattern, part] = named;
  const keys = knowledge
    .words('key', manner)
    .filter((key) => new RegExp(pattern).test(String(key)));
  const key = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...keys.map(String), 'other') },
    { weight: 1, arbitrary: fc.stringMatching(new RegExp(pattern)) },
  );
  const maxKeys = manner === 'likely' ? 6 : 40;
  return fc.tuple(record, fc.dictionary(key, inner(part), { maxKeys })).map(Object.assign);
}
