import type { Queryable } from '@keyturn/pipeline';

/** SQL about who has acted: operators and integrators by their ids. */

export interface ActorRow {
  readonly id: string;
  readonly kind: 'operator' | 'integrator';
  readonly name: string;
}

const byIdsSql = `select o.id, 'operator' as kind, o.name from access.operator o
    where o.id = any($1::uuid[])
  union all select i.id, 'integrator' as kind, i.name from access.integrator i
    where i.id = any($1::uuid[])`;

export async function readActors(
  db: Queryable,
  ids: readonly string[],
): Promise<readonly ActorRow[]> {
  return ids.length === 0 ? [] : db.query<ActorRow>(byIdsSql, [ids]);
}
