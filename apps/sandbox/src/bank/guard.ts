import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { WorldClock } from '../core/clock.ts';
import type { CommitQueue } from '../core/commit-queue.ts';
import type { Fault, Faults } from '../core/faults.ts';
import type { Client, Clients } from './clients.ts';
import { faultInteger, faultText } from './fault-points.ts';
import { toJson } from './fen.ts';
import type { BankKeys } from './keys.ts';
import { BankRefusal } from './refusals.ts';
import { answerText, requestText, signText, verifyText } from './signatures.ts';

const skewMs = 5 * 60_000;
const maxNonceLength = 64;

/** What was found out about a request on its way in. */
interface Admitted {
  client: Client;
  fault: Fault | undefined;
}

export interface Guard {
  /** Lets a request in: checks its signature, then lets a fault have its turn. */
  admit(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** Signs an answer, or has its fault spoil it. */
  seal(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown>;
  clientOf(request: FastifyRequest): Client;
}

/** Ends the connection without an answer. */
export async function hangUp(request: FastifyRequest, reply: FastifyReply, afterMs: number) {
  reply.hijack();
  await wait(afterMs, undefined, { ref: false });
  request.raw.socket.destroy();
}

/** The body as it came, whatever its type: a signature stands over bytes. */
export function rawBody(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

function headerOf(request: FastifyRequest, name: string): string {
  const value = request.headers[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new BankRefusal('SIGNATURE_INVALID', `header ${name} is missing: sign the request`);
}

function faultSubject(request: FastifyRequest, clientId: string): Record<string, string> {
  const subject: Record<string, string> = {
    client_id: clientId,
    method: request.method,
    path: request.url,
    operation: `${request.method} ${request.routeOptions.url ?? ''}`,
  };
  if (typeof request.params === 'object' && request.params !== null) {
    for (const [name, value] of Object.entries(request.params)) subject[name] = String(value);
  }
  return subject;
}

function createSignatureCheck(clients: Clients, clock: WorldClock, commits: CommitQueue) {
  return async (request: FastifyRequest): Promise<Client> => {
    const client = clients.find(headerOf(request, 'x-bank-client'));
    if (client === undefined) {
      throw new BankRefusal('CLIENT_UNKNOWN', 'X-Bank-Client names no client: enrol it first');
    }
    const timestamp = headerOf(request, 'x-bank-timestamp');
    const nonce = headerOf(request, 'x-bank-nonce');
    const keyId = headerOf(request, 'x-bank-key');
    const signature = headerOf(request, 'x-bank-signature');
    const nowMs = clock.nowMs();
    const seconds = /^\d{1,12}$/.test(timestamp) ? Number.parseInt(timestamp, 10) : Number.NaN;
    if (!(Math.abs(seconds * 1_000 - nowMs) <= skewMs)) {
      throw new BankRefusal(
        'TIMESTAMP_SKEWED',
        `X-Bank-Timestamp must be epoch seconds within 5 minutes of ${Math.floor(nowMs / 1_000)}`,
      );
    }
    if (nonce.length > maxNonceLength) {
      throw new BankRefusal('SIGNATURE_INVALID', 'X-Bank-Nonce is longer than 64 characters');
    }
    if (client.keyId !== undefined && client.keyId !== keyId) {
      throw new BankRefusal('SIGNATURE_INVALID', `X-Bank-Key must be ${client.keyId}, as enrolled`);
    }
    const { method, url: path } = request;
    const text = requestText({ method, path, timestamp, nonce, body: rawBody(request) });
    if (!verifyText(client.publicKey, text, signature)) {
      throw new BankRefusal(
        'SIGNATURE_INVALID',
        'the signature does not fit the request and the enrolled key: see the README for its text',
      );
    }
    // Only now, so that nobody without the key can use up a client's nonces.
    const fresh = await commits.write(() => clients.useNonce(client.clientId, nonce, nowMs));
    if (!fresh) {
      throw new BankRefusal('NONCE_REUSED', 'X-Bank-Nonce was used before: send a fresh one');
    }
    return client;
  };
}

export function createGuard(deps: {
  clock: WorldClock;
  commits: CommitQueue;
  faults: Faults;
  clients: Clients;
  keys: BankKeys;
}): Guard {
  const { clock, faults, keys } = deps;
  const checkSignature = createSignatureCheck(deps.clients, clock, deps.commits);
  const admitted = new WeakMap<FastifyRequest, Admitted>();

  async function admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const client = await checkSignature(request);
    const fault = faults.take('bank.request', faultSubject(request, client.clientId));
    admitted.set(request, { client, fault });
    if (fault?.kind === 'timeout_before_effect') {
      await hangUp(request, reply, fault.delay_ms ?? 0);
    } else if (fault?.kind === 'error') {
      const code = faultText(fault, 'code', 'SYSTEM_ERROR');
      const body = { code, message: 'the bank cannot answer now: ask again later' };
      await reply
        .code(faultInteger(fault, 'status', 500))
        .type('application/json; charset=utf-8')
        .send(toJson(body));
    }
  }

  async function seal(request: FastifyRequest, reply: FastifyReply, payload: unknown) {
    const fault = admitted.get(request)?.fault;
    if (fault?.kind === 'timeout_after_effect') {
      await wait(fault.delay_ms ?? 0, undefined, { ref: false });
      request.raw.socket.destroy();
      return payload;
    }
    if (fault?.kind === 'delay') await wait(fault.delay_ms ?? 0, undefined, { ref: false });
    const body = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : '';
    const timestamp = String(Math.floor(clock.nowMs() / 1_000));
    const nonce = request.headers['x-bank-nonce'];
    const echoed = typeof nonce === 'string' ? nonce.slice(0, maxNonceLength) : '';
    const client = request.headers['x-bank-client'];
    const { statusCode: status } = reply;
    const text = answerText({ status, path: request.url, timestamp, nonce: echoed, body });
    const spoilt = fault?.kind === 'bad_signature' ? `${text}forged` : text;
    reply.headers({
      'x-bank-client': typeof client === 'string' ? client : '',
      'x-bank-timestamp': timestamp,
      'x-bank-nonce': echoed,
      'x-bank-key': keys.keyId,
      'x-bank-signature': signText(keys.signingKey, spoilt),
    });
    return payload;
  }

  return {
    admit,
    seal,
    clientOf: (request) => {
      const found = admitted.get(request);
      if (found === undefined) throw new Error('the request was not admitted');
      return found.client;
    },
  };
}
