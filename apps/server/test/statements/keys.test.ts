import { readFile } from 'node:fs/promises';
import { AssertionError } from '@keyturn/kernel';
import { type Database, keyParameters, openDatabase } from '@keyturn/pipeline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentFile } from '../../src/main/openapi.ts';
import { type JsonSchema, operationsOf } from '../fuzz/document.ts';
import { readRegistry } from './registry.ts';

describe('by the store, a statement is refused', () => {
  let database: Database;

  beforeAll(() => {
    // Nobody listens there: what is not refused before it is sent fails in another way.
    database = openDatabase({ url: 'postgresql://127.0.0.1:9/none', applicationName: 'keys' });
  });
  afterAll(() => database.close());

  it.each([
    ['missing', undefined],
    ['null', null],
    ['empty', ''],
    ['empty in a list', ['']],
  ])('when a key of it is %s, whichever statement and key it is', async (_name, unset) => {
    const sent: string[] = [];
    let keys = 0;
    for (const { text } of await readRegistry()) {
      for (const key of keyParameters(text)) {
        keys += 1;
        const values = Array.from({ length: 40 }, (_, at) => (at === key ? unset : 'set'));
        const error = await database.query(text, values).catch((reason: unknown) => reason);
        if (!(error instanceof AssertionError)) sent.push(`$${key + 1} of ${text}`);
      }
    }
    expect(sent).toEqual([]);
    expect(keys).toBeGreaterThan(100);
  });
});

/** Whether a schema takes a text without a character; one that says nothing about it does. */
function takesEmpty(schema: JsonSchema): boolean {
  if (schema.anyOf !== undefined) return schema.anyOf.some(takesEmpty);
  if (schema.type !== 'string') return false;
  if (schema.const !== undefined) return schema.const === '';
  if (schema.enum !== undefined) return schema.enum.includes('');
  if ((schema.minLength ?? 0) > 0 || schema.format !== undefined) return false;
  return schema.pattern === undefined || new RegExp(schema.pattern, 'u').test('');
}

/** The texts in a body by which something is found, with where they stand. */
function keysIn(schema: JsonSchema, at: string): readonly (readonly [string, JsonSchema])[] {
  const inner = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => [
    ...(isKey(name) ? [[`${at}.${name}`, property] as const] : []),
    ...keysIn(property, `${at}.${name}`),
  ]);
  const items = schema.items === undefined ? [] : keysIn(schema.items, `${at}[]`);
  return [...inner, ...items, ...(schema.anyOf ?? []).flatMap((one) => keysIn(one, at))];
}

function isKey(name: string): boolean {
  return /(^|_)(id|ids|number|key|token|reference|username)$/.test(name);
}

describe('by the schemas of the API, a key is refused', async () => {
  const operations = operationsOf(JSON.parse(await readFile(documentFile, 'utf8')));

  it('when it is empty in a path or in a query', () => {
    const parameters = operations.flatMap(({ operationId, parameters: own }) =>
      own.map((parameter) => ({ ...parameter, at: `${operationId}: ${parameter.name}` })),
    );
    const empty = parameters.filter(({ schema }) => takesEmpty(schema)).map(({ at }) => at);
    expect(empty).toEqual([]);
    expect(parameters.length).toBeGreaterThan(100);
  });

  it('when it is empty in a body', () => {
    const keys = operations.flatMap(({ operationId, requestBody }) =>
      Object.values(requestBody?.content ?? {}).flatMap(({ schema }) =>
        keysIn(schema, operationId),
      ),
    );
    const empty = keys.filter(([, schema]) => takesEmpty(schema)).map(([at]) => at);
    expect(empty).toEqual([]);
    expect(keys.length).toBeGreaterThan(10);
  });
});
