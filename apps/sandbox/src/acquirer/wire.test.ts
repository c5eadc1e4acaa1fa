import { generateKeyPairSync, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decryptResource,
  encryptResource,
  parseAuthorization,
  requestMessage,
  signatureHeaders,
  verifySignature,
} from './wire.ts';

describe('AEAD_AES_256_GCM', () => {
  // Test cases 13 and 14 of "The Galois/Counter Mode of Operation" (McGrew and Viega).
  const zeroKey = Buffer.alloc(32);
  const zeroNonce = '\0'.repeat(12);

  it('gives the published tag for no text', () => {
    const { ciphertext } = encryptResource(zeroKey, '', '', zeroNonce);
    const hex = Buffer.from(ciphertext, 'base64').toString('hex');
    expect(hex).toBe('530f8afbc74536b9a963b4f1c4cb738b');
  });

  it('gives the published text and tag for one block', () => {
    const { ciphertext } = encryptResource(zeroKey, '\0'.repeat(16), '', zeroNonce);
    const hex = Buffer.from(ciphertext, 'base64').toString('hex');
    expect(hex).toBe('cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919');
  });

  it('gives back what went in, and throws when any part is changed', () => {
    const key = Buffer.from('0123456789abcdef0123456789abcdef');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), (text, position) => {
        const resource = encryptResource(key, text, 'transaction');
        expect(decryptResource(key, resource)).toBe(text);
        const bytes = Buffer.from(resource.ciphertext, 'base64');
        const index = position % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ 1;
        const changed = { ...resource, ciphertext: bytes.toString('base64') };
        expect(() => decryptResource(key, changed)).toThrow();
        expect(() => decryptResource(key, { ...resource, associated_data: 'refund' })).toThrow();
      }),
    );
  });
});

describe('what is signed', () => {
  it('is the message of the public documentation’s example', () => {
    const message = requestMessage({
      method: 'GET',
      url: '/v3/certificates',
      timestamp: '1554208460',
      nonce: '593BEC0C930BF1AFEB40B4A08C8FB242',
      body: '',
    });
    expect(message.toString()).toBe(
      'GET\n/v3/certificates\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\n\n',
    );
  });

  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

  it('verifies with the key and not with a changed message', () => {
    const message = Buffer.from('POST\n/v3/pay\n1\nn\n{}\n');
    const signature = sign('RSA-SHA256', message, privateKey).toString('base64');
    expect(verifySignature(message, publicKey, signature)).toBe(true);
    expect(verifySignature(Buffer.from('POST\n/v3/pay\n1\nn\n{ }\n'), publicKey, signature)).toBe(
      false,
    );
    expect(verifySignature(message, publicKey, 'no signature')).toBe(false);
  });

  it('is, for an answer, time, nonce and body', () => {
    const signer = { serial: 'AB', privateKey };
    for (const isBad of [false, true]) {
      const headers = signatureHeaders(signer, '{"a":1}', 1_700_000_000, isBad);
      const message = `1700000000\n${headers['wechatpay-nonce']}\n{"a":1}\n`;
      const signature = Buffer.from(headers['wechatpay-signature'] ?? '', 'base64');
      expect(verify('RSA-SHA256', Buffer.from(message), publicKey, signature)).toBe(!isBad);
      expect(headers['wechatpay-serial']).toBe('AB');
    }
  });
});

describe('the Authorization header', () => {
  const parts = 'mchid="1",nonce_str="n",signature="s",timestamp="2",serial_no="A"';

  it('is read in any order of its parts', () => {
    const expected = { mchid: '1', nonce: 'n', signature: 's', timestamp: '2', serial: 'A' };
    expect(parseAuthorization(`WECHATPAY2-SHA256-RSA2048 ${parts}`)).toEqual(expected);
    const turned = parts.split(',').reverse().join(',');
    expect(parseAuthorization(`WECHATPAY2-SHA256-RSA2048 ${turned}`)).toEqual(expected);
  });

  it.each([
    undefined,
    '',
    parts,
    `Bearer ${parts}`,
    'WECHATPAY2-SHA256-RSA2048 mchid="1"',
    `WECHATPAY2-SHA256-RSA2048 ${parts},mchid="2"`,
    `WECHATPAY2-SHA256-RSA2048 ${parts.replace('"s"', '""')}`,
    `WECHATPAY2-SHA256-RSA2048 ${parts}${' '.repeat(2_048)}`,
  ])('is refused when it reads %s', (header) => {
    expect(parseAuthorization(header)).toBeUndefined();
  });
});
