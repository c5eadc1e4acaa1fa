import { encodeId } from '@keyturn/kernel';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import {
  answer,
  answerCommand,
  type HttpApp,
  IdempotencyHeaderSchema,
  idempotencyKey,
  moneyFromWire,
  RefusedError,
  uuidOf,
} from '../../../platform/index.ts';
import { principalOf } from '../../../who/access/index.ts';
import {
  AgreeSchema,
  DealListSchema,
  DealQuerySchema,
  DealSchema,
  LinkSchema,
  NewDealSchema,
  NewLinkSchema,
  OpenedOrderSchema,
  OpenOrderSchema,
} from '../schemas.ts';
import type { EscrowService, PartyInput } from '../types.ts';
import { DealMoneySchema } from '../view/schemas.ts';
import { dealParams, listOf, listQuery, people, problems } from './shared.ts';

const tags = ['Deals'];

export function dealRoutes(app: HttpApp, escrow: EscrowService): void {
  makingRoutes(app, escrow);
  readingRoutes(app, escrow);
  orderRoutes(app, escrow);
  linkRoutes(app, escrow);
}

function partyFromWire(
  role: string,
  wire: {
    readonly person_id?: string;
    readonly merchant_id?: string;
    readonly bank_account_id?: string;
  },
): PartyInput {
  const { person_id: person, merchant_id: merchant, bank_account_id: account } = wire;
  if ((person === undefined) === (merchant === undefined)) {
    const field = `parties.${role}`;
    const problem = 'name either person_id or merchant_id';
    const values = { field, problem, problem_zh: '须且只能填写 person_id 或 merchant_id 之一' };
    throw new RefusedError({ code: 'request_invalid', param: field, values });
  }
  const bank =
    account === undefined
      ? {}
      : { bankAccountId: uuidOf('bac', account, `parties.${role}.bank_account_id`) };
  if (person !== undefined) {
    const id = uuidOf('per', person, `parties.${role}.person_id`);
    return { role, kind: 'person', id, ...bank };
  }
  const id = uuidOf('mer', merchant ?? '', `parties.${role}.merchant_id`);
  return { role, kind: 'merchant', id, ...bank };
}

/** Amounts by item key, all in one currency. */
export function amountsFromWire(
  wire: Readonly<Record<string, { readonly amount: number; readonly currency: string }>>,
  currency: string | undefined,
) {
  return Object.entries(wire).map(([key, money]) => {
    const amount = moneyFromWire(money, `items.${key}`);
    if (currency !== undefined && amount.currency !== currency) {
      const field = `items.${key}.currency`;
      const problem = `the deal is kept in ${currency}`;
      const values = { field, problem, problem_zh: `该交易的币种为 ${currency}` };
      throw new RefusedError({ code: 'request_invalid', param: field, values });
    }
    return { key, amount };
  });
}

function makingRoutes(app: HttpApp, escrow: EscrowService): void {
  app.post(
    '/v1/deals',
    {
      config: people,
      schema: {
        tags,
        summary: 'Make a deal by a published agreement, with its parties and amounts',
        operationId: 'createDeal',
        headers: IdempotencyHeaderSchema,
        body: NewDealSchema,
        response: { 201: DealSchema, ...problems },
      },
    },
    async (request, reply) => {
      const by = principalOf(request);
      const { agreement_id, title, city, parties, items, deadline } = request.body;
      const currency = request.body.currency ?? 'CNY';
      const outcome = await escrow.createDeal(idempotencyKey(request, by.id), by, {
        agreementId: uuidOf('agr', agreement_id, 'agreement_id'),
        title,
        city,
        currency,
        parties: Object.entries(parties).map(([role, wire]) => partyFromWire(role, wire)),
        items: amountsFromWire(items, currency),
        ...(deadline === undefined ? {} : { deadline: Temporal.Instant.from(deadline) }),
      });
      return reply.code(201).send(answerCommand(reply, outcome));
    },
  );
  app.post(
    '/v1/deals/:id/agree',
    {
      config: people,
      schema: {
        tags,
        summary: 'Note that parties agree; with the last of them the deal can be paid for',
        operationId: 'agreeDeal',
        headers: IdempotencyHeaderSchema,
        params: dealParams,
        body: AgreeSchema,
        response: { 200: DealSchema, ...problems },
      },
    },
    async (request, reply) => {
      const by = principalOf(request);
      const { roles, reference } = request.body;
      const agreed = { roles: roles ?? [], reference: reference ?? '' };
      const key = idempotencyKey(request, by.id);
      return answerCommand(reply, await escrow.agree(key, by, dealId(request), agreed));
    },
  );
}

function dealId(request: FastifyRequest<{ Params: { id: string } }>): string {
  return uuidOf('deal', request.params.id, 'id');
}

