import { assert } from '@keyturn/kernel';

/** A JSON Schema as the document has it, references resolved. */
export interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required?: boolean;
  readonly schema: JsonSchema;
}

interface Content {
  readonly [mediaType: string]: { readonly schema: JsonSchema };
}

/** One operation of the document. */
export interface Operation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
}

/** The operations of an OpenAPI document, with its references resolved. */
export function operationsOf(document: unknown): readonly Operation[] {
  const { paths } = resolve(document, document) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      parameters: operation.parameters ?? [],
      method: method.toUpperCase(),
      path,
    })),
  );
}

/** Components refer to each other, but never in a circle. */
function resolve(node: unknown, root: unknown): unknown {
  if (Array.isArray(node)) return node.map((inner) => resolve(inner, root));
  if (typeof node !== 'object' || node === null) return node;
  if ('$ref' in node) {
    const path = String(node.$ref).replace('#/', '').split('/');
    const target = path.reduce<unknown>((at, name) => Reflect.get(Object(at), name), root);
    assert(target !== undefined, `the document has what ${node.$ref} refers to`);
    return resolve(target, root);
  }
  const entries = Object.entries(node).filter(([name]) => name !== 'components');
  return Object.fromEntries(entries.map(([name, inner]) => [name, resolve(inner, root)]));
}
