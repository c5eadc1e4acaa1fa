/** What settlement tells. Ids are uuids, amounts bigint minor units, dates ISO bank days. */
export interface SettlementEvents {
  'settlement.split_finished': {
    readonly split_id: string;
    readonly order_id: string;
    readonly book: string;
    readonly amount: bigint;
    readonly fee_minor: bigint;
    readonly vat_minor: bigint;
    readonly currency: string;
  };
  /** A receiver could not take its part: the money stays with the payer. */
  'settlement.split_leg_closed': {
    readonly split_id: string;
    readonly order_id: string;
    readonly merchant_id: string;
    readonly amount: bigint;
    readonly reason: string;
  };
  /** Shares were taken back for a refund. `shortfall_minor`: what receivers no longer have. */
  'settlement.split_returned': {
    readonly split_id: string;
    readonly order_id: string;
    readonly amount: bigint;
    readonly shortfall_minor: bigint;
  };
  'settlement.window_settled': {
    readonly window_id: string;
    readonly book: string;
    readonly merchant_id: string;
    readonly trade_date: string;
    readonly contract_id?: string;
    readonly amount: bigint;
  };
  'settlement.channel_settled': ChannelSettled;
  /** More or less arrived than the day explains: an exception for reconciliation. */
  'settlement.channel_difference': ChannelSettled;
  'settlement.fee_topped_up': {
    readonly top_up_id: string;
    readonly own_book: string;
    readonly client_book: string;
    readonly amount: bigint;
  };
}

interface ChannelSettled {
  readonly channel_settlement_id: string;
  readonly contract_id: string;
  readonly trade_date: string;
  readonly book: string;
  readonly receipt_id: string;
  readonly expected_minor: bigint;
  readonly received_minor: bigint;
  readonly difference_minor: bigint;
  readonly currency: string;
}
