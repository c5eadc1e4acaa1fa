import { encodeId, ok, present } from '@keyturn/kernel';
import { createLedgerUnit, type LedgerUnit } from '@keyturn/ledger';
import { createRowSet, type RowSet } from '@keyturn/pipeline';
import type { ReceiptsUnit } from '../../../banks/custody/index.ts';
import type { CommandKind } from '../../../platform/index.ts';
import { actorOfRule } from '../../../who/access/index.ts';
import { type AttemptAnswer, decideAttemptAnswer, maySendAgain } from '../decide/answer-attempt.ts';
import { type AppliedBy, decideApplyReceipt } from '../decide/apply-receipt.ts';
import { attemptIn } from '../decide/change.ts';
import { decideCloseOrder, isOverdue } from '../decide/close-order.ts';
import { type AttemptRequest, decideCreateAttempt } from '../decide/create-attempt.ts';
import type { OrderRequest } from '../decide/create-order.ts';
import { type CashierSession, type Closing, cashierSessionTable } from '../tables.ts';
import { createPaymentsUnit, type PaymentsState } from '../unit.ts';
import { type OrderView, orderView } from '../views.ts';
import { orderNotFound } from './confirm.ts';
import { applyArrival, type BookingUnits, bookingUnits } from './units.ts';

/** An order as soon as it is made: nothing belongs to it yet. */
export const createOrderKind: CommandKind<OrderRequest, BookingUnits, OrderView> = {
  name: 'payments.create_order',
  units: bookingUnits,
  load: async () => undefined,
  decide: ({ payments }, request, context) => {
    const order = payments.createOrder(request, context);
    if (!order.ok) return order;
    const nothing = { attempts: [], refunds: [], receipts: [], transferPlace: undefined };
    return ok(orderView({ order: order.value, ...nothing, who: actorOfRule }));
  },
};

export const createAttemptKind: CommandKind<
  AttemptRequest & { readonly orderId: string },
  BookingUnits,
  { readonly attemptId: string; readonly fresh: boolean }
> = {
  name: 'payments.create_attempt',
  units: bookingUnits,
  load: async (tx, units, calls) => {
    await units.payments.lockOrders(
      tx,
      calls.map(({ input }) => input.orderId),
    );
  },
  decide: ({ payments }, input, context) => {
    const aggregate = payments.aggregate(input.orderId);
    if (!aggregate) return orderNotFound(input.orderId);
    const id = context.newId(input.orderId);
    const made = decideCreateAttempt(aggregate, input, id, context.now);
    if (!made.ok) return made;
    const applied = payments.apply(made.value.change, context);
    if (!applied.ok) return applied;
    return ok({ attemptId: made.value.attempt.id, fresh: made.value.attempt.id === id });
  },
};

export interface AnswerInput {
  readonly orderId: string;
  readonly attemptId: string;
  readonly answer: AttemptAnswer;
}

/** What an attempt is after an answer, and whether it may be sent to its channel again. */
export interface AnswerOutput {
  readonly state: string;
  readonly mayResend: boolean;
  readonly submissions: number;
}

/** Takes a channel's answer that is not a success. Books nothing. */
export const answerAttemptKind: CommandKind<AnswerInput, BookingUnits, AnswerOutput> = {
  name: 'payments.answer_attempt',
  units: bookingUnits,
  load: async (tx, units, calls) => {
    await units.payments.lockOrders(
      tx,
      calls.map(({ input }) => input.orderId),
    );
  },
  decide: ({ payments }, { orderId, attemptId, answer }, context) => {
    const aggregate = payments.aggregate(orderId);
    if (!aggregate) return orderNotFound(orderId);
    const change = decideAttemptAnswer(aggregate, attemptId, answer, context.now);
    const applied = payments.apply(change, context);
    if (!applied.ok) return applied;
    const attempt = attemptIn(applied.value, attemptId);
    const { state, submissions } = attempt;
    return ok({ state, submissions, mayResend: maySendAgain(applied.value, attempt) });
  },
};

