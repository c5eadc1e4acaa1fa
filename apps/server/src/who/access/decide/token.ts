import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { decodeId, encodeId } from '@keyturn/kernel';

/**
 * Tokens: 32 random bytes each. As they cannot be guessed, a plain SHA-256 is enough to keep them
 * by; passwords are another matter.
 */

export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

export function secretHash(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

/** Compares in a time that does not depend on where they differ. */
export function sameSecret(kept: Buffer, given: string): boolean {
  return timingSafeEqual(kept, secretHash(given));
}

/** The prefix of API keys' ids on the wire. */
export const keyPrefix = 'key';

/** `ktk_<key id>_<secret>`: the id tells which key it is, the secret proves it. */
export function writeApiToken(keyId: string, secret: string): string {
  return `${tokenPrefix(keyId)}_${secret}`;
}

/** How a key's tokens begin. */
export function tokenPrefix(keyId: string): string {
  return `ktk_${encodeId(keyPrefix, keyId).slice(keyPrefix.length + 1)}`;
}

/** Undefined when the text cannot be one of our tokens. */
export function readApiToken(token: string): { keyId: string; secret: string } | undefined {
  const match = /^ktk_([0-9a-z]{26})_([A-Za-z0-9_-]{43})$/.exec(token);
  if (!match) return undefined;
  const keyId = decodeId(keyPrefix, `${keyPrefix}_${match[1]}`);
  return keyId === undefined ? undefined : { keyId, secret: match[2] ?? '' };
}

/**
 * What the header X-CSRF-Token has to say: a function of the session's token, which another site's
 * page can make the browser send but cannot read.
 */
export function csrfTokenOf(sessionToken: string): string {
  return hash('sha256', `keyturn csrf ${sessionToken}`, 'base64url');
}

export function sameText(expected: string, given: string): boolean {
  return timingSafeEqual(secretHash(expected), secretHash(given));
}
