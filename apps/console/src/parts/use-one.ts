import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { GenericSchema, InferOutput } from 'valibot';
import { useApi } from '../session/session-context.ts';

export interface OneOptions {
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly enabled?: boolean;
  /** Asks again in this rhythm while somebody looks, for what changes by itself. Milliseconds. */
  readonly everyMs?: number;
}

/** One answer of the server's. */
export function useOne<S extends GenericSchema>(
  path: string,
  schema: S,
  options: OneOptions = {},
): UseQueryResult<InferOutput<S>> {
  const api = useApi();
  const { query = {}, enabled = true, everyMs } = options;
  return useQuery({
    queryKey: [path, query],
    queryFn: ({ signal }) => api.get(path, { schema, signal, query }),
    enabled,
    ...(everyMs === undefined ? {} : { refetchInterval: everyMs }),
  });
}
