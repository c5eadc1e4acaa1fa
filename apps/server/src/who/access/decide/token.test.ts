import { newId, systemClock } from '@keyturn/kernel';
import { describe, expect, it } from 'vitest';
import {
  csrfTokenOf,
  newSecret,
  readApiToken,
  sameSecret,
  secretHash,
  tokenPrefix,
  writeApiToken,
} from './token.ts';

describe('an API token', () => {
  it('is read as it was written, whatever signs its secret holds', () => {
    for (let at = 0; at < 200; at++) {
      const keyId = newId(systemClock.now(), 'o');
      const secret = newSecret();
      const token = writeApiToken(keyId, secret);
      expect(readApiToken(token)).toEqual({ keyId, secret });
      expect(token.startsWith(tokenPrefix(keyId))).toBe(true);
    }
  });

  it.each([
    '',
    'ktk_',
    'ktk_a_b',
    `ktk_${'z'.repeat(26)}_${'A'.repeat(43)}`,
    `ktk_${'0'.repeat(26)}_a`,
  ])('cannot be %j', (token) => expect(readApiToken(token)).toBeUndefined());
});

describe('a secret', () => {
  it('is known again by its hash, and no other is', () => {
    const secret = newSecret();
    expect(sameSecret(secretHash(secret), secret)).toBe(true);
    expect(sameSecret(secretHash(secret), newSecret())).toBe(false);
  });

  it('does not follow from its CSRF token', () => {
    const secret = newSecret();
    expect(csrfTokenOf(secret)).not.toContain(secret);
    expect(csrfTokenOf(secret)).toBe(csrfTokenOf(secret));
  });
});
