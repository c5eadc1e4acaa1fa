import { ok, present, type Refusal, type Result } from '@keyturn/kernel';
import type { AccountSpec, LedgerUnit } from '@keyturn/ledger';
import { combineUnits, createRowSet, type RowSet, type Tx, type Unit } from '@keyturn/pipeline';
import type { CommandContext } from '../../platform/index.ts';
import {
  type Aggregate,
  type Change,
  changeOf,
  channelSuspenseOf,
  destinationOf,
  eventBase,
  receivableOf,
  refundTransitOf,
} from './decide/change.ts';
import { decideCloseOrder } from './decide/close-order.ts';
import { decideCreateOrder, type OrderRequest } from './decide/create-order.ts';
import {
  decideRefundRequest,
  type RefundRequest,
  refundableOfOrder,
} from './decide/refund-request.ts';
import { refuse } from './errors.ts';
import {
  findChannelNumbers,
  lockAttempts,
  lockOrders,
  lockOrdersOfAttempts,
  lockOrdersOfRefunds,
  lockRefunds,
} from './store.ts';
import {
  type AppliedReceipt,
  type Attempt,
  appliedReceiptTable,
  attemptTable,
  type Closing,
  type Order,
  orderTable,
  type Refund,
  refundTable,
} from './tables.ts';

/**
 * The payments' part in another module's command: orders made, closed and refunded in the same
 * commit. Upper rows are locked before, ledger accounts (`accountsOf`) after it.
 */
export interface PaymentsUnit extends Unit {
  /**
   * Locks orders with their attempts, two statements. Unknown ids are simply not there afterwards.
   */
  lockOrders(tx: Tx, ids: readonly string[]): Promise<void>;
  order(id: string): Order | undefined;
  attemptsOf(orderId: string): readonly Attempt[];
  /** A new order; it is told by `payments.order_created`. */
  createOrder(request: OrderRequest, context: CommandContext): Result<Order, Refusal>;
  /**
   * Closes an order once its attempts are closed at their channels; `payments.order_closed` tells
   * when. `lateSuccess` says what becomes of money that still arrives after that.
   */
  closeOrder(
    orderId: string,
    reason: Closing,
    lateSuccess: 'settle' | 'refund' | undefined,
    context: CommandContext,
  ): Result<Order, Refusal>;
  /** Sends money of a placed payment back through its acquirer. Needs `accountsOf` loaded. */
  requestRefund(
    orderId: string,
    request: RefundRequest,
    context: CommandContext,
  ): Result<Refund, Refusal>;
  /**
   * What can go back through acquirers now, and the largest part that one refund takes. Minor
   * units.
   */
  refundable(orderId: string): { readonly total: bigint; readonly largest: bigint };
  /** The ledger accounts that commands on this order book on. The order must be loaded. */
  accountsOf(orderId: string): readonly AccountSpec[];
}

/** The whole unit, for this module's own commands. */
export interface PaymentsState extends PaymentsUnit {
  lockOrdersOfAttempts(tx: Tx, numbers: readonly string[]): Promise<void>;
  /** Locks refunds with their orders and attempts, three statements. */
  lockRefunds(tx: Tx, refundIds: readonly string[]): Promise<void>;
  aggregate(orderId: string): Aggregate | undefined;
  attemptByNumber(number: string): Attempt | undefined;
  refund(id: string): Refund | undefined;
  /** Reads who has these channel numbers already, one statement. */
  loadChannelNumbers(tx: Tx, wanted: readonly ChannelNumber[]): Promise<void>;
  /** The attempt that has a channel's number, if any of this batch or of before does. */
  holderOf(number: ChannelNumber): string | undefined;
  /** Books and keeps what was decided, and tells it. A refusal of the ledger leaves no trace. */
  apply(change: Change, context: CommandContext): Result<Aggregate, Refusal>;
  /** All accounts of all orders that are loaded. */
  accounts(): readonly AccountSpec[];
}

/** A channel's own number of a payment. */
export interface ChannelNumber {
  readonly contractId: string;
  readonly channelNumber: string;
}

