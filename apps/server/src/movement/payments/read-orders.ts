import {
  decodeCursor,
  encodeId,
  ok,
  type Page,
  present,
  type Refusal,
  type Result,
} from '@keyturn/kernel';
import { createLookup } from '@keyturn/pipeline';
import { actorsOf, type Principal } from '../../who/access/index.ts';
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

/** What belongs to an order, as far as this module's own tables say. */
type OwnRows = Pick<OrderRows, 'attempts' | 'refunds' | 'receipts'>;

export function createOrderReader(deps: PaymentsDeps): OrderReader {
  const { database, custody } = deps;
  const orderOf = createLookup<string, Order>({
    load: async (ids) => new Map((await readOrders(database, ids)).map((one) => [one.id, one])),
  });
  const ownRowsOf = createLookup<string, OwnRows>({
    load: async (ids) => {
      const [attempts, refunds, receipts] = await Promise.all([
        readAttempts(database, ids),
        readRefundsOfOrders(database, ids),
        readAppliedReceipts(database, ids),
      ]);
      return new Map(
        ids.map((id) => [
          id,
          {
            attempts: attempts.filter((attempt) => attempt.orderId === id),
            refunds: refunds.filter((refund) => refund.orderId === id),
            receipts: receipts.filter((receipt) => receipt.orderId === id),
          },
        ]),
      );
    },
  });

  /** Where the order's transfers go; only orders that were begun by transfer have a place. */
  async function transferPlace(order: Order, begun: boolean): Promise<TransferPlace | undefined> {
    if (!begun || order.custodyAccountId === null) return undefined;
    const account = await custody.account(order.custodyAccountId);
    if (!account.ok) return undefined;
    const virtualAccount = await custody.virtualAccountOf(order.id);
    return { account: account.value, virtualAccount };
  }

  async function complete(order: Order): Promise<OrderRows> {
    const own = present(await ownRowsOf(order.id), 'what belongs to an order');
    const begun = own.attempts.some((attempt) => attempt.method === 'bank_transfer');
    const asked = own.refunds.flatMap(({ requestedBy, approvedBy }) => [requestedBy, approvedBy]);
    const who = await actorsOf(database, asked);
    return { order, ...own, transferPlace: await transferPlace(order, begun), who };
  }

  async function rowsOf(
    order: Order | undefined,
    shown: string,
    by: Principal | undefined,
  ): Promise<Result<OrderRows, Refusal>> {
    if (order === undefined || !isVisible(order, by)) return notFound(shown);
    return ok(await complete(order));
  }

  async function rows(id: string, by?: Principal): Promise<Result<OrderRows, Refusal>> {
    return rowsOf(await orderOf(id), encodeId('ord', id), by);
  }

  async function head(id: string, by?: Principal): Promise<Result<Order, Refusal>> {
    const order = await orderOf(id);
    return order !== undefined && isVisible(order, by) ? ok(order) : notFound(encodeId('ord', id));
  }

  async function pair(orderId: string, attemptId: string): Promise<AttemptAndOrder | undefined> {
    const [order, own] = await Promise.all([orderOf(orderId), ownRowsOf(orderId)]);
    const attempt = own?.attempts.find(({ id }) => id === attemptId);
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
      const items = (await Promise.all(visible.map(complete))).map(orderView);
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
