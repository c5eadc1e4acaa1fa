import { hash, randomBytes } from 'node:crypto';
import { assert } from './assert.ts';

/**
 * Ids are UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then random bits, of which the last
 * twelve are the *route key* — the hash of the id's owner, by which any node can tell the site
 * that owns it. In the database they are `uuid`; on the wire a prefix and 26 characters of
 * Crockford base32.
 */

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const decode = new Map([...alphabet].map((character, index) => [character, BigInt(index)]));

/** The route key of an owner: 12 bits of SHA-256 over the owner's id or name. */
export function routeKeyOf(owner: string): number {
  let route = known.get(owner);
  if (route === undefined) {
    route = Number.parseInt(hash('sha256', owner).slice(0, 3), 16);
    if (known.size >= maxKnown) known.clear();
    known.set(owner, route);
  }
  return route;
}

/** Of owners that were asked for lately: they make many ids. */
const known = new Map<string, number>();
const maxKnown = 20_000;

/** The route key inside an id. */
export function routeKey(uuid: string): number {
  return Number.parseInt(uuid.slice(-3), 16);
}

function layout(milliseconds: number, random: Buffer, route: number): string {
  assert(Number.isInteger(route) && route >= 0 && route < 4096, 'a route key has 12 bits');
  const time = milliseconds.toString(16).padStart(12, '0');
  const bits = random.toString('hex');
  const variant = ((Number.parseInt(bits.slice(3, 4), 16) & 0x3) | 0x8).toString(16);
  const tail = bits.slice(7, 16) + route.toString(16).padStart(3, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${bits.slice(0, 3)}-${variant}${bits.slice(4, 7)}-${tail}`;
}

let pool = Buffer.alloc(0);
let used = 0;

/** Eight random bytes. They are fetched by the page: asking the system each time costs more. */
function eightRandomBytes(): Buffer {
  if (used + 8 > pool.length) {
    pool = randomBytes(4_096);
    used = 0;
  }
  used += 8;
  return pool.subarray(used - 8, used);
}

/** A new random id, made at `now`, owned by `owner`'s site. */
export function newId(now: Temporal.Instant, owner: string): string {
  return layout(now.epochMilliseconds, eightRandomBytes(), routeKeyOf(owner));
}

/**
 * The `index`-th id of a command: a function of the command's seed, so that sending the command
 * again after a lost connection makes the same ids.
 */
export function derivedId(
  now: Temporal.Instant,
  seed: string,
  index: number,
  route: number,
): string {
  const random = hash('sha256', `${seed}:${index}`, 'buffer').subarray(0, 8);
  return layout(now.epochMilliseconds, random, route);
}

/**
 * An id that follows from a name alone (UUIDv8, RFC 9562 section 5.8): anybody who knows what a
 * thing is can say its id without looking it up. Route key: the owner's.
 */
export function namedId(name: string, owner: string): string {
  const bits = hash('sha256', name);
  const variant = ((Number.parseInt(bits.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  const tail = bits.slice(20, 29) + routeKeyOf(owner).toString(16).padStart(3, '0');
  return `${bits.slice(0, 8)}-${bits.slice(8, 12)}-8${bits.slice(13, 16)}-${variant}${bits.slice(17, 20)}-${tail}`;
}

/** Writes an id for the wire: `ord_06c…`. */
export function encodeId(prefix: string, uuid: string): string {
  let value = BigInt(`0x${uuid.replaceAll('-', '')}`);
  let text = '';
  for (let position = 0; position < 26; position++) {
    text = alphabet.charAt(Number(value & 31n)) + text;
    value >>= 5n;
  }
  return `${prefix}_${text}`;
}

/** Reads an id from the wire. Undefined when it is not an id with that prefix. */
export function decodeId(prefix: string, text: string): string | undefined {
  if (!text.startsWith(`${prefix}_`)) return undefined;
  const characters = text.slice(prefix.length + 1);
  if (characters.length !== 26) return undefined;
  let value = 0n;
  for (const character of characters) {
    const digit = decode.get(character);
    if (digit === undefined) return undefined;
    value = (value << 5n) | digit;
  }
  if (value >> 128n !== 0n) return undefined;
  const hex = value.toString(16).padStart(32, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