interface Rows {
  readonly orders: RowSet<Order>;
  readonly attempts: RowSet<Attempt>;
  readonly refunds: RowSet<Refund>;
  readonly receipts: RowSet<AppliedReceipt>;
  /** Where attempts are found in memory. Ids of what was undone may stay: the row set decides. */
  readonly idsByOrder: Map<string, Set<string>>;
  readonly idByNumber: Map<string, string>;
  readonly idByChannelNumber: Map<string, string>;
}

function index(rows: Rows, attempt: Attempt): void {
  const ids = rows.idsByOrder.get(attempt.orderId) ?? new Set();
  rows.idsByOrder.set(attempt.orderId, ids.add(attempt.id));
  rows.idByNumber.set(attempt.number, attempt.id);
  if (attempt.channelNumber === null) return;
  rows.idByChannelNumber.set(`${attempt.contractId}/${attempt.channelNumber}`, attempt.id);
}

export function createPaymentsUnit(ledger: LedgerUnit): PaymentsState {
  const rows: Rows = {
    orders: createRowSet(orderTable),
    attempts: createRowSet(attemptTable),
    refunds: createRowSet(refundTable),
    receipts: createRowSet(appliedReceiptTable),
    idsByOrder: new Map(),
    idByNumber: new Map(),
    idByChannelNumber: new Map(),
  };
  const all = combineUnits([rows.orders, rows.attempts, rows.refunds, rows.receipts]);
  const marks: (readonly number[])[] = [];
  const aggregate = (orderId: string): Aggregate | undefined => aggregateIn(rows, orderId);
  const loaded = (orderId: string) => present(aggregate(orderId), 'the order was loaded');
  const apply = (change: Change, context: CommandContext) =>
    applyChange(rows, ledger, change, context);
  const locks = createLocks(rows);

  return {
    ...locks,
    mark: () => marks.push(all.mark()) - 1,
    undo: (mark) => {
      all.undo(present(marks[mark], 'a mark of this unit'));
      marks.length = mark;
    },
    flush: all.flush,
    order: (id) => rows.orders.get(id),
    attemptsOf: (orderId) => loaded(orderId).attempts,
    attemptByNumber: (number) => rows.attempts.get(rows.idByNumber.get(number) ?? ''),
    refund: (id) => rows.refunds.get(id),
    aggregate,
    apply,
    holderOf: ({ contractId, channelNumber }) => {
      const id = rows.idByChannelNumber.get(`${contractId}/${channelNumber}`);
      const here = id === undefined ? undefined : rows.attempts.get(id);
      return here !== undefined && here.channelNumber !== channelNumber ? undefined : id;
    },
    createOrder: (request, context) => {
      const id = context.newId(request.reference?.id ?? request.destination.owner);
      const order = decideCreateOrder(request, id, context.now);
      if (!order.ok) return order;
      rows.orders.insert(order.value);
      const payload = { ...eventBase(order.value), amount: order.value.amountMinor };
      const created = changeOf(
        { order: order.value, attempts: [] },
        { events: [{ type: 'payments.order_created', payload }] },
      );
      const applied = apply(created, context);
      return applied.ok ? ok(applied.value.order) : applied;
    },
    closeOrder: (orderId, reason, lateSuccess, context) => {
      const change = decideCloseOrder(loaded(orderId), reason, lateSuccess, context.now);
      const applied = change.ok ? apply(change.value, context) : change;
      return applied.ok ? ok(applied.value.order) : applied;
    },
    requestRefund: (orderId, request, context) => {
      const id = context.newId(orderId);
      const change = decideRefundRequest(loaded(orderId), request, id, context.now);
      if (!change.ok) return change;
      const applied = apply(change.value, context);
      if (!applied.ok) return notCovered(applied.error, request.amount);
      return ok(present(rows.refunds.get(id), 'the refund that was made'));
    },
    refundable: (orderId) => refundableOfOrder(loaded(orderId)),
    accountsOf: (orderId) => accountsOf(loaded(orderId)),
    accounts: () => [...rows.orders.all()].flatMap((order) => accountsOf(loaded(order.id))),
  };
}

