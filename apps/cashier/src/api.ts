import type { ApiClient } from '@keyturn/ui';
import { createContext, useContext } from 'react';

/** The platform's API, for the pages below. */
export const ApiContext = createContext<ApiClient | undefined>(undefined);

export function useApi(): ApiClient {
  const api = useContext(ApiContext);
  if (api === undefined) throw new Error('a page stands inside the ApiContext');
  return api;
}
