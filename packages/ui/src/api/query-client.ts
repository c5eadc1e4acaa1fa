import { QueryClient } from '@tanstack/react-query';
import { ApiError } from './problem.ts';

const maxRetries = 3;

/** Whether a failed query is asked again: only when waiting can help. */
export function shouldRetry(failures: number, error: unknown): boolean {
  return failures < maxRetries && error instanceof ApiError && error.retryable;
}

/** How long to wait before asking again: 1, 2, 4 … s up to 30 s, or what the server asks for. */
export function retryDelay(failures: number, error: unknown): number {
  const asked = error instanceof ApiError ? error.retryAfterMs : undefined;
  return asked ?? Math.min(1000 * 2 ** failures, 30_000);
}

/**
 * When to ask again about something that is not over: every 2 s at first, then slower the longer
 * nothing changes, up to a minute; after failures at least as slow as a retry.
 *
 * @param quietMs how long the answer has been the same
 */
export function pollDelay(quietMs: number, failures: number): number {
  const steps = [
    [30_000, 2_000],
    [120_000, 4_000],
    [600_000, 10_000],
    [1_800_000, 30_000],
  ] as const;
  const step = steps.find(([until]) => quietMs < until)?.[1] ?? 60_000;
  return failures === 0 ? step : Math.max(step, Math.min(2_000 * 2 ** failures, 60_000));
}

/**
 * The cache of what was read. A hidden tab asks nothing; one that is looked at again asks at once.
 */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: shouldRetry,
        retryDelay,
        staleTime: 5_000,
        gcTime: 10 * 60_000,
        networkMode: 'always',
        refetchOnWindowFocus: true,
        refetchOnReconnect: true,
        refetchIntervalInBackground: false,
      },
      // A write is repeated by the person, with the same key: its refusal has to be seen first.
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}
