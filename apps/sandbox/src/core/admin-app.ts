import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import type { Logger } from './logger.ts';
import { Refusal } from './refusal.ts';

/** What every HTTP face of the sandbox has in common: strict bodies, no logging per request. */
export const serverOptions = {
  logger: false,
  bodyLimit: 1_048_576,
  // Types are not bent and unknown fields not dropped: a wrong call shall be seen as one.
  ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allErrors: false } },
  forceCloseConnections: true,
} as const;

/** The admin API's server. Parts add their routes and throw a `Refusal` for what they cannot do. */
export function createAdminApp(logger: Logger): FastifyInstance {
  const app = Fastify({ ...serverOptions, routerOptions: { maxParamLength: 500 } });
  // Clients that always name a content type may have no content: that is no error here.
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else parseJson(request, String(body), done);
  });
  app.setErrorHandler((error: FastifyError | Refusal, request, reply) => {
    if (error instanceof Refusal) return reply.code(error.status).send({ error: error.message });
    if (error.validation !== undefined) {
      const sentence = `${error.message}: correct the request to ${request.method} ${request.url}`;
      return reply.code(400).send({ error: sentence });
    }
    if (error.statusCode !== undefined && error.statusCode < 500) {
      return reply.code(error.statusCode).send({ error: error.message });
    }
    logger.error('an admin request failed', { url: request.url, error });
    return reply.code(500).send({ error: 'the sandbox failed; its log on stderr says why' });
  });
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({
      error: `there is no ${request.method} ${request.url}: the sandbox's README.md lists all`,
    }),
  );
  return app;
}
