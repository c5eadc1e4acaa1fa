import { ApiError, pollDelay } from '@keyturn/ui';
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useRef } from 'react';

export interface Polled<T> {
  readonly key: readonly string[];
  readonly read: (signal: AbortSignal) => Promise<T>;
  /** Whether nothing will change any more; then nobody asks. */
  readonly isOver: (value: T) => boolean;
}

/**
 * Keeps a value up to date: often while it changes, ever slower while it does not, never in a
 * hidden tab, at once when the tab is looked at again. A link that is not valid is not asked about
 * again.
 */
export function usePolled<T>({ key, read, isOver }: Polled<T>): UseQueryResult<T> {
  const seen = useRef<{ value: T | undefined; at: number }>({ value: undefined, at: 0 });
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => read(signal),
    refetchInterval: ({ state }) => {
      const { data, error } = state;
      if (error instanceof ApiError && error.status === 404) return false;
      if (data !== undefined && isOver(data)) return false;
      // Equal answers are the same object (structural sharing), so this sees every change.
      if (seen.current.value !== data) seen.current = { value: data, at: performance.now() };
      const failures = state.errorUpdateCount > 0 && error !== null ? state.fetchFailureCount : 0;
      return pollDelay(performance.now() - seen.current.at, failures);
    },
  });
}
