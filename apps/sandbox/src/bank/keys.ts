import { type KeyObject, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { type KeyPair, openRsaKey, writePrivateFile } from '../core/keys.ts';
import { issueCertificate } from '../core/x509.ts';
import { keyIdOf } from './signatures.ts';

const organisation = 'Sandbox Escrow Bank';
const authority = { commonName: 'Sandbox Escrow Bank CA', organisation };

/**
 * Fixed, and not tied to any clock: TLS clients compare with their machine's own time, which the
 * world's steerable clock must not be able to leave behind.
 */
const validity = {
  notBefore: Temporal.Instant.from('2024-01-01T00:00:00Z'),
  notAfter: Temporal.Instant.from('2064-01-01T00:00:00Z'),
};

export interface BankKeys {
  /** Signs the bank's answers and notifications. */
  signingKey: KeyObject;
  publicKeyPem: string;
  keyId: string;
  /** What a client must trust to reach the bank. */
  caPem: string;
  /** Key and certificate chain for a server at this host, besides localhost and 127.0.0.1. */
  tls(host: string): { key: string; cert: string };
}

function openCertificate(
  file: string,
  fits: (old: X509Certificate) => boolean,
  make: () => string,
) {
  if (existsSync(file)) {
    const pem = readFileSync(file, 'utf8');
    if (fits(new X509Certificate(pem))) return pem;
  }
  const pem = make();
  writePrivateFile(file, pem);
  return pem;
}

function serverCertificate(directory: string, caKey: KeyPair, server: KeyPair, host: string) {
  const dns = ['localhost'];
  const ipv4 = ['127.0.0.1'];
  if (isIPv4(host)) ipv4.push(host);
  else dns.push(host);
  return openCertificate(
    join(directory, 'bank-tls.pem'),
    (old) =>
      old.checkPrivateKey(server.privateKey) &&
      old.verify(caKey.publicKey) &&
      dns.every((name) => old.checkHost(name) !== undefined) &&
      ipv4.every((address) => old.checkIP(address) !== undefined),
    () =>
      issueCertificate({
        subject: { commonName: host, organisation },
        publicKey: server.publicKey,
        issuer: { ...authority, privateKey: caKey.privateKey },
        ...validity,
        isAuthority: false,
        names: { dns: [...new Set(dns)], ipv4: [...new Set(ipv4)] },
      }).pem,
  );
}

/** Opens the bank's keys in `directory`, making what is not there yet. */
export function openBankKeys(directory: string): BankKeys {
  const signing = openRsaKey(directory, 'bank-signing');
  const caKey = openRsaKey(directory, 'bank-ca');
  const server = openRsaKey(directory, 'bank-tls');
  const caPem = openCertificate(
    join(directory, 'bank-ca.pem'),
    (old) => old.checkPrivateKey(caKey.privateKey),
    () =>
      issueCertificate({
        subject: authority,
        publicKey: caKey.publicKey,
        issuer: { ...authority, privateKey: caKey.privateKey },
        ...validity,
        isAuthority: true,
      }).pem,
  );
  return {
    signingKey: signing.privateKey,
    publicKeyPem: String(signing.publicKey.export({ type: 'spki', format: 'pem' })),
    keyId: keyIdOf(signing.publicKey),
    caPem,
    tls: (host) => ({
      key: String(server.privateKey.export({ type: 'pkcs8', format: 'pem' })),
      cert: serverCertificate(directory, caKey, server, host) + caPem,
    }),
  };
}
