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
} from '../../platform/index.ts';
import { principalOf } from '../../who/access/index.ts';
import { type PayoutState, payoutStates } from './decide/payout-state.ts';
import { CreatePayoutSchema, PayoutSchema, RejectPayoutSchema } from './schemas.ts';
import type { NewPayout, PayoutSource, PayoutsService } from './types.ts';

const tags = ['Payouts'];
const PayoutParams = Type.Object({ id: IdSchema('pyt') });
const problems = { '4xx': ProblemSchema };

/** The HTTP edge of pay-outs: schema in, schema out. */
export function registerPayoutsRoutes(app: HttpApp, payouts: PayoutsService): void {
  registerMaking(app, payouts);
  registerReading(app, payouts);
  registerDecisions(app, payouts);
}

function registerMaking(app: HttpApp, payouts: PayoutsService): void {
  app.post(
    '/v1/payouts',
    {
      config: { access: ['integrator', 'operator:finance'] },
      schema: {
        tags,
        operationId: 'createPayout',
        summary: 'Hold money and ask for its pay-out; a second person approves it',
        headers: IdempotencyHeaderSchema,
        body: CreatePayoutSchema,
        response: { 201: PayoutSchema, ...problems },
      },
    },
    async (request, reply) => {
      const by = principalOf(request);
      const wanted = newPayout(request.body);
      // Money without a home is nobody's but the house's to send back.
      if (wanted.source.kind === 'suspense' && by.kind !== 'operator') {
        const problem = { problem: 'only operators may use it', problem_zh: '仅操作员可用' };
        const values = { field: 'source.suspense_of', ...problem };
        throw new RefusedError({ code: 'request_invalid', param: 'source.suspense_of', values });
      }
      const made = await payouts.create(idempotencyKey(request, by.id), by, wanted);
      return reply.code(201).send(answerCommand(reply, made));
    },
  );
}

function newPayout(body: Static<typeof CreatePayoutSchema>): NewPayout {
  const amount = moneyFromWire(body.amount, 'amount');
  if (amount.amount === 0n) {
    const problem = 'a pay-out is of at least one minor unit';
    const values = { field: 'amount.amount', problem, problem_zh: '出金金额须大于零' };
    throw new RefusedError({ code: 'request_invalid', param: 'amount.amount', values });
  }
  return {
    source: sourceOf(body.source),
    bankAccountId: uuidOf('bac', body.bank_account_id, 'bank_account_id'),
    amount,
    purpose: body.purpose,
    remittance: body.remittance,
    ...(body.custody_account_id === undefined ? {} : { custodyAccountId: body.custody_account_id }),
    ...(body.reference === undefined ? {} : { reference: body.reference }),
  };
}

function sourceOf(source: Static<typeof CreatePayoutSchema>['source']): PayoutSource {
  if ('merchant_id' in source) {
    return { kind: 'merchant', id: uuidOf('mer', source.merchant_id, 'source.merchant_id') };
  }
  if ('person_id' in source) {
    return { kind: 'person', id: uuidOf('per', source.person_id, 'source.person_id') };
  }
  return { kind: 'suspense', custodyAccountId: source.suspense_of };
}

function isPayoutState(text: string): text is PayoutState {
  return payoutStates.some((state) => state === text);
}

function registerReading(app: HttpApp, payouts: PayoutsService): void {
  app.get(
    '/v1/payouts/:id',
    {
      config: { access: ['integrator', 'operator'] },
      schema: {
        tags,
        operationId: 'getPayout',
        summary: 'A pay-out',
        params: PayoutParams,
        response: { 200: PayoutSchema, ...problems },
      },
    },
    async (request) => {
      const id = uuidOf('pyt', request.params.id, 'id');
      return answer(await payouts.payout(id, principalOf(request)));
    },
  );
  app.get(
    '/v1/payouts',
    {
      config: { access: ['integrator', 'operator'] },
      schema: {
        tags,
        operationId: 'listPayouts',
        summary: 'Pay-outs by what they are for, or (operators) by state; newest first',
        querystring: Type.Object({
          ...PageQuerySchema.properties,
          state: Type.Optional(Type.String({ enum: [...payoutStates] })),
          reference_id: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
        }),
        response: {
          200: Type.Object({
            items: Type.Array(PayoutSchema),
            next_cursor: Type.Optional(Type.String()),
          }),
          ...problems,
        },
      },
    },
    async (request) => {
      const by = principalOf(request);
      const { state, reference_id: reference, limit, cursor } = request.query;
      const page = { limit: pageSize(limit), ...(cursor === undefined ? {} : { cursor }) };
      const byState = state !== undefined && isPayoutState(state) && by.kind === 'operator';
      if (reference === undefined && !byState) {
        throw new RefusedError({ code: 'payout_filter_missing' });
      }
      const found = answer(
        reference === undefined
          ? await payouts.byState(stateOf(state), page)
          : await payouts.ofReferences([reference], page, by),
      );
      return {
        items: [...found.items],
        ...(found.nextCursor === undefined ? {} : { next_cursor: found.nextCursor }),
      };
    },
  );
}

function stateOf(text: string | undefined): PayoutState {
  if (text !== undefined && isPayoutState(text)) return text;
  throw new RefusedError({ code: 'payout_filter_missing' });
}

function registerDecisions(app: HttpApp, payouts: PayoutsService): void {
  app.post(
    '/v1/payouts/:id/approve',
    {
      config: { access: ['operator:approver'] },
      schema: {
        tags,
        operationId: 'approvePayout',
        summary: 'Let a pay-out go; by another than who made it',
        params: PayoutParams,
        headers: IdempotencyHeaderSchema,
        response: { 200: PayoutSchema, ...problems },
      },
    },
    async (request, reply) => {
      const by = principalOf(request);
      const id = uuidOf('pyt', request.params.id, 'id');
      return answerCommand(reply, await payouts.approve(idempotencyKey(request, by.id), by, id));
    },
  );
  app.post(
    '/v1/payouts/:id/reject',
    {
      config: { access: ['operator:approver'] },
      schema: {
        tags,
        operationId: 'rejectPayout',
        summary: 'Stop a pay-out; by another than who made it',
        params: PayoutParams,
        headers: IdempotencyHeaderSchema,
        body: RejectPayoutSchema,
        response: { 200: PayoutSchema, ...problems },
      },
    },
    async (request, reply) => {
      const by = principalOf(request);
      const id = uuidOf('pyt', request.params.id, 'id');
      const key = idempotencyKey(request, by.id);
      return answerCommand(reply, await payouts.reject(key, by, id, request.body.reason));
    },
  );
  app.post(
    '/v1/payouts/:id/cancel',
    {
      config: { access: ['integrator', 'operator:finance'] },
      schema: {
        tags,
        operationId: 'cancelPayout',
        summary: 'Take a pay-out back before it is submitted',
        params: PayoutParams,
        headers: IdempotencyHeaderSchema,
        response: { 200: PayoutSchema, ...problems },
      },
    },
    async (request, reply) => {
      const by = principalOf(request);
      const id = uuidOf('pyt', request.params.id, 'id');
      return answerCommand(reply, await payouts.cancel(idempotencyKey(request, by.id), by, id));
    },
  );
}
