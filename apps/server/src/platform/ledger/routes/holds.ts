import { type HoldRef, listExpiringHolds, type TransferRequest } from '@keyturn/ledger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { RefusedError } from '../../http/refused.ts';
import { answer } from '../../http/request.ts';
import { PageQuerySchema } from '../../http/schemas.ts';
import type { HttpApp } from '../../http/server.ts';
import { refuse } from '../errors.ts';
import { pageRequest } from '../page-request.ts';
import { currencyOf, headOf } from '../request.ts';
import {
  ExpiringHoldSchema,
  HoldParams,
  HoldPostSchema,
  HoldSchema,
  HoldVoidSchema,
  JournalSchema,
  pageOf,
  problems,
} from '../schemas.ts';
import { expiringHoldView, holdView } from '../views.ts';
import { keepers, type LedgerRoutesDeps, listOf, readers, sendBooked, tags } from './edge.ts';

/** Holds: what became of one, and its end. They are made by journals. */
export function registerHoldRoutes(app: HttpApp, deps: LedgerRoutesDeps): void {
  registerReading(app, deps);
  registerPosting(app, deps);
  registerVoiding(app, deps);
}

function registerReading(app: HttpApp, deps: LedgerRoutesDeps): void {
  app.get(
    '/v1/ledger/holds',
    {
      config: { access: ['operator'] },
      schema: {
        tags,
        operationId: 'listExpiringHolds',
        summary: 'Open holds that run out, the soonest first, of all books',
        querystring: PageQuerySchema,
        response: { 200: pageOf(ExpiringHoldSchema), ...problems },
      },
    },
    async (request) =>
      listOf(listExpiringHolds(deps.database, pageRequest(request.query)), expiringHoldView),
  );
  app.get(
    '/v1/ledger/holds/:journal/:leg',
    {
      config: readers,
      schema: {
        tags,
        operationId: 'getLedgerHold',
        summary: 'A hold, and what became of it',
        params: HoldParams,
        response: { 200: HoldSchema, ...problems },
      },
    },
    async (request) => {
      const hold = holdRef(request.params);
      const found = answer(await deps.ledger.hold(deps.callerOf(request), hold));
      return holdView(found, deps.clock.now());
    },
  );
}

function holdRef({ journal, leg }: Static<typeof HoldParams>): HoldRef {
  return { journalId: journal, leg };
}

function registerPosting(app: HttpApp, deps: LedgerRoutesDeps): void {
  app.post(
    '/v1/ledger/holds/:journal/:leg/post',
    {
      config: keepers,
      schema: {
        tags,
        operationId: 'postLedgerHold',
        summary: 'Post a hold, all of it or a part; the rest is released',
        params: HoldParams,
        body: HoldPostSchema,
        response: { 201: JournalSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { amount, ...head } = request.body;
      const hold = holdRef(request.params);
      const part = amount === undefined ? {} : { amount: BigInt(amount.amount) };
      const transfer = { kind: 'post_pending' as const, hold, ...part };
      return resolve(deps, request, reply, head, transfer, amount?.currency);
    },
  );
}

function registerVoiding(app: HttpApp, deps: LedgerRoutesDeps): void {
  app.post(
    '/v1/ledger/holds/:journal/:leg/void',
    {
      config: keepers,
      schema: {
        tags,
        operationId: 'voidLedgerHold',
        summary: 'Release a hold',
        params: HoldParams,
        body: HoldVoidSchema,
        response: { 201: JournalSchema, ...problems },
      },
    },
    async (request, reply) => {
      const transfer = { kind: 'void_pending' as const, hold: holdRef(request.params) };
      return resolve(deps, request, reply, request.body, transfer);
    },
  );
}

/** Books the journal that resolves a hold, in the hold's book. */
async function resolve(
  { ledger, callerOf }: LedgerRoutesDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  head: Static<typeof HoldVoidSchema>,
  transfer: Extract<TransferRequest, { readonly hold: HoldRef }>,
  currency?: string,
): Promise<FastifyReply> {
  const by = callerOf(request);
  const book = answer(await ledger.bookOfHold(by, transfer.hold));
  const expected = currencyOf(book);
  if (currency !== undefined && currency !== expected) {
    const values = { leg: '0', currency, book, expected };
    throw new RefusedError(refuse('currency_of_other_book', { param: 'amount', values }).error);
  }
  const journal = { ...headOf(head), book, transfers: [transfer] };
  return sendBooked(reply, answer(await ledger.submit(by, journal)));
}
