import type { ApiClient } from '@keyturn/ui';
import { createContext, useContext } from 'react';
import type { Me } from '../api/access.ts';

/** The platform's API twice: for what is there at once, and for what takes a while. */
export interface Calls {
  readonly quick: ApiClient;
  readonly slow: ApiClient;
}

const CallsContext = createContext<Calls | undefined>(undefined);
export const ApiProvider = CallsContext.Provider;

/** The platform's API, with the session's cookie and CSRF token. */
export function useApi(pace: keyof Calls = 'quick'): ApiClient {
  const calls = useContext(CallsContext);
  if (calls === undefined) throw new Error('useApi needs an ApiProvider above');
  return calls[pace];
}

const MeContext = createContext<Me | undefined>(undefined);
export const MeProvider = MeContext.Provider;

/** The operator who is logged in. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (me === undefined) throw new Error('useMe needs somebody logged in');
  return me;
}

/** Whether the operator has a role. Each role stands for itself: an admin is no approver. */
export function useHasRole(role: 'viewer' | 'finance' | 'approver' | 'admin'): boolean {
  return useMe().roles.includes(role);
}

/** Whether the operator may change anything at all: those who are only viewers may not. */
export function useMayWrite(): boolean {
  return useMe().roles.some((role) => role !== 'viewer');
}