function readingRoutes(app: HttpApp, escrow: EscrowService): void {
  app.get(
    '/v1/deals',
    {
      config: people,
      schema: {
        tags,
        summary: 'Deals, the newest first, or the one of a reference; integrators see their own',
        operationId: 'listDeals',
        querystring: DealQuerySchema,
        response: { 200: DealListSchema, ...problems },
      },
    },
    async (request) => {
      const { state, reference_id: referenceId } = request.query;
      const query = {
        ...listQuery(request.query),
        ...(state === undefined ? {} : { state }),
        ...(referenceId === undefined ? {} : { referenceId }),
      };
      return listOf(answer(await escrow.deals(query, principalOf(request))));
    },
  );
  app.get(
    '/v1/deals/:id',
    {
      config: people,
      schema: {
        tags,
        summary: 'One deal: its parties and items',
        operationId: 'getDeal',
        params: dealParams,
        response: { 200: DealSchema, ...problems },
      },
    },
    async (request) => answer(await escrow.deal(dealId(request), principalOf(request))),
  );
  app.get(
    '/v1/deals/:id/money',
    {
      config: people,
      schema: {
        tags,
        summary: 'What is where, what is next and who has to do it, the story and the picture',
        operationId: 'getDealMoney',
        params: dealParams,
        response: { 200: DealMoneySchema, ...problems },
      },
    },
    async (request) => answer(await escrow.dealMoney(dealId(request), principalOf(request))),
  );
}

function orderRoutes(app: HttpApp, escrow: EscrowService): void {
  app.post(
    '/v1/deals/:id/items/:key/order',
    {
      config: people,
      schema: {
        tags,
        summary: 'Make the order by which an item is paid',
        operationId: 'orderDealItem',
        headers: IdempotencyHeaderSchema,
        params: Type.Intersect([
          dealParams,
          Type.Object({ key: Type.String({ minLength: 1, maxLength: 32 }) }),
        ]),
        body: OpenOrderSchema,
        response: { 201: OpenedOrderSchema, ...problems },
      },
    },
    async (request, reply) => {
      const by = principalOf(request);
      const { amount, expires_at } = request.body;
      const expiresAt = expires_at === undefined ? undefined : Temporal.Instant.from(expires_at);
      const outcome = await escrow.openOrder(
        idempotencyKey(request, by.id),
        by,
        uuidOf('deal', request.params.id, 'id'),
        {
          item: request.params.key,
          ...(amount ? { amount: moneyFromWire(amount, 'amount') } : {}),
          ...(expiresAt ? { expiresAt } : {}),
        },
      );
      return reply.code(201).send(answerCommand(reply, outcome));
    },
  );
}

function linkRoutes(app: HttpApp, escrow: EscrowService): void {
  app.post(
    '/v1/deals/:id/links',
    {
      config: people,
      schema: {
        tags,
        summary: 'Make a link by which the party of a role sees the money of the deal',
        operationId: 'createDealLink',
        params: dealParams,
        body: NewLinkSchema,
        response: { 201: LinkSchema, ...problems },
      },
    },
    async (request, reply) => {
      const made = await escrow.createLink(
        principalOf(request),
        dealId(request),
        request.body.role,
      );
      return reply.code(201).send(answer(made));
    },
  );
  publicRoutes(app, escrow);
}

const tokenParams = { token: Type.String({ minLength: 40, maxLength: 60 }) };

/** What the page of a party asks. Public: who has the link has the right. */
function publicRoutes(app: HttpApp, escrow: EscrowService): void {
  app.get(
    '/v1/deal-views/:token',
    {
      config: { access: ['public'] },
      schema: {
        tags,
        summary: 'What a party sees of its deal, by the link that it was given',
        operationId: 'getDealView',
        params: Type.Object(tokenParams),
        response: { 200: DealMoneySchema, ...problems },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      return answer(await escrow.dealOfLink(request.params.token));
    },
  );
  app.post(
    '/v1/deal-views/:token/items/:key/cashier-sessions',
    {
      config: { access: ['public'] },
      schema: {
        tags,
        summary: 'A link to the cashier’s page for what the party behind the link has to pay',
        operationId: 'payDealItem',
        headers: IdempotencyHeaderSchema,
        params: Type.Object({ ...tokenParams, key: Type.String({ minLength: 1, maxLength: 32 }) }),
        response: { 201: LinkSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { token, key: item } = request.params;
      const link = answer(await escrow.partyOfLink(token));
      const key = idempotencyKey(request, `party:${encodeId('deal', link.dealId)}:${link.role}`);
      reply.header('cache-control', 'no-store');
      return reply.code(201).send(answerCommand(reply, await escrow.payItem(key, link, item)));
    },
  );
}
