import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** Makes the directory, for its owner alone. */
export function openKeysDirectory(dataDirectory: string): string {
  const directory = join(dataDirectory, 'keys');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}

/** Writes the whole file or nothing, readable by its owner alone. */
export function writePrivateFile(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.new`;
  const handle = openSync(draft, 'w', 0o600);
  writeSync(handle, content);
  fsyncSync(handle);
  closeSync(handle);
  renameSync(draft, file);
}

export interface KeyPair {
  privateKey: KeyObject;
  publicKey: KeyObject;
}

/** The RSA-2048 key of this name; made at the first start, the same ever after. */
export function openRsaKey(keysDirectory: string, name: string): KeyPair {
  const file = join(keysDirectory, `${name}.key.pem`);
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writePrivateFile(file, String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
  }
  const privateKey = createPrivateKey(readFileSync(file));
  return { privateKey, publicKey: createPublicKey(privateKey) };
}
