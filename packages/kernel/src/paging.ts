/** One page of a list, and where the next one begins. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; absent on the last page. */
  readonly nextCursor: string | undefined;
}

export const maxPageSize = 100;

/** Writes a list position (the last row's sort key) as an opaque cursor. */
export function encodeCursor(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** What a part of a list position is. */
export type CursorPart = 'uuid' | 'instant' | 'date' | 'sequence' | 'text';

/**
 * Reads a cursor whose parts are of these kinds. Undefined when it is not one of ours: what it
 * gives can be sent to the database.
 */
export function decodeCursor<const Kinds extends readonly CursorPart[]>(
  cursor: string,
  kinds: Kinds,
): { readonly [Part in keyof Kinds]: string } | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(parts) || parts.length !== kinds.length) return undefined;
    const fits = kinds.every((kind, index) => isPart(kind, parts[index]));
    return fits ? (parts as { [Part in keyof Kinds]: string }) : undefined;
  } catch {
    return undefined; // Not JSON: not a cursor of ours. The edge answers with the parameter's name.
  }
}

const forms: Readonly<Record<CursorPart, RegExp>> = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  instant: /^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/,
  date: /^(?!0000)\d{4}-\d\d-\d\d$/,
  sequence: /^\d{1,18}$/,
  // Names of our own: visible ASCII.
  text: /^[\x21-\x7e]{1,300}$/,
};

/** @throws RangeError for a day or hour that does not exist, which is caught above */
function isPart(kind: CursorPart, part: unknown): boolean {
  if (typeof part !== 'string' || !forms[kind].test(part)) return false;
  if (kind === 'instant') Temporal.Instant.from(part);
  if (kind === 'date') Temporal.PlainDate.from(part);
  return true;
}

/**
 * Cuts a page from rows that were read with `limit + 1`, so that no second query is needed to know
 * whether there is more.
 */
export function pageOf<T>(
  rows: readonly T[],
  limit: number,
  key: (row: T) => readonly string[],
): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items, nextCursor: more ? encodeCursor(key(last)) : undefined };
}
