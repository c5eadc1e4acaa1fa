import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';
import { assert } from '@keyturn/kernel';

/** A key that signs seals. */
export interface SealKey {
  /** Follows from the public key: the first 16 hexadecimal digits of its SHA-256. */
  readonly id: string;
  /** 32 bytes (RFC 8032). */
  readonly publicKey: Buffer;
  /** The Ed25519 signature of a seal's digest, 64 bytes. */
  sign(digest: Uint8Array): Buffer;
}

/** What stands before the 32 bytes of an Ed25519 key in PKCS #8 and SPKI (RFC 8410). */
const privatePrefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** @param secret 32 random bytes, which whoever can read them can seal with */
export function createSealKey(secret: Uint8Array): SealKey {
  assert(secret.length === 32, 'the key of the seals has 32 bytes');
  const key = Buffer.concat([privatePrefix, secret]);
  const privateKey = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  const publicKey = spki.subarray(publicPrefix.length);
  return {
    id: sealKeyId(publicKey),
    publicKey,
    sign: (digest) => sign(null, digest, privateKey),
  };
}

/** The id of a public key of 32 bytes: nobody can put another key under it. */
export function sealKeyId(publicKey: Uint8Array): string {
  return hash('sha256', publicKey).slice(0, 16);
}

/** A public key of 32 bytes, to verify with. */
export function publicSealKey(publicKey: Uint8Array): KeyObject {
  const key = Buffer.concat([publicPrefix, publicKey]);
  return createPublicKey({ key, format: 'der', type: 'spki' });
}

export function verifySignature(key: KeyObject, digest: Uint8Array, signature: Uint8Array) {
  return verify(null, digest, key, signature);
}
