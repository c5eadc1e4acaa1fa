import type { PageRequest } from '@keyturn/ledger';
import { pageSize } from '../http/request.ts';

/** A query's page as the ledger takes it. */
export function pageRequest(query: {
  readonly limit?: number;
  readonly cursor?: string;
}): PageRequest {
  const { limit, cursor } = query;
  return { limit: pageSize(limit), ...(cursor === undefined ? {} : { cursor }) };
}
