import type { Clock, Page, Refusal, Result } from '@keyturn/kernel';
import type { Database } from '@keyturn/pipeline';
import type { Logger } from 'pino';
import type { ChannelsService } from '../../banks/channels/index.ts';
import type { CustodyService, ReceiptRecorded, ReceiptsUnit } from '../../banks/custody/index.ts';
import type { PaymentsEvents, PaymentsService } from '../../movement/payments/index.ts';
import type { CommandOutcome, CommandRunner } from '../../platform/index.ts';
import type { Principal } from '../../who/access/index.ts';
import type { PartiesService } from '../../who/parties/index.ts';
import type { BankCalendar } from './decide/bank-calendar.ts';
import type { FeeRule } from './decide/split.ts';
import type { BalanceView, ChannelSettlementView, SplitView } from './views.ts';

/** What settlement stands on. */
export interface SettlementDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly commands: CommandRunner;
  readonly parties: Pick<PartiesService, 'merchant' | 'namesOf'>;
  readonly channels: Pick<ChannelsService, 'contracts'>;
  readonly custody: Pick<CustodyService, 'accounts'>;
  readonly payments: Pick<PaymentsService, 'order' | 'channelDay'>;
  /** custody's part in a command. */
  readonly createReceiptsUnit: () => ReceiptsUnit;
}

export interface NewSplit {
  readonly orderId: string;
  readonly fee?: FeeRule;
  readonly receivers: readonly { readonly merchantId: string; readonly weight: bigint }[];
}

/** What can be asked of `settlement`. Ids are uuids; views carry wire ids. */
export interface SettlementService {
  /** The days on which banks settle. */
  readonly calendar: BankCalendar;
  /** Plans how an order of a merchant will be shared, before it is paid. */
  planSplit(key: string, by: Principal, split: NewSplit): Promise<CommandOutcome<SplitView>>;
  /** The splits of orders, at most 100. */
  splitsOf(orderIds: readonly [string, ...string[]]): Promise<readonly SplitView[]>;
  /** What a merchant has, book by book, and when what is pending becomes available. */
  merchantBalance(merchantId: string, by?: Principal): Promise<Result<BalanceView, Refusal>>;
  /** What an acquirer paid and owed, newest day first. */
  channelSettlements(
    contractId: string,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Result<Page<ChannelSettlementView>, Refusal>>;
  /**
   * Of which of these days all money lies in custody, as `contract/date`: paid by the acquirer, and
   * what it kept as fees paid in by us.
   */
  wholeDays(
    days: readonly { readonly contractId: string; readonly tradeDate: Temporal.PlainDate }[],
  ): Promise<ReadonlySet<string>>;

  /** Events from below; each is idempotent by the event's id. */
  onOrderPaid(
    eventId: string,
    at: Temporal.Instant,
    paid: PaymentsEvents['payments.order_paid'],
  ): Promise<void>;
  onReceipt(eventId: string, receipt: ReceiptRecorded): Promise<void>;
  /** A refund of an order was asked for, made, or refused. */
  onRefund(eventId: string, orderId: string): Promise<void>;
  onPayoutFailed(eventId: string, payoutId: string): Promise<void>;
  /** Work whose time has come; each says how many it took. */
  readonly due: {
    splits(): Promise<number>;
    windows(): Promise<number>;
    topUps(): Promise<number>;
  };
}
