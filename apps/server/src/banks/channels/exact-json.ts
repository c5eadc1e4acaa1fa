/**
 * Reads JSON from a channel with every whole number as a bigint: their amounts have names of their
 * own (`total`, `payer_refund`, `booked`), and none of them may pass through a floating-point
 * number.
 *
 * @returns undefined when the text is not JSON
 */
export function parseExactJson(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown, context) =>
      typeof value === 'number' && context.source !== undefined && /^-?\d+$/.test(context.source)
        ? BigInt(context.source)
        : value,
    );
  } catch {
    return undefined; // The caller says what it wanted instead.
  }
}
