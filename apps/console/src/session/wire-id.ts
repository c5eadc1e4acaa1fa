const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * The uuid inside a wire id such as `opr_06f…` (26 characters of Crockford base32); undefined for
 * other texts.
 */
export function uuidOfId(id: string): string | undefined {
  const match = /^[a-z]+_([0-9a-hjkmnp-tv-z]{26})$/.exec(id);
  if (match?.[1] === undefined) return undefined;
  let value = 0n;
  for (const character of match[1]) value = (value << 5n) | BigInt(alphabet.indexOf(character));
  const hex = value.toString(16).padStart(32, '0');
  if (hex.length > 32) return undefined;
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...parts, hex.slice(20)].join('-');
}

/**
 * Whether two names mean the same one: ids on the wire and the uuids inside them are the same
 * thing.
 */
export function isSameId(a: string, b: string): boolean {
  return a === b || (uuidOfId(a) ?? a) === (uuidOfId(b) ?? b);
}
