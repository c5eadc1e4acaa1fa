import { toJson } from '@keyturn/pipeline';
import type { LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpApp, type HttpApp } from '../../platform/index.ts';
import type { Principal } from '../../who/access/index.ts';
import { registerSettlementRoutes } from '../settlement/index.ts';
import { registerEscrowRoutes } from './index.ts';
import { termsToWire } from './terms-wire.ts';
import { homeSale } from './test/home-sale.ts';
import {
  amounts,
  checker,
  createFlowWorld,
  createSampleDeal,
  type FlowWorld,
  integrator,
  maker,
} from './test/world.ts';

let world: FlowWorld;
let app: HttpApp;
let caller: Principal | null = null;

beforeAll(async () => {
  world = await createFlowWorld();
  const { logger, errors, metrics } = world.platform;
  app = await createHttpApp({ logger, errors, metrics });
  app.decorateRequest('principal', null);
  app.addHook('onRequest', async (request) => {
    request.principal = caller;
  });
  registerEscrowRoutes(app, world.escrow);
  registerSettlementRoutes(app, world.settlement);
  await app.ready();
});
afterAll(async () => {
  await app.close();
  await world.close();
});

async function post(
  by: Principal | null,
  url: string,
  body?: unknown,
  key = world.key(),
): Promise<LightMyRequestResponse> {
  caller = by;
  return app.inject({
    method: 'POST',
    url,
    headers: { 'idempotency-key': key, 'content-type': 'application/json' },
    ...(body === undefined ? { headers: { 'idempotency-key': key } } : { payload: toJson(body) }),
  });
}

async function get(by: Principal | null, url: string): Promise<LightMyRequestResponse> {
  caller = by;
  return app.inject({ method: 'GET', url });
}

const money = (amount: bigint) => ({ amount, currency: 'CNY' });

