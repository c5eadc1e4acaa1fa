import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { faultInteger, faultText } from '../bank/fault-points.ts';
import { hangUp, rawBody } from '../bank/guard.ts';
import type { WorldClock } from '../core/clock.ts';
import type { Fault, Faults } from '../core/faults.ts';
import { Refusal } from '../core/refusal.ts';
import { text } from '../core/store.ts';

const skewMs = 5 * 60_000;

/** What a request is signed over: its method, address, time stamp and the digest of its body. */
export function signedText(parts: {
  method: string;
  path: string;
  timestamp: string;
  body: Buffer;
}): string {
  const digest = createHash('sha256').update(parts.body).digest('hex');
  return [parts.method, parts.path, parts.timestamp, digest].join('\n');
}

export interface Guard {
  admit(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** Answers late, or cuts the line behind the effect. */
  release(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown>;
}

export interface Clients {
  enrol(clientId: string, key: string): void;
  keyOf(clientId: string): string | undefined;
}

export function openClients(store: DatabaseSync): Clients {
  const find = store.prepare('select key from old_client where client_id = ?');
  const upsert = store.prepare(`insert into old_client (client_id, key) values (?, ?)
    on conflict (client_id) do update set key = excluded.key`);
  return {
    enrol: (clientId, key) => {
      upsert.run(clientId, key);
    },
    keyOf: (clientId) => {
      const row = find.get(clientId);
      return row === undefined ? undefined : text(row, 'key');
    },
  };
}

export function createGuard(deps: { clock: WorldClock; faults: Faults; clients: Clients }): Guard {
  const { clock, faults, clients } = deps;
  const met = new WeakMap<FastifyRequest, Fault>();

  function check(request: FastifyRequest): string {
    const header = (name: string) => String(request.headers[name] ?? '');
    const client = header('x-ledger-client');
    const key = clients.keyOf(client);
    if (key === undefined) {
      throw new Refusal(401, 'X-Ledger-Client names no client: enrol it at the admin port first');
    }
    const timestamp = header('x-ledger-timestamp');
    const seconds = /^\d{1,12}$/.test(timestamp) ? Number.parseInt(timestamp, 10) : Number.NaN;
    if (!(Math.abs(seconds * 1_000 - clock.nowMs()) <= skewMs)) {
      throw new Refusal(401, 'X-Ledger-Timestamp must be epoch seconds within 5 minutes of now');
    }
    const { method, url: path } = request;
    const signed = signedText({ method, path, timestamp, body: rawBody(request) });
    const expected = createHmac('sha256', key).update(signed).digest();
    const given = Buffer.from(header('x-ledger-signature'), 'hex');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new Refusal(401, 'X-Ledger-Signature does not fit: see the README for its text');
    }
    return client;
  }

  return {
    admit: async (request, reply) => {
      const client_id = check(request);
      const operation = `${request.method} ${request.routeOptions.url ?? ''}`;
      const subject = { client_id, method: request.method, path: request.url, operation };
      const fault = faults.take('old_ledger.request', subject);
      if (fault === undefined) return;
      met.set(request, fault);
      if (fault.kind === 'timeout_before_effect') {
        await hangUp(request, reply, fault.delay_ms ?? 0);
      } else if (fault.kind === 'error') {
        const code = faultText(fault, 'code', 'SYSTEM_ERROR');
        await reply
          .code(faultInteger(fault, 'status', 500))
          .send({ code, error: 'the old ledger cannot answer now: ask again later' });
      }
    },
    release: async (request, _reply, payload) => {
      const fault = met.get(request);
      if (fault?.kind === 'delay') await wait(fault.delay_ms ?? 0, undefined, { ref: false });
      if (fault?.kind === 'timeout_after_effect') {
        await wait(fault.delay_ms ?? 0, undefined, { ref: false });
        request.raw.socket.destroy();
      }
      return payload;
    },
  };
}
