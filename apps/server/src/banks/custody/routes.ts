import { Type } from 'typebox';
import { answer, type HttpApp, ProblemSchema, pageSize, uuidOf } from '../../platform/index.ts';
import {
  CustodyAccountListSchema,
  ReceiptListSchema,
  ReceiptQuerySchema,
  ReceiptSchema,
} from './schemas.ts';
import type { CustodyService } from './types.ts';
import { accountView, receiptView } from './views.ts';

export function registerCustodyRoutes(app: HttpApp, service: CustodyService): void {
  app.get(
    '/v1/custody-accounts',
    {
      schema: {
        tags: ['Custody'],
        summary: 'Accounts at banks where money lies',
        operationId: 'listCustodyAccounts',
        response: { 200: CustodyAccountListSchema, '4xx': ProblemSchema },
      },
      config: { access: ['operator'] },
    },
    async () => ({ items: (await service.accounts()).map(accountView) }),
  );

  app.get(
    '/v1/receipts',
    {
      schema: {
        tags: ['Custody'],
        summary: 'Entries that the banks booked, by state, newest first',
        operationId: 'listReceipts',
        querystring: ReceiptQuerySchema,
        response: { 200: ReceiptListSchema, '4xx': ProblemSchema },
      },
      config: { access: ['operator'] },
    },
    async (request) => {
      const { state, limit, cursor } = request.query;
      const page = answer(
        await service.receipts({
          state,
          limit: pageSize(limit),
          ...(cursor === undefined ? {} : { cursor }),
        }),
      );
      return { ...page, items: [...page.items] };
    },
  );

  app.get(
    '/v1/receipts/:id',
    {
      schema: {
        tags: ['Custody'],
        summary: 'One entry that a bank booked',
        operationId: 'getReceipt',
        params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 60 }) }),
        response: { 200: ReceiptSchema, '4xx': ProblemSchema },
      },
      config: { access: ['operator'] },
    },
    async (request) =>
      receiptView(answer(await service.receipt(uuidOf('rcp', request.params.id, 'id')))),
  );
}
