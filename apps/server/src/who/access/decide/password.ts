import { ok, type Refusal, type Result } from '@keyturn/kernel';
import { refuse } from '../errors.ts';

/**
 * The words that guessers try first, as far as they have twelve characters or are the stem of such.
 */
const wellKnown = [
  'password',
  'passw0rd',
  'qwertyuiop',
  '1qaz2wsx',
  '123456789',
  'abcdefgh',
  'administrator',
  'letmein',
  'iloveyou',
  'welcome',
  'woaini',
  'keyturn',
  '888888',
  '666666',
];

/**
 * Whether a password may be set: by length and not by recipes of characters (NIST SP 800-63B,
 * 5.1.1.2), not the user name, and not a well-known word with digits and signs around it.
 */
export function checkPassword(password: string, username: string): Result<void, Refusal> {
  const length = [...password].length;
  if (length < 12 || length > 200) return refuse('password_weak', { param: 'password' });
  const lower = password.toLowerCase();
  if (lower.includes(username)) return refuse('password_weak', { param: 'password' });
  const stem = wellKnown.reduce((rest, word) => rest.replaceAll(word, ''), lower);
  if (new Set(stem.replaceAll(/[\d\W_]/gu, '')).size < 2 && new Set(stem).size < 6) {
    return refuse('password_weak', { param: 'password' });
  }
  return ok(undefined);
}
