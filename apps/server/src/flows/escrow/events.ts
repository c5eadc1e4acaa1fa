/**
 * What escrow tells; `objectId` is the deal's uuid (the agreement's for agreements). Amounts in
 * minor units.
 */
interface OfDeal {
  readonly deal_id: string;
}

interface OfItem extends OfDeal {
  readonly item_id: string;
  readonly item_key: string;
  readonly amount: bigint;
}

export interface EscrowEvents {
  'escrow.deal_created': OfDeal & { readonly agreement_id: string; readonly number: string };
  'escrow.deal_agreed': OfDeal;
  /** Every required item is paid. */
  'escrow.deal_funded': OfDeal;
  'escrow.item_funded': OfItem & { readonly order_id: string; readonly complete: boolean };
  'escrow.evidence_added': OfDeal & { readonly evidence_id: string; readonly kind: string };
  'escrow.converted': OfDeal & {
    readonly conversion_id: string;
    readonly from_item: string;
    readonly to_item: string;
    readonly amount: bigint;
  };
  'escrow.release_requested': OfRelease;
  'escrow.release_rejected': OfRelease;
  /** Approved: the money leaves its items. */
  'escrow.release_approved': OfRelease;
  /** One part of a release has arrived. */
  'escrow.released': OfItem & { readonly release_id: string; readonly role: string };
  /** A part failed or was returned: it lies on its item again. */
  'escrow.release_undone': OfItem & {
    readonly release_id: string;
    readonly role: string;
    readonly reason: string;
  };
  'escrow.deal_released': OfDeal;
  'escrow.cancel_requested': OfDeal & { readonly failure: string };
  'escrow.cancel_withdrawn': OfDeal;
  'escrow.deal_canceled': OfDeal;
  'escrow.refund_started': OfDeal & { readonly amount: bigint; readonly shortfall_minor: bigint };
  'escrow.item_refunded': OfItem & { readonly leg_id: string; readonly role: string };
  'escrow.refund_undone': OfItem & { readonly leg_id: string; readonly reason: string };
  /** Nothing is on its way any more. `shortfall_minor`: what is owed by those who have it. */
  'escrow.deal_refunded': OfDeal & { readonly shortfall_minor: bigint };
  'escrow.deal_frozen': OfDeal & { readonly items: readonly string[] };
  'escrow.deal_unfrozen': OfDeal;
}

interface OfRelease extends OfDeal {
  readonly release_id: string;
  readonly key: string;
  readonly amount: bigint;
}

export type EscrowEventType = keyof EscrowEvents;
