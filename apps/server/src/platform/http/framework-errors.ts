import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorRegistry, Refusal } from '@keyturn/kernel';
import { errorCode } from '@keyturn/pipeline';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { problemOf, sendProblem } from './problem.ts';

/** Answers for what never reaches a route: an address or a message that cannot be read. */
export function createFrameworkErrors(errors: ErrorRegistry) {
  return {
    /** An address that is no address: `%zz`, or a part that is longer than any id. */
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
      const problem =
        error.code === 'FST_ERR_MAX_PARAM_LENGTH'
          ? 'a part of the address is too long'
          : 'the address has a percent sign that is not followed by two hexadecimal digits';
      const refusal = { code: 'request_unreadable', values: { problem } };
      reply.header('x-request-id', request.id).serializer(JSON.stringify);
      sendProblem(errors, request, reply, refusal);
    },

    /** A message that is not HTTP, too large or too slow. There is no request to answer with. */
    clientErrorHandler: (error: Error, socket: Socket): void => {
      if (errorCode(error) !== 'ECONNRESET' && socket.writable) {
        socket.write(rawAnswer(errors, refusalOf(error)));
      }
      socket.destroy();
    },
  };
}

function refusalOf(error: Error): Refusal {
  switch (errorCode(error)) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { code: 'request_too_slow' };
    case 'HPE_HEADER_OVERFLOW':
      return { code: 'headers_too_large' };
    default:
      return { code: 'request_unreadable', values: { problem: 'it is not HTTP/1.1 (RFC 9112)' } };
  }
}

function rawAnswer(errors: ErrorRegistry, refusal: Refusal): string {
  const id = `req_${randomUUID()}`;
  const problem = problemOf(errors, refusal, 'en', id);
  const body = JSON.stringify(problem);
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${id}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