describe('escrow over HTTP', () => {
  it('takes an agreement, checks it, publishes it by a second person, and gives it again', async () => {
    const terms = termsToWire(homeSale);
    const draft = { name: 'over http', version: 1, terms };
    const key = world.key();
    const made = await post(maker, '/v1/agreements', draft, key);
    expect(made.statusCode).toBe(201);
    const { id } = made.json<{ id: string }>();
    const again = await post(maker, '/v1/agreements', draft, key);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.json<{ id: string }>().id).toBe(id);
    const own = await post(maker, `/v1/agreements/${id}/publish`);
    expect(own.json()).toMatchObject({ code: 'approver_is_maker' });
    const published = await post(checker, `/v1/agreements/${id}/publish`);
    expect(published.json()).toMatchObject({ state: 'published', terms });
    const broken = { ...draft, version: 2, terms: { ...terms, releases: [] } };
    const refused = await post(maker, '/v1/agreements', broken);
    expect(refused.statusCode).toBe(422);
    expect(refused.json<{ detail: string }>().detail).toContain('items.price (goes_to_nobody)');
  });

  it('carries a deal from its order to its release', async () => {
    const sample = await createSampleDeal(world);
    const list = (await get(integrator, '/v1/deals?limit=1')).json<{ items: { id: string }[] }>();
    const url = `/v1/deals/${list.items[0]?.id}`;
    const bare = await post(integrator, `${url}/items/price/order`, {}, '');
    expect(bare.json()).toMatchObject({ code: 'idempotency_key_missing' });
    const order = await post(integrator, `${url}/items/price/order`, {
      amount: money(1_000_000n),
    });
    expect(order.statusCode).toBe(201);
    await world.payByWechat(await sample.order('intention'));
    const converted = await post(maker, `${url}/conversions`, { from: 'intention', to: 'deposit' });
    expect(converted.json()).toMatchObject({ totals: { held: { amount: 1_000_000 } } });
    const early = await post(maker, `${url}/releases`, { key: 'to_seller' });
    expect(early.statusCode).toBe(409);
    expect(early.json()).toMatchObject({ code: 'deal_state_refused' });
    const proof = { kind: 'title_transfer', role: 'store', reference: 'T-1' };
    expect((await post(integrator, `${url}/evidence`, proof)).statusCode).toBe(200);
    const frozen = await post(maker, `${url}/freeze`, { reason: 'check' });
    expect(frozen.json()).toMatchObject({ deal: { freeze: { reason: 'check' } } });
    expect((await post(checker, `${url}/unfreeze`)).statusCode).toBe(200);
    const canceled = await post(maker, `${url}/cancel`, { reason: 'no loan' });
    expect(canceled.json()).toMatchObject({ deal: { state: 'cancel_requested' } });
    const back = await post(maker, `${url}/cancel/withdraw`);
    expect(back.json()).toMatchObject({ deal: { state: 'funding' } });
    const read = await get(integrator, `${url}/money`);
    expect(read.json()).toMatchObject({ deal: { state: 'funding' } });
    expect((await get(maker, '/v1/releases?state=pending_approval')).json()).toEqual({ items: [] });
  });

  it('makes a deal by its parties and amounts, and says what is wrong with them', async () => {
    const sample = await createSampleDeal(world);
    caller = integrator;
    const shown = (await get(integrator, '/v1/deals')).json<{ items: { id: string }[] }>();
    const deal = (await get(integrator, `/v1/deals/${shown.items[0]?.id}`)).json<{
      agreement_id: string;
      parties: { role: string; kind: string; id: string; bank_account_id?: string }[];
    }>();
    const parties = Object.fromEntries(
      deal.parties.map(({ role, kind, id, bank_account_id }) => [
        role,
        { [`${kind}_id`]: id, ...(bank_account_id ? { bank_account_id } : {}) },
      ]),
    );
    const items = Object.fromEntries(
      Object.entries(amounts).map(([key, amount]) => [key, money(amount)]),
    );
    const body = { agreement_id: deal.agreement_id, title: 'T', city: 'C', parties, items };
    expect((await post(integrator, '/v1/deals', body)).statusCode).toBe(201);
    const { seller: _seller, ...without } = parties;
    const wrong: readonly (readonly [string, object])[] = [
      ['deal_party_missing', { parties: without }],
      ['deal_amount_missing', { items: { intention: money(1n) } }],
      ['deal_key_unknown', { items: { ...items, tax: money(1n) } }],
      ['release_payee_missing', { parties: { ...parties, seller: noAccount(parties['seller']) } }],
      [
        'deal_bank_account_unusable',
        {
          parties: { ...parties, seller: { ...parties['seller'], ...accountOf(parties['buyer']) } },
        },
      ],
      ['deal_party_unknown', { parties: { ...parties, seller: parties['store'] } }],
      ['deal_custody_missing', { currency: 'USD', items: inDollars(items) }],
      ['request_invalid', { parties: { ...parties, seller: {} } }],
    ];
    for (const [code, change] of wrong) {
      const refused = await post(integrator, '/v1/deals', { ...body, ...change });
      expect([code, refused.json<{ code: string }>().code]).toEqual([code, code]);
    }
    expect(sample.id).toBeDefined();
  });

  it('shows a party its deal by its link, and a merchant its balance', async () => {
    const list = (await get(integrator, '/v1/deals?limit=50')).json<{
      items: { id: string; state: string }[];
    }>();
    const url = `/v1/deals/${list.items.find(({ state }) => state === 'agreed')?.id}`;
    caller = integrator;
    const link = await post(integrator, `${url}/links`, { role: 'buyer' });
    const { token } = link.json<{ token: string }>();
    const view = await get(null, `/v1/deal-views/${token}`);
    expect(view.headers['cache-control']).toBe('no-store');
    expect(view.json()).toMatchObject({ viewer: { role: 'buyer' } });
    const wrong = await get(null, `/v1/deal-views/${token.slice(0, -3)}xyz`);
    expect(wrong.json()).toMatchObject({ code: 'deal_link_unknown' });
    const pay = `/v1/deal-views/${token}/items`;
    const price = await post(null, `${pay}/price/cashier-sessions`);
    expect(price.statusCode).toBe(201);
    expect(price.json<{ url: string }>().url).toContain('/pay/');
    const other = await post(null, `${pay}/garage/cashier-sessions`);
    expect(other.json()).toMatchObject({ code: 'item_not_yours' });
    const none = '01990000-0000-7000-8000-00000000dead';
    expect((await get(maker, `/v1/deals?reference_id=${none}`)).json()).toEqual({ items: [] });
    const deal = (await get(integrator, url)).json<{ parties: { role: string; id: string }[] }>();
    const store = deal.parties.find(({ role }) => role === 'store');
    expect((await get(integrator, `/v1/merchants/${store?.id}/balance`)).statusCode).toBe(200);
    const settled = await get(maker, '/v1/channel-settlements?contract_id=wx-reserve');
    expect(settled.json()).toEqual({ items: [] });
  });
});

function noAccount(party: Record<string, string> | undefined): Record<string, string> {
  const { bank_account_id: _account, ...rest } = party ?? {};
  return rest;
}

function accountOf(party: Record<string, string> | undefined): Record<string, string> {
  return { bank_account_id: party?.['bank_account_id'] ?? '' };
}

function inDollars(items: Record<string, { amount: bigint; currency: string }>) {
  const entries = Object.entries(items);
  return Object.fromEntries(entries.map(([key, m]) => [key, { ...m, currency: 'USD' }]));
}
