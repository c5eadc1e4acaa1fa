import type { EventRecord } from '../../platform/index.ts';

/**
 * What all of this module's events say: which order, and what it is for. `objectId` is the order's
 * uuid.
 */
type OfOrder = {
  readonly order_id: string;
  readonly reference_kind?: string;
  readonly reference_id?: string;
  readonly currency: string;
};

/** The payloads by type. Ids are uuids, amounts bigint minor units of `currency`. */
export interface PaymentsEvents {
  'payments.order_created': OfOrder & { readonly amount: bigint };
  /** Money is on the order's destination. `final`: the order is paid in full. */
  'payments.order_paid': OfOrder & {
    /** What this payment placed. */
    readonly amount: bigint;
    readonly paid_minor: bigint;
    readonly remaining_minor: bigint;
    readonly method: string;
    readonly attempt_id?: string;
    readonly receipt_id?: string;
    readonly final: boolean;
  };
  /** Nobody can pay it any more. What was paid in part lies on the destination. */
  'payments.order_closed': OfOrder & {
    readonly reason: 'canceled' | 'expired';
    readonly paid_minor: bigint;
  };
  'payments.attempt_failed': OfOrder & { readonly attempt_id: string; readonly code: string };
  /**
   * Paid at the channel after we had closed or failed the attempt. `placed`: it settled the order.
   */
  'payments.late_success': OfOrder & {
    readonly attempt_id: string;
    readonly amount: bigint;
    readonly placed_minor: bigint;
  };
  /** An order was paid again; `amount` is what was too much: it lies in suspense and goes back. */
  'payments.double_success': OfOrder & { readonly attempt_id: string; readonly amount: bigint };
  /**
   * The destination takes no money now (`code` of the ledger): it lies in suspense and is tried
   * again.
   */
  'payments.payment_suspended': OfOrder & {
    readonly attempt_id: string;
    readonly amount: bigint;
    readonly code: string;
  };
  /** The channel says what cannot be true together with what we know. Nothing was booked. */
  'payments.contradiction': OfOrder & {
    readonly attempt_id: string;
    readonly kind: 'amount' | 'channel_number' | 'refund_after_failure';
    readonly expected: string;
    readonly said: string;
  };
  /**
   * A transfer brought more than was missing; `amount` is the rest, in the custody account's
   * suspense.
   */
  'payments.overpaid': OfOrder & { readonly receipt_id: string; readonly amount: bigint };
  /** A transfer for an order that is closed: it stays in the custody account's suspense. */
  'payments.receipt_unclaimed': OfOrder & {
    readonly receipt_id: string;
    readonly amount: bigint;
    readonly code: string;
  };
  'payments.refund_requested': OfRefund & { readonly approval: 'given' | 'required' };
  'payments.refund_succeeded': OfRefund;
  /** Refused for good: the money is back where it was taken from. It can be tried again. */
  'payments.refund_failed': OfRefund & { readonly code: string };
  /**
   * The channel has the money and could not give it to the payer; somebody has to look after it
   * there.
   */
  'payments.refund_abnormal': OfRefund;
}

type OfRefund = OfOrder & {
  readonly refund_id: string;
  readonly attempt_id: string;
  readonly amount: bigint;
  readonly cause: 'requested' | 'late_success' | 'double_success';
  readonly source: 'placed' | 'suspense';
};

export type PaymentsEventType = keyof PaymentsEvents;

/** An event before its place in the order's sequence is known. */
export type PaymentsEvent = {
  [T in PaymentsEventType]: { readonly type: T; readonly payload: PaymentsEvents[T] };
}[PaymentsEventType];

/** Whether an event of the outbox is of this type; its payload is then typed. */
export function isPaymentsEvent<T extends PaymentsEventType>(
  event: EventRecord,
  type: T,
): event is EventRecord & { readonly type: T; readonly payload: PaymentsEvents[T] } {
  return event.type === type;
}
