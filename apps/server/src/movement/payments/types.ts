import type { Clock, Page, Refusal, Result } from '@keyturn/kernel';
import type { Database } from '@keyturn/pipeline';
import type { Logger } from 'pino';
import type { AcquirerNotification, ChannelsService } from '../../banks/channels/index.ts';
import type { CustodyService, ReceiptsUnit } from '../../banks/custody/index.ts';
import type { CommandOutcome, CommandRunner, Overdue } from '../../platform/index.ts';
import type { Principal } from '../../who/access/index.ts';
import type { PartiesService } from '../../who/parties/index.ts';
import type { OrderRequest } from './decide/create-order.ts';
import type { AcquirerDay, ChannelDay } from './store.ts';
import type { Closing, Method } from './tables.ts';
import type { AttemptView, CashierView, OrderView, RefundView } from './views.ts';

/** What payments stands on. */
export interface PaymentsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly commands: CommandRunner;
  readonly channels: Pick<ChannelsService, 'acquirer' | 'contract' | 'contracts' | 'proofRule'>;
  readonly custody: Pick<
    CustodyService,
    | 'account'
    | 'accountOfBook'
    | 'receipt'
    | 'requestVirtualAccount'
    | 'closeVirtualAccount'
    | 'virtualAccountOf'
  >;
  /** custody's part in a command. */
  readonly createReceiptsUnit: () => ReceiptsUnit;
  readonly parties: Pick<PartiesService, 'merchant' | 'person'>;
  /** Where the cashier's page is reached, without a slash at the end. */
  readonly publicUrl: string;
  /** Up to this many minor units, refunds need no second person. Set by finance. */
  readonly automaticRefundLimitMinor: bigint;
  /** Kinds of references that the modules above use: nobody else may claim to be one of theirs. */
  readonly reservedReferences: ReadonlySet<string>;
}

/**
 * An order for a merchant or person, as an integrator asks for it; the house finds books and
 * contracts.
 */
export interface NewOrder extends Omit<OrderRequest, 'integratorId' | 'destination'> {
  readonly destination: { readonly kind: 'merchant' | 'person'; readonly id: string };
}

export interface RefundInput {
  readonly orderId: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly reason: string;
  readonly attemptId?: string;
}

/**
 * What can be asked of `payments`. Ids are uuids; views carry wire ids. `key` names the call for
 * ever.
 */
export interface PaymentsService {
  createOrder(key: string, by: Principal, order: NewOrder): Promise<CommandOutcome<OrderView>>;
  /**
   * Begins an attempt and takes it to its channel. A repeat shows the same attempt as it is by
   * then.
   */
  pay(
    key: string,
    orderId: string,
    request: { readonly method: Method; readonly payerIp?: string },
  ): Promise<CommandOutcome<AttemptView>>;
  /** Closes the open attempts at their channels, then the order. */
  closeOrder(
    key: string,
    orderId: string,
    reason: Closing,
    lateSuccess?: 'settle' | 'refund',
  ): Promise<CommandOutcome<OrderView>>;
  requestRefund(
    key: string,
    by: Principal,
    refund: RefundInput,
  ): Promise<CommandOutcome<RefundView>>;
  approveRefund(key: string, by: Principal, id: string): Promise<CommandOutcome<RefundView>>;
  rejectRefund(key: string, by: Principal, id: string): Promise<CommandOutcome<RefundView>>;
  /** Begins a failed refund anew. */
  retryRefund(key: string, by: Principal, id: string): Promise<CommandOutcome<RefundView>>;
  /** Pays an order with a receipt that found no home by itself. */
  assignReceipt(
    key: string,
    by: Principal,
    receiptId: string,
    orderId: string,
  ): Promise<CommandOutcome<OrderView>>;
  createCashierSession(
    orderId: string,
  ): Promise<Result<{ token: string; url: string; expires_at: string }, Refusal>>;
  /** The order behind a cashier link. Refuses `cashier_link_invalid`. */
  orderOfToken(token: string): Promise<Result<string, Refusal>>;
  cashier(token: string): Promise<Result<CashierView, Refusal>>;

  /** Without `by` for the platform's own use; integrators see their own orders only. */
  order(id: string, by?: Principal): Promise<Result<OrderView, Refusal>>;
  /** Refuses as `order` does, without reading more than it takes. */
  isVisible(id: string, by: Principal): Promise<Result<undefined, Refusal>>;
  orderByNumber(number: string, by?: Principal): Promise<Result<OrderView, Refusal>>;
  /** The orders that are for some things (at most 100 ids), newest first. */
  ordersOf(
    referenceIds: readonly [string, ...string[]],
    page?: { readonly limit?: number; readonly cursor?: string },
    by?: Principal,
  ): Promise<Result<Page<OrderView>, Refusal>>;
  refund(id: string, by?: Principal): Promise<Result<RefundView, Refusal>>;
  refundsByState(
    state: string,
    page: { readonly limit?: number; readonly cursor?: string },
  ): Promise<Result<Page<RefundView>, Refusal>>;
  /** By whom and on which of their days attempts were paid; those that were not are left out. */
  acquirerDays(attemptIds: readonly string[]): Promise<ReadonlyMap<string, AcquirerDay>>;
  /** What the acquirer owes for one calendar day, before it is settled. */
  channelDay(contractId: string, date: Temporal.PlainDate): Promise<ChannelDay>;

  /** For `channels.onAcquirerNotification`: rejects what cannot be applied yet. */
  onAcquirerNotification(notification: AcquirerNotification): Promise<void>;
  /**
   * Asks the channel about a payment or a refund of ours that somebody else says it has done, also
   * when we have it as failed or closed. An unknown number is nothing to ask about.
   *
   * @param number out_trade_no, or out_refund_no
   */
  lookAgain(trade: {
    readonly contractId: string;
    readonly kind: 'pay' | 'refund';
    readonly number: string;
  }): Promise<void>;
  /** Attempts and refunds whose end their channel has not told for longer than is usual. */
  overdue(): Promise<readonly Overdue[]>;
  /** Work whose time has come; each says how many it took. */
  readonly due: {
    attempts(): Promise<number>;
    refunds(): Promise<number>;
    orders(): Promise<number>;
  };
  /**
   * A receipt has come: pays the order that its virtual account is for. Idempotent by the event's
   * id.
   */
  onReceipt(eventId: string, receiptId: string, orderId: string): Promise<void>;
  /** The bank has opened the virtual account of an order: its payer can transfer now. */
  onTransferAccountOpened(orderId: string): Promise<void>;
}
