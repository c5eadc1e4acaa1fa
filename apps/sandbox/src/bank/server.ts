import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { serverOptions } from '../core/admin-app.ts';
import { toJson } from './fen.ts';
import type { BankOffice } from './office.ts';
import { BankRefusal } from './refusals.ts';
import { registerBankRoutes } from './routes.ts';

/** Room for the largest message: a thousand transfers. */
const bodyLimit = 4 * 1_048_576;

/** The bank's own server: TLS, every request checked and every answer signed. */
export function createBankServer(office: BankOffice, host: string): FastifyInstance {
  const { guard, logger } = office;
  const app: FastifyInstance = Fastify({
    ...serverOptions,
    bodyLimit,
    routerOptions: { maxParamLength: 200 },
    https: office.keys.tls(host),
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('preHandler', guard.admit);
  app.addHook('onSend', guard.seal);
  app.setErrorHandler((error: FastifyError | BankRefusal, request, reply) => {
    reply.type('application/json; charset=utf-8');
    if (error instanceof BankRefusal) {
      return reply.code(error.status).send(toJson({ code: error.code, message: error.message }));
    }
    const status = error.statusCode ?? 500;
    if (status < 500) {
      return reply.code(status).send(toJson({ code: 'FORMAT_INVALID', message: error.message }));
    }
    logger.error('a bank request failed', { url: request.url, error });
    const message = 'the bank failed and did nothing: ask again later';
    return reply.code(500).send(toJson({ code: 'SYSTEM_ERROR', message }));
  });
  app.setNotFoundHandler((request) => {
    throw new BankRefusal(
      'ENDPOINT_UNKNOWN',
      `there is no ${request.method} ${request.url}: see the bank's section of the README`,
    );
  });
  registerBankRoutes(app, office);
  return app;
}
