import { createCipheriv, generateKeyPairSync, sign, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { authorization, openResource, verifies } from './signing.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

test('a request is signed over method, path with query, time, nonce and body, each with a line feed', async () => {
  const path = '/v3/pay/transactions/out-trade-no/A1?mchid=1900000001';
  const by = { mchid: '1900000001', serial: 'ABCDEF', key: privateKey };
  const header = await authorization({ method: 'GET', path, body: '' }, by, 1_554_208_460);
  expect(header).toMatch(/^WECHATPAY2-SHA256-RSA2048 mchid="1900000001",/);
  const part = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(header)?.[1] ?? '';
  expect(part('serial_no')).toBe('ABCDEF');
  expect(part('timestamp')).toBe('1554208460');
  const message = Buffer.from(`GET\n${path}\n1554208460\n${part('nonce_str')}\n\n`);
  const signature = Buffer.from(part('signature'), 'base64');
  expect(verify('RSA-SHA256', message, publicKey, signature)).toBe(true);
});

test('a message verifies as it was signed, and in no other way', () => {
  const body = Buffer.from('{"code_url":"weixin://x"}');
  const head = { timestamp: '1554209980', nonce: 'c5ac7061fccab6bf3e254dcf98995b8c', serial: 'A' };
  const message = Buffer.from(`${head.timestamp}\n${head.nonce}\n${body.toString()}\n`);
  const signature = sign('RSA-SHA256', message, privateKey).toString('base64');
  expect(verifies({ ...head, signature }, body, publicKey)).toBe(true);
  expect(verifies({ ...head, nonce: 'other', signature }, body, publicKey)).toBe(false);
  expect(verifies({ ...head, signature }, Buffer.from('{}'), publicKey)).toBe(false);
  expect(verifies({ ...head, signature: 'AAAA' }, body, publicKey)).toBe(false);
});

test('a resource opens with the APIv3 key, and with no other key, nonce, data or bit', () => {
  const key = 'abcdefghijklmnopqrstuvwxyz012345';
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key), Buffer.from('0123456789ab'));
  cipher.setAAD(Buffer.from('transaction'));
  const bytes = Buffer.concat([cipher.update('付款'), cipher.final(), cipher.getAuthTag()]);
  const resource = {
    algorithm: 'AEAD_AES_256_GCM',
    ciphertext: bytes.toString('base64'),
    nonce: '0123456789ab',
    associated_data: 'transaction',
  };
  expect(openResource(key, resource)).toBe('付款');
  expect(openResource(key.toUpperCase(), resource)).toBeUndefined();
  expect(openResource(key, { ...resource, associated_data: 'refund' })).toBeUndefined();
  expect(openResource(key, { ...resource, nonce: '0123456789ac' })).toBeUndefined();
  expect(openResource(key, { ...resource, ciphertext: 'AAAA' })).toBeUndefined();
  expect(openResource(key, { ...resource, algorithm: 'none' })).toBeUndefined();
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  expect(openResource(key, { ...resource, ciphertext: bytes.toString('base64') })).toBeUndefined();
});
