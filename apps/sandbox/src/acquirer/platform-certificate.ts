import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorldClock } from '../core/clock.ts';
import { openRsaKey, writePrivateFile } from '../core/keys.ts';
import { issueCertificate } from '../core/x509.ts';

/** The certificate that merchants know the acquirer by, and its key. */
export interface PlatformCertificate {
  serial: string;
  certificatePem: string;
  publicKeyPem: string;
  privateKey: KeyObject;
  validFrom: Temporal.Instant;
  validTo: Temporal.Instant;
}

const holder = { commonName: 'Sandbox acquirer platform', organisation: 'Sandbox acquirer' };
const authority = { commonName: 'Sandbox acquirer CA', organisation: 'Sandbox acquirer' };
const validHours = 24 * 365 * 25;

function makeCertificate(keysDirectory: string, file: string, now: Temporal.Instant): void {
  const root = openRsaKey(keysDirectory, 'acquirer-ca');
  const { publicKey } = openRsaKey(keysDirectory, 'acquirer-platform');
  const issued = issueCertificate({
    subject: holder,
    publicKey,
    issuer: { ...authority, privateKey: root.privateKey },
    notBefore: now.subtract({ hours: 24 }),
    notAfter: now.add({ hours: validHours }),
    isAuthority: false,
  });
  writePrivateFile(file, issued.pem);
}

/** Made at the first start. Valid for 25 years, since the world's clock may run far ahead. */
export function openPlatformCertificate(
  keysDirectory: string,
  clock: WorldClock,
): PlatformCertificate {
  const file = join(keysDirectory, 'acquirer-platform.cert.pem');
  if (!existsSync(file)) makeCertificate(keysDirectory, file, clock.now());
  const certificatePem = readFileSync(file, 'utf8');
  const certificate = new X509Certificate(certificatePem);
  const { privateKey } = openRsaKey(keysDirectory, 'acquirer-platform');
  const publicKeyPem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' });
  return {
    serial: certificate.serialNumber,
    certificatePem,
    publicKeyPem: String(publicKeyPem),
    privateKey,
    validFrom: Temporal.Instant.fromEpochMilliseconds(certificate.validFromDate.getTime()),
    validTo: Temporal.Instant.fromEpochMilliseconds(certificate.validToDate.getTime()),
  };
}
