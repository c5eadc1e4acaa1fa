import { Type } from 'typebox';
import type { HttpApp } from '../http/server.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Health } from './health.ts';

const HealthSchema = Type.Object(
  {
    status: Type.String({ description: 'ok, degraded or failed' }),
    version: Type.String(),
    now: Type.String({ description: 'The platform’s time' }),
    checks: Type.Array(
      Type.Object({ name: Type.String(), status: Type.String(), detail: Type.String() }),
    ),
  },
  { title: 'Health' },
);

/** `/health` for people and balancers (503 when something failed), `/metrics` for Prometheus. */
export function registerHealthRoutes(
  app: HttpApp,
  deps: { readonly look: () => Promise<Health>; readonly metrics: Metrics },
): void {
  app.get(
    '/health',
    {
      config: { access: ['public'] },
      schema: {
        tags: ['Platform'],
        operationId: 'health',
        summary: 'How the platform is',
        response: { 200: HealthSchema, 503: HealthSchema },
      },
    },
    async (_request, reply) => {
      const health = await deps.look();
      reply.code(health.status === 'failed' ? 503 : 200);
      return { ...health, checks: health.checks.map((check) => ({ ...check })) };
    },
  );
  app.get(
    '/metrics',
    {
      config: { access: ['public'] },
      schema: {
        tags: ['Platform'],
        operationId: 'metrics',
        summary: 'Figures for Prometheus',
        produces: ['text/plain'],
        response: { 200: Type.String() },
      },
    },
    async (_request, reply) => {
      reply.type(deps.metrics.contentType);
      return deps.metrics.text();
    },
  );
}
