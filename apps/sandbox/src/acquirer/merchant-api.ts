import { setTimeout as pause } from 'node:timers/promises';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { serverOptions } from '../core/admin-app.ts';
import type { WorldClock } from '../core/clock.ts';
import type { Fault, Faults } from '../core/faults.ts';
import type { Logger } from '../core/logger.ts';
import { ApiError, FaultError } from './api-error.ts';
import type { Gate } from './gate.ts';
import type { Merchant } from './merchants.ts';
import { type PlatformSigner, signatureHeaders } from './wire.ts';

/** A signed request that was let in. */
export interface Call {
  merchant: Merchant;
  params: Record<string, string>;
  query: Record<string, string>;
  /** The body's text; empty when there is none. */
  body: string;
  /** `http://host:port` by which the merchant reached us, for addresses in answers. */
  origin: string;
}

export interface Answer {
  status: number;
  body: string | Buffer;
  contentType?: string;
}

export interface Endpoint {
  method: 'GET' | 'POST';
  path: string;
  handle(call: Call): Promise<Answer> | Answer;
}

export function json(content: unknown): Answer {
  return { status: 200, body: JSON.stringify(content) };
}

/** Strings only: a parameter given twice is no text and counts as missing. */
function texts(value: unknown): Record<string, string> {
  const result: Record<string, string> = {};
  if (typeof value !== 'object' || value === null) return result;
  for (const [name, field] of Object.entries(value)) {
    if (typeof field === 'string') result[name] = field;
  }
  return result;
}

/** The numbers by which a fault can be aimed at one order or refund. */
function subjectOf(request: FastifyRequest, path: string, body: string): Record<string, string> {
  const params = texts(request.params);
  const subject: Record<string, string> = { method: request.method, path, ...params };
  for (const name of ['out_trade_no', 'out_refund_no']) {
    const found = new RegExp(`"${name}"\\s*:\\s*"([^"]*)"`).exec(body)?.[1];
    if (found !== undefined) subject[name] = found;
  }
  return subject;
}

function errorAnswer(error: unknown, logger: Logger, url: string): Answer {
  if (error instanceof ApiError) {
    const { code, message, detail } = error;
    return { status: error.status, body: JSON.stringify({ code, message, detail }) };
  }
  if (error instanceof FaultError) {
    const { code, message, status } = error;
    return { status, body: JSON.stringify({ code, message }) };
  }
  logger.error('a merchant request failed', { url, error });
  const body = { code: 'SYSTEM_ERROR', message: '系统异常，请用相同参数重新调用' };
  return { status: 500, body: JSON.stringify(body) };
}

export interface MerchantApiDeps {
  clock: WorldClock;
  faults: Faults;
  gate: Gate;
  signer: PlatformSigner;
  logger: Logger;
}

function declareFaults(faults: Faults): void {
  faults.declare('acquirer.request', {
    delay: { delay_ms: 1_000 },
    timeout_before_effect: { delay_ms: 0 },
    timeout_after_effect: { delay_ms: 0 },
    error: { status: 500, code: 'SYSTEM_ERROR' },
    bad_signature: {},
  });
}

/** Cuts the connection without a word, after the time that the fault says. */
async function cut(reply: FastifyReply, fault: Fault): Promise<void> {
  reply.hijack();
  if (fault.delay_ms !== undefined && fault.delay_ms > 0) await pause(fault.delay_ms);
  reply.raw.socket?.destroy();
}

function faultError(fault: Fault): FaultError {
  const status = typeof fault['status'] === 'number' ? fault['status'] : undefined;
  return new FaultError(String(fault['code']), status);
}

function send(
  { clock, signer }: MerchantApiDeps,
  reply: FastifyReply,
  answer: Answer,
  badSignature = false,
): FastifyReply {
  const seconds = Math.floor(clock.nowMs() / 1_000);
  const headers = signatureHeaders(signer, answer.body, seconds, badSignature);
  reply.code(answer.status).headers(headers).header('request-id', headers['wechatpay-nonce']);
  // An answer without content has no type either.
  if (answer.status !== 204) reply.type(answer.contentType ?? 'application/json; charset=utf-8');
  return reply.send(answer.body);
}

/** The body's text; empty when there is none. */
function bodyOf(request: FastifyRequest): string {
  return typeof request.body === 'string' ? request.body : '';
}

function admit({ gate }: MerchantApiDeps, request: FastifyRequest): Merchant {
  const { method, url, headers } = request;
  return gate.admit({ method, url, authorization: headers.authorization, body: bodyOf(request) });
}

async function serveOne(
  deps: MerchantApiDeps,
  endpoint: Endpoint,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const { faults, logger } = deps;
  const body = bodyOf(request);
  let fault: Fault | undefined;
  let answer: Answer;
  try {
    const merchant = admit(deps, request);
    const subject = { mchid: merchant.mchid, ...subjectOf(request, endpoint.path, body) };
    fault = faults.take('acquirer.request', subject);
    if (fault?.kind === 'timeout_before_effect') return cut(reply, fault);
    if (fault?.kind === 'delay') await pause(fault.delay_ms ?? 0);
    if (fault?.kind === 'error') throw faultError(fault);
    answer = await endpoint.handle({
      ...{ merchant, params: texts(request.params), query: texts(request.query), body },
      origin: `${request.protocol}://${request.host}`,
    });
  } catch (error) {
    answer = errorAnswer(error, logger, request.url);
  }
  if (fault?.kind === 'timeout_after_effect') return cut(reply, fault);
  return send(deps, reply, answer, fault?.kind === 'bad_signature');
}

/** The server that merchants call. Bodies stay text, since their bytes are what is signed. */
export function createMerchantApi(deps: MerchantApiDeps): {
  app: FastifyInstance;
  serve(endpoints: Endpoint[]): void;
} {
  declareFaults(deps.faults);
  const app = Fastify({ ...serverOptions, routerOptions: { maxParamLength: 500 } });

  // A context of its own: the payer's forms on the same port are parsed in another way.
  function register(endpoints: Endpoint[], scope: FastifyInstance): void {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, text, parsed) =>
      parsed(null, text),
    );
    for (const endpoint of endpoints) {
      scope.route({
        method: endpoint.method,
        url: endpoint.path,
        handler: (request, reply) => serveOne(deps, endpoint, request, reply),
      });
    }
  }

  return {
    app,
    serve: (endpoints) => {
      app.register((scope, _options, done) => {
        register(endpoints, scope);
        done();
      });
      app.setNotFoundHandler((request, reply) => {
        const message = `没有 ${request.method} ${request.url} 这个接口`;
        const body = JSON.stringify({ code: 'RESOURCE_NOT_EXISTS', message });
        return send(deps, reply, { status: 404, body });
      });
    },
  };
}
