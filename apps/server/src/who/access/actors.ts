import { encodeId } from '@keyturn/kernel';
import type { Queryable } from '@keyturn/pipeline';
import { type Static, Type } from 'typebox';
import { readActors } from './store/actors.ts';
import { idPrefix } from './views.ts';

/** Who did something, or is to do it, as shown beside what was done. */
export const ActorSchema = Type.Object(
  {
    kind: Type.Enum(['operator', 'integrator', 'agreement', 'platform', 'unknown'], {
      description: 'agreement, platform: by a rule, without a person',
    }),
    id: Type.String({ description: 'On the wire; of the platform: the name of its rule' }),
    name: Type.String(),
  },
  { title: 'Actor' },
);
export type ActorView = Static<typeof ActorSchema>;

/** Who stands behind what modules keep: a principal's uuid, an agreement's id, a rule's name. */
export type ActorOf = (kept: string) => ActorView;

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Knows rules and agreements alone: for what no person has done yet. */
export const actorOfRule: ActorOf = (kept) => {
  if (uuidForm.test(kept)) return { kind: 'unknown', id: kept, name: kept };
  return { kind: kept.startsWith('agr_') ? 'agreement' : 'platform', id: kept, name: kept };
};

/** Reads the names of those who are kept as uuids, all at once; what is null is passed over. */
export async function actorsOf(
  db: Queryable,
  kept: readonly (string | null | undefined)[],
): Promise<ActorOf> {
  const ids = new Set(kept.filter((one) => typeof one === 'string' && uuidForm.test(one)));
  const rows = await readActors(
    db,
    [...ids].flatMap((id) => id ?? []),
  );
  const known = new Map<string, ActorView>(
    rows.map(({ id, kind, name }) => [id, { kind, id: encodeId(idPrefix[kind], id), name }]),
  );
  return (one) => known.get(one) ?? actorOfRule(one);
}
