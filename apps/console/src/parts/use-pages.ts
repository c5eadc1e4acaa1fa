import { type UseInfiniteQueryResult, useInfiniteQuery } from '@tanstack/react-query';
import type { GenericSchema } from 'valibot';
import { useApi } from '../session/session-context.ts';

interface PageOf<T> {
  readonly items: readonly T[];
  readonly next_cursor?: string | undefined;
}

export interface Pages<T> {
  readonly rows: readonly T[] | undefined;
  readonly query: UseInfiniteQueryResult<unknown>;
}

type Filter = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface PagesOptions {
  readonly enabled?: boolean;
  /** Rows per page, at most 100. */
  readonly limit?: number;
  /** Asks again in this rhythm while somebody looks. Milliseconds. */
  readonly everyMs?: number;
}

/** A list of the server's, page by page, kept in the order in which it came. */
export function usePages<T>(
  path: string,
  schema: GenericSchema<unknown, PageOf<T>>,
  filter: Filter = {},
  options: PagesOptions = {},
): Pages<T> {
  const api = useApi();
  const { enabled = true, limit = 30, everyMs } = options;
  const query = useInfiniteQuery({
    queryKey: [path, filter, limit],
    queryFn: ({ pageParam: cursor, signal }) =>
      api.get(pathWith(path, { ...filter, limit: String(limit), cursor }), { schema, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor,
    enabled,
    ...(everyMs === undefined ? {} : { refetchInterval: everyMs }),
  });
  return { rows: query.data?.pages.flatMap((page) => page.items), query };
}

/** A path with its query; a list becomes the same name several times. */
function pathWith(path: string, filter: Filter): string {
  const pairs = Object.entries(filter).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one) => [name, one]),
  );
  return `${path}?${new URLSearchParams(pairs).toString()}`;
}
