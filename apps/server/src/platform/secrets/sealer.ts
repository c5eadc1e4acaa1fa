import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { assert, present } from '@keyturn/kernel';

/** A sealed text that cannot be opened: another key, another context, or changed since. */
export class SealError extends Error {
  override name = 'SealError';
}

/**
 * Hides texts that the database must not show, and lets equal ones be found without opening them.
 */
export interface Sealer {
  /**
   * Encrypts a text with AES-256-GCM under a random nonce. `context` says what the text is and
   * whose (`parties.person.name:<uuid>`); it is authenticated, so that a sealed text cannot be
   * moved elsewhere.
   */
  seal(text: string, context: string): string;
  /** @throws SealError when the text was not sealed by one of our keys for this context */
  open(sealed: string, context: string): string;
  /**
   * A keyed hash (HMAC-SHA-256, base64url): equal for equal texts, and worth nothing without the
   * key. Begin the text with what it is (`bank-account:6222…`), so that indexes of two things
   * never meet.
   */
  blindIndex(text: string): string;
}

/** The length of a sealer's key in bytes. */
export const keyLength = 32;

const nonceLength = 12;
const tagLength = 16;

interface DerivedKey {
  readonly id: string;
  readonly sealing: Buffer;
  readonly index: Buffer;
}

/**
 * One key for each purpose, by HKDF (RFC 5869), and a public id that says which key sealed a
 * text.
 */
function derive(key: Buffer): DerivedKey {
  assert(key.length === keyLength, `a sealer's key has ${keyLength} bytes`);
  const part = (purpose: string, length: number) =>
    Buffer.from(hkdfSync('sha256', key, '', `keyturn ${purpose}`, length));
  return {
    id: part('key id', 4).toString('hex'),
    sealing: part('sealing', keyLength),
    index: part('blind index', keyLength),
  };
}

/**
 * @param key the key that seals from now on, 32 bytes
 * @param formerKeys keys used before it, the newest first: what they sealed can still be opened.
 *   The blind index stays the oldest key's, since an index is of use only while equal texts have
 *   equal values.
 */
export function createSealer(key: Buffer, formerKeys: readonly Buffer[] = []): Sealer {
  const current = derive(key);
  const all = [current, ...formerKeys.map(derive)];
  const byId = new Map(all.map((derived) => [derived.id, derived]));
  const index = present(all.at(-1), 'the oldest key').index;

  return {
    seal: (text, context) => {
      const nonce = randomBytes(nonceLength);
      const cipher = createCipheriv('aes-256-gcm', current.sealing, nonce);
      cipher.setAAD(Buffer.from(context));
      const hidden = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      const body = Buffer.concat([nonce, hidden, cipher.getAuthTag()]);
      return `s1.${current.id}.${body.toString('base64url')}`;
    },
    open: (sealed, context) => {
      const [version, id, body, ...rest] = sealed.split('.');
      if (version !== 's1' || id === undefined || body === undefined || rest.length > 0) {
        throw new SealError('a sealed text has the form s1.<key id>.<body>');
      }
      const derived = byId.get(id);
      if (!derived) throw new SealError(`no key with the id ${id} is known here`);
      return decrypt(derived.sealing, Buffer.from(body, 'base64url'), context);
    },
    blindIndex: (text) => createHmac('sha256', index).update(text).digest('base64url'),
  };
}

function decrypt(key: Buffer, body: Buffer, context: string): string {
  if (body.length < nonceLength + tagLength) throw new SealError('a sealed text is cut short');
  const nonce = body.subarray(0, nonceLength);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(body.subarray(-tagLength));
  try {
    const hidden = body.subarray(nonceLength, -tagLength);
    return Buffer.concat([decipher.update(hidden), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new SealError('a sealed text was changed, or sealed for another context', { cause });
  }
}
