import { Type } from 'typebox';
import {
  answer,
  answerCommand,
  type HttpApp,
  IdempotencyHeaderSchema,
  IdSchema,
  idempotencyKey,
  moneyFromWire,
  PageQuerySchema,
  ProblemSchema,
  pageSize,
  uuidOf,
} from '../../../platform/index.ts';
import { type Principal, principalOf } from '../../../who/access/index.ts';
import { refundStates } from '../decide/refund-state.ts';
import { CreateRefundSchema, RefundSchema } from '../schemas.ts';
import type { PaymentsService } from '../types.ts';
import { OrderParams } from './orders.ts';

const tags = ['Refunds'];
const RefundParams = Type.Object({ id: IdSchema('rfd') });

export function registerRefundRoutes(app: HttpApp, payments: PaymentsService): void {
  registerRequest(app, payments);
  registerReading(app, payments);
  registerDecisions(app, payments);
}

function registerRequest(app: HttpApp, payments: PaymentsService): void {
  app.post(
    '/v1/orders/:id/refunds',
    {
      config: { access: ['integrator', 'operator:finance'] },
      schema: {
        tags,
        operationId: 'createRefund',
        summary: 'Give back money of an order the way that it came',
        params: OrderParams,
        headers: IdempotencyHeaderSchema,
        body: CreateRefundSchema,
        response: { 201: RefundSchema, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      const by = principalOf(request);
      const { amount, currency } = moneyFromWire(request.body.amount, 'amount');
      const attempt = request.body.attempt_id;
      const made = await payments.requestRefund(idempotencyKey(request, by.id), by, {
        orderId: uuidOf('ord', request.params.id, 'id'),
        amount,
        currency,
        reason: request.body.reason,
        ...(attempt === undefined ? {} : { attemptId: uuidOf('att', attempt, 'attempt_id') }),
      });
      return reply.code(201).send(answerCommand(reply, made));
    },
  );
}

function registerReading(app: HttpApp, payments: PaymentsService): void {
  app.get(
    '/v1/refunds/:id',
    {
      config: { access: ['integrator', 'operator'] },
      schema: {
        tags,
        operationId: 'getRefund',
        summary: 'A refund',
        params: RefundParams,
        response: { 200: RefundSchema, '4xx': ProblemSchema },
      },
    },
    async (request) => {
      const id = uuidOf('rfd', request.params.id, 'id');
      return answer(await payments.refund(id, principalOf(request)));
    },
  );
  app.get(
    '/v1/refunds',
    {
      config: { access: ['operator'] },
      schema: {
        tags,
        operationId: 'listRefunds',
        summary: 'Refunds in one state, newest first',
        querystring: Type.Object({
          ...PageQuerySchema.properties,
          state: Type.String({ enum: [...refundStates] }),
        }),
        response: {
          200: Type.Object({
            items: Type.Array(RefundSchema),
            next_cursor: Type.Optional(Type.String()),
          }),
          '4xx': ProblemSchema,
        },
      },
    },
    async (request) => {
      const { state, limit, cursor } = request.query;
      const page = { limit: pageSize(limit), ...(cursor === undefined ? {} : { cursor }) };
      const found = answer(await payments.refundsByState(state, page));
      return {
        items: [...found.items],
        ...(found.nextCursor === undefined ? {} : { next_cursor: found.nextCursor }),
      };
    },
  );
}

/** What a person decides about a refund. */
function registerDecisions(app: HttpApp, payments: PaymentsService): void {
  const decisions = [
    {
      verb: 'approve',
      operationId: 'approveRefund',
      access: 'operator:approver',
      summary: 'Let a refund go; by another than who asked for it',
      decide: payments.approveRefund,
    },
    {
      verb: 'reject',
      operationId: 'rejectRefund',
      access: 'operator:approver',
      summary: 'Stop a refund; the money goes back to the order',
      decide: payments.rejectRefund,
    },
    {
      verb: 'retry',
      operationId: 'retryRefund',
      access: 'operator:finance',
      summary: 'Begin a failed refund anew',
      decide: payments.retryRefund,
    },
  ] as const;
  for (const { verb, operationId, access, summary, decide } of decisions) {
    app.post(
      `/v1/refunds/:id/${verb}`,
      {
        config: { access: [access] },
        schema: {
          tags,
          operationId,
          summary,
          params: RefundParams,
          headers: IdempotencyHeaderSchema,
          response: { 200: RefundSchema, '4xx': ProblemSchema },
        },
      },
      async (request, reply) => {
        const by: Principal = principalOf(request);
        const id = uuidOf('rfd', request.params.id, 'id');
        return answerCommand(reply, await decide(idempotencyKey(request, by.id), by, id));
      },
    );
  }
}
