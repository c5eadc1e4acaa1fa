import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { toJson } from '../bank/fen.ts';
import type { WorldClock } from '../core/clock.ts';
import type { CommitQueue } from '../core/commit-queue.ts';
import { Refusal } from '../core/refusal.ts';
import type { OldBooks } from './books.ts';
import type { Clients } from './guard.ts';

const strict = { additionalProperties: false };
const name = Type.String({ pattern: '^[\\x21-\\x7e]{1,64}$' });
const fen = Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER });

const clientBody = Type.Object(
  { client_id: name, key: Type.String({ minLength: 32, maxLength: 200 }) },
  strict,
);
const movementsBody = Type.Object(
  {
    movements: Type.Array(
      Type.Object(
        {
          id: name,
          account: name,
          subject: name,
          amount: fen,
          voucher: Type.Optional(name),
          order: Type.Optional(name),
          kind: Type.Optional(name),
          booked_at: Type.Optional(Type.String()),
        },
        strict,
      ),
      { minItems: 1, maxItems: 1_000 },
    ),
  },
  strict,
);
const correctBody = Type.Object({ amount: fen }, strict);
const releaseBody = Type.Object({ ids: Type.Optional(Type.Array(name)) }, strict);

function bookedMs(value: string | undefined, clock: WorldClock): number {
  if (value === undefined) return clock.nowMs();
  let instant: Temporal.Instant;
  try {
    instant = Temporal.Instant.from(value);
  } catch {
    throw new Refusal(400, `"${value}" is no instant: write for example 2026-05-01T09:00:00+08:00`);
  }
  if (instant.epochMilliseconds <= clock.nowMs()) return instant.epochMilliseconds;
  throw new Refusal(400, `booked_at ${value} is not over: a movement is booked now or before`);
}

/** The old ledger's part of the admin API: its business, corrections, and the truth. */
export function registerOldLedgerAdmin(
  app: FastifyInstance,
  deps: { books: OldBooks; clients: Clients; clock: WorldClock; commits: CommitQueue },
): void {
  const { books, clients, clock, commits } = deps;
  app.post<{ Body: Static<typeof clientBody> }>(
    '/old-ledger/clients',
    { schema: { body: clientBody } },
    async ({ body }) => {
      await commits.write(() => clients.enrol(body.client_id, body.key));
      return { client_id: body.client_id };
    },
  );
  app.post<{ Body: Static<typeof movementsBody> }>(
    '/old-ledger/movements',
    { schema: { body: movementsBody } },
    async ({ body }, reply) => {
      await commits.write(() => {
        for (const one of body.movements) {
          const { id, account, subject, amount, voucher, order, kind = 'payment' } = one;
          const booked = bookedMs(one.booked_at, clock);
          const moved = { id, account, subject, amount: BigInt(amount), kind, bookedMs: booked };
          books.move({ ...moved, voucher, order, origin: undefined });
        }
      });
      return reply.code(201).send({ movements: body.movements.length });
    },
  );
  app.post<{ Params: { id: string }; Body: Static<typeof correctBody> }>(
    '/old-ledger/movements/:id/correct',
    { schema: { body: correctBody } },
    async ({ params, body }) => {
      await commits.write(() => books.correct(params.id, BigInt(body.amount)));
      return { id: params.id, amount: body.amount };
    },
  );
  app.get('/old-ledger/hidden', () => ({ hidden: books.hidden(1_000) }));
  app.post<{ Body: Static<typeof releaseBody> }>(
    '/old-ledger/hidden/release',
    { schema: { body: releaseBody } },
    async ({ body }) => ({ released: await commits.write(() => books.release(body.ids)) }),
  );
  app.get<{ Querystring: { after?: string } }>('/old-ledger/accounts', ({ query }, reply) => {
    const balances = books.balances(query.after ?? '', 1_000);
    return reply.type('application/json; charset=utf-8').send(toJson({ accounts: balances }));
  });
}
