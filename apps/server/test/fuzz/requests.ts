import fc, { type Arbitrary } from 'fast-check';
import type { Operation, Parameter } from './document.ts';
import { type Knowledge, type Manner, valuesOf } from './values.ts';

/** A request as it goes over the wire. */
export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Whose credentials it carries. */
  readonly as: string;
  /** How it was made: for whoever reads a failure. */
  readonly made: string;
}

/** A request that is still in parts, as the document describes it. */
interface Parts {
  readonly path: Readonly<Record<string, unknown>>;
  readonly query: readonly (readonly [string, unknown])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface World extends Knowledge {
  /** Who may call this operation, and everybody. */
  callers(operation: Operation): { readonly fitting: readonly string[]; readonly all: string[] };
  /** Whole bodies that are known to work, or nearly. */
  bodies(operationId: string): readonly unknown[];
}

/** Requests to one operation: mostly sound ones, some that are odd, some that are wrong. */
export function requestsTo(operation: Operation, world: World): Arbitrary<FuzzRequest> {
  const likely = written(operation, world, 'likely', partsOf(operation, world, 'likely'));
  const odd = written(operation, world, 'odd', partsOf(operation, world, 'odd'));
  return fc.oneof(
    { weight: 11, arbitrary: likely },
    { weight: 5, arbitrary: odd },
    { weight: 4, arbitrary: fc.tuple(likely, wrongs(operation)).map(([one, wrong]) => wrong(one)) },
  );
}

function partsOf(operation: Operation, world: World, manner: Manner): Arbitrary<Parts> {
  const inPlace = (place: string) => operation.parameters.filter((one) => one.in === place);
  return fc.record({
    path: recordOf(inPlace('path'), world, manner),
    query: fc
      .tuple(recordOf(inPlace('query'), world, manner), extraQuery(manner))
      .map(([own, extra]) => [...Object.entries(own).flatMap(pairs), ...extra]),
    headers: recordOf(inPlace('header'), world, manner).chain((own) => keyed(own, manner)),
    body: bodies(operation, world, manner),
  });
}

function recordOf(
  parameters: readonly Parameter[],
  world: Knowledge,
  manner: Manner,
): Arbitrary<Readonly<Record<string, unknown>>> {
  const values = parameters.map((one) => [one.name, valuesOf(one.schema, manner, world, one.name)]);
  const requiredKeys = parameters.filter((one) => one.required === true).map((one) => one.name);
  return fc.record(Object.fromEntries(values), { requiredKeys });
}

/** A list in the query is its name once for each value. */
function pairs([name, value]: [string, unknown]): [string, unknown][] {
  return Array.isArray(value) ? value.map((one) => [name, one]) : [[name, value]];
}

function extraQuery(manner: Manner): Arbitrary<[string, unknown][]> {
  if (manner === 'likely') return fc.constant([]);
  const name = fc.constantFrom('limit', 'cursor', 'state', 'x', '__proto__', 'id', '');
  const value = fc.oneof(fc.string(), fc.constantFrom('1', '1.5', '-1', '0', '1e3', 'eyJ9', 'W10'));
  return fc.array(fc.tuple(name, value), { maxLength: 2 });
}

/** Keys are mostly new; sometimes one that was used before for something else. */
function keyed(
  own: Readonly<Record<string, unknown>>,
  manner: Manner,
): Arbitrary<Readonly<Record<string, string>>> {
  if (!('Idempotency-Key' in own)) return fc.constant({});
  const key = manner === 'likely' ? fc.uuid() : fc.oneof(fc.uuid(), fc.constant('used-before'));
  return fc.record({ 'idempotency-key': key });
}

function bodies(operation: Operation, world: World, manner: Manner): Arbitrary<unknown> {
  const [content] = Object.values(operation.requestBody?.content ?? {});
  if (content === undefined) return fc.constant(undefined);
  const made = valuesOf(content.schema, manner, world);
  const known = world.bodies(operation.operationId);
  if (known.length === 0) return made;
  const changed = fc
    .tuple(fc.constantFrom(...known), made, fc.nat())
    .map(([whole, other, at]) => mix(whole, other, at));
  return fc.oneof(fc.constantFrom(...known), changed, made);
}

/** A whole body with one of its fields from another. */
function mix(whole: unknown, other: unknown, at: number): unknown {
  if (!isRecord(whole) || !isRecord(other)) return whole;
  const names = Object.keys(other);
  const name = names[at % Math.max(names.length, 1)];
  return name === undefined ? whole : { ...whole, [name]: other[name] };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function written(
  operation: Operation,
  world: World,
  manner: Manner,
  parts: Arbitrary<Parts>,
): Arbitrary<FuzzRequest> {
  const { fitting, all } = world.callers(operation);
  const as = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...fitting) },
    { weight: 1, arbitrary: fc.constantFrom(...all) },
  );
  return fc.tuple(parts, as).map(([{ path, query, headers, body }, caller]) => ({
    method: operation.method,
    path: urlOf(operation.path, path, query),
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': typeOf(operation) }) },
    body: typeof body === 'string' ? body : toText(body),
    as: caller,
    made: manner,
  }));
}

