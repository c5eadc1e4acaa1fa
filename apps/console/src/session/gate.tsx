import { ErrorState, LoadingState } from '@keyturn/ui';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { LogInPage } from '../log-in/log-in-page.tsx';
import { sessionQuery } from './session.ts';
import { MeProvider, useApi } from './session-context.ts';

/**
 * Lets in who is logged in. Everybody else sees the log-in in place of the page that they asked
 * for, and that page after it: the address does not change.
 */
export function Gate({ children }: { readonly children: ReactNode }) {
  const session = useQuery(sessionQuery(useApi(), useQueryClient()));
  if (session.data === undefined) {
    return (
      <div className="kc-root-state">
        {session.error === null ? (
          <LoadingState />
        ) : (
          <ErrorState
            error={session.error}
            onRetry={() => session.refetch()}
            retrying={session.isFetching}
          />
        )}
      </div>
    );
  }
  if (session.data.kind === 'out') return <LogInPage ended={session.data.ended} />;
  return <MeProvider value={session.data.me}>{children}</MeProvider>;
}
