import { createHash, type KeyObject, sign, verify } from 'node:crypto';

/** What a request's signature stands over: the protocol's lines, each ended by a newline. */
export interface SignedRequest {
  method: string;
  /** Path with query, as it stands in the request line. */
  path: string;
  /** Epoch seconds. */
  timestamp: string;
  nonce: string;
  body: string | Buffer;
}

function digest(body: string | Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}

export function requestText(request: SignedRequest): string {
  const { method, path, timestamp, nonce, body } = request;
  return `${method}\n${path}\n${timestamp}\n${nonce}\n${digest(body)}\n`;
}

/** An answer's signature binds it to the request by the request's path and nonce. */
export function answerText(answer: Omit<SignedRequest, 'method'> & { status: number }): string {
  const { status, path, timestamp, nonce, body } = answer;
  return `${status}\n${path}\n${timestamp}\n${nonce}\n${digest(body)}\n`;
}

/** RSA with SHA-256 and PKCS #1 v1.5 padding, in base64. */
export function signText(key: KeyObject, text: string): string {
  return sign('sha256', Buffer.from(text), key).toString('base64');
}

export function verifyText(key: KeyObject, text: string, signature: string): boolean {
  if (!/^[A-Za-z0-9+/]{100,}={0,2}$/.test(signature)) return false;
  return verify('sha256', Buffer.from(text), key, Buffer.from(signature, 'base64'));
}

/** The name of a key: the first 16 hex digits of the SHA-256 of its public part (SPKI, DER). */
export function keyIdOf(publicKey: KeyObject): string {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex').slice(0, 16).toUpperCase();
}
