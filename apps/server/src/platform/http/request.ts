import { decodeId, maxPageSize, type Refusal, type Result } from '@keyturn/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RefusedError } from './refused.ts';

/** The value of a result, or the end of the request with its problem. */
export function answer<T>(result: Result<T, Refusal>): T {
  if (!result.ok) throw new RefusedError(result.error);
  return result.value;
}

/** The value of a command's outcome; tells the client when it is the first answer given again. */
export function answerCommand<T>(
  reply: FastifyReply,
  outcome: Result<T, Refusal> & { readonly replayed: boolean },
): T {
  if (outcome.replayed) reply.header('idempotent-replayed', 'true');
  return answer(outcome);
}

/** Reads an id from the wire: `ord_…` to a uuid. */
export function uuidOf(prefix: string, value: string, param: string): string {
  const uuid = decodeId(prefix, value);
  if (uuid === undefined) {
    throw new RefusedError({ code: 'id_invalid', param, values: { value, prefix } });
  }
  return uuid;
}

/**
 * The command key of a request: who asks, and the key that they chose. Two callers' keys never
 * meet. The route is part of the fingerprint (the command's name), not of the key.
 */
export function idempotencyKey(request: FastifyRequest, principalId: string): string {
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key)) {
    throw new RefusedError({ code: 'idempotency_key_missing', param: 'Idempotency-Key' });
  }
  return `${principalId}:${key}`;
}

/** The page size asked for, 1 to 100; 20 when not said. */
export function pageSize(limit: number | undefined): number {
  return Math.min(limit ?? 20, maxPageSize);
}
