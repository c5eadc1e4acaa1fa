import {
  type ErrorRegistry,
  type Language,
  present,
  type Refusal,
  sentence,
} from '@keyturn/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * An RFC 9457 problem. `detail` is for people, in their language; `code` is for machines, for
 * ever.
 */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly param?: string;
  readonly request_id: string;
  readonly retryable: boolean;
  readonly channel_code?: string;
  readonly channel_message?: string;
  readonly next_step?: string;
}

/** The language a person reads: zh-CN when the browser or client prefers Chinese, else English. */
export function languageOf(request: FastifyRequest): Language {
  const accepted = request.headers['accept-language'] ?? '';
  const zh = /(^|,\s*)zh\b/i.exec(accepted);
  const en = /(^|,\s*)en\b/i.exec(accepted);
  return zh && (!en || zh.index < en.index) ? 'zh-CN' : 'en';
}

export function problemOf(
  registry: ErrorRegistry,
  refusal: Refusal,
  language: Language,
  requestId: string,
): Problem {
  const definition = present(registry[refusal.code], `the definition of error ${refusal.code}`);
  return {
    type: `/docs/errors/${refusal.code}`,
    title: definition.title,
    status: definition.status,
    detail: sentence(registry, refusal, language),
    code: refusal.code,
    ...(refusal.param === undefined ? {} : { param: refusal.param }),
    request_id: requestId,
    retryable: definition.retryable,
    ...(refusal.channel === undefined
      ? {}
      : {
          channel_code: refusal.channel.code,
          channel_message: refusal.channel.message,
          next_step: refusal.channel.nextStep,
        }),
  };
}

/** Sends a refusal. The one place where a refusal becomes an HTTP answer. */
export function sendProblem(
  registry: ErrorRegistry,
  request: FastifyRequest,
  reply: FastifyReply,
  refusal: Refusal,
): FastifyReply {
  const problem = problemOf(registry, refusal, languageOf(request), request.id);
  if (problem.status === 503) reply.header('retry-after', refusal.values?.['seconds'] ?? '2');
  return reply.code(problem.status).type('application/problem+json').send(problem);
}
