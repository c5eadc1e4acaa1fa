/** The largest amount that the bank books: what a JSON integer holds exactly. */
export const maxFen = 9_007_199_254_740_991n;

/** Writes fen as ISO 20022 has them: 8099997n is `80999.97`. */
export function formatYuan(fen: bigint): string {
  const sign = fen < 0n ? '-' : '';
  const digits = (fen < 0n ? -fen : fen).toString().padStart(3, '0');
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/**
 * Reads a decimal such as `80999.97` into fen. Undefined when it is no plain decimal, is finer than
 * a fen or larger than the bank books; never rounds.
 */
export function parseYuan(text: string): bigint | undefined {
  const match = /^(\d{1,16})(?:\.(\d{1,17}))?$/.exec(text);
  if (match === null) return undefined;
  const fraction = match[2] ?? '';
  if (/[1-9]/.test(fraction.slice(2))) return undefined;
  const fen = BigInt(`${match[1]}${fraction.slice(0, 2).padEnd(2, '0')}`);
  return fen <= maxFen ? fen : undefined;
}

/** JSON with fen as plain integers. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_name, field) => {
    if (typeof field !== 'bigint') return field;
    const exact = Number(field);
    if (!Number.isSafeInteger(exact)) throw new RangeError('an amount does not fit a JSON integer');
    return exact;
  });
}
