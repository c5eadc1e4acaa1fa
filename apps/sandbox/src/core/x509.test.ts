import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { issueCertificate } from './x509.ts';

const root = generateKeyPairSync('rsa', { modulusLength: 2048 });
const leaf = generateKeyPairSync('rsa', { modulusLength: 2048 });
const rootName = { commonName: '测试 CA', organisation: 'Test & Co.' };
const now = Temporal.Instant.fromEpochMilliseconds(Math.floor(performance.timeOrigin));
const times = {
  notBefore: now.subtract({ hours: 1 }),
  notAfter: now.add({ hours: 24 * 365 * 30 }),
};

const authority = issueCertificate({
  ...{ subject: rootName, publicKey: root.publicKey, isAuthority: true, ...times },
  issuer: { ...rootName, privateKey: root.privateKey },
});

const server = issueCertificate({
  ...{ publicKey: leaf.publicKey, isAuthority: false, ...times },
  subject: { commonName: 'localhost', organisation: 'Test' },
  issuer: { ...rootName, privateKey: root.privateKey },
  names: { dns: ['localhost'], ipv4: ['127.0.0.1'] },
});

describe('an issued certificate', () => {
  it('says what was ordered', () => {
    const read = new X509Certificate(server.pem);
    expect(read.serialNumber).toBe(server.serial);
    expect(server.serial).toMatch(/^[0-9A-F]{40}$/);
    expect(read.subject).toContain('CN=localhost');
    expect(read.issuer).toContain('O=Test & Co.');
    expect(read.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1');
    expect(read.ca).toBe(false);
    expect(new X509Certificate(authority.pem).ca).toBe(true);
    // Past 2049 the time has another form.
    const written = Temporal.Instant.fromEpochMilliseconds(read.validToDate.getTime());
    expect(written.until(times.notAfter).total('seconds')).toBeLessThan(1);
  });

  it('is signed by its issuer and by nobody else', () => {
    const read = new X509Certificate(server.pem);
    expect(read.verify(root.publicKey)).toBe(true);
    expect(read.verify(leaf.publicKey)).toBe(false);
    expect(read.checkIssued(new X509Certificate(authority.pem))).toBe(true);
    expect(read.checkPrivateKey(leaf.privateKey)).toBe(true);
  });

  it('serves TLS to a client that trusts the authority, and to no other', async () => {
    const key = leaf.privateKey.export({ type: 'pkcs8', format: 'pem' });
    const https = createServer({ key, cert: server.pem }, (_request, response) => {
      response.end('ok');
    });
    await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
    const address: AddressInfo | string | null = https.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const get = (ca?: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const options = { host: '127.0.0.1', port, agent: false as const };
        request(ca === undefined ? options : { ...options, ca }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end();
      });
    try {
      expect(await get(authority.pem)).toBe(200);
      await expect(get()).rejects.toThrow(/certificate/);
    } finally {
      https.closeAllConnections();
      https.close();
    }
  });
});
