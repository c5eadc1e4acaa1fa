/**
 * JSON with exact money. A key called `amount`, or ending in `_minor` or `Minor`, holds minor
 * units: a bigint in memory, an integer in the text. Other numbers are ordinary ones.
 */

declare global {
  // ECMAScript 2026, not yet in the compiler's library.
  interface JSON {
    rawJSON(text: string): unknown;
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown;
  }
}

const moneyKey = /^amount$|_minor$|Minor$/;

export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'bigint' ? JSON.rawJSON(inner.toString()) : inner,
  );
}

export function fromJson(text: string): unknown {
  return JSON.parse(text, (key, inner: unknown, context) =>
    typeof inner === 'number' && moneyKey.test(key) && context.source !== undefined
      ? BigInt(context.source)
      : inner,
  );
}
