import { encodeId } from '@keyturn/kernel';
import type { Static } from 'typebox';
import type { CustodyAccount, VirtualAccount } from '../../banks/custody/index.ts';
import { moneyToWire } from '../../platform/index.ts';
import type { ActorOf } from '../../who/access/index.ts';
import { isPaidAttempt } from './decide/attempt-state.ts';
import type { AttemptSchema, CashierSchema, OrderSchema, RefundSchema } from './schemas.ts';
import type { AppliedReceipt, Attempt, Order, Refund } from './tables.ts';

export type OrderView = Static<typeof OrderSchema>;
export type AttemptView = Static<typeof AttemptSchema>;
export type RefundView = Static<typeof RefundSchema>;
/** A refund as a command answers it and keeps its answer: who acted is not named yet. */
export type RefundRecord = Omit<RefundView, 'requested_by' | 'approved_by'> & {
  readonly requested_by: string;
  readonly approved_by?: string;
};
export type CashierView = Static<typeof CashierSchema>;

/** Where an order's transfers go, as far as it is known. */
export interface TransferPlace {
  readonly account: CustodyAccount;
  readonly virtualAccount: VirtualAccount | undefined;
}

/** Everything that belongs to one order, as stored. */
export interface OrderRows {
  readonly order: Order;
  readonly attempts: readonly Attempt[];
  readonly refunds: readonly Refund[];
  readonly receipts: readonly AppliedReceipt[];
  readonly transferPlace: TransferPlace | undefined;
  /** Names those who asked for refunds and approved them. */
  readonly who: ActorOf;
}

function optional<K extends string, V>(key: K, value: V | null | undefined) {
  return value === null || value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}

function instant<K extends string>(key: K, value: Temporal.Instant | null) {
  return optional(key, value?.toString());
}

export function orderView(rows: OrderRows): OrderView {
  const { order } = rows;
  const money = (amount: bigint) => moneyToWire(amount, order.currency);
  return {
    id: encodeId('ord', order.id),
    number: order.number,
    purpose: order.purpose,
    subject: order.subject,
    description: order.description,
    ...optional('english', englishOf(order)),
    amount: money(order.amountMinor),
    paid: money(order.paidMinor),
    refunding: money(order.refundingMinor),
    refunded: money(order.refundedMinor),
    state: order.state,
    ...optional('closing', order.state === order.closing ? null : order.closing),
    late_success: order.lateSuccess,
    destination: {
      book: order.destinationBook,
      account_code: order.destinationCode,
      owner: order.destinationOwner,
    },
    ...(order.referenceKind === null || order.referenceId === null
      ? {}
      : { reference: { kind: order.referenceKind, id: order.referenceId } }),
    methods: [...order.methods],
    ...optional('contract_id', order.contractId),
    ...optional('payer_id', order.payerId === null ? null : encodeId('per', order.payerId)),
    expires_at: order.expiresAt.toString(),
    created_at: order.createdAt.toString(),
    ...instant('final_at', order.finalAt),
    attempts: rows.attempts.map((attempt) => attemptView(order, attempt, rows.transferPlace)),
    refunds: rows.refunds.map((refund) => refundView(refundRecord(order, refund), rows.who)),
    transfers: rows.receipts.map((receipt) => ({
      receipt_id: encodeId('rcp', receipt.receiptId),
      amount: money(receipt.amountMinor),
      rest: money(receipt.restMinor),
      applied_at: receipt.appliedAt.toString(),
    })),
  };
}

function englishOf({ subjectEn, descriptionEn }: Order) {
  return subjectEn === null ? null : { subject: subjectEn, description: descriptionEn ?? '' };
}

/** What of an attempt everybody who may pay it can see. */
function payerAttempt(order: Order, attempt: Attempt, place: TransferPlace | undefined) {
  const payable = attempt.state === 'pending';
  return {
    id: encodeId('att', attempt.id),
    number: attempt.number,
    method: attempt.method,
    amount: moneyToWire(attempt.amountMinor, order.currency),
    state: attempt.state,
    ...optional('code_url', payable ? attempt.codeUrl : null),
    ...optional('h5_url', payable ? attempt.h5Url : null),
    ...(attempt.method === 'bank_transfer' && place
      ? { bank_transfer: transferDetails(order, place) }
      : {}),
    created_at: attempt.createdAt.toString(),
    ...instant('paid_at', attempt.paidAt),
    ...instant('final_at', attempt.finalAt),
  };
}

