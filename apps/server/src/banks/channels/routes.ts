import { Type } from 'typebox';
import { answer, type HttpApp, ProblemSchema, pageSize } from '../../platform/index.ts';
import {
  ChannelListSchema,
  ContractIdSchema,
  MessageListSchema,
  ReferenceQuerySchema,
  TakenSchema,
} from './schemas.ts';
import type { ChannelsService } from './types.ts';
import { channelView } from './views.ts';

const ParamsSchema = Type.Object({ id: ContractIdSchema });

export function registerChannelsRoutes(app: HttpApp, service: ChannelsService): void {
  app.get(
    '/v1/channels',
    {
      schema: {
        tags: ['Channels'],
        summary: 'Contracts with acquirers and banks, and how they are doing',
        operationId: 'listChannels',
        response: { 200: ChannelListSchema, '4xx': ProblemSchema },
      },
      config: { access: ['operator'] },
    },
    async () => {
      const health = new Map((await service.health()).map((item) => [item.contractId, item]));
      const items = (await service.contracts()).flatMap((contract) => {
        const state = health.get(contract.id);
        return state === undefined ? [] : [channelView(contract, state)];
      });
      return { items };
    },
  );

  app.get(
    '/v1/channels/:id/messages',
    {
      schema: {
        tags: ['Channels'],
        summary: 'What was said over a contract about one reference, newest first',
        operationId: 'listChannelMessages',
        params: ParamsSchema,
        querystring: ReferenceQuerySchema,
        response: { 200: MessageListSchema, '4xx': ProblemSchema },
      },
      config: { access: ['operator'] },
    },
    async (request) => {
      const { reference, limit, cursor } = request.query;
      const page = answer(
        await service.messages({
          contractId: request.params.id,
          reference,
          limit: pageSize(limit),
          ...(cursor === undefined ? {} : { cursor }),
        }),
      );
      return { ...page, items: [...page.items] };
    },
  );

  registerNotifications(app, service);
}

/** In a context of its own, whose bodies stay bytes: that is what is signed. */
function registerNotifications(app: HttpApp, service: ChannelsService): void {
  app.register(async (scope: HttpApp) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
    scope.post(
      '/v1/notifications/:id',
      {
        schema: {
          tags: ['Channels'],
          summary:
            'Where acquirers and banks send their notifications, signed as their protocol says',
          operationId: 'receiveNotification',
          consumes: ['application/json', 'application/xml'],
          params: ParamsSchema,
          response: { 200: TakenSchema, '4xx': ProblemSchema },
        },
        config: { access: ['public'] },
      },
      async (request) => {
        const { body } = request;
        answer(
          await service.receive({
            contractId: request.params.id,
            headers: request.headers,
            body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
          }),
        );
        return { code: 'SUCCESS' as const, message: 'stored' };
      },
    );
  });
}
