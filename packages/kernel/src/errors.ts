import { assert } from './assert.ts';

/** The languages in which Keyturn speaks to people. */
export const languages = ['en', 'zh-CN'] as const;
export type Language = (typeof languages)[number];

/**
 * One kind of refusal. `status` is the HTTP status at the edge. `retryable` says whether the same
 * request can succeed later without anybody changing it. Sentences say what was wrong with what and
 * what to do, with `{placeholders}` filled from the refusal's values.
 */
export interface ErrorDefinition {
  readonly status: number;
  readonly retryable: boolean;
  readonly title: string;
  readonly en: string;
  readonly zh: string;
}

/**
 * A refusal as a value: which error, about which parameter, with which values in its sentence. A
 * value that reads differently in Chinese stands beside it, as `<name>_zh`.
 */
export interface Refusal {
  readonly code: string;
  readonly param?: string;
  readonly values?: Readonly<Record<string, string>>;
  /** What a channel said, when it was the channel that refused. */
  readonly channel?: { readonly code: string; readonly message: string; readonly nextStep: string };
}

export type ErrorRegistry = Readonly<Record<string, ErrorDefinition>>;

/** Joins the modules' registries into one. A code stands for one thing in the whole platform. */
export function mergeErrors(...registries: readonly ErrorRegistry[]): ErrorRegistry {
  const all: Record<string, ErrorDefinition> = {};
  for (const registry of registries) {
    for (const [code, definition] of Object.entries(registry)) {
      assert(all[code] === undefined, `error code ${code} is registered twice`);
      all[code] = definition;
    }
  }
  return all;
}

/** Types a module's registry, so that `refuse` accepts only its codes. */
export function defineErrors<const T extends ErrorRegistry>(registry: T): T {
  return registry;
}

/** Makes refusals of one registry: `refuse('order_not_found', { values: { order_id } })`. */
export function refuser<T extends ErrorRegistry>(_registry: T) {
  return (
    code: keyof T & string,
    details: Omit<Refusal, 'code'> = {},
  ): { readonly ok: false; readonly error: Refusal } => ({
    ok: false,
    error: { code, ...details },
  });
}

/** The sentence of a refusal in a language. A placeholder without a value stays visible. */
export function sentence(registry: ErrorRegistry, refusal: Refusal, language: Language): string {
  const definition = registry[refusal.code];
  assert(definition !== undefined, `error code ${refusal.code} is not registered`);
  const { values = {} } = refusal;
  const chinese = language === 'zh-CN';
  const template = chinese ? definition.zh : definition.en;
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const translated = chinese ? values[`${name}_zh`] : undefined;
    return translated ?? values[name] ?? whole;
  });
}
