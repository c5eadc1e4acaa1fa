import type { EventRecord } from '../../platform/index.ts';

/**
 * What all of this module's events say. `objectId` is the pay-out's uuid; amounts in minor units.
 */
type OfPayout = {
  readonly payout_id: string;
  readonly reference_kind?: string;
  readonly reference_id?: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly custody_account_id: string;
};

export interface PayoutsEvents {
  'payouts.created': OfPayout & { readonly approval: 'required' | 'given' };
  'payouts.approved': OfPayout & { readonly checker: string };
  /**
   * Rejected by a person, canceled, or stopped because the payee cannot be paid; the hold is
   * lifted.
   */
  'payouts.canceled': OfPayout & { readonly reason: string };
  'payouts.submitted': OfPayout;
  'payouts.paid': OfPayout & { readonly paid_on: string };
  /** The bank proved that it did not pay: the money is back on its source. */
  'payouts.failed': OfPayout & { readonly code: string; readonly reason: string };
  /** Paid, and sent back by the receiving bank. `returned_minor` is back on its source. */
  'payouts.returned': OfPayout & {
    readonly receipt_id: string;
    readonly returned_minor: bigint;
    readonly reason: string;
  };
  /**
   * The bank says what cannot be true together with what it said before. Nothing was booked, but
   * when `booked`: then what was paid after a failure was taken from its source again.
   */
  'payouts.contradiction': OfPayout & {
    readonly kind: 'paid_after_failure' | 'return_unexpected' | 'amount';
    readonly said: string;
    readonly receipt_id?: string;
    readonly booked?: boolean;
    /** The bank's day of what was paid after a failure. */
    readonly paid_on?: string;
  };
}

export type PayoutsEventType = keyof PayoutsEvents;

/** An event before its place in the pay-out's sequence is known. */
export type PayoutsEvent = {
  [T in PayoutsEventType]: { readonly type: T; readonly payload: PayoutsEvents[T] };
}[PayoutsEventType];

/** Whether an event of the outbox is of this type; its payload is then typed. */
export function isPayoutsEvent<T extends PayoutsEventType>(
  event: EventRecord,
  type: T,
): event is EventRecord & { readonly type: T; readonly payload: PayoutsEvents[T] } {
  return event.type === type;
}
