import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { WorldClock } from '../core/clock.ts';
import { Refusal } from '../core/refusal.ts';
import type { Merchants } from './merchants.ts';
import type { Orders } from './orders.ts';
import type { Order, OrderStore } from './orders-store.ts';
import { pageScript, pageStyle } from './payer-assets.ts';
import { missingOrderPage, payerPage } from './payer-page.ts';
import { payerState } from './payer-state.ts';
import { chooseLanguage } from './payer-texts.ts';

export interface PayerRouteDeps {
  clock: WorldClock;
  merchants: Merchants;
  orders: Orders;
  store: OrderStore;
}

interface PayRoute {
  Params: { token: string };
  Querystring: { lang?: string; redirect_url?: string };
}

/** Nothing from elsewhere, no frames: what is pressed here pays. */
const pageHeaders = {
  'content-security-policy': [
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'",
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

/** Only web addresses: a script address would run in this page. */
function webAddress(value: unknown): string | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined;
  return /^https?:$/.test(new URL(value).protocol) ? value : undefined;
}

function languageOf(request: FastifyRequest<PayRoute>) {
  return chooseLanguage(request.query.lang, request.headers['accept-language']);
}

function registerAssets(app: FastifyInstance): void {
  const headers = { 'cache-control': 'public, max-age=300', 'x-content-type-options': 'nosniff' };
  app.get('/pay-assets/page.css', (_request, reply) =>
    reply.headers(headers).type('text/css; charset=utf-8').send(pageStyle),
  );
  app.get('/pay-assets/page.js', (_request, reply) =>
    reply.headers(headers).type('text/javascript; charset=utf-8').send(pageScript),
  );
}

/** The payer's pages, at the acquirer's port. */
export function registerPayerRoutes(parent: FastifyInstance, deps: PayerRouteDeps): void {
  const { clock, merchants, orders, store } = deps;

  function show(request: FastifyRequest<PayRoute>, reply: FastifyReply): FastifyReply {
    const language = languageOf(request);
    const order = store.findByToken(request.params.token);
    reply.headers(pageHeaders).type('text/html; charset=utf-8');
    if (order === undefined) return reply.code(404).send(missingOrderPage(language));
    return reply.send(
      payerPage({
        language,
        order,
        merchantName: merchants.find(order.mchid)?.name ?? order.mchid,
        nowMs: clock.nowMs(),
        address: `${request.protocol}://${request.host}/pay/${order.token}`,
        redirectUrl: webAddress(request.query.redirect_url),
      }),
    );
  }

  const act =
    (action: (token: string) => Promise<Order>) =>
    async (request: FastifyRequest<PayRoute>, reply: FastifyReply) => {
      try {
        await action(request.params.token);
      } catch (error) {
        // Somebody was quicker: the page shows the state as it is now.
        if (!(error instanceof Refusal)) throw error;
      }
      const { search } = new URL(request.url, 'http://localhost');
      return reply.redirect(`/pay/${encodeURIComponent(request.params.token)}${search}`, 303);
    };

  parent.register((app, _options, done) => {
    // The buttons' forms have no fields.
    app.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string' },
      (_request, _text, parsed) => parsed(null, undefined),
    );
    registerAssets(app);
    app.get<PayRoute>('/pay/:token', show);
    app.get<PayRoute>('/pay/:token/state', (request, reply) => {
      const order = store.findByToken(request.params.token);
      reply.header('cache-control', 'no-store');
      if (order === undefined) return reply.code(404).send({ error: 'there is no such order' });
      return reply.send({ state: payerState(order, clock.nowMs()) });
    });
    app.post<PayRoute>(
      '/pay/:token/pay',
      act((token) => orders.pay(token, 'OTHERS')),
    );
    app.post<PayRoute>('/pay/:token/decline', act(orders.decline));
    app.post<PayRoute>('/pay/:token/walk-away', act(orders.walkAway));
    done();
  });
}
