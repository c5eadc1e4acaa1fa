import { encodeId } from '@keyturn/kernel';
import { Type } from 'typebox';
import {
  answer,
  answerCommand,
  type HttpApp,
  IdempotencyHeaderSchema,
  idempotencyKey,
  ProblemSchema,
} from '../../../platform/index.ts';
import { CashierSchema, MethodSchema } from '../schemas.ts';
import type { PaymentsService } from '../types.ts';

const tags = ['Cashier'];
const TokenParams = Type.Object({
  token: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$', description: 'From the payment link' }),
});

/** What the payer's page asks. Public: who has the link has the right. */
export function registerCashierRoutes(app: HttpApp, payments: PaymentsService): void {
  app.get(
    '/v1/cashier/:token',
    {
      config: { access: ['public'] },
      schema: {
        tags,
        operationId: 'getCashier',
        summary: 'The order behind a payment link, as its payer sees it',
        params: TokenParams,
        response: { 200: CashierSchema, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      return answer(await payments.cashier(request.params.token));
    },
  );
  app.post(
    '/v1/cashier/:token/attempts',
    {
      config: { access: ['public'] },
      schema: {
        tags,
        operationId: 'createCashierAttempt',
        summary: 'Begin to pay from the cashier’s page',
        params: TokenParams,
        headers: IdempotencyHeaderSchema,
        body: Type.Object({ method: MethodSchema }, { additionalProperties: false }),
        response: { 201: CashierSchema, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      const { token } = request.params;
      const orderId = answer(await payments.orderOfToken(token));
      const key = idempotencyKey(request, `payer:${encodeId('ord', orderId)}`);
      const { method } = request.body;
      const wanted = { method, ...(method === 'wechat_h5' ? { payerIp: request.ip } : {}) };
      const made = await payments.pay(key, orderId, wanted);
      answerCommand(reply, made);
      return reply.code(201).send(answer(await payments.cashier(token)));
    },
  );
}
