import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';

/**
 * Makes X.509 v3 certificates (RFC 5280) signed with RSA-SHA256. Node reads certificates but makes
 * none; what is needed of DER (X.690) is small enough to be written here.
 */
export interface CertificateOrder {
  /** Common name and organisation of the holder. */
  subject: { commonName: string; organisation: string };
  publicKey: KeyObject;
  /** Who signs; a certificate that signs itself names its own subject and key. */
  issuer: { commonName: string; organisation: string; privateKey: KeyObject };
  notBefore: Temporal.Instant;
  notAfter: Temporal.Instant;
  isAuthority: boolean;
  /** DNS names and IPv4 addresses that a server may be called by. */
  names?: { dns: string[]; ipv4: string[] };
}

export interface IssuedCertificate {
  pem: string;
  /** Upper-case hexadecimal, 40 digits. */
  serial: string;
}

function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.concat([Buffer.from([tag, 0x80 | bytes.length, ...bytes]), content]);
}

const sequence = (...parts: Uint8Array[]) => der(0x30, ...parts);
const set = (...parts: Uint8Array[]) => der(0x31, ...parts);
const octets = (...parts: Uint8Array[]) => der(0x04, ...parts);
const bits = (content: Uint8Array, unused = 0) => der(0x03, Buffer.from([unused]), content);
const text = (content: string) => der(0x0c, Buffer.from(content, 'utf8'));
const truth = der(0x01, Buffer.from([0xff]));

function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map((arc) => Number.parseInt(arc, 10));
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      groups.unshift((left % 128) | 0x80);
    }
    bytes.push(...groups);
  }
  return der(0x06, Buffer.from(bytes));
}

const oid = {
  commonName: objectId('2.5.4.3'),
  organisation: objectId('2.5.4.10'),
  country: objectId('2.5.4.6'),
  rsaSha256: objectId('1.2.840.113549.1.1.11'),
  subjectKeyId: objectId('2.5.29.14'),
  keyUsage: objectId('2.5.29.15'),
  alternativeName: objectId('2.5.29.17'),
  basicConstraints: objectId('2.5.29.19'),
  authorityKeyId: objectId('2.5.29.35'),
  extendedKeyUsage: objectId('2.5.29.37'),
  serverAuthentication: objectId('1.3.6.1.5.5.7.3.1'),
};

function distinguishedName(name: { commonName: string; organisation: string }): Buffer {
  return sequence(
    set(sequence(oid.country, der(0x13, Buffer.from('CN')))),
    set(sequence(oid.organisation, text(name.organisation))),
    set(sequence(oid.commonName, text(name.commonName))),
  );
}

/** UTCTime until 2049, GeneralizedTime from 2050 on (RFC 5280, 4.1.2.5). */
function time(instant: Temporal.Instant): Buffer {
  const digits = instant.toString({ smallestUnit: 'second' }).replace(/[-:TZ]/g, '');
  const late = digits >= '2050';
  return der(late ? 0x18 : 0x17, Buffer.from(`${late ? digits : digits.slice(2)}Z`));
}

function extension(id: Buffer, critical: boolean, value: Buffer): Buffer {
  return critical ? sequence(id, truth, octets(value)) : sequence(id, octets(value));
}

/** SHA-1 of the key's bits: a name for the key, not a protection (RFC 5280, 4.2.1.2). */
function keyId(key: KeyObject): Buffer {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  const pkcs1 = publicKey.export({ type: 'pkcs1', format: 'der' });
  return createHash('sha1').update(pkcs1).digest();
}

function extensions(order: CertificateOrder): Buffer {
  // Key usage bits, first bit highest: authorities sign certificates and lists, others sign and
  // receive keys.
  const usage = order.isAuthority ? bits(Buffer.from([0x06]), 1) : bits(Buffer.from([0xa0]), 5);
  const list = [
    extension(oid.basicConstraints, true, order.isAuthority ? sequence(truth) : sequence()),
    extension(oid.keyUsage, true, usage),
    extension(oid.subjectKeyId, false, octets(keyId(order.publicKey))),
    extension(oid.authorityKeyId, false, sequence(der(0x80, keyId(order.issuer.privateKey)))),
  ];
  if (order.names !== undefined) {
    const dns = order.names.dns.map((name) => der(0x82, Buffer.from(name)));
    const ips = order.names.ipv4.map((address) =>
      der(0x87, Buffer.from(address.split('.').map((byte) => Number.parseInt(byte, 10)))),
    );
    list.push(extension(oid.alternativeName, false, sequence(...dns, ...ips)));
    list.push(extension(oid.extendedKeyUsage, false, sequence(oid.serverAuthentication)));
  }
  return der(0xa3, sequence(...list));
}

/** Issues a certificate with a fresh random serial number of 20 bytes. */
export function issueCertificate(order: CertificateOrder): IssuedCertificate {
  const serial = randomBytes(20);
  // Positive, and of full length: the first bit must be 0, the next 1.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const algorithm = sequence(oid.rsaSha256, der(0x05));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    algorithm,
    distinguishedName(order.issuer),
    sequence(time(order.notBefore), time(order.notAfter)),
    distinguishedName(order.subject),
    order.publicKey.export({ type: 'spki', format: 'der' }),
    extensions(order),
  );
  const signature = sign('RSA-SHA256', body, order.issuer.privateKey);
  const lines =
    sequence(body, algorithm, bits(signature))
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  const pem = `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
  return { pem, serial: serial.toString('hex').toUpperCase() };
}
