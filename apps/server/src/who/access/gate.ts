import cookie from '@fastify/cookie';
import { assert, type Refusal, type Result } from '@keyturn/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answer, type HttpApp, RefusedError } from '../../platform/index.ts';
import { isSafeMethod, mayCall } from './decide/may-call.ts';
import { sameText } from './decide/token.ts';
import { refuse } from './errors.ts';
import { type AccessRule, accessRules } from './principal.ts';
import type { AccessService, Identity } from './types.ts';

/** The cookie that holds an operator's session token. */
export const sessionCookie = 'keyturn_session';

export interface GateOptions {
  /**
   * Addresses whose routes come from plug-ins that cannot say who may call them, such as the files
   * of web pages. Anybody may read there.
   */
  readonly publicPrefixes?: readonly string[];
}

interface Recorded {
  readonly auditId: string;
  code: string | undefined;
  object: string | undefined;
}

/**
 * Stands before every route: knows who asks, lets in whom the route's `config.access` names, and
 * writes down what operators change before they change it. Called once, before any module adds its
 * routes.
 *
 * @throws AssertionError, at the start, for a route without `config.access`
 */
export async function registerAccess(
  app: HttpApp,
  access: AccessService,
  options: GateOptions = {},
): Promise<void> {
  await app.register(cookie);
  app.decorateRequest('principal', null);
  const recorded = new WeakMap<FastifyRequest, Recorded>();

  app.addHook('onRoute', (route) => {
    const methods = [route.method].flat();
    const readable = methods.every(isSafeMethod);
    if (readable && options.publicPrefixes?.some((prefix) => route.url.startsWith(prefix))) {
      route.config = { ...route.config, access: route.config?.access ?? ['public'] };
    }
    const rules = route.config?.access ?? [];
    const name = `${methods.join(',')} ${route.url}`;
    assert(rules.length > 0, `the route ${name} says who may call it in config.access`);
    assert(
      rules.every((rule) => accessRules.includes(rule)),
      `the route ${name} has only known rules in config.access`,
    );
  });

  app.addHook('onRequest', (request, reply, done) => {
    const rules = request.routeOptions.config.access ?? [];
    if (request.is404 || rules.includes('public')) {
      done();
      return;
    }
    const found = identify(access, request);
    // Who is known at once, and is not written down, waits for nothing.
    if (!(found instanceof Promise) && found.ok && found.value.principal.kind === 'integrator') {
      admit(rules, request, found.value);
      done();
      return;
    }
    Promise.resolve(found)
      .then((result) => letIn(rules, request, challenge(reply, result)))
      .then(() => done(), done);
  });

  async function letIn(
    rules: readonly AccessRule[],
    request: FastifyRequest,
    identity: Identity,
  ): Promise<void> {
    const { principal } = identity;
    if (principal.kind === 'operator' && !isSafeMethod(request.method)) {
      request.principal = principal;
      const auditId = await record(access, request, identity);
      recorded.set(request, { auditId, code: undefined, object: undefined });
    }
    admit(rules, request, identity);
  }

  app.addHook<unknown>('preSerialization', (request, _reply, payload, done) => {
    const record = recorded.get(request);
    if (record) {
      record.code = textOf(payload, 'code');
      record.object = textOf(payload, 'id');
    }
    done(null, payload);
  });

  app.addHook('onSend', (request, reply, _payload, done) => {
    const record = recorded.get(request);
    if (record === undefined) {
      done();
      return;
    }
    recorded.delete(request);
    void noteResult(access, request, reply, record).finally(done);
  });
}

/** @throws RefusedError when they may not */
function admit(rules: readonly AccessRule[], request: FastifyRequest, identity: Identity): void {
  request.principal = identity.principal;
  answer(mayCall(rules, identity.principal, request.method));
  checkCsrf(request, identity);
}

async function noteResult(
  access: AccessService,
  request: FastifyRequest,
  reply: FastifyReply,
  { auditId, code, object }: Recorded,
): Promise<void> {
  const status = reply.statusCode;
  const result = { status, code: status >= 400 ? code : undefined, object };
  try {
    await access.recordResult(auditId, result);
  } catch (error) {
    // What was done is done, and that it was asked for is recorded; the answer is still owed.
    const line = { err: error, req: request.id, audit: auditId };
    request.log.error(line, 'the result of a call was not recorded');
  }
}

function identify(
  access: AccessService,
  request: FastifyRequest,
): Result<Identity, Refusal> | Promise<Result<Identity, Refusal>> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    return token === undefined ? refuse('authentication_required') : access.identifyKey(token);
  }
  const token = request.cookies[sessionCookie];
  return token === undefined ? refuse('authentication_required') : access.identifySession(token);
}

/** Whoever is not known is told how to say who they are (RFC 9110, section 11.6.1). */
function challenge(reply: FastifyReply, result: Result<Identity, Refusal>): Identity {
  if (!result.ok) reply.header('www-authenticate', 'Bearer realm="Keyturn"');
  return answer(result);
}

/**
 * A browser sends the cookie for whoever asks it to; only our own pages know the token beside it.
 */
function checkCsrf(request: FastifyRequest, { csrfToken }: Identity): void {
  if (csrfToken === undefined || isSafeMethod(request.method)) return;
  const given = request.headers['x-csrf-token'];
  if (typeof given === 'string' && sameText(csrfToken, given)) return;
  throw new RefusedError({ code: 'csrf_token_invalid', param: 'X-CSRF-Token' });
}

function record(
  access: AccessService,
  request: FastifyRequest,
  { principal, credential }: Identity,
): Promise<string> {
  const schema = request.routeOptions.schema;
  const operation = schema && 'operationId' in schema ? schema.operationId : undefined;
  const path = request.url.split('?')[0] ?? '/';
  return access.recordCall({
    principal,
    credential,
    what: typeof operation === 'string' ? operation : (request.routeOptions.url ?? path),
    method: request.method,
    path: path.slice(0, 500),
    // Not checked yet: what the database cannot keep as text is shown as a replacement character.
    object: textOf(request.params, 'id')?.slice(0, 100).replaceAll('\0', '\ufffd').toWellFormed(),
    address: request.ip,
    requestId: request.id,
  });
}

function textOf(value: unknown, key: 'id' | 'code'): string | undefined {
  if (typeof value !== 'object' || value === null || !(key in value)) return undefined;
  const text: unknown = Reflect.get(value, key);
  return typeof text === 'string' ? text : undefined;
}
