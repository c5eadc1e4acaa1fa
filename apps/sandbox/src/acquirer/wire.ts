import {
  createCipheriv,
  createDecipheriv,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';

/** The scheme of requests' Authorization header and of answers' signatures. */
export const scheme = 'WECHATPAY2-SHA256-RSA2048';

export interface Authorization {
  mchid: string;
  nonce: string;
  timestamp: string;
  serial: string;
  signature: string;
}

const wanted = ['mchid', 'nonce_str', 'timestamp', 'serial_no', 'signature'] as const;

/** Reads the header; undefined when it is not of the scheme or a part is missing or twice there. */
export function parseAuthorization(header: string | undefined): Authorization | undefined {
  if (header === undefined || header.length > 2_048 || !header.startsWith(`${scheme} `))
    return undefined;
  const parts = new Map<string, string>();
  for (const match of header.slice(scheme.length + 1).matchAll(/([a-z_]+)="([^"]*)"/g)) {
    const [, name = '', value = ''] = match;
    if (parts.has(name)) return undefined;
    parts.set(name, value);
  }
  const [mchid, nonce, timestamp, serial, signature] = wanted.map((name) => parts.get(name));
  if (!mchid || !nonce || !timestamp || !serial || !signature) return undefined;
  return { mchid, nonce, timestamp, serial, signature };
}

/** What a merchant signs: method, path with query, time, nonce and body, each with a line feed. */
export function requestMessage(request: {
  method: string;
  url: string;
  timestamp: string;
  nonce: string;
  body: string;
}): Buffer {
  const { method, url, timestamp, nonce, body } = request;
  return Buffer.from(`${method}\n${url}\n${timestamp}\n${nonce}\n${body}\n`, 'utf8');
}

export function verifySignature(message: Uint8Array, key: KeyObject, signature: string): boolean {
  return verify('RSA-SHA256', message, key, Buffer.from(signature, 'base64'));
}

/** The platform's side of signatures: answers and notifications carry the same headers. */
export interface PlatformSigner {
  serial: string;
  privateKey: KeyObject;
}

export function signatureHeaders(
  signer: PlatformSigner,
  body: string | Uint8Array,
  epochSeconds: number,
  badSignature: boolean,
): Record<string, string> {
  const nonce = randomBytes(16).toString('hex');
  const head = Buffer.from(`${epochSeconds}\n${nonce}\n${badSignature ? 'forged' : ''}`, 'utf8');
  const content = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  const message = Buffer.concat([head, content, Buffer.from('\n')]);
  return {
    'wechatpay-timestamp': String(epochSeconds),
    'wechatpay-nonce': nonce,
    'wechatpay-signature': sign('RSA-SHA256', message, signer.privateKey).toString('base64'),
    'wechatpay-serial': signer.serial,
    'wechatpay-signature-type': scheme,
  };
}

export interface EncryptedResource {
  algorithm: 'AEAD_AES_256_GCM';
  ciphertext: string;
  associated_data: string;
  nonce: string;
}

/**
 * AEAD_AES_256_GCM (RFC 5116): the key is the merchant's APIv3 key, 32 bytes; the nonce 12
 * characters; the 16 bytes of the tag stand behind the text.
 */
export function encryptResource(
  key: Uint8Array,
  plaintext: string,
  associatedData: string,
  nonce: string = randomBytes(6).toString('hex'),
): EncryptedResource {
  const cipher = createCipheriv('aes-256-gcm', key, Buffer.from(nonce, 'utf8'));
  cipher.setAAD(Buffer.from(associatedData, 'utf8'));
  const text = Buffer.concat([
    cipher.update(plaintext, 'utf8'),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  return {
    algorithm: 'AEAD_AES_256_GCM',
    ciphertext: text.toString('base64'),
    associated_data: associatedData,
    nonce,
  };
}

/** The reverse. Throws when key, nonce, associated data or a bit of the text is wrong. */
export function decryptResource(key: Uint8Array, resource: EncryptedResource): string {
  const bytes = Buffer.from(resource.ciphertext, 'base64');
  const nonce = Buffer.from(resource.nonce, 'utf8');
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
  decipher.setAAD(Buffer.from(resource.associated_data, 'utf8'));
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString(
    'utf8',
  );
}