function toText(body: unknown): string | undefined {
  return body === undefined ? undefined : JSON.stringify(body);
}

function typeOf({ requestBody }: Operation): string {
  return Object.keys(requestBody?.content ?? {})[0] ?? 'application/json';
}

function urlOf(
  template: string,
  path: Readonly<Record<string, unknown>>,
  query: readonly (readonly [string, unknown])[],
): string {
  const filled = template.replace(/\{(\w+)\}/g, (_whole, name) => escaped(path[name]));
  const asked = query.map(([name, value]) => `${escaped(name)}=${escaped(value)}`).join('&');
  return asked === '' ? filled : `${filled}?${asked}`;
}

function escaped(value: unknown): string {
  return encodeURIComponent(String(value).toWellFormed());
}

type Wrong = (request: FuzzRequest) => FuzzRequest;

/** Ways in which a sound request goes wrong. */
function wrongs(operation: Operation): Arbitrary<Wrong> {
  const all = [...wrongAddresses, ...wrongHeaders];
  return fc.oneof(
    fc.constantFrom(...all),
    ...(operation.requestBody === undefined ? [] : [fc.constantFrom(...wrongBodies), spoilt]),
  );
}

function changed(made: string, change: (request: FuzzRequest) => Partial<FuzzRequest>): Wrong {
  return (request) => ({ ...request, ...change(request), made });
}

function inPath(segment: string): Wrong {
  return changed(`path with ${segment.slice(0, 20)}`, ({ path }) => {
    const [address = '', query] = path.split('?');
    const replaced = address.replace(/_[0-9a-z]{26}|\d{4}-\d{2}-\d{2}|[^/]+$/, segment);
    return { path: query === undefined ? replaced : `${replaced}?${query}` };
  });
}

function inQuery(pair: string): Wrong {
  return changed(`query with ${pair}`, ({ path }) => ({
    path: `${path}${path.includes('?') ? '&' : '?'}${pair}`,
  }));
}

const wrongAddresses: readonly Wrong[] = [
  ...[
    '%zz',
    '%',
    '%00',
    '%ff',
    '%ED%A0%80',
    '..%2f..',
    '',
    'a'.repeat(300),
    '%E2%80%AE',
    "'--",
  ].map(inPath),
  ...[
    'limit=1.5',
    'limit=0',
    'limit=-1',
    'limit=x',
    'limit=1&limit=2',
    'cursor=%00',
    'cursor=!!',
    'cursor=W10',
    'cursor=WyJhIl0',
    'cursor=WyJhIiwiYiJd',
    'cursor=bnVsbA',
    'cursor=%FF',
    'cursor=WyIwMDAiLCJcdTAwMDAiXQ',
    'version=0',
    'version=99999999999999999999',
    'version=2147483648',
    'state=%F0%9F%8F%A0',
    'a[b]=c',
    '=',
    '&&',
    '%zz=1',
  ].map(inQuery),
  ...['PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'POST', 'GET', 'TRACE', 'PROPFIND'].map(
    (method) => changed(`method ${method}`, () => ({ method })),
  ),
];

