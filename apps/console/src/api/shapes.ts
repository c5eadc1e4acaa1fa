import * as v from 'valibot';

/** RFC 3339 in UTC. */
export const InstantShape = v.string();
/** A bank day, `2026-11-20`. */
export const DateShape = v.string();

export const ReferenceShape = v.object({ kind: v.string(), id: v.string() });
