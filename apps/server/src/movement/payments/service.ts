import {
  decodeCursor,
  encodeId,
  ok,
  type Page,
  present,
  type Refusal,
  type Result,
} from '@keyturn/kernel';
import { type CommandOutcome, RefusedError } from '../../platform/index.ts';
import { actorsOf, fourEyes, type Principal } from '../../who/access/index.ts';
import { createCashier } from './cashier.ts';
import { defineCommands } from './commands/index.ts';
import { createDueWork } from './due-work.ts';
import { refuse } from './errors.ts';
import { createOrderMaker } from './make-order.ts';
import { readOverdue } from './overdue.ts';
import { createOrderReader } from './read-orders.ts';
import {
  readAcquirerDays,
  readAttempt,
  readChannelDay,
  readRefund,
  readRefundByNumber,
  readRefundsByState,
} from './store.ts';
import type { Order } from './tables.ts';
import type { PaymentsDeps, PaymentsService, RefundInput } from './types.ts';
import {
  type AttemptView,
  type OrderView,
  type RefundRecord,
  type RefundView,
  refundRecord,
  refundView,
} from './views.ts';
import { createAttemptWork, successOf } from './work/attempts.ts';
import { createRefundWork, toldAnswer } from './work/refunds.ts';

/** Money in and money back: orders, attempts at channels, refunds, cashier links. */
export function createPaymentsService(deps: PaymentsDeps): PaymentsService {
  const commands = defineCommands(deps);
  const attempts = createAttemptWork(deps, commands);
  const refunds = createRefundWork(deps, commands);
  const reader = createOrderReader(deps);
  const context: Context = { deps, commands, attempts, reader };
  return {
    createOrder: createOrderMaker(deps, commands.createOrder),
    pay: (key, orderId, request) => pay(context, key, orderId, request),
    closeOrder: (key, orderId, reason, lateSuccess) =>
      closeOrder(context, key, { orderId, reason, ...(lateSuccess ? { lateSuccess } : {}) }),
    assignReceipt: (key, by, receiptId, orderId) =>
      assignReceipt(context, key, by, receiptId, orderId),
    ...createRefunds(context),
    ...createCashier(deps, commands, reader),
    order: reader.order,
    isVisible: reader.isVisible,
    orderByNumber: reader.orderByNumber,
    ordersOf: reader.ordersOf,
    acquirerDays: (attemptIds) => readAcquirerDays(deps.database, attemptIds),
    channelDay: (contractId, date) => readChannelDay(deps.database, contractId, date),
    onAcquirerNotification: (notification) =>
      notification.kind === 'payment'
        ? applyPayment(context, notification)
        : applyRefund(context, notification),
    lookAgain: async ({ contractId, kind, number }) => {
      if (kind === 'pay') {
        const attempt = await readAttempt(deps.database, number);
        if (attempt?.contractId === contractId) await attempts.lookAfter(attempt);
        return;
      }
      const refund = await readRefundByNumber(deps.database, number);
      if (refund?.contractId === contractId) await refunds.lookAfter(refund);
    },
    overdue: () => readOverdue(deps),
    due: createDueWork(deps, commands, attempts, refunds),
    onReceipt: async (eventId, receiptId, orderId) => {
      const key = `payments.apply_receipt:${eventId}`;
      const by = { kind: 'arrival' } as const;
      const outcome = await commands.applyReceipt(key, { orderId, receiptId, by });
      if (!outcome.ok) throw new RefusedError(outcome.error);
    },
    onTransferAccountOpened: async (orderId) => {
      const rows = await reader.rows(orderId);
      const waiting = rows.ok
        ? rows.value.attempts.filter(
            ({ method, state }) =>
              method === 'bank_transfer' && (state === 'submitted' || state === 'unknown'),
          )
        : [];
      await Promise.all(waiting.map(attempts.lookAfter));
    },
  };
}

interface Context {
  readonly deps: PaymentsDeps;
  readonly commands: ReturnType<typeof defineCommands>;
  readonly attempts: ReturnType<typeof createAttemptWork>;
  readonly reader: ReturnType<typeof createOrderReader>;
}

type Told<K extends 'payment' | 'refund'> = Extract<
  Parameters<PaymentsService['onAcquirerNotification']>[0],
  { readonly kind: K }
>;

