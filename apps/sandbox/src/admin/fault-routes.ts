import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { FaultAdmin } from '../core/faults.ts';
import { Refusal } from '../core/refusal.ts';

/** Further fields are the parameters of the kind. */
const faultBody = Type.Object(
  {
    point: Type.String(),
    kind: Type.String(),
    match: Type.Optional(Type.Record(Type.String(), Type.String())),
    times: Type.Optional(Type.Union([Type.Integer({ minimum: 1 }), Type.Null()])),
    delay_ms: Type.Optional(Type.Integer({ minimum: 0, maximum: 3_600_000 })),
  },
  { additionalProperties: true },
);

const seedBody = Type.Object(
  {
    seed: Type.Integer(),
    rate: Type.Number({ minimum: 0, maximum: 1 }),
    points: Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()])),
  },
  { additionalProperties: false },
);

/** A parameter must be one of the kind's and of its usual value's type; null stands for any. */
function checkParameters(given: {
  point: string;
  kind: string;
  parameters: Record<string, unknown>;
  known: Record<string, unknown> | undefined;
}): void {
  // Without a known kind the rules themselves refuse, with a list of those that exist.
  if (given.known === undefined) return;
  const usual: Record<string, unknown> = { delay_ms: 0, ...given.known };
  for (const [name, value] of Object.entries(given.parameters)) {
    const example = usual[name];
    if (example === undefined) {
      const names = Object.keys(usual).join(', ');
      throw new Refusal(
        400,
        `fault ${given.kind} at ${given.point} has no parameter "${name}": use ${names}`,
      );
    }
    if (example !== null && typeof value !== typeof example) {
      throw new Refusal(400, `parameter "${name}" must be a ${typeof example}`);
    }
  }
}

/** Faults on demand on the admin port: see the table in the README. */
export function registerFaultRoutes(app: FastifyInstance, faults: FaultAdmin): void {
  app.post<{ Body: Static<typeof faultBody> }>(
    '/faults',
    { schema: { body: faultBody } },
    (request, reply) => {
      const { point, kind, match = {}, times = 1, ...parameters } = request.body;
      checkParameters({ point, kind, parameters, known: faults.points()[point]?.[kind] });
      const rule = faults.add({ point, kind, match, times, parameters });
      reply.code(201);
      return { id: rule.id };
    },
  );
  app.get('/faults', () => ({
    faults: faults.list(),
    seed: faults.currentSeed(),
    points: faults.points(),
  }));
  app.delete<{ Params: { id: string } }>('/faults/:id', (request, reply) => {
    const { id } = request.params;
    if (!faults.remove(id)) {
      throw new Refusal(404, `there is no fault ${id}: GET /faults lists those that wait`);
    }
    return reply.code(204).send();
  });
  app.delete('/faults', (_request, reply) => {
    faults.clear();
    return reply.code(204).send();
  });
  app.post<{ Body: Static<typeof seedBody> }>(
    '/faults/seed',
    { schema: { body: seedBody } },
    (request) => {
      const { seed, rate, points = null } = request.body;
      faults.seed({ seed, rate, points });
      return faults.currentSeed();
    },
  );
}
