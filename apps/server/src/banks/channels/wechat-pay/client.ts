import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '@keyturn/kernel';
import type { WechatPayContract } from '../contract.ts';
import { type ChannelCredentials, CredentialError } from '../credentials.ts';
import { parseExactJson } from '../exact-json.ts';
import { isFresh } from '../freshness.ts';
import type { Exchange, HttpAnswer, Transport } from '../transport.ts';
import { readError } from './messages.ts';
import { createPlatformKeys, type PlatformKeys, signatureOf } from './platform-keys.ts';
import { authorization, verifies } from './signing.ts';

/** An answer that WeChat Pay signed, or why there is none that can be trusted. */
export type WechatPayExchange =
  | {
      readonly kind: 'verified';
      readonly status: number;
      readonly text: string;
      readonly json: unknown;
    }
  | { readonly kind: 'unverified'; readonly reason: string; readonly status: number }
  | { readonly kind: 'broken'; readonly reason: string };

export interface WechatPayClient {
  call(method: 'GET' | 'POST', path: string, body?: string): Promise<WechatPayExchange>;
  /**
   * A file behind a download address: not verified here, its digest comes with the signed address.
   */
  download(path: string): Promise<Exchange>;
  /** Why a message that carries these headers cannot be trusted; undefined when it can. */
  distrust(headers: HttpAnswer['headers'], body: Uint8Array): Promise<string | undefined>;
  readonly apiV3Key: string;
}

/** A step of a followed time source reaches both sides within this time. */
const clockStepMs = 250;

export function createWechatPayClient(deps: {
  readonly contract: WechatPayContract;
  readonly credentials: ChannelCredentials;
  readonly transport: Transport;
  readonly clock: Clock;
}): WechatPayClient {
  const { config, secretRef } = deps.contract;
  const { privateKey, peer, secret } = deps.credentials;
  const apiV3Key = secret.api_v3_key;
  if (apiV3Key === undefined) {
    throw new CredentialError(`${secretRef}.secret.json has no api_v3_key. Restore it.`);
  }
  const signer = { mchid: config.mchid, serial: config.certificate_serial, key: privateKey };

  async function send(method: 'GET' | 'POST', path: string, body: string): Promise<Exchange> {
    const timestamp = Math.floor(deps.clock.now().epochMilliseconds / 1_000);
    const headers = {
      authorization: await authorization({ method, path, body }, signer, timestamp),
      accept: 'application/json',
      'content-type': 'application/json',
      'user-agent': 'keyturn',
    };
    return deps.transport.send({ method, path, headers, body });
  }

  const keys: PlatformKeys = createPlatformKeys({
    clock: deps.clock,
    initial: peer,
    apiV3Key,
    fetchList: async () => {
      const exchange = await send('GET', '/v3/certificates', '');
      return exchange.kind === 'answer' ? exchange.answer : undefined;
    },
  });

  async function distrust(
    headers: HttpAnswer['headers'],
    body: Uint8Array,
  ): Promise<string | undefined> {
    const signature = signatureOf(headers);
    if (signature === undefined) return 'it is not signed';
    const key = await keys.find(signature.serial);
    if (key === undefined) return `its certificate ${signature.serial} is not known`;
    if (!verifies(signature, body, key)) return 'its signature does not verify';
    if (!(await isFresh(deps.clock, signature.timestamp))) return 'its time stamp is too far off';
    return undefined;
  }

  async function callOnce(
    method: 'GET' | 'POST',
    path: string,
    body: string,
  ): Promise<WechatPayExchange> {
    const exchange = await send(method, path, body);
    if (exchange.kind === 'broken') return exchange;
    const { answer } = exchange;
    const problem = await distrust(answer.headers, answer.body);
    if (problem !== undefined) {
      const reason = `an answer ${answer.status} came, but ${problem}`;
      return { kind: 'unverified', reason, status: answer.status };
    }
    const text = answer.body.toString('utf8');
    return { kind: 'verified', status: answer.status, text, json: parseExactJson(text) };
  }

  return {
    apiV3Key,
    distrust,
    call: async (method, path, body = '') => {
      const first = await callOnce(method, path, body);
      // Refused at the door, so nothing was done: our clock may have been a moment behind theirs.
      const skewed = first.kind === 'verified' && first.status === 401 && isSignError(first.json);
      if (!skewed) return first;
      await wait(clockStepMs);
      return callOnce(method, path, body);
    },
    download: (path) => send('GET', path, ''),
  };
}

function isSignError(json: unknown): boolean {
  return readError.Check(json) && json.code === 'SIGN_ERROR';
}
