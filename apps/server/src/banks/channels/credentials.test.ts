import { createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CredentialError, createCredentialStore } from './credentials.ts';

let directory: string;
beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'keyturn-credentials-')), 'keys');
});
afterEach(() => rm(join(directory, '..'), { recursive: true, force: true }));

test('credentials are made once, for our eyes alone, and say what the other side must know', async () => {
  const store = createCredentialStore(directory);
  const made = await store.makeCredentials('wx', { apiV3Key: true });
  expect(made.apiV3Key).toMatch(/^[\x21-\x7e]{32}$/);
  expect(made.certificateSerial).toMatch(/^[0-9A-F]{40}$/);
  expect(await store.makeCredentials('wx', { apiV3Key: true })).toEqual(made);
  expect((await readdir(directory)).sort()).toEqual(['wx.private.pem', 'wx.secret.json']);
  for (const name of await readdir(directory)) {
    expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
  }
  const loaded = await store.load('wx');
  const pem = createPublicKey(loaded.privateKey).export({ type: 'spki', format: 'pem' });
  expect(pem).toBe(made.publicKeyPem);
  expect(
    createPrivateKey(loaded.privateKey.export({ type: 'pkcs8', format: 'pem' })),
  ).toBeDefined();
});

test('what the other side gave us is found again, the secrets of before included', async () => {
  const store = createCredentialStore(directory);
  const other = await store.makeCredentials('other');
  const made = await store.makeCredentials('bank', { apiV3Key: true });
  await store.storePeer('bank', { pem: other.publicKeyPem, keyId: 'BANK-1', caPem: 'CA' });
  const loaded = await store.load('bank');
  expect(loaded.peer?.keyId).toBe('BANK-1');
  expect(loaded.peer?.key.export({ type: 'spki', format: 'pem' })).toBe(other.publicKeyPem);
  expect(loaded.ca).toBe('CA');
  expect(loaded.secret.api_v3_key).toBe(made.apiV3Key);
});

test('a missing or broken file is named, with what to do', async () => {
  const store = createCredentialStore(directory);
  await expect(store.load('nobody')).rejects.toThrow(/nobody\.private\.pem is missing/);
  await store.makeCredentials('wx');
  await writeFile(join(directory, 'wx.peer.pem'), 'not a key');
  await expect(store.load('wx')).rejects.toThrow(/wx\.peer\.pem is no usable PEM/);
  await rm(join(directory, 'wx.peer.pem'));
  await writeFile(join(directory, 'wx.secret.json'), '{"api_v3_key":"short"}');
  await expect(store.load('wx')).rejects.toThrow(/api_v3_key/);
  await writeFile(join(directory, 'wx.secret.json'), '{');
  await expect(store.load('wx')).rejects.toThrow(CredentialError);
});

test('a name cannot lead out of the directory', async () => {
  const store = createCredentialStore(directory);
  for (const name of ['../wx', 'a/b', '', '.hidden']) {
    await expect(store.load(name)).rejects.toThrow(CredentialError);
  }
});
