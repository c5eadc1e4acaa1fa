import { createDecipheriv, type KeyObject, randomBytes, sign, verify } from 'node:crypto';

/** The cryptography of WeChat Pay APIv3 (public documentation, "signature" and "certificates"). */

export const scheme = 'WECHATPAY2-SHA256-RSA2048';

const algorithm = 'RSA-SHA256';
const tagLength = 16;

/** On the thread pool: an RSA signature takes long enough to hold up everybody else. */
function signAsync(message: Buffer, key: KeyObject): Promise<string> {
  return new Promise((resolve, reject) => {
    sign(algorithm, message, key, (error, signature) => {
      if (error) reject(error);
      else resolve(signature.toString('base64'));
    });
  });
}

/** The value of the Authorization header of one request. */
export async function authorization(
  request: { readonly method: string; readonly path: string; readonly body: string },
  by: { readonly mchid: string; readonly serial: string; readonly key: KeyObject },
  timestamp: number,
): Promise<string> {
  const nonce = randomBytes(16).toString('hex');
  const { method, path, body } = request;
  const message = Buffer.from(`${method}\n${path}\n${timestamp}\n${nonce}\n${body}\n`, 'utf8');
  const signature = await signAsync(message, by.key);
  return (
    `${scheme} mchid="${by.mchid}",nonce_str="${nonce}",signature="${signature}",` +
    `timestamp="${timestamp}",serial_no="${by.serial}"`
  );
}

/** The signature headers of an answer or a notification. */
export interface SignatureHeaders {
  readonly timestamp: string;
  readonly nonce: string;
  readonly signature: string;
  readonly serial: string;
}

/** Verifying is quick (tens of microseconds), quicker than the way to the thread pool and back. */
export function verifies(headers: SignatureHeaders, body: Uint8Array, key: KeyObject): boolean {
  const head = Buffer.from(`${headers.timestamp}\n${headers.nonce}\n`, 'utf8');
  const message = Buffer.concat([head, body, Buffer.from('\n')]);
  return verify(algorithm, message, key, Buffer.from(headers.signature, 'base64'));
}

/** An encrypted part of a message (field `resource`, `encrypt_certificate`). */
export interface EncryptedResource {
  readonly algorithm: string;
  readonly ciphertext: string;
  readonly nonce: string;
  readonly associated_data?: string;
}

/**
 * Opens AEAD_AES_256_GCM (RFC 5116): key is the APIv3 key, the tag are the last sixteen bytes.
 *
 * @returns undefined when it was not made with this key, or was changed
 */
export function openResource(apiV3Key: string, resource: EncryptedResource): string | undefined {
  if (resource.algorithm !== 'AEAD_AES_256_GCM') return undefined;
  const bytes = Buffer.from(resource.ciphertext, 'base64');
  if (bytes.length <= tagLength) return undefined;
  try {
    const decipher = createDecipheriv(
      'aes-256-gcm',
      Buffer.from(apiV3Key, 'utf8'),
      Buffer.from(resource.nonce, 'utf8'),
      { authTagLength: tagLength },
    );
    decipher.setAAD(Buffer.from(resource.associated_data ?? '', 'utf8'));
    decipher.setAuthTag(bytes.subarray(-tagLength));
    const text = [decipher.update(bytes.subarray(0, -tagLength)), decipher.final()];
    return Buffer.concat(text).toString('utf8');
  } catch {
    return undefined; // Not ours, or changed: the caller refuses the message.
  }
}
