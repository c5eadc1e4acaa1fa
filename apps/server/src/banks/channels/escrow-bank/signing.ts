import { hash, type KeyObject, sign, verify } from 'node:crypto';

/**
 * The escrow bank's message security: RSA-SHA256 over the parts of a message, in both directions.
 */

const algorithm = 'RSA-SHA256';

export interface SignedHeaders {
  readonly timestamp: string;
  readonly nonce: string;
  readonly signature: string;
}

function text(parts: readonly string[], body: Uint8Array): Buffer {
  return Buffer.from(`${[...parts, hash('sha256', body)].join('\n')}\n`, 'utf8');
}

/** What a request's (or a notification's) signature stands over. */
export function requestText(
  request: { readonly method: string; readonly path: string; readonly body: Uint8Array },
  timestamp: string,
  nonce: string,
): Buffer {
  return text([request.method, request.path, timestamp, nonce], request.body);
}

/** An answer's signature binds it to its request by the request's path and nonce. */
export function answerText(
  answer: { readonly status: number; readonly path: string; readonly body: Uint8Array },
  timestamp: string,
  nonce: string,
): Buffer {
  return text([String(answer.status), answer.path, timestamp, nonce], answer.body);
}

/** On the thread pool: an RSA signature takes long enough to hold up everybody else. */
export function signText(message: Buffer, key: KeyObject): Promise<string> {
  return new Promise((resolve, reject) => {
    sign(algorithm, message, key, (error, signature) => {
      if (error) reject(error);
      else resolve(signature.toString('base64'));
    });
  });
}

export function verifiesText(message: Buffer, signature: string, key: KeyObject): boolean {
  return verify(algorithm, message, key, Buffer.from(signature, 'base64'));
}
