import { type Static, Type } from 'typebox';
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
  RefusedError,
  uuidOf,
} from '../../../platform/index.ts';
import { type Principal, principalOf } from '../../../who/access/index.ts';
import {
  AttemptSchema,
  CancelOrderSchema,
  CashierSessionSchema,
  CreateAttemptSchema,
  CreateOrderSchema,
  OrderSchema,
} from '../schemas.ts';
import type { NewOrder, PaymentsService } from '../types.ts';

const tags = ['Orders'];
const anybody = ['integrator', 'operator'] as const;
export const OrderParams = Type.Object({ id: IdSchema('ord') });

/** A reader's key sees; making and changing needs a writer's. */
export function registerOrderRoutes(app: HttpApp, payments: PaymentsService): void {
  registerMaking(app, payments);
  registerReading(app, payments);
  registerPaying(app, payments);
  registerAssigning(app, payments);
}

function registerMaking(app: HttpApp, payments: PaymentsService): void {
  app.post(
    '/v1/orders',
    {
      config: { access: [...anybody] },
      schema: {
        tags,
        operationId: 'createOrder',
        summary: 'Make an order: what somebody owes for one purpose',
        headers: IdempotencyHeaderSchema,
        body: CreateOrderSchema,
        response: { 201: OrderSchema, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      const by = principalOf(request);
      const key = idempotencyKey(request, by.id);
      const made = await payments.createOrder(key, by, newOrder(request.body));
      return reply.code(201).send(answerCommand(reply, made));
    },
  );
}

function newOrder(body: Static<typeof CreateOrderSchema>): NewOrder {
  const { destination } = body;
  const amount = moneyFromWire(body.amount, 'amount');
  if (amount.amount === 0n) {
    const problem = 'an order is of at least one minor unit';
    const values = { field: 'amount.amount', problem, problem_zh: '订单金额须大于零' };
    throw new RefusedError({ code: 'request_invalid', param: 'amount.amount', values });
  }
  return {
    amount,
    purpose: body.purpose,
    subject: body.subject,
    methods: body.methods,
    destination:
      'merchant_id' in destination
        ? {
            kind: 'merchant',
            id: uuidOf('mer', destination.merchant_id, 'destination.merchant_id'),
          }
        : { kind: 'person', id: uuidOf('per', destination.person_id, 'destination.person_id') },
    ...(body.description === undefined ? {} : { description: body.description }),
    ...(body.english === undefined ? {} : { english: body.english }),
    ...(body.reference === undefined ? {} : { reference: body.reference }),
    ...(body.contract_id === undefined ? {} : { contractId: body.contract_id }),
    ...(body.payer_id === undefined ? {} : { payerId: uuidOf('per', body.payer_id, 'payer_id') }),
    ...(body.expires_at === undefined ? {} : { expiresAt: Temporal.Instant.from(body.expires_at) }),
    ...(body.late_success === undefined ? {} : { lateSuccess: body.late_success }),
  };
}

function registerReading(app: HttpApp, payments: PaymentsService): void {
  app.get(
    '/v1/orders/:id',
    {
      config: { access: [...anybody] },
      schema: {
        tags,
        operationId: 'getOrder',
        summary: 'An order with its attempts, refunds and transfers',
        params: OrderParams,
        response: { 200: OrderSchema, '4xx': ProblemSchema },
      },
    },
    async (request) => {
      const id = uuidOf('ord', request.params.id, 'id');
      return answer(await payments.order(id, principalOf(request)));
    },
  );
  app.get(
    '/v1/orders',
    {
      config: { access: [...anybody] },
      schema: {
        tags,
        operationId: 'listOrders',
        summary: 'Orders by number, or by what they are for',
        querystring: Type.Object({
          ...PageQuerySchema.properties,
          reference_id: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
          number: Type.Optional(Type.String({ minLength: 6, maxLength: 32 })),
        }),
        response: {
          200: Type.Object({
            items: Type.Array(OrderSchema),
            next_cursor: Type.Optional(Type.String()),
          }),
          '4xx': ProblemSchema,
        },
      },
    },
    async (request) => {
      const by = principalOf(request);
      const { reference_id: reference, number, limit, cursor } = request.query;
      if (number !== undefined) {
        const found = await payments.orderByNumber(number, by);
        return { items: found.ok ? [found.value] : [] };
      }
      if (reference === undefined) throw new RefusedError({ code: 'order_filter_missing' });
      const page = { limit: pageSize(limit), ...(cursor === undefined ? {} : { cursor }) };
      const found = answer(await payments.ordersOf([reference], page, by));
      return {
        items: [...found.items],
        ...(found.nextCursor === undefined ? {} : { next_cursor: found.nextCursor }),
      };
    },
  );
}

/** The order's uuid, when the caller may see the order. */
async function visibleOrder(
  payments: PaymentsService,
  wireId: string,
  by: Principal,
): Promise<string> {
  const id = uuidOf('ord', wireId, 'id');
  answer(await payments.isVisible(id, by));
  return id;
}

function registerPaying(app: HttpApp, payments: PaymentsService): void {
  app.post(
    '/v1/orders/:id/attempts',
    {
      config: { access: [...anybody] },
      schema: {
        tags,
        operationId: 'createAttempt',
        summary: 'Begin to pay: what the payer needs for one method',
        params: OrderParams,
        headers: IdempotencyHeaderSchema,
        body: CreateAttemptSchema,
        response: { 201: AttemptSchema, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      const by = principalOf(request);
      const id = await visibleOrder(payments, request.params.id, by);
      const { method, payer_ip: payerIp } = request.body;
      const wanted = { method, ...(payerIp === undefined ? {} : { payerIp }) };
      const made = await payments.pay(idempotencyKey(request, by.id), id, wanted);
      return reply.code(201).send(answerCommand(reply, made));
    },
  );
  app.post(
    '/v1/orders/:id/cancel',
    {
      config: { access: [...anybody] },
      schema: {
        tags,
        operationId: 'cancelOrder',
        summary: 'Close the open attempts at their channels, then the order',
        params: OrderParams,
        headers: IdempotencyHeaderSchema,
        body: CancelOrderSchema,
        response: { 200: OrderSchema, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      const by = principalOf(request);
      const id = await visibleOrder(payments, request.params.id, by);
      const key = idempotencyKey(request, by.id);
      const rule = request.body.late_success;
      return answerCommand(reply, await payments.closeOrder(key, id, 'canceled', rule));
    },
  );
  app.post(
    '/v1/orders/:id/cashier-sessions',
    {
      config: { access: [...anybody] },
      schema: {
        tags,
        operationId: 'createCashierSession',
        summary: 'A link to the cashier’s page; its token is shown once',
        params: OrderParams,
        response: { 201: CashierSessionSchema, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      const id = await visibleOrder(payments, request.params.id, principalOf(request));
      return reply.code(201).send(answer(await payments.createCashierSession(id)));
    },
  );
}

function registerAssigning(app: HttpApp, payments: PaymentsService): void {
  app.post(
    '/v1/receipts/:id/assign',
    {
      config: { access: ['operator:finance'] },
      schema: {
        tags,
        operationId: 'assignReceipt',
        summary: 'Pay an order with a transfer that found no home by itself',
        params: Type.Object({ id: IdSchema('rcp') }),
        headers: IdempotencyHeaderSchema,
        body: Type.Object({ order_id: IdSchema('ord') }, { additionalProperties: false }),
        response: { 200: OrderSchema, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      const by = principalOf(request);
      const receiptId = uuidOf('rcp', request.params.id, 'id');
      const orderId = uuidOf('ord', request.body.order_id, 'order_id');
      answer(await payments.order(orderId, by));
      const key = idempotencyKey(request, by.id);
      return answerCommand(reply, await payments.assignReceipt(key, by, receiptId, orderId));
    },
  );
}
