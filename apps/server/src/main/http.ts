import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyRequest } from 'fastify';
import { registerChannelsRoutes } from '../banks/channels/index.ts';
import { registerCustodyRoutes } from '../banks/custody/index.ts';
import { registerEscrowRoutes } from '../flows/escrow/index.ts';
import { registerSettlementRoutes } from '../flows/settlement/index.ts';
import { registerPaymentsRoutes } from '../movement/payments/index.ts';
import { registerPayoutsRoutes } from '../movement/payouts/index.ts';
import {
  answersProbe,
  createHttpApp,
  databaseProbe,
  type HttpApp,
  type LedgerCaller,
  lookAtHealth,
  observeSealing,
  observeTakeovers,
  outboxProbe,
  registerHealthRoutes,
  registerLedgerRoutes,
  registerTakeoverRoutes,
  sealingProbe,
  takeoverProbe,
  timeProbe,
} from '../platform/index.ts';
import { registerReconciliationRoutes } from '../watch/reconciliation/index.ts';
import { principalOf, registerAccess, registerAccessRoutes } from '../who/access/index.ts';
import { registerPartiesRoutes } from '../who/parties/index.ts';
import { keeperName, type Platform } from './compose.ts';
import { documentOptions } from './document.ts';
import { registerErrorPages } from './error-pages.ts';
import { version } from './version.ts';

/** The whole HTTP face: the API of all modules, its documents, and the built web pages. */
export async function createApi(platform: Platform): Promise<HttpApp> {
  const { logger, errors, metrics, config } = platform;
  const app = await createHttpApp({ logger, errors, metrics });
  await app.register(swagger, documentOptions);
  await registerAccess(app, platform.access, {
    publicPrefixes: ['/docs', '/pay', '/deal', '/assets', '/console'],
  });
  observeSealing(metrics, platform.database, platform.clock);
  observeTakeovers(metrics, platform.takeovers, platform.clock);
  registerHealthRoutes(app, { metrics, look: () => look(platform) });
  const books = {
    ...platform,
    callerOf: ledgerCallerOf,
    keeperName,
    checkUrl: config.databaseUrl,
    keyFolder: join(config.dataDirectory, 'keys'),
  };
  registerLedgerRoutes(app, books);
  registerTakeoverRoutes(app, books);
  registerAccessRoutes(app, platform.access, {
    secureCookies: config.publicUrl.startsWith('https:'),
  });
  registerPartiesRoutes(app, platform.parties);
  registerChannelsRoutes(app, platform.channels);
  registerCustodyRoutes(app, platform.custody);
  registerPaymentsRoutes(app, platform.payments);
  registerPayoutsRoutes(app, platform.payouts);
  registerSettlementRoutes(app, platform.settlement);
  registerEscrowRoutes(app, platform.escrow);
  registerReconciliationRoutes(app, platform.reconciliation);
  registerErrorPages(app, errors);
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: documentPolicy });
  await registerPages(app);
  return app;
}

/** Integrators keep books of their own; people of the platform keep none. */
function ledgerCallerOf(request: FastifyRequest): LedgerCaller {
  const { kind, id } = principalOf(request);
  return { keeper: kind === 'integrator' ? id : null };
}

/**
 * What the pages of the document may load: their own files. Their reader styles its elements one by
 * one. An installation may serve plain HTTP inside its walls, so nothing is upgraded.
 */
const documentPolicy = {
  'default-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data:",
  'object-src': "'none'",
  'base-uri': "'self'",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
};

function look(platform: Platform) {
  return lookAtHealth({
    version,
    clock: platform.clock,
    probes: [
      databaseProbe(platform.database),
      outboxProbe(platform.database),
      sealingProbe(platform.database, platform.clock),
      takeoverProbe(platform.takeovers, platform.clock),
      timeProbe(platform.config.timeSource, platform.time.offsetMs),
      { name: 'channels', look: () => lookAtChannels(platform) },
      answersProbe(async () => [
        ...(await platform.payments.overdue()),
        ...(await platform.payouts.overdue()),
      ]),
      { name: 'reconciliation', look: () => platform.reconciliation.health() },
    ],
  });
}

async function lookAtChannels({ channels }: Platform) {
  const broken = (await channels.health()).filter((channel) => channel.circuit !== 'closed');
  return broken.length === 0
    ? { status: 'ok' as const, detail: 'every contract answers' }
    : {
        status: 'degraded' as const,
        detail: broken.map((one) => `${one.contractId}: circuit ${one.circuit}`).join('; '),
      };
}

/** The web apps: which addresses each one answers, and where its files come from. */
const webApps = [
  {
    app: 'cashier',
    pages: ['/pay', '/deal'],
    assets: '/assets/cashier/',
    folder: 'assets/cashier',
  },
  { app: 'console', pages: ['/console'], assets: '/console/assets/', folder: 'assets' },
];

async function registerPages(app: HttpApp): Promise<void> {
  let decorateReply = true;
  for (const { app: name, pages, assets, folder } of webApps) {
    const root = fileURLToPath(new URL(`../../../${name}/dist/`, import.meta.url));
    if (!existsSync(root)) continue;
    await app.register(fastifyStatic, {
      root: `${root}${folder}`,
      prefix: assets,
      decorateReply,
      immutable: true,
      maxAge: '365d',
      index: false,
      preCompressed: true,
    });
    decorateReply = false;
    for (const page of pages) {
      for (const url of [page, `${page}/*`]) {
        app.get(
          url,
          { config: { access: ['public'] }, schema: { hide: true } },
          (_request, reply) =>
            reply.header('cache-control', 'no-cache').sendFile('index.html', root, { maxAge: 0 }),
        );
      }
    }
  }
}
