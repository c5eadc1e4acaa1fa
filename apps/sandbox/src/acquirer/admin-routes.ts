import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { WorldClock } from '../core/clock.ts';
import type { CommitQueue } from '../core/commit-queue.ts';
import { Refusal } from '../core/refusal.ts';
import { orderAnswer, refundAnswer, wireInteger } from './answers.ts';
import type { Merchant, Merchants } from './merchants.ts';
import type { Orders } from './orders.ts';
import type { Order, OrderStore } from './orders-store.ts';
import { payerView } from './payer-state.ts';
import type { PlatformCertificate } from './platform-certificate.ts';
import type { Refunds } from './refunds.ts';
import type { RefundStore } from './refunds-store.ts';
import { enrolmentBody, payBody, resolveRefundBody } from './schemas.ts';
import type { Settlements } from './settlement.ts';

export interface AcquirerAdminDeps {
  clock: WorldClock;
  commits: CommitQueue;
  merchants: Merchants;
  orders: Orders;
  orderStore: OrderStore;
  refunds: Refunds;
  refundStore: RefundStore;
  settlements: Settlements;
  certificate: PlatformCertificate;
}

const listQuery = Type.Object(
  {
    mchid: Type.String({ minLength: 1 }),
    after: Type.Optional(Type.String()),
    limit: Type.Optional(Type.String({ pattern: '^[0-9]{1,4}$' })),
  },
  { additionalProperties: false },
);

type ListRoute = { Querystring: Static<typeof listQuery> };

const defaultLimit = 100;
const largestLimit = 1_000;

function limitOf(text: string | undefined): number {
  const limit = Number.parseInt(text ?? String(defaultLimit), 10);
  if (limit >= 1 && limit <= largestLimit) return limit;
  throw new Refusal(400, `limit is ${text}: give 1 to ${largestLimit}`);
}

function merchantView(merchant: Merchant, unsettled: bigint): Record<string, unknown> {
  const { mchid, name, appid, certificateSerial, feeBps, feeMode, settlementAccount } = merchant;
  return {
    ...{ mchid, name, appid, certificate_serial: certificateSerial, fee_bps: wireInteger(feeBps) },
    ...{ fee_mode: feeMode, settlement_account: settlementAccount ?? null },
    ...{ refund_overdraft: merchant.refundOverdraft, unsettled: wireInteger(unsettled) },
  };
}

function registerMerchants(app: FastifyInstance, deps: AcquirerAdminDeps): void {
  const { merchants, certificate, commits, orderStore } = deps;
  app.post<{ Body: Static<typeof enrolmentBody> }>(
    '/acquirer/merchants',
    { schema: { body: enrolmentBody } },
    async (request) => {
      const { mchid } = await commits.write(() => merchants.enrol(request.body));
      return {
        mchid,
        platform_certificate_serial: certificate.serial,
        platform_certificate_pem: certificate.certificatePem,
        platform_public_key_pem: certificate.publicKeyPem,
      };
    },
  );
  app.get('/acquirer/merchants', () => ({
    merchants: merchants
      .list()
      .map((merchant) => merchantView(merchant, orderStore.unsettled(merchant.mchid))),
  }));
}

/** The truth to compare with: what really happened, whatever faults make the merchant API say. */
function registerTruth(app: FastifyInstance, deps: AcquirerAdminDeps): void {
  const { clock, merchants, orderStore, refundStore, settlements } = deps;
  function known(mchid: string): string {
    if (merchants.find(mchid) !== undefined) return mchid;
    throw new Refusal(404, `merchant ${mchid} is not enrolled: POST /acquirer/merchants first`);
  }
  app.get<ListRoute>(
    '/acquirer/transactions',
    { schema: { querystring: listQuery } },
    ({ query }) => {
      const limit = limitOf(query.limit);
      const list = orderStore.list(known(query.mchid), query.after ?? '', limit);
      return {
        transactions: list.map((order) => ({
          ...orderAnswer(order, clock.nowMs()),
          token: order.token,
          payer_note: order.payerNote,
          fee: wireInteger(order.fee),
          refunded: wireInteger(order.refunded),
          refunding: wireInteger(order.refunding),
          fee_returned: wireInteger(order.feeReturned),
        })),
        totals: orderStore.totals(query.mchid),
        next_after: list.length === limit ? (list.at(-1)?.outTradeNo ?? null) : null,
      };
    },
  );
  app.get<ListRoute>('/acquirer/refunds', { schema: { querystring: listQuery } }, ({ query }) => {
    const limit = limitOf(query.limit);
    const list = refundStore.list(known(query.mchid), query.after ?? '', limit);
    return {
      refunds: list.map((refund) => ({
        ...refundAnswer(refund, undefined),
        fee_returned: wireInteger(refund.feeReturned),
      })),
      totals: refundStore.totals(query.mchid),
      next_after: list.length === limit ? (list.at(-1)?.outRefundNo ?? null) : null,
    };
  });
  app.get<ListRoute>(
    '/acquirer/settlements',
    { schema: { querystring: listQuery } },
    ({ query }) => ({
      settlements: settlements.list(known(query.mchid)),
    }),
  );
}

function registerPayer(app: FastifyInstance, deps: AcquirerAdminDeps): void {
  const { clock, orders, orderStore } = deps;
  /** By token, code_url, h5_url or, when only one merchant has it, the merchant's order number. */
  function find(reference: string): Order {
    const token = /(?:[?&]pr=|\/pay\/)([\w-]+)/.exec(reference)?.[1] ?? reference;
    const byToken = orderStore.findByToken(token);
    if (byToken !== undefined) return byToken;
    const [order, another] = orderStore.findByNumber(reference);
    if (order === undefined) {
      throw new Refusal(
        404,
        `there is no order "${reference}": give its token, out_trade_no or code_url`,
      );
    }
    if (another !== undefined) {
      throw new Refusal(409, `more than one merchant has an order "${reference}": give the token`);
    }
    return order;
  }
  type PayerRoute = { Params: { reference: string } };
  const view = (order: Order) => payerView(order, clock.nowMs());

  app.get<PayerRoute>('/payer/:reference', ({ params }) => view(find(params.reference)));
  app.post<PayerRoute & { Body: Static<typeof payBody> }>(
    '/payer/:reference/pay',
    { schema: { body: payBody } },
    async ({ params, body }) =>
      view(await orders.pay(find(params.reference).token, body?.bank_type ?? 'OTHERS')),
  );
  app.post<PayerRoute>('/payer/:reference/decline', async ({ params }) =>
    view(await orders.decline(find(params.reference).token)),
  );
  app.post<PayerRoute>('/payer/:reference/walk-away', async ({ params }) =>
    view(await orders.walkAway(find(params.reference).token)),
  );
}

/** The acquirer's part of the admin API. */
export function registerAcquirerAdmin(app: FastifyInstance, deps: AcquirerAdminDeps): void {
  registerMerchants(app, deps);
  registerTruth(app, deps);
  registerPayer(app, deps);
  type RefundRoute = {
    Params: { mchid: string; out_refund_no: string };
    Body: Static<typeof resolveRefundBody>;
  };
  app.post<RefundRoute>(
    '/acquirer/refunds/:mchid/:out_refund_no/resolve',
    { schema: { body: resolveRefundBody } },
    async ({ params, body }) => {
      const found = await deps.refunds.resolve(params.mchid, params.out_refund_no, body.outcome);
      return refundAnswer(found.refund, found.order.bankType);
    },
  );
}