function header(name: string, value: string): Wrong {
  return changed(`${name}: ${value.slice(0, 20)}`, ({ headers }) => ({
    headers: { ...headers, [name]: value },
  }));
}

const wrongHeaders: readonly Wrong[] = [
  header('idempotency-key', ''),
  header('idempotency-key', 'has spaces'),
  header('idempotency-key', 'x'.repeat(201)),
  header('idempotency-key', 'schlüssel'),
  header('authorization', 'Bearer'),
  header('authorization', `Bearer ktk_${'0'.repeat(26)}_${'x'.repeat(43)}`),
  header('authorization', 'Basic dXNlcjpwYXNz'),
  header('cookie', 'keyturn_session=; ; =; a'),
  header('cookie', 'keyturn_session=%zz'),
  header('x-csrf-token', 'x'),
  header('accept-language', '*;q=9,,zh'),
  header('content-type', 'text/plain'),
  header('content-type', 'application/json; charset=utf-16'),
  header('content-type', ';;;'),
  header('content-type', 'multipart/form-data; boundary=x'),
  header('content-encoding', 'gzip'),
  header('expect', '100-continue'),
  header('accept', 'image/png'),
];

function withBody(made: string, body: string | undefined): Wrong {
  return changed(made, ({ headers }) => ({
    body,
    headers: { 'content-type': 'application/json', ...headers },
  }));
}

const wrongBodies: readonly Wrong[] = [
  withBody('no body', undefined),
  ...[
    '',
    '{',
    'null',
    '[]',
    '""',
    '0',
    'true',
    '{"a":1}',
    '{"__proto__":{"x":1}}',
    '\ufeff{}',
    '{"amount":1e400}',
    '[1',
    '\u0000',
    '{"constructor":{"prototype":{}}}',
    'NaN',
  ].map((body) => withBody(`body ${body}`, body)),
  withBody('nested deep', `${'['.repeat(50_000)}${']'.repeat(50_000)}`),
  withBody('over a mebibyte', JSON.stringify({ text: 'x'.repeat(1_100_000) })),
];

/** One field of the body of another type, gone, or one too many. */
const spoilt: Arbitrary<Wrong> = fc
  .tuple(
    fc.nat(),
    fc.constantFrom(null, 1.5, '1', -1, true, [], {}, 1e300, '', [null], { a: {} }),
    fc.constantFrom('replace', 'remove', 'add'),
  )
  .map(([at, value, how]) =>
    changed(`body ${how} ${JSON.stringify(value)}`, ({ body }) => ({
      body: body === undefined ? body : spoil(body, at, value, how),
    })),
  );

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // It was made of bytes, not of JSON.
  }
}

function spoil(body: string, at: number, value: unknown, how: string): string {
  if (!body.startsWith('{')) return JSON.stringify(value);
  const whole = parsed(body);
  if (whole === undefined) return body.slice(1);
  const places: { readonly owner: object; readonly key: string }[] = [];
  const collect = (owner: object) => {
    for (const [key, inner] of Object.entries(owner)) {
      places.push({ owner, key });
      if (typeof inner === 'object' && inner !== null) collect(inner);
    }
  };
  collect(Object(whole));
  const place = places[at % Math.max(places.length, 1)];
  if (place === undefined) return JSON.stringify(value);
  if (how === 'replace') Reflect.set(place.owner, place.key, value);
  if (how === 'remove') Reflect.deleteProperty(place.owner, place.key);
  if (how === 'add') Reflect.set(place.owner, 'surplus', value);
  return JSON.stringify(whole);
}
