import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  hash,
  type KeyObject,
  randomInt,
  X509Certificate,
} from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

/** A key file that is missing or not usable. The sentence says which and what to do. */
export class CredentialError extends Error {
  override name = 'CredentialError';
}

const SecretSchema = Type.Object({
  /** WeChat Pay's APIv3 key: 32 ASCII characters. */
  api_v3_key: Type.Optional(Type.String({ pattern: '^[\\x21-\\x7e]{32}$' })),
  /** The serial number or key id that goes with a bare public key in the peer file. */
  peer_key_id: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
});
export type ChannelSecret = Static<typeof SecretSchema>;

/** The other side's key as its file has it. */
export interface PeerKey {
  readonly key: KeyObject;
  /**
   * The certificate's serial number (upper-case hexadecimal), or the secret file's `peer_key_id`.
   */
  readonly keyId: string | undefined;
  /** Not to be trusted afterwards; undefined for a bare public key. */
  readonly validTo: Temporal.Instant | undefined;
}

/** Everything that one contract needs to sign, to verify, and to trust a connection. */
export interface ChannelCredentials {
  readonly privateKey: KeyObject;
  readonly peer: PeerKey | undefined;
  readonly secret: ChannelSecret;
  /**
   * The authority that the other side's TLS certificate must come from; undefined for the system's.
   */
  readonly ca: string | undefined;
}

export interface CredentialStore {
  /**
   * Reads the files of a `secret_ref`.
   *
   * @throws CredentialError when one that is needed is missing, broken, or readable by others
   */
  load(secretRef: string): Promise<ChannelCredentials>;
  /**
   * Makes our side's key (RSA 2048) and secrets where they are missing, and says what the other
   * side has to be told to enrol us. What is there is never replaced.
   */
  makeCredentials(
    secretRef: string,
    options?: { readonly apiV3Key?: boolean },
  ): Promise<EnrolmentData>;
  /** Writes what the other side gave us at the enrolment. */
  storePeer(
    secretRef: string,
    peer: { readonly pem?: string; readonly keyId?: string; readonly caPem?: string },
  ): Promise<void>;
}

export interface EnrolmentData {
  readonly publicKeyPem: string;
  /** A serial number for the key, made from its digest: 40 hexadecimal characters. */
  readonly certificateSerial: string;
  readonly apiV3Key: string | undefined;
}

const generate = promisify(generateKeyPair);
const secretCharacters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789';

/** @param directory `<data directory>/keys`; made when it is missing, open to its owner alone */
export function createCredentialStore(directory: string): CredentialStore {
  const file = (secretRef: string, kind: string) => {
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/.test(secretRef)) {
      throw new CredentialError(
        `"${secretRef}" is no name of key files; use letters, digits, - _.`,
      );
    }
    return join(directory, `${secretRef}.${kind}`);
  };

  async function readIfThere(path: string): Promise<string | undefined> {
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw new CredentialError(`${path} cannot be read. Check its owner and rights.`, {
        cause: error,
      });
    }
  }

  /** Written beside and renamed, so that nobody ever reads half a key. */
  async function write(path: string, text: string): Promise<void> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const draft = `${path}.${process.pid}.draft`;
    await writeFile(draft, text, { mode: 0o600 });
    await chmod(draft, 0o600);
    await rename(draft, path);
  }

  async function readSecret(secretRef: string): Promise<ChannelSecret> {
    const path = file(secretRef, 'secret.json');
    const text = await readIfThere(path);
    if (text === undefined) return {};
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new CredentialError(`${path} is no JSON. Restore it.`, { cause: error });
    }
    if (Value.Check(SecretSchema, value)) return value;
    const [first] = Value.Errors(SecretSchema, value);
    throw new CredentialError(`${path}: ${first?.instancePath} ${first?.message}. Correct it.`);
  }

  async function load(secretRef: string): Promise<ChannelCredentials> {
    const path = file(secretRef, 'private.pem');
    const privatePem = await readIfThere(path);
    if (privatePem === undefined) {
      throw new CredentialError(`${path} is missing. Restore our key, or enrol with a new one.`);
    }
    const secret = await readSecret(secretRef);
    const peerPem = await readIfThere(file(secretRef, 'peer.pem'));
    return {
      privateKey: readKey(path, () => createPrivateKey(privatePem)),
      peer:
        peerPem === undefined
          ? undefined
          : readKey(file(secretRef, 'peer.pem'), () => readPeer(peerPem, secret)),
      secret,
      ca: await readIfThere(file(secretRef, 'ca.pem')),
    };
  }

  return {
    load,
    makeCredentials: async (secretRef, options = {}) => {
      const path = file(secretRef, 'private.pem');
      let pem = await readIfThere(path);
      if (pem === undefined) {
        const pair = await generate('rsa', { modulusLength: 2048 });
        pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
        await write(path, pem);
      }
      const privatePem = pem;
      let secret = await readSecret(secretRef);
      if (options.apiV3Key === true && secret.api_v3_key === undefined) {
        secret = { ...secret, api_v3_key: randomSecret(32) };
        await write(file(secretRef, 'secret.json'), `${JSON.stringify(secret)}\n`);
      }
      const publicKey = readKey(path, () => createPublicKey(createPrivateKey(privatePem)));
      const der = publicKey.export({ type: 'spki', format: 'der' });
      return {
        publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
        certificateSerial: hash('sha256', der).slice(0, 40).toUpperCase(),
        apiV3Key: secret.api_v3_key,
      };
    },
    storePeer: async (secretRef, peer) => {
      if (peer.pem !== undefined) await write(file(secretRef, 'peer.pem'), peer.pem);
      if (peer.caPem !== undefined) await write(file(secretRef, 'ca.pem'), peer.caPem);
      if (peer.keyId !== undefined) {
        const secret = { ...(await readSecret(secretRef)), peer_key_id: peer.keyId };
        await write(file(secretRef, 'secret.json'), `${JSON.stringify(secret)}\n`);
      }
    },
  };
}

function readKey<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CredentialError(`${path} is no usable PEM file. Restore it.`, { cause: error });
  }
}

/** A certificate, or a bare public key whose id stands in the secret file. */
function readPeer(pem: string, secret: ChannelSecret): PeerKey {
  if (!pem.includes('BEGIN CERTIFICATE')) {
    return { key: createPublicKey(pem), keyId: secret.peer_key_id, validTo: undefined };
  }
  return peerOfCertificate(new X509Certificate(pem));
}

export function peerOfCertificate(certificate: X509Certificate): PeerKey {
  return {
    key: certificate.publicKey,
    keyId: certificate.serialNumber.toUpperCase(),
    validTo: Temporal.Instant.fromEpochMilliseconds(certificate.validToDate.getTime()),
  };
}

function randomSecret(length: number): string {
  const pick = () => secretCharacters.charAt(randomInt(secretCharacters.length));
  return Array.from({ length }, pick).join('');
}
