import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeyFileError, loadOrCreateKey } from './key-file.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keyturn-keys-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('a key file', () => {
  it('is made at the first start, readable by its owner alone, and read afterwards', async () => {
    const file = join(directory, 'keys', 'seal.key');
    const made = await loadOrCreateKey(file);
    expect(made).toHaveLength(32);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await loadOrCreateKey(file)).toEqual(made);
  });

  it('is the same for processes that start together, and no draft stays behind', async () => {
    const file = join(directory, 'seal.key');
    const keys = await Promise.all(Array.from({ length: 20 }, () => loadOrCreateKey(file)));
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
    expect(await readdir(directory)).toEqual(['seal.key']);
  });

  it('is refused when others can read it', async () => {
    const file = join(directory, 'seal.key');
    await loadOrCreateKey(file);
    await chmod(file, 0o644);
    await expect(loadOrCreateKey(file)).rejects.toThrow(/chmod 600/);
  });

  it('is refused, and never replaced, when it is cut short', async () => {
    const file = join(directory, 'seal.key');
    await writeFile(file, Buffer.alloc(31), { mode: 0o600 });
    await expect(loadOrCreateKey(file)).rejects.toThrow(KeyFileError);
    expect((await stat(file)).size).toBe(31);
  });
});
