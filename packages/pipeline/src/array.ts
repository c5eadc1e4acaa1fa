import { assert } from '@keyturn/kernel';
import { toJson } from './json.ts';

export type SqlType =
  | 'uuid'
  | 'text'
  | 'int2'
  | 'int4'
  | 'int8'
  | 'bool'
  | 'timestamptz'
  | 'date'
  | 'jsonb'
  | 'bytea';

/** How values of a type are written: its number in `pg_type`, and what writes one behind `at`. */
interface Form {
  readonly oid: number;
  /** The bytes that each value takes, or the most that one takes. */
  readonly room: number | ((value: unknown) => number);
  /** Writes a value and returns the position behind it. */
  write(value: unknown, at: number): number;
}

/** Where arrays are written before they are cut to their size; grows with the largest. */
let bytes = Buffer.alloc(65_536);
let view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/**
 * A column of values as PostgreSQL's binary form of an array (array_send, uuid_send …): written
 * here, since the driver makes texts of them, which take both sides more time than all else that
 * is done with a row.
 *
 * @throws AssertionError for what is no value of the type
 */
export function arrayOf(type: SqlType, values: readonly unknown[]): Buffer {
  if (type === 'jsonb') return encode(forms.jsonb, values.map(jsonOf));
  return encode(forms[type], values);
}

function encode(form: Form, values: readonly unknown[]): Buffer {
  const room = headBytes + roomOf(form, values);
  if (room > bytes.length) {
    bytes = Buffer.alloc(room * 2);
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  view.setInt32(4, 1); // There may be nulls.
  view.setInt32(8, form.oid);
  view.setInt32(12, values.length);
  view.setInt32(16, 1); // The number of the first.
  let filled = false;
  let at = headBytes;
  for (const value of values) {
    const start = at + lengthBytes;
    if (value === null || value === undefined) {
      view.setInt32(at, -1);
      at = start;
      continue;
    }
    filled = true;
    const end = form.write(value, start);
    view.setInt32(at, end - start);
    at = end;
  }
  // Shorter columns are filled up with nulls by unnest; the key always has all of its values.
  view.setInt32(0, filled ? 1 : 0);
  return Buffer.from(bytes.subarray(0, filled ? at : emptyBytes));
}

/** The most bytes that values take. */
function roomOf({ room }: Form, values: readonly unknown[]): number {
  if (typeof room === 'number') return values.length * (lengthBytes + room);
  let all = values.length * lengthBytes;
  for (const value of values) if (!isNull(value)) all += room(value);
  return all;
}

const emptyBytes = 12;
const headBytes = 20;
const lengthBytes = 4;

function isNull(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function jsonOf(value: unknown): string | null {
  return isNull(value) ? null : toJson(value);
}

const forms: Readonly<Record<SqlType, Form>> = {
  bool: {
    oid: 16,
    room: 1,
    write: (value, at) => {
      assert(typeof value === 'boolean', 'a bool is true or false');
      view.setInt8(at, value ? 1 : 0);
      return at + 1;
    },
  },
  int2: {
    oid: 21,
    room: 2,
    write: (value, at) => {
      view.setInt16(at, integerOf(value, 0x7fff));
      return at + 2;
    },
  },
  int4: {
    oid: 23,
    room: 4,
    write: (value, at) => {
      view.setInt32(at, integerOf(value, 0x7fff_ffff));
      return at + 4;
    },
  },
  int8: {
    oid: 20,
    room: 8,
    write: (value, at) => {
      view.setBigInt64(at, bigintOf(value));
      return at + 8;
    },
  },
  timestamptz: {
    oid: 1184,
    room: 8,
    write: (value, at) => {
      view.setBigInt64(at, microsecondsOf(value));
      return at + 8;
    },
  },
  date: {
    oid: 1082,
    room: 4,
    write: (value, at) => {
      view.setInt32(at, daysOf(value));
      return at + 4;
    },
  },
  uuid: { oid: 2950, room: 16, write: writeUuid },
  text: {
    oid: 25,
    room: (value) => String(value).length * 3,
    write: (value, at) => writeText(String(value), at),
  },
  jsonb: {
    oid: 3802,
    room: (value) => 1 + String(value).length * 3,
    write: (value, at) => {
      view.setInt8(at, 1); // The version of the form.
      return writeText(String(value), at + 1);
    },
  },
  bytea: {
    oid: 17,
    room: (value) => bytesOf(value).length,
    write: (value, at) => {
      bytes.set(bytesOf(value), at);
      return at + bytesOf(value).length;
    },
  },
};

function integerOf(value: unknown, most: number, least = -most - 1): number {
  const integer = typeof value === 'number' && Number.isInteger(value);
  assert(integer && value <= most && value >= least, `an integer up to ${most} is written`);
  return value;
}

function bigintOf(value: unknown): bigint {
  if (typeof value === 'bigint') {
    assert(BigInt.asIntN(64, value) === value, 'an int8 has 64 bits');
    return value;
  }
  return BigInt(integerOf(value, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER));
}

function bytesOf(value: unknown): Uint8Array {
  assert(value instanceof Uint8Array, 'bytes are written');
  return value;
}

const firstDay = Temporal.PlainDate.from('2000-01-01');
const firstMoment = Temporal.Instant.from('2000-01-01T00:00:00Z').epochNanoseconds;

/** Days since 2000-01-01, from which PostgreSQL counts. */
function daysOf(value: unknown): number {
  const date = value instanceof Temporal.PlainDate ? value : Temporal.PlainDate.from(`${value}`);
  return firstDay.until(date, { largestUnit: 'days' }).days;
}

let lastInstant: unknown;
let lastMicroseconds = 0n;

/** Microseconds since 2000. The rows of a batch mostly carry the same moment. */
function microsecondsOf(value: unknown): bigint {
  if (value !== lastInstant) {
    const instant = value instanceof Temporal.Instant ? value : Temporal.Instant.from(`${value}`);
    const rounded = instant.round({ smallestUnit: 'microsecond', roundingMode: 'halfExpand' });
    lastMicroseconds = (rounded.epochNanoseconds - firstMoment) / 1_000n;
    lastInstant = value;
  }
  return lastMicroseconds;
}

/** The value of each hexadecimal digit; 16 for other characters. */
const digits = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? 16 : value;
});

function writeUuid(value: unknown, at: number): number {
  assert(typeof value === 'string' && value.length === 36, 'a uuid has 36 characters');
  let position = at;
  let all = 0;
  for (let index = 0; index < 36; index += 2) {
    if (index === 8 || index === 13 || index === 18 || index === 23) index += 1;
    const high = digits[value.charCodeAt(index)] ?? 16;
    const low = digits[value.charCodeAt(index + 1)] ?? 16;
    all |= high | low;
    bytes[position] = (high << 4) | low;
    position += 1;
  }
  assert(all < 16 && position === at + 16, 'a uuid is of hexadecimal digits');
  return position;
}

/** Longer texts are left to the engine, whose start costs more than some characters do. */
const shortText = 64;

function writeText(text: string, at: number): number {
  const length = text.length;
  if (length > shortText) return at + bytes.write(text, at);
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code > 127) return at + bytes.write(text, at);
    bytes[at + index] = code;
  }
  return at + length;
}