function transferDetails(order: Order, { account, virtualAccount }: TransferPlace) {
  return {
    state: virtualAccount?.state ?? 'requested',
    ...optional('account_number', virtualAccount?.number),
    holder_name: account.name,
    bank_name: account.bankName,
    bank_code: account.bankCode,
    amount: moneyToWire(order.amountMinor - order.paidMinor, order.currency),
  };
}

export function attemptView(
  order: Order,
  attempt: Attempt,
  place: TransferPlace | undefined,
): AttemptView {
  const money = (amount: bigint) => moneyToWire(amount, order.currency);
  const taken = isPaidAttempt(attempt.state) && attempt.contractId !== null;
  return {
    ...payerAttempt(order, attempt, place),
    order_id: encodeId('ord', order.id),
    ...optional('contract_id', attempt.contractId),
    ...optional('channel_number', attempt.channelNumber),
    ...(taken ? { fee: money(attempt.feeMinor) } : {}),
    refunding: money(attempt.refundingMinor),
    refunded: money(attempt.refundedMinor),
    in_suspense: money(attempt.suspenseMinor),
    ...optional('proof', attempt.proof),
    ...optional('contradiction', attempt.contradiction),
  };
}

/** The refund with those who acted by their names. */
export function refundView(
  { requested_by, approved_by, ...refund }: RefundRecord,
  who: ActorOf,
): RefundView {
  return {
    ...refund,
    requested_by: who(requested_by),
    ...(approved_by === undefined ? {} : { approved_by: who(approved_by) }),
  };
}

export function refundRecord(order: Pick<Order, 'currency'>, refund: Refund): RefundRecord {
  const money = (amount: bigint) => moneyToWire(amount, order.currency);
  return {
    id: encodeId('rfd', refund.id),
    number: refund.submissionNumber,
    order_id: encodeId('ord', refund.orderId),
    attempt_id: encodeId('att', refund.attemptId),
    amount: money(refund.amountMinor),
    reason: refund.reason,
    cause: refund.cause,
    state: refund.state,
    requested_by: refund.requestedBy,
    ...optional('approved_by', refund.approvedBy),
    tries: refund.tries,
    ...optional('channel_number', refund.channelNumber),
    ...(refund.state === 'succeeded' ? { fee_returned: money(refund.feeReturnedMinor) } : {}),
    ...optional('proof', refund.proof),
    created_at: refund.createdAt.toString(),
    ...instant('succeeded_at', refund.succeededAt),
    ...instant('final_at', refund.finalAt),
  };
}

export function cashierView(rows: OrderRows, now: Temporal.Instant): CashierView {
  const { order } = rows;
  const money = (amount: bigint) => moneyToWire(amount, order.currency);
  return {
    number: order.number,
    subject: order.subject,
    description: order.description,
    ...optional('english', englishOf(order)),
    amount: money(order.amountMinor),
    paid: money(order.paidMinor),
    remaining: money(order.amountMinor - order.paidMinor),
    refunded: money(order.refundedMinor),
    state: order.state,
    closing: order.closing !== null,
    methods: [...order.methods],
    attempts: rows.attempts.map((attempt) => payerAttempt(order, attempt, rows.transferPlace)),
    // What a transfer brought beyond what was owed is not the order's, and not shown here.
    transfers: rows.receipts
      .filter(({ amountMinor }) => amountMinor > 0n)
      .toSorted((a, b) => Temporal.Instant.compare(a.appliedAt, b.appliedAt))
      .map(({ amountMinor, appliedAt }) => ({
        amount: money(amountMinor),
        at: appliedAt.toString(),
      })),
    expires_at: order.expiresAt.toString(),
    server_time: now.toString(),
  };
}
