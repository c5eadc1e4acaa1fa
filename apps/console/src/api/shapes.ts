import * as v from 'valibot';

/** RFC 3339 in UTC. */
export const InstantShape = v.string();
/** A bank day, `2026-11-20`. */
export const DateShape = v.string();

/** Who did something: a person, a system, or a rule without either. */
export const ActorShape = v.object({ kind: v.string(), id: v.string(), name: v.string() });
export type Actor = v.InferOutput<typeof ActorShape>;

export const ReferenceShape = v.object({ kind: v.string(), id: v.string() });
