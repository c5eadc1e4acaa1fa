/** The third argument of a reviver: the digits as they came (ECMAScript 2025). */
interface Source {
  readonly source?: string;
}

type Reviver = (key: string, value: unknown, context?: Source) => unknown;

/**
 * Reads JSON. An integer that a number cannot hold exactly becomes a bigint from its digits.
 * Undefined when the text is not JSON.
 */
export function parseJson(text: string): unknown {
  const exact: Reviver = (_key, value, context) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
    const digits = context?.source;
    return digits !== undefined && /^-?\d+$/.test(digits) ? BigInt(digits) : value;
  };
  try {
    return JSON.parse(text, exact);
  } catch {
    // Not JSON: the caller says what was expected instead.
    return undefined;
  }
}
