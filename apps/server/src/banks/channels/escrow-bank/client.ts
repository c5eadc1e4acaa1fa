import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '@keyturn/kernel';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { EscrowBankContract } from '../contract.ts';
import { type ChannelCredentials, CredentialError } from '../credentials.ts';
import { parseExactJson } from '../exact-json.ts';
import { isFresh } from '../freshness.ts';
import { type HttpAnswer, headerOf, type Transport } from '../transport.ts';
import { answerText, requestText, type SignedHeaders, signText, verifiesText } from './signing.ts';

/** An answer that the bank signed, or why there is none that can be trusted. */
export type BankExchange =
  | { readonly kind: 'verified'; readonly status: number; readonly body: Buffer }
  | { readonly kind: 'unverified'; readonly reason: string; readonly status: number }
  | { readonly kind: 'broken'; readonly reason: string };

export interface EscrowBankClient {
  call(
    method: 'GET' | 'POST',
    path: string,
    body?: { readonly type: 'json' | 'xml'; readonly text: string },
  ): Promise<BankExchange>;
  /** Why a notification cannot be trusted; undefined when it can. */
  distrust(headers: HttpAnswer['headers'], body: Uint8Array): Promise<string | undefined>;
}

export const readBankError = Compile(Type.Object({ code: Type.String(), message: Type.String() }));

const clockStepMs = 250;
const mediaTypes = {
  json: 'application/json; charset=utf-8',
  xml: 'application/xml; charset=utf-8',
} as const;

function signedHeaders(headers: HttpAnswer['headers']): SignedHeaders | undefined {
  const timestamp = headerOf(headers, 'x-bank-timestamp');
  const nonce = headerOf(headers, 'x-bank-nonce');
  const signature = headerOf(headers, 'x-bank-signature');
  return timestamp && nonce && signature ? { timestamp, nonce, signature } : undefined;
}

export function createEscrowBankClient(deps: {
  readonly contract: EscrowBankContract;
  readonly credentials: ChannelCredentials;
  readonly transport: Transport;
  readonly clock: Clock;
}): EscrowBankClient {
  const { config, secretRef } = deps.contract;
  const { privateKey, peer } = deps.credentials;
  if (peer === undefined) {
    throw new CredentialError(`${secretRef}.peer.pem is missing: it holds the bank's public key.`);
  }
  const keyId = config.key_id ?? `${config.client_id}-1`;
  const notifyPath = new URL(config.notify_url).pathname;

  async function callOnce(
    method: 'GET' | 'POST',
    path: string,
    body: { readonly type: 'json' | 'xml'; readonly text: string } | undefined,
  ): Promise<BankExchange> {
    const timestamp = String(Math.floor(deps.clock.now().epochMilliseconds / 1_000));
    const nonce = randomUUID();
    const text = body?.text ?? '';
    const signed = requestText({ method, path, body: Buffer.from(text) }, timestamp, nonce);
    const exchange = await deps.transport.send({
      method,
      path,
      body: text,
      headers: {
        ...(body === undefined ? {} : { 'content-type': mediaTypes[body.type] }),
        'x-bank-client': config.client_id,
        'x-bank-timestamp': timestamp,
        'x-bank-nonce': nonce,
        'x-bank-key': keyId,
        'x-bank-signature': await signText(signed, privateKey),
      },
    });
    if (exchange.kind === 'broken') return exchange;
    const { answer } = exchange;
    const problem = await distrustAnswer(answer, path, nonce);
    if (problem === undefined) {
      return { kind: 'verified', status: answer.status, body: answer.body };
    }
    const reason = `an answer ${answer.status} came, but ${problem}`;
    return { kind: 'unverified', reason, status: answer.status };
  }

  async function distrustAnswer(
    answer: HttpAnswer,
    path: string,
    nonce: string,
  ): Promise<string | undefined> {
    const headers = signedHeaders(answer.headers);
    if (headers === undefined) return 'it is not signed';
    const { status, body } = answer;
    const message = answerText({ status, path, body }, headers.timestamp, nonce);
    return distrustText(message, headers);
  }

  async function distrustText(
    message: Buffer,
    headers: SignedHeaders,
  ): Promise<string | undefined> {
    if (peer === undefined || !verifiesText(message, headers.signature, peer.key)) {
      return 'its signature does not verify';
    }
    if (!(await isFresh(deps.clock, headers.timestamp))) return 'its time stamp is too far off';
    return undefined;
  }

  return {
    call: async (method, path, body) => {
      const first = await callOnce(method, path, body);
      // Refused at the door, so nothing was done: our clock may have been a moment behind theirs.
      if (first.kind !== 'verified' || !isSkewed(first)) return first;
      await wait(clockStepMs);
      return callOnce(method, path, body);
    },
    distrust: async (headers, body) => {
      const signed = signedHeaders(headers);
      if (signed === undefined) return 'it is not signed';
      if (headerOf(headers, 'x-bank-client') !== config.client_id)
        return 'it is for another client';
      const request = { method: 'POST', path: notifyPath, body };
      return distrustText(requestText(request, signed.timestamp, signed.nonce), signed);
    },
  };
}

function isSkewed(answer: { readonly status: number; readonly body: Buffer }): boolean {
  if (answer.status !== 401) return false;
  const json = parseExactJson(answer.body.toString('utf8'));
  return readBankError.Check(json) && json.code === 'TIMESTAMP_SKEWED';
}
