import { randomUUID } from 'node:crypto';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { ErrorRegistry, Refusal } from '@keyturn/kernel';
import { DetachedError } from '@keyturn/ledger';
import { isConnectionError, toJson, UnavailableError } from '@keyturn/pipeline';
import Fastify, { type FastifyError, type FastifyRequest, LogController } from 'fastify';
import type { Logger } from 'pino';
import type { Metrics } from '../telemetry/metrics.ts';
import { createFrameworkErrors } from './framework-errors.ts';
import { goOnTogether } from './go-on-together.ts';
import { sendProblem } from './problem.ts';
import { invalidRequest } from './reasons.ts';
import { RefusedError } from './refused.ts';
import { noteBody, validatorCompiler } from './validate.ts';

/** A Fastify whose routes are typed by their TypeBox schemas. */
export type HttpApp = ReturnType<typeof createTypedApp>;

const bodyLimit = 1_048_576;

function createTypedApp(logger: Logger, errors: ErrorRegistry) {
  return Fastify({
    ...createFrameworkErrors(errors),
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    trustProxy: false,
    genReqId: () => `req_${randomUUID()}`,
    // A logger for each request would be made for the few that log; they say the request's id.
    childLoggerFactory: (parent) => parent,
    routerOptions: { maxParamLength: 200 },
    return503OnClosing: true,
  }).withTypeProvider<TypeBoxTypeProvider>();
}

/**
 * The HTTP edge: request ids, problems in the caller's language, metrics, and requests checked
 * against the schemas of their routes. Modules add their routes afterwards.
 */
export async function createHttpApp(options: {
  readonly logger: Logger;
  readonly errors: ErrorRegistry;
  readonly metrics: Metrics;
}): Promise<HttpApp> {
  const app = createTypedApp(options.logger, options.errors);
  readJsonBodies(app);
  app.setValidatorCompiler(validatorCompiler);
  app.setReplySerializer((payload) => toJson(payload));
  // Else a writer of its own would be made for each answer of each route, and never used.
  app.setSerializerCompiler(() => toJson);
  app.addHook('preClose', (done) => {
    // A connection whose answer is still being made would else be kept open after it, and closing
    // would wait as long as for one that may bring another request.
    app.server.keepAliveTimeout = 1;
    done();
  });
  app.addHook('onRequest', goOnTogether());
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    options.metrics.http(request.method, route, reply.statusCode, reply.elapsedTime);
    const line = { req: request.id, method: request.method, route, status: reply.statusCode };
    if (reply.statusCode >= 500) request.log.error(line, 'request failed');
    else request.log.debug(line, 'request');
    done();
  });
  app.setErrorHandler((error, request, reply) =>
    sendProblem(options.errors, request, reply, refusalOf(error, request)),
  );
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '/';
    const values = { method: request.method, path: path.slice(0, 200) };
    return sendProblem(options.errors, request, reply, { code: 'route_not_found', values });
  });
  return app;
}

/** As the framework reads them by itself; what checks them afterwards is told of each. */
function readJsonBodies(app: HttpApp): void {
  const read = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<string>(
    'application/json',
    { parseAs: 'string' },
    (request, json, done) => {
      read(request, json, (error, body) => {
        noteBody(body, json);
        done(error, body);
      });
    },
  );
}

/** When to try again after a failure that does not know better. */
const retryAfterMs = 2_000;

/** What went wrong, as a refusal. What nobody foresaw is logged and becomes `internal_error`. */
function refusalOf(thrown: unknown, request: FastifyRequest): Refusal {
  if (thrown instanceof RefusedError || thrown instanceof DetachedError) return thrown.refusal;
  if (thrown instanceof UnavailableError) {
    request.log.warn({ err: thrown, req: request.id }, 'not available');
    const seconds = String(Math.ceil((thrown.retryAfterMs ?? retryAfterMs) / 1_000));
    return { code: 'unavailable', values: { reason: thrown.reason, seconds } };
  }
  if (isConnectionError(thrown)) {
    request.log.warn({ err: thrown, req: request.id }, 'a connection was lost');
    return { code: 'unavailable', values: { reason: 'connection lost', seconds: '2' } };
  }
  const error = thrown as FastifyError;
  if (error.validation) return invalidRequest(error.validation, error.validationContext);
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return {
        code: 'body_too_large',
        values: { limit: String(request.routeOptions.bodyLimit ?? bodyLimit) },
      };
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return {
        code: 'media_type_unsupported',
        values: { type: request.headers['content-type'] ?? '' },
      };
    default:
  }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return { code: 'body_unreadable', values: { problem: error.message } };
  }
  request.log.error({ err: thrown, req: request.id }, 'unexpected error');
  return { code: 'internal_error', values: { reference: request.id } };
}
