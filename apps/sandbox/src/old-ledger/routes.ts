import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { toJson } from '../bank/fen.ts';
import { rawBody } from '../bank/guard.ts';
import { serverOptions } from '../core/admin-app.ts';
import type { WorldClock } from '../core/clock.ts';
import type { CommitQueue } from '../core/commit-queue.ts';
import type { Logger } from '../core/logger.ts';
import { Refusal } from '../core/refusal.ts';
import type { HistoryPlace, OldBooks, SeenMovement } from './books.ts';
import type { Guard } from './guard.ts';

const maxPage = 1_000;
const name = Type.String({ pattern: '^[\\x21-\\x7e]{1,64}$' });
const fen = Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER });

const mirrorBody = Type.Object(
  {
    id: name,
    order: Type.Union([name, Type.Null()]),
    kind: name,
    booked_at: Type.String(),
    movements: Type.Array(
      Type.Object({ account: name, subject: name, amount: fen }, { additionalProperties: false }),
      { minItems: 1, maxItems: 2_000 },
    ),
  },
  { additionalProperties: false },
);

function readBody<Schema extends TSchema>(schema: Schema, body: Buffer): Static<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new Refusal(400, 'the body is no JSON: send an object');
  }
  if (Value.Check(schema, value)) return value;
  const [first] = Value.Errors(schema, value);
  throw new Refusal(
    400,
    `${first?.instancePath || 'the body'} ${first?.message ?? 'does not fit'}`,
  );
}

/** `2026-03-17T01:30:00.000Z` */
export function instantText(epochMs: number): string {
  const instant = Temporal.Instant.fromEpochMilliseconds(epochMs);
  return instant.toString({ smallestUnit: 'millisecond' });
}

function rowView(row: SeenMovement) {
  const { position, id, account, subject, amount, kind } = row;
  return {
    position,
    id,
    account,
    subject,
    amount,
    voucher: row.voucher ?? null,
    order: row.order ?? null,
    kind,
    origin: row.origin ?? null,
    booked_at: instantText(row.bookedMs),
  };
}

type Query = { Querystring: Record<string, string | undefined> };

function limitOf(query: Record<string, string | undefined>): number {
  const limit = Number.parseInt(query['limit'] ?? String(maxPage), 10);
  if (limit >= 1 && limit <= maxPage) return limit;
  throw new Refusal(400, `limit must be 1 to ${maxPage}`);
}

function positionOf(query: Record<string, string | undefined>, key: string): bigint {
  const value = query[key] ?? '';
  if (/^\d{1,18}$/.test(value)) return BigInt(value);
  throw new Refusal(400, `${key} must be a position: a whole number from 0`);
}

function writePlace(row: SeenMovement): string {
  const parts = [row.bookedMs, row.id, row.position.toString()];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

function readPlace(cursor: string | undefined): HistoryPlace | undefined {
  if (cursor === undefined) return undefined;
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(parts) && Number.isSafeInteger(parts[0])) {
      return { bookedMs: parts[0], id: String(parts[1]), position: BigInt(String(parts[2])) };
    }
  } catch {
    // Said below.
  }
  throw new Refusal(400, 'this cursor is none of ours: begin without one');
}

function send(reply: FastifyReply, status: number, body: unknown): FastifyReply {
  return reply.code(status).type('application/json; charset=utf-8').send(toJson(body));
}

/** The old account system's own interface: signed requests, JSON, amounts in fen. */
export function createOldLedgerServer(deps: {
  books: OldBooks;
  guard: Guard;
  clock: WorldClock;
  commits: CommitQueue;
  logger: Logger;
}): FastifyInstance {
  const { guard, logger } = deps;
  const app = Fastify({ ...serverOptions, bodyLimit: 4 * 1_048_576 });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('preHandler', guard.admit);
  app.addHook('onSend', guard.release);
  app.setErrorHandler((error: FastifyError | Refusal, request, reply) => {
    if (error instanceof Refusal) return send(reply, error.status, { error: error.message });
    if (error.statusCode !== undefined && error.statusCode < 500) {
      return send(reply, error.statusCode, { error: error.message });
    }
    logger.error('a request to the old ledger failed', { url: request.url, error });
    return send(reply, 500, { error: 'the old ledger failed and did nothing: ask again later' });
  });
  registerReads(app, deps);
  registerWrites(app, deps);
  return app;
}

function registerReads(app: FastifyInstance, { books }: { books: OldBooks }): void {
  app.get<Query>('/v1/movements', ({ query }, reply) => {
    const rows = books.after(positionOf(query, 'after'), limitOf(query));
    return send(reply, 200, { rows: rows.map(rowView) });
  });
  app.get<Query>('/v1/history', ({ query }, reply) => {
    const limit = limitOf(query);
    const through = positionOf(query, 'through');
    const rows = books.history({ through, after: readPlace(query['cursor']), limit: limit + 1 });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const next = rows.length > limit && last !== undefined ? writePlace(last) : null;
    return send(reply, 200, { rows: page.map(rowView), next });
  });
  app.get<Query & { Params: { id: string } }>('/v1/snapshots/:id/balances', (request, reply) => {
    const { params, query } = request;
    const balances = books.snapshotBalances(params.id, query['after'] ?? '', limitOf(query));
    return send(reply, 200, {
      balances: balances.map(({ account, subject, balance }) => {
        return { account, subject, balance_minor: balance };
      }),
    });
  });
}

function registerWrites(
  app: FastifyInstance,
  { books, clock, commits }: { books: OldBooks; clock: WorldClock; commits: CommitQueue },
): void {
  app.post('/v1/snapshots', async (_request, reply) => {
    const { id, takenMs, position } = await commits.write(() => books.takeSnapshot());
    return send(reply, 201, { snapshot: id, taken_at: instantText(takenMs), position });
  });
  app.post('/v1/mirror', async (request, reply) => {
    const body = readBody(mirrorBody, rawBody(request));
    const { id, order, kind, movements } = body;
    const position = await commits.write(() =>
      books.mirror(
        id,
        JSON.stringify({ order, kind, movements }),
        movements.map(({ account, subject, amount }, index) => ({
          id: `${id}.${index}`,
          account,
          subject,
          amount: BigInt(amount),
          voucher: id,
          order: order ?? undefined,
          kind,
          origin: id,
          bookedMs: clock.nowMs(),
        })),
      ),
    );
    return send(reply, 200, { position });
  });
}