async function pay(
  { deps, commands, attempts, reader }: Context,
  key: string,
  orderId: string,
  request: Parameters<PaymentsService['pay']>[2],
): Promise<CommandOutcome<AttemptView>> {
  const found = await reader.head(orderId);
  if (!found.ok) return { ...found, replayed: false };
  const { contractId } = found.value;
  let feeBps = 0;
  if (contractId !== null && request.method !== 'bank_transfer') {
    const contract = await deps.channels.contract(contractId);
    if (!contract.ok) return { ...contract, replayed: false };
    feeBps = contract.value.feeBps;
  }
  const made = await commands.createAttempt(key, { orderId, ...request, feeBps });
  if (!made.ok) return made;
  const { attemptId, fresh } = made.value;
  if (fresh && !made.replayed) {
    const pair = await reader.pair(orderId, attemptId);
    if (pair) await attempts.send(pair);
  }
  const now = await reader.order(orderId);
  if (!now.ok) return { ...now, replayed: made.replayed };
  const view = now.value.attempts.find(({ id }) => id === encodeId('att', attemptId));
  return { ...ok(present(view, 'the attempt that was made')), replayed: made.replayed };
}

async function closeOrder(
  { deps, commands, attempts, reader }: Context,
  key: string,
  input: Parameters<Context['commands']['closeOrder']>[1],
): Promise<CommandOutcome<OrderView>> {
  const closed = await commands.closeOrder(key, input);
  if (!closed.ok) return closed;
  const rows = await reader.rows(input.orderId);
  if (rows.ok) {
    // What can be closed at once is; what cannot is due, and a job goes on.
    const closing = rows.value.attempts.filter(({ state }) => state === 'closing');
    await Promise.all(closing.map(attempts.lookAfter)).catch((error: unknown) => {
      deps.logger.warn({ err: error, order: input.orderId }, 'attempts stay open for now');
    });
  }
  return { ...(await reader.order(input.orderId)), replayed: closed.replayed };
}

async function assignReceipt(
  { deps, commands, reader }: Context,
  key: string,
  by: Principal,
  receiptId: string,
  orderId: string,
): Promise<CommandOutcome<OrderView>> {
  const receipt = await deps.custody.receipt(receiptId);
  if (!receipt.ok) return { ...receipt, replayed: false };
  const person = { kind: 'person', id: by.id } as const;
  const applied = await commands.applyReceipt(key, { orderId, receiptId, by: person });
  if (!applied.ok) return applied;
  return { ...(await reader.order(orderId)), replayed: applied.replayed };
}

/** A notification says what a query would say; which of the two comes first does not matter. */
async function applyPayment(
  { deps, commands }: Context,
  { contractId, notificationId, number, state }: Told<'payment'>,
): Promise<void> {
  if (state.state !== 'succeeded') return;
  const success = successOf(state, deps.clock.now());
  if (success === undefined) {
    throw new Error(`notification ${notificationId} tells a success without number or amount`);
  }
  const key = `payments.confirm:${contractId}:${notificationId}`;
  const outcome = await commands.confirm(key, { contractId, number, ...success });
  if (!outcome.ok) throw new RefusedError(outcome.error);
}

async function applyRefund(
  { deps, commands }: Context,
  { contractId, notificationId, number, state }: Told<'refund'>,
): Promise<void> {
  const refund = await readRefundByNumber(deps.database, number);
  if (refund?.contractId !== contractId) {
    throw new Error(`notification ${notificationId} tells of a refund that is not ours`);
  }
  const answer = toldAnswer(state, refund);
  if (answer === undefined) {
    throw new Error(`notification ${notificationId} tells another amount than was refunded`);
  }
  const key = `payments.answer_refund:${contractId}:${notificationId}`;
  const outcome = await commands.answerRefund(key, { refundId: refund.id, answer });
  if (!outcome.ok) throw new RefusedError(outcome.error);
}

type RefundPart = Pick<
  PaymentsService,
  'requestRefund' | 'approveRefund' | 'rejectRefund' | 'retryRefund' | 'refund' | 'refundsByState'
>;

