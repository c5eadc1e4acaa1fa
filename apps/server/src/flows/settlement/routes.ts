import { Type } from 'typebox';
import {
  answer,
  answerCommand,
  type HttpApp,
  IdempotencyHeaderSchema,
  IdSchema,
  idempotencyKey,
  PageQuerySchema,
  ProblemSchema,
  pageSize,
  uuidOf,
} from '../../platform/index.ts';
import { principalOf } from '../../who/access/index.ts';
import {
  BalanceSchema,
  ChannelSettlementListSchema,
  PlanSplitSchema,
  SplitListSchema,
  SplitSchema,
} from './schemas.ts';
import type { SettlementService } from './types.ts';

const config = { access: ['integrator', 'operator'] } as const;
const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema };
const tags = ['Settlement'];

export function registerSettlementRoutes(app: HttpApp, settlement: SettlementService): void {
  splitRoutes(app, settlement);
  balanceRoutes(app, settlement);
}

function splitRoutes(app: HttpApp, settlement: SettlementService): void {
  app.post(
    '/v1/splits',
    {
      config,
      schema: {
        tags,
        summary: 'Plan how an order of a merchant is shared once it is paid',
        operationId: 'planSplit',
        headers: IdempotencyHeaderSchema,
        body: PlanSplitSchema,
        response: { 201: SplitSchema, ...problems },
      },
    },
    async (request, reply) => {
      const by = principalOf(request);
      const { order_id, receivers, fee } = request.body;
      const outcome = await settlement.planSplit(idempotencyKey(request, by.id), by, {
        orderId: uuidOf('ord', order_id, 'order_id'),
        receivers: receivers.map(({ merchant_id, weight }, index) => ({
          merchantId: uuidOf('mer', merchant_id, `receivers.${index}.merchant_id`),
          weight: BigInt(weight),
        })),
        ...(fee ? { fee: { product: fee.product, bps: fee.bps, vatBps: fee.vat_bps } } : {}),
      });
      return reply.code(201).send(answerCommand(reply, outcome));
    },
  );
  app.get(
    '/v1/splits',
    {
      config: { access: ['operator'] },
      schema: {
        tags,
        summary: 'The split of an order',
        operationId: 'listSplits',
        querystring: Type.Object({ order_id: IdSchema('ord') }),
        response: { 200: SplitListSchema, ...problems },
      },
    },
    async (request) => {
      const orderId = uuidOf('ord', request.query.order_id, 'order_id');
      return { items: [...(await settlement.splitsOf([orderId]))] };
    },
  );
}

function balanceRoutes(app: HttpApp, settlement: SettlementService): void {
  app.get(
    '/v1/merchants/:id/balance',
    {
      config,
      schema: {
        tags,
        summary: 'What a merchant has: pending, available and margin, and when pending settles',
        operationId: 'getMerchantBalance',
        params: Type.Object({ id: IdSchema('mer') }),
        response: { 200: BalanceSchema, ...problems },
      },
    },
    async (request) =>
      answer(
        await settlement.merchantBalance(
          uuidOf('mer', request.params.id, 'id'),
          principalOf(request),
        ),
      ),
  );
  app.get(
    '/v1/channel-settlements',
    {
      config: { access: ['operator'] },
      schema: {
        tags,
        summary: 'What an acquirer paid day by day, beside what it owed; newest first',
        operationId: 'listChannelSettlements',
        querystring: Type.Intersect([
          Type.Object({ contract_id: Type.String({ minLength: 1, maxLength: 64 }) }),
          PageQuerySchema,
        ]),
        response: { 200: ChannelSettlementListSchema, ...problems },
      },
    },
    async (request) => {
      const { contract_id, limit, cursor } = request.query;
      const page = answer(
        await settlement.channelSettlements(contract_id, {
          limit: pageSize(limit),
          ...(cursor === undefined ? {} : { cursor }),
        }),
      );
      const { nextCursor } = page;
      const next = nextCursor === undefined ? {} : { next_cursor: nextCursor };
      return { items: [...page.items], ...next };
    },
  );
}
