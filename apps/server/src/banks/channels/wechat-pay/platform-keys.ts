import { type KeyObject, X509Certificate } from 'node:crypto';
import { type Clock, elapsedMs } from '@keyturn/kernel';
import { type PeerKey, peerOfCertificate } from '../credentials.ts';
import { parseExactJson } from '../exact-json.ts';
import { type HttpAnswer, headerOf } from '../transport.ts';
import { readCertificates } from './messages.ts';
import { openResource, type SignatureHeaders, verifies } from './signing.ts';

/**
 * The keys with which WeChat Pay signs, by serial number: certificates are rotated without a
 * warning.
 */
export interface PlatformKeys {
  /**
   * The key of a serial number, fetched when it is a new one. Undefined: do not trust the message.
   */
  find(serial: string): Promise<KeyObject | undefined>;
}

/** However many strange serial numbers come in, the list is not asked for more often. */
const refreshApartMs = 10_000;

export function signatureOf(headers: HttpAnswer['headers']): SignatureHeaders | undefined {
  const timestamp = headerOf(headers, 'wechatpay-timestamp');
  const nonce = headerOf(headers, 'wechatpay-nonce');
  const signature = headerOf(headers, 'wechatpay-signature');
  const serial = headerOf(headers, 'wechatpay-serial');
  if (!timestamp || !nonce || !signature || !serial) return undefined;
  return { timestamp, nonce, signature, serial: serial.toUpperCase() };
}

/**
 * The list of certificates is encrypted with our APIv3 key, which nobody else has; and it must
 * carry a signature by one of the certificates that we knew or that are in it.
 */
function readList(
  answer: HttpAnswer,
  apiV3Key: string,
  known: ReadonlyMap<string, PeerKey>,
): readonly PeerKey[] {
  const body = parseExactJson(answer.body.toString('utf8'));
  if (answer.status !== 200 || !readCertificates.Check(body)) return [];
  const listed: PeerKey[] = [];
  for (const { encrypt_certificate } of body.data) {
    const pem = openResource(apiV3Key, encrypt_certificate);
    if (pem !== undefined) listed.push(peerOfCertificate(new X509Certificate(pem)));
  }
  const headers = signatureOf(answer.headers);
  if (headers === undefined) return [];
  const fromList = listed.find((peer) => peer.keyId === headers.serial);
  const signer = known.get(headers.serial) ?? fromList;
  return signer !== undefined && verifies(headers, answer.body, signer.key) ? listed : [];
}

export function createPlatformKeys(deps: {
  readonly clock: Clock;
  readonly initial: PeerKey | undefined;
  readonly apiV3Key: string;
  /** `GET /v3/certificates`, signed by us; undefined when the connection broke. */
  readonly fetchList: () => Promise<HttpAnswer | undefined>;
}): PlatformKeys {
  const known = new Map<string, PeerKey>();
  if (deps.initial?.keyId !== undefined) known.set(deps.initial.keyId, deps.initial);
  let refreshing: Promise<void> | undefined;
  let refreshedAt = Number.NEGATIVE_INFINITY;

  function usable(serial: string): KeyObject | undefined {
    const peer = known.get(serial);
    if (peer === undefined) return undefined;
    const { validTo } = peer;
    if (validTo && Temporal.Instant.compare(deps.clock.now(), validTo) > 0) return undefined;
    return peer.key;
  }

  async function refresh(): Promise<void> {
    const answer = await deps.fetchList();
    refreshedAt = elapsedMs();
    if (answer === undefined) return;
    for (const peer of readList(answer, deps.apiV3Key, known)) {
      if (peer.keyId !== undefined) known.set(peer.keyId, peer);
    }
  }

  return {
    find: async (serial) => {
      const key = usable(serial);
      if (key !== undefined) return key;
      if (refreshing === undefined && elapsedMs() - refreshedAt < refreshApartMs) return undefined;
      refreshing ??= refresh().finally(() => {
        refreshing = undefined;
      });
      await refreshing;
      return usable(serial);
    },
  };
}