function createLocks(rows: Rows) {
  async function adopt(tx: Tx, orders: readonly Order[]): Promise<void> {
    rows.orders.adopt(orders);
    const [first, ...others] = orders.map((order) => order.id);
    if (first === undefined) return;
    const attempts = await lockAttempts(tx, [first, ...others]);
    rows.attempts.adopt(attempts);
    for (const attempt of attempts) index(rows, attempt);
  }
  return {
    loadChannelNumbers: async (tx: Tx, wanted: readonly ChannelNumber[]) => {
      for (const { id, contractId, channelNumber } of await findChannelNumbers(tx, wanted)) {
        rows.idByChannelNumber.set(`${contractId}/${channelNumber}`, id);
      }
    },
    lockOrders: async (tx: Tx, ids: readonly string[]) => {
      const [first, ...others] = [...new Set(ids)];
      if (first === undefined) return;
      await adopt(tx, await lockOrders(tx, [first, ...others]));
    },
    lockOrdersOfAttempts: async (tx: Tx, numbers: readonly string[]) => {
      const [first, ...others] = [...new Set(numbers)];
      if (first === undefined) return;
      await adopt(tx, await lockOrdersOfAttempts(tx, [first, ...others]));
    },
    lockRefunds: async (tx: Tx, refundIds: readonly string[]) => {
      const [first, ...others] = [...new Set(refundIds)];
      if (first === undefined) return;
      await adopt(tx, await lockOrdersOfRefunds(tx, [first, ...others]));
      rows.refunds.adopt(await lockRefunds(tx, [first, ...others]));
    },
  };
}

function aggregateIn(rows: Rows, orderId: string): Aggregate | undefined {
  const order = rows.orders.get(orderId);
  if (order === undefined) return undefined;
  const ids = [...(rows.idsByOrder.get(orderId) ?? [])];
  return { order, attempts: ids.flatMap((id) => rows.attempts.get(id) ?? []) };
}

function accountsOf({ order, attempts }: Aggregate): readonly AccountSpec[] {
  const contracts = new Set(attempts.flatMap(({ contractId }) => contractId ?? []));
  if (order.contractId !== null) contracts.add(order.contractId);
  const book = order.destinationBook;
  const ofContracts = [...contracts].flatMap((contract) => [
    receivableOf(book, contract),
    refundTransitOf(book, contract),
    channelSuspenseOf(book, contract),
  ]);
  return [destinationOf(order), ...ofContracts];
}

/** What the ledger calls too little on an account, in the words of this module. */
function notCovered(refusal: Refusal, amount: bigint): Result<never, Refusal> {
  if (refusal.code !== 'exceeds_credits') return { ok: false, error: refusal };
  const available = refusal.values?.['available'] ?? '0';
  return refuse('refund_not_covered', {
    param: 'amount',
    values: { available, amount: amount.toString() },
  });
}

function applyChange(
  rows: Rows,
  ledger: LedgerUnit,
  change: Change,
  context: CommandContext,
): Result<Aggregate, Refusal> {
  const { order } = change;
  if (change.transfers.length > 0) {
    const booked = ledger.post(
      {
        id: context.newId(order.id),
        book: order.destinationBook,
        cause: { module: 'payments', object: order.id, command: context.key },
        transfers: change.transfers,
      },
      context.now,
    );
    if (!booked.ok) return booked;
  }
  for (const attempt of change.attempts) {
    index(rows, attempt);
    keep(rows.attempts, attemptTable.mutable, attempt);
  }
  for (const refund of change.refunds) keep(rows.refunds, refundTable.mutable, refund);
  for (const receipt of change.receipts) rows.receipts.insert(receipt);
  let { events } = order;
  for (const event of change.events) {
    events += 1n;
    context.emit({ ...event, objectId: order.id, objectSequence: events });
  }
  keep(rows.orders, orderTable.mutable, { ...order, events });
  return ok(present(aggregateIn(rows, order.id), 'the order is here'));
}

/** Writes a row that is new, or differs from the one that was loaded. */
function keep<Row extends { readonly id: string }>(
  set: RowSet<Row>,
  mutable: readonly (keyof Row & string)[],
  row: Row,
): void {
  const current = set.get(row.id);
  if (current === undefined) {
    set.insert(row);
    return;
  }
  const changed = mutable.filter((column) => current[column] !== row[column]);
  if (changed.length === 0) return;
  const change: Partial<Row> = {};
  for (const column of changed) change[column] = row[column];
  set.update(row.id, change);
}
