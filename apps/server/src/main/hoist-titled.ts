import { isDeepStrictEqual } from 'node:util';
import { assert } from '@keyturn/kernel';

/**
 * Moves each schema that has a title to the document's components, once, and leaves a reference
 * where it stood: a reader, and a generated client, then see an `Order` wherever one is meant.
 */
export function hoistTitled<Document extends object>(document: Document): Document {
  const schemas = new Map<string, unknown>();

  function visit(node: unknown): unknown {
    if (Array.isArray(node)) return node.map(visit);
    if (typeof node !== 'object' || node === null) return node;
    const entries = Object.entries(node).map(([key, inner]) => [key, visit(inner)] as const);
    const copy: Record<string, unknown> = Object.fromEntries(entries);
    const { title, ...schema } = copy;
    if (typeof title !== 'string' || schema['type'] !== 'object') return copy;
    const known = schemas.get(title);
    assert(
      known === undefined || isDeepStrictEqual(known, schema),
      `two different schemas have the title ${title}`,
    );
    schemas.set(title, schema);
    return { $ref: `#/components/schemas/${title}` };
  }

  const visited = visit(document) as Document & { readonly components?: object };
  const sorted = [...schemas].sort(([a], [b]) => (a < b ? -1 : 1));
  const components = { ...visited.components, schemas: Object.fromEntries(sorted) };
  return { ...visited, components };
}
