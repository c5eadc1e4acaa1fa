import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Deliver } from '../core/deliver.ts';

const deliveryQuery = Type.Object(
  {
    state: Type.Optional(
      Type.Union([Type.Literal('pending'), Type.Literal('delivered'), Type.Literal('given_up')]),
    ),
  },
  { additionalProperties: false },
);

const listLimit = 100;

/** The newest notifications that wait, arrived or were given up, without their bodies. */
export function registerDeliveryRoutes(app: FastifyInstance, deliver: Deliver): void {
  app.get<{ Querystring: Static<typeof deliveryQuery> }>(
    '/deliveries',
    { schema: { querystring: deliveryQuery } },
    (request) => ({ deliveries: deliver.list(request.query.state ?? 'pending', listLimit) }),
  );
}