function createRefunds(context: Context): RefundPart {
  const { deps, commands, reader } = context;

  /** Maker and checker: whoever decides is another than who asked for it. */
  async function checked(
    id: string,
    by: Principal,
    decide: () => Promise<CommandOutcome<RefundRecord>>,
  ): Promise<CommandOutcome<RefundView>> {
    const found = await readRefund(deps.database, id);
    if (!found) return { ...refundNotFound(id), replayed: false };
    const allowed = fourEyes(found.requestedBy, by);
    return allowed.ok ? shown(deps, await decide()) : { ...allowed, replayed: false };
  }

  return {
    requestRefund: (key, by, input) => requestRefund(context, key, by, input),
    approveRefund: (key, by, id) =>
      checked(id, by, () => commands.approveRefund(key, { refundId: id, by: by.id })),
    rejectRefund: (key, by, id) =>
      checked(id, by, () => commands.rejectRefund(key, { refundId: id, by: by.id })),
    retryRefund: async (key, by, id) => {
      const found = await readRefund(deps.database, id);
      const rows = found && (await reader.rows(found.orderId));
      const free = rows?.ok ? refundable(deps, rows.value.order) : ok(undefined);
      if (!free.ok) return { ...free, replayed: false };
      return shown(deps, await commands.retryRefund(key, { refundId: id, by: by.id }));
    },
    refund: async (id, by) => {
      const found = await readRefund(deps.database, id);
      const rows = found && (await reader.rows(found.orderId, by));
      if (!found || !rows?.ok) return refundNotFound(id);
      return ok(refundView(refundRecord(rows.value.order, found), rows.value.who));
    },
    refundsByState: async (state, page): Promise<Result<Page<RefundView>, Refusal>> => {
      const before =
        page.cursor === undefined ? undefined : decodeCursor(page.cursor, ['uuid'])?.[0];
      if (page.cursor !== undefined && before === undefined) {
        return { ok: false, error: { code: 'cursor_invalid', param: 'cursor' } };
      }
      const found = await readRefundsByState(deps.database, state, page.limit ?? 20, before);
      const currencies = await reader.currencies(found.items.map((refund) => refund.orderId));
      const who = await actorsOf(
        deps.database,
        found.items.flatMap(({ requestedBy, approvedBy }) => [requestedBy, approvedBy]),
      );
      const items = found.items.map((refund) => {
        const currency = present(currencies.get(refund.orderId), 'the order of a refund');
        return refundView(refundRecord({ currency }, refund), who);
      });
      return ok({ items, nextCursor: found.nextCursor });
    },
  };
}

async function requestRefund(
  { deps, commands, reader }: Context,
  key: string,
  by: Principal,
  input: RefundInput,
): Promise<CommandOutcome<RefundView>> {
  const found = await reader.rows(input.orderId, by);
  if (!found.ok) return { ...found, replayed: false };
  const { order } = found.value;
  if (order.currency !== input.currency) {
    const values = { currency: input.currency, book: order.destinationBook };
    const refusal = refuse('order_currency_mismatch', { param: 'amount.currency', values });
    return { ...refusal, replayed: false };
  }
  const free = refundable(deps, order);
  if (!free.ok) return { ...free, replayed: false };
  const made = await commands.requestRefund(key, {
    orderId: input.orderId,
    amount: input.amount,
    reason: input.reason,
    requestedBy: by.id,
    approval: { kind: 'up_to', limitMinor: deps.automaticRefundLimitMinor },
    ...(input.attemptId === undefined ? {} : { attemptId: input.attemptId }),
  });
  return shown(deps, made);
}

/** What belongs to something of the modules above goes back by its rules alone. */
function refundable(
  { reservedReferences }: PaymentsDeps,
  order: Order,
): Result<undefined, Refusal> {
  const { referenceKind: kind } = order;
  if (kind === null || !reservedReferences.has(kind)) return ok(undefined);
  return refuse('refund_by_owner', { values: { order_id: encodeId('ord', order.id), kind } });
}

/** What a command answered, with those who acted by their names. */
async function shown(
  { database }: PaymentsDeps,
  outcome: CommandOutcome<RefundRecord>,
): Promise<CommandOutcome<RefundView>> {
  if (!outcome.ok) return outcome;
  const { requested_by, approved_by } = outcome.value;
  const who = await actorsOf(database, [requested_by, approved_by]);
  return { ...outcome, value: refundView(outcome.value, who) };
}

function refundNotFound(id: string) {
  return refuse('refund_not_found', { values: { refund_id: encodeId('rfd', id) } });
}
