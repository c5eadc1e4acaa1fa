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

/** Reads a cursor of `length` parts. Undefined when it is not one of ours. */
export function decodeCursor(cursor: string, length: number): readonly string[] | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(parts) || parts.length !== length) return undefined;
    return parts.every((part): part is string => typeof part === 'string') ? parts : undefined;
  } catch {
    return undefined; // Not JSON: not a cursor of ours. The edge answers with the parameter's name.
  }
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
