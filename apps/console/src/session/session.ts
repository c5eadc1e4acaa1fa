import { type ApiClient, ApiError } from '@keyturn/ui';
import { type QueryClient, queryOptions } from '@tanstack/react-query';
import { type Me, MeShape } from '../api/access.ts';
import { rememberLogIn, wasLoggedIn } from './remembered.ts';

/** Who sits here. `ended`: somebody was logged in on this browser before, and is not any more. */
export type Session =
  | { readonly kind: 'in'; readonly me: Me }
  | { readonly kind: 'out'; readonly ended: boolean };

const key = ['session'] as const;

/**
 * Who is logged in. Not being logged in is an answer here, not a failure; where nobody has logged
 * in, or has logged out, the server is not even asked.
 */
export function sessionQuery(api: ApiClient, queries: QueryClient) {
  return queryOptions({
    queryKey: key,
    queryFn: async ({ signal }): Promise<Session> => {
      const before = wasLoggedIn();
      if (before === false) return { kind: 'out', ended: false };
      try {
        const me = await api.get('/v1/me', { schema: MeShape, signal });
        rememberLogIn(true);
        return { kind: 'in', me };
      } catch (error) {
        if (!isLoggedOut(error)) throw error;
        rememberLogIn(false);
        return { kind: 'out', ended: before ?? currentSession(queries)?.kind === 'in' };
      }
    },
    staleTime: 5 * 60_000,
  });
}

export function currentSession(queries: QueryClient): Session | undefined {
  return queries.getQueryData<Session>(key);
}

/** A log-in begins: nothing that another person read stays in the cache. */
export function beginSession(queries: QueryClient, me: Me): void {
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== key[0] });
  rememberLogIn(true);
  const session: Session = { kind: 'in', me };
  queries.setQueryData(key, session);
}

export function endSession(queries: QueryClient, ended: boolean): void {
  rememberLogIn(false);
  const session: Session = { kind: 'out', ended };
  queries.setQueryData(key, session);
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== key[0] });
}

/** Whether a call failed because nobody is logged in (any more); a wrong password is not that. */
export function isLoggedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401 && error.code !== 'login_failed';
}

/** Wherever a call finds the session over, the whole console goes back to the log-in. */
export function watchForEnd(queries: QueryClient): void {
  const seen = (error: unknown) => {
    // Somebody logged in anew in another tab: the cookie is of that session, and the token must be.
    if (error instanceof ApiError && error.code === 'csrf_token_invalid') {
      void queries.invalidateQueries({ queryKey: key });
    }
    if (isLoggedOut(error) && currentSession(queries)?.kind === 'in') endSession(queries, true);
  };
  queries.getQueryCache().subscribe((event) => {
    if (event.type === 'updated' && event.action.type === 'error') seen(event.action.error);
  });
  queries.getMutationCache().subscribe((event) => {
    if (event.type === 'updated' && event.action.type === 'error') seen(event.action.error);
  });
}
