import {
  decodeCursor,
  encodeId,
  ok,
  type Page,
  present,
  type Refusal,
  type Result,
} from '@keyturn/kernel';
import type { Principal } from '../../who/access/index.ts';
import { refuse } from './errors.ts';
import {
  readAppliedReceipts,
  readAttempts,
  readOrderByNumber,
  readOrders,
  readOrdersOfReferences,
  readRefundsOfOrders,
} from './store.ts';
import type { Order } from './tables.ts';
import type { PaymentsDeps, PaymentsService } from './types.ts';
import { type OrderRows, type OrderView, orderView, type TransferPlace } from './views.ts';
import type { AttemptAndOrder } from './work/attempts.ts';

type Reading = Pick<PaymentsService, 'order' | 'orderByNumber' | 'ordersOf' | 'isVisible'>;

export interface OrderReader extends Reading {
  /** Everything that belongs to an order, as stored. */
  rows(id: string, by?: Principal): Promise<Result<OrderRows, Refusal>>;
  /** The order alone, without what belongs to it. */
  head(id: string, by?: Principal): Promise<Result<Order, Refusal>>;
  /** One attempt of an order, to be taken to its channel. */
  pair(orderId: string, attemptId: string): Promise<AttemptAndOrder | undefined>;
  currencies(orderIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** Integrators see their own orders; to them, others are not there. */
function isVisible(order: Order, by: Principal | undefined): boolean {
  return by === undefined || by.kind === 'operator' || order.integratorId === by.id;
}

export function createOrderReader(deps: PaymentsDeps): OrderReader {
  const { database, custody } = deps;

  /** Where the order's transfers go; only orders that were begun by transfer have a place. */
  async function transferPlace(order: Order, begun: boolean): Promise<TransferPlace | undefined> {
    if (!begun || order.custodyAccountId === null) return undefined;
    const account = await custody.account(order.custodyAccountId);
    if (!account.ok) return undefined;
    const virtualAccount = await custody.virtualAccountOf(order.id);
    return { account: account.value, virtualAccount };
  }

  async function complete(orders: readonly Order[]): Promise<readonly OrderRows[]> {
    const [first, ...others] = orders.map((order) => order.id);
    if (first === undefined) return [];
    const ids = [first, ...others] as const;
    const [attempts, refunds, receipts] = await Promise.all([
      readAttempts(database, ids),
      readRefundsOfOrders(database, ids),
      readAppliedReceipts(database, ids),
    ]);
    return Promise.all(
      orders.map(async (order) => {
        const own = attempts.filter((attempt) => attempt.orderId === order.id);
        const begun = own.some((attempt) => attempt.method === 'bank_transfer');
        return {
          order,
          attempts: own,
          refunds: refunds.filter((refund) => refund.orderId === order.id),
          receipts: receipts.filter((receipt) => receipt.orderId === order.id),
          transferPlace: await transferPlace(order, begun),
        };
      }),
    );
  }

  async function rowsOf(
    order: Order | undefined,
    shown: string,
    by: Principal | undefined,
  ): Promise<Result<OrderRows, Refusal>> {
    if (order === undefined || !isVisible(order, by)) return notFound(shown);
    const [rows] = await complete([order]);
    return ok(present(rows, 'the order that was read'));
  }

  async function rows(id: string, by?: Principal): Promise<Result<OrderRows, Refusal>> {
    const [order] = await readOrders(database, [id]);
    return rowsOf(order, encodeId('ord', id), by);
  }

  async function head(id: string, by?: Principal): Promise<Result<Order, Refusal>> {
    const [order] = await readOrders(database, [id]);
    return order !== undefined && isVisible(order, by) ? ok(order) : notFound(encodeId('ord', id));
  }

  async function pair(orderId: string, attemptId: string): Promise<AttemptAndOrder | undefined> {
    const ids = [orderId] as const;
    const [[order], attempts] = await Promise.all([
      readOrders(database, ids),
      readAttempts(database, ids),
    ]);
    const attempt = attempts.find(({ id }) => id === attemptId);
    return order && attempt && { order, attempt };
  }

  return {
    rows,
    head,
    pair,
    order: async (id, by) => viewed(await rows(id, by)),
    isVisible: async (id, by) => {
      const found = await head(id, by);
      return found.ok ? ok(undefined) : found;
    },
    orderByNumber: async (number, by) =>
      viewed(await rowsOf(await readOrderByNumber(database, number), number, by)),
    ordersOf: async (references, page = {}, by): Promise<Result<Page<OrderView>, Refusal>> => {
      const before =
        page.cursor === undefined ? undefined : decodeCursor(page.cursor, ['uuid'])?.[0];
      if (page.cursor !== undefined && before === undefined) {
        return { ok: false, error: { code: 'cursor_invalid', param: 'cursor' } };
      }
      const found = await readOrdersOfReferences(database, references, page.limit ?? 20, before);
      const visible = found.items.filter((order) => isVisible(order, by));
      const items = (await complete(visible)).map(orderView);
      return ok({ items, nextCursor: found.nextCursor });
    },
    currencies: async (orderIds) => {
      const [first, ...others] = orderIds;
      if (first === undefined) return new Map();
      const orders = await readOrders(database, [first, ...others]);
      return new Map(orders.map((order) => [order.id, order.currency]));
    },
  };
}

function notFound(shown: string): Result<never, Refusal> {
  return refuse('order_not_found', { values: { order_id: shown } });
}

function viewed(rows: Result<OrderRows, Refusal>): Result<OrderView, Refusal> {
  return rows.ok ? ok(orderView(rows.value)) : rows;
}
