import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import Format from 'typebox/format';
import { Settings } from 'typebox/system';

/**
 * Checks requests against their TypeBox schemas. Bodies are taken as they are. Path, query and
 * header come as text, of which only a plain whole number or `true` and `false` become what the
 * schema asks for: nothing is rounded or guessed.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = Compile(schema);
  const isText = httpPart !== undefined && httpPart !== 'body';
  return (value: unknown) => {
    const read = isText ? fromText(schema, value) : value;
    if (!check.Check(read)) return { error: check.Errors(read).map(asFailure) };
    const place = isWithoutEscapes(read) ? undefined : unstorableText(read, '');
    if (place === undefined) return { value: read };
    return { error: [asFailure({ instancePath: place, message: '', keyword: 'unstorable' })] };
  };
};

/** The last body that was read, when its JSON has no escape by number. */
let withoutEscapes: unknown;

/**
 * Told of each body as it was read. Only by an escape like \u0000 can a text of it hold what
 * PostgreSQL cannot keep; most bodies have none, so that their texts need no second look.
 */
export function noteBody(body: unknown, json: string): void {
  withoutEscapes = json.includes('\\u') ? undefined : body;
}

function isWithoutEscapes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || value !== withoutEscapes) return false;
  withoutEscapes = undefined;
  return true;
}

function asFailure(error: {
  readonly instancePath: string;
  readonly message: string;
  readonly keyword: string;
  readonly schemaPath?: string;
  readonly params?: object;
}): FastifySchemaValidationError {
  return {
    instancePath: error.instancePath,
    message: error.message,
    keyword: error.keyword,
    schemaPath: error.schemaPath ?? '',
    params: { ...error.params },
  };
}

function fromText(schema: TSchema, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const types = typesOf(schema);
  const entries = Object.entries(value).map(([name, text]) => [name, read(types.get(name), text)]);
  return Object.fromEntries(entries);
}

function read(type: unknown, text: unknown): unknown {
  if (typeof text !== 'string') return text;
  if (type === 'integer' || type === 'number') return /^-?\d+$/.test(text) ? Number(text) : text;
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

/** The type of each property; an intersection has those of all its parts. */
function typesOf(schema: TSchema): ReadonlyMap<string, unknown> {
  const { properties = {}, allOf = [] } = schema as {
    readonly properties?: Readonly<Record<string, { readonly type?: unknown }>>;
    readonly allOf?: readonly TSchema[];
  };
  const own = Object.entries(properties).map(([name, { type }]) => [name, type] as const);
  return new Map([...allOf.flatMap((part) => [...typesOf(part)]), ...own]);
}

/** Where a value holds what PostgreSQL cannot keep as text; undefined when nowhere. */
function unstorableText(value: unknown, path: string): string | undefined {
  if (typeof value === 'string') return isStorable(value) ? undefined : path;
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined;
  if (isStorableInside(value)) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    if (!isStorable(name)) return path;
    const place = unstorableText(inner, `${path}/${name}`);
    if (place !== undefined) return place;
  }
  return undefined;
}

/** Whether nothing below is what PostgreSQL cannot keep: the usual answer, without the place. */
function isStorableInside(value: object): boolean {
  for (const name in value) {
    if (!isStorable(name)) return false;
    const inner: unknown = Reflect.get(value, name);
    if (typeof inner === 'string' ? !isStorable(inner) : !isStorableValue(inner)) return false;
  }
  return true;
}

function isStorableValue(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return true;
  return isStorableInside(value);
}

/** Null characters, and what may be half of a surrogate pair. */
const suspicious = /[\0\ud800-\udfff]/;

function isStorable(text: string): boolean {
  return !suspicious.test(text) || (!text.includes('\0') && text.isWellFormed());
}

/** RFC 3339, section 5.6, with the fraction that an instant keeps: at most nine digits. */
const instantForm = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;

/**
 * Years in which there can be money of ours. What lies outside is a mistake, and near the ends of
 * the database's range sums of dates would leave it.
 */
const [firstYear, lastYear] = [1900, 2999];

function isYearOfOurs(year: number): boolean {
  return year >= firstYear && year <= lastYear;
}

function isInstant(text: string): boolean {
  if (!instantForm.test(text)) return false;
  try {
    return isYearOfOurs(Temporal.Instant.from(text).toZonedDateTimeISO('UTC').year);
  } catch {
    return false; // The form is right, but there is no such day or hour.
  }
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  try {
    return isYearOfOurs(Temporal.PlainDate.from(text).year);
  } catch {
    return false; // The form is right, but there is no such day.
  }
}

// Of a union each part fails in its own way: the one that was meant should be among what is told.
Settings.Set({ maxErrors: 64 });
Format.Set('date-time', isInstant);
Format.Set('date', isDate);
