import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '@keyturn/pipeline';
import { keyLength } from './sealer.ts';

/** A key file that must not be used. The sentence says why and what to do. */
export class KeyFileError extends Error {
  override name = 'KeyFileError';
}

/**
 * Reads a key of 32 bytes, or makes it when there is none (readable by its owner alone).
 * Processes that start at the same time get the same key: the file appears whole, and the first
 * one wins.
 *
 * @throws KeyFileError when the file is not such a key, or others can read it
 */
export async function loadOrCreateKey(file: string): Promise<Buffer> {
  return (await load(file)) ?? (await create(file));
}

async function load(file: string): Promise<Buffer | undefined> {
  let mode: number;
  let key: Buffer;
  try {
    ({ mode } = await stat(file));
    key = await readFile(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new KeyFileError(
      `Others can read the key file ${file}. Run "chmod 600 ${file}", and replace the key if somebody may have copied it.`,
    );
  }
  if (key.length !== keyLength) {
    throw new KeyFileError(
      `The key file ${file} has ${key.length} bytes instead of ${keyLength}. Restore it from a backup: without it sealed data cannot be read.`,
    );
  }
  return key;
}

async function create(file: string): Promise<Buffer> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomUUID()}`;
  const key = randomBytes(keyLength);
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(key);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    // Unlike a rename, a link refuses to replace a key that another process has put there
    // meanwhile.
    await link(draft, file);
    await syncDirectory(dirname(file));
    return key;
  } catch (error) {
    const theirs = errorCode(error) === 'EEXIST' ? await load(file) : undefined;
    if (!theirs) throw error;
    return theirs;
  } finally {
    await unlink(draft);
  }
}

/**
 * Without it the file's name may be gone after a power failure, and with it all that the key has
 * sealed.
 */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
