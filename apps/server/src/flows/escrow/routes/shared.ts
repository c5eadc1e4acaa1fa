import type { Page } from '@keyturn/kernel';
import { Type } from 'typebox';
import { IdSchema, ProblemSchema, pageSize } from '../../../platform/index.ts';

export const people = { access: ['integrator', 'operator'] } as const;
export const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema };
export const dealParams = Type.Object({ id: IdSchema('deal') });
export const releaseParams = Type.Object({ id: IdSchema('rel') });

export function listOf<T>({ items, nextCursor }: Page<T>) {
  return { items: [...items], ...(nextCursor === undefined ? {} : { next_cursor: nextCursor }) };
}

export function listQuery(query: {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}) {
  const { limit, cursor } = query;
  return { limit: pageSize(limit), ...(cursor === undefined ? {} : { cursor }) };
}