export const closeOrderKind: CommandKind<
  {
    readonly orderId: string;
    readonly reason: Closing;
    readonly lateSuccess?: 'settle' | 'refund';
  },
  BookingUnits,
  { readonly state: string }
> = {
  name: 'payments.close_order',
  units: bookingUnits,
  load: async (tx, units, calls) => {
    await units.payments.lockOrders(
      tx,
      calls.map(({ input }) => input.orderId),
    );
  },
  decide: ({ payments }, input, context) => {
    const aggregate = payments.aggregate(input.orderId);
    if (!aggregate) return orderNotFound(input.orderId);
    // A job's call may be late: an order that was paid meanwhile, or has more time, stays as it is.
    if (input.reason === 'expired' && !isOverdue(aggregate, context.now)) {
      return ok({ state: aggregate.order.state });
    }
    const change = decideCloseOrder(aggregate, input.reason, input.lateSuccess, context.now);
    const applied = change.ok ? payments.apply(change.value, context) : change;
    return applied.ok ? ok({ state: applied.value.order.state }) : applied;
  },
};

type ReceiptUnits = {
  readonly payments: PaymentsState;
  readonly receipts: ReceiptsUnit;
  readonly ledger: LedgerUnit;
};

/** Pays an order with a receipt, for what it misses. */
export const applyReceiptKind = (
  createReceiptsUnit: () => ReceiptsUnit,
): CommandKind<
  { readonly orderId: string; readonly receiptId: string; readonly by: AppliedBy },
  ReceiptUnits,
  { readonly applied: boolean }
> => ({
  name: 'payments.apply_receipt',
  units: () => {
    const ledger = createLedgerUnit();
    return { payments: createPaymentsUnit(ledger), receipts: createReceiptsUnit(), ledger };
  },
  load: async (tx, units, calls) => {
    await units.payments.lockOrders(
      tx,
      calls.map(({ input }) => input.orderId),
    );
    const receiptIds = [...new Set(calls.map(({ input }) => input.receiptId))];
    await units.receipts.lock(tx, receiptIds);
    const suspense = receiptIds.flatMap((id) => {
      const receipt = units.receipts.get(id);
      return receipt ? [{ book: receipt.book, code: 2301 as const, owner: receipt.accountId }] : [];
    });
    const { now } = present(calls[0], 'a batch has a call').context;
    await units.ledger.load(tx, { accounts: [...units.payments.accounts(), ...suspense] }, now);
  },
  decide: ({ payments, receipts }, { orderId, receiptId, by }, context) => {
    const aggregate = payments.aggregate(orderId);
    if (!aggregate) return orderNotFound(orderId);
    const receipt = present(receipts.get(receiptId), 'the receipt that was told of');
    const before = aggregate.order.paidMinor;
    const applied = applyArrival(payments, context, (blocked) =>
      decideApplyReceipt(aggregate, receipt, by, context.now, blocked),
    );
    if (!applied.ok) return applied;
    if (applied.value.order.paidMinor === before) return ok({ applied: false });
    const owner = { module: 'payments', object: orderId };
    const assigned = receipts.assign(receiptId, owner, context.now);
    return assigned.ok ? ok({ applied: true }) : assigned;
  },
});

/** A link to the cashier. The token itself is never stored. */
export const createSessionKind: CommandKind<
  { readonly orderId: string; readonly tokenSha256: string; readonly expiresAt: string },
  { readonly sessions: RowSet<CashierSession> },
  { readonly session_id: string }
> = {
  name: 'payments.create_cashier_session',
  units: () => ({ sessions: createRowSet(cashierSessionTable) }),
  load: async () => undefined,
  decide: ({ sessions }, input, context) => {
    const id = context.newId(input.orderId);
    sessions.insert({
      id,
      tokenSha256: input.tokenSha256,
      orderId: input.orderId,
      expiresAt: Temporal.Instant.from(input.expiresAt),
      createdAt: context.now,
    });
    return ok({ session_id: encodeId('cs', id) });
  },
};
