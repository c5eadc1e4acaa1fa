import { ErrorState, LoadingState } from '@keyturn/ui';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';

export interface AnswerProps<T> {
  readonly of: UseQueryResult<T>;
  readonly children: (value: T) => ReactNode;
}

/** An answer in all its states: on its way, not to be had, there. */
export function Answer<T>({ of: query, children }: AnswerProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error === null) return <LoadingState />;
  return (
    <ErrorState error={query.error} onRetry={() => query.refetch()} retrying={query.isFetching} />
  );
}
