import type { Currency, Refusal, Result } from '@keyturn/kernel';
import type { ChannelAnswer } from './answer.ts';
import type { Contract, ContractDraft } from './contract.ts';
import type { ProofRule } from './decide/unknown-policy.ts';

/** Amounts are positive minor units (fen); numbers are ours, unique for ever per contract. */

/** What the acquirer says about a payment. */
export interface AcquirerState {
  readonly state: 'unpaid' | 'paying' | 'succeeded' | 'closed' | 'failed' | 'not_found';
  /** The acquirer's own number of the payment (transaction_id). */
  readonly channelNumber?: string;
  readonly paidAt?: Temporal.Instant;
  /** The order's amount at the acquirer, to be checked against ours. */
  readonly amount?: bigint;
  /** What the payer was charged: less than `amount` when the acquirer gave a discount. */
  readonly payerTotal?: bigint;
  readonly currency?: string;
  /** The payer's bank as the acquirer codes it: `CMB_DEBIT`. */
  readonly bank?: string;
  /** Paid, and since then refunded in part or whole. */
  readonly refunded?: boolean;
}

/** What the acquirer says about a refund. */
export interface RefundState {
  readonly state: 'processing' | 'succeeded' | 'closed' | 'abnormal' | 'not_found';
  /** The acquirer's own number of the refund (refund_id). */
  readonly channelNumber?: string;
  readonly at?: Temporal.Instant;
  /** The refunded amount at the acquirer, to be checked against ours. */
  readonly amount?: bigint;
}

/** What the bank says about a payment that we ordered. */
export interface BankPaymentState {
  readonly state: 'accepted' | 'pending' | 'paid' | 'rejected' | 'not_found';
  /** ISO 20022 ExternalStatusReason1Code: always there when rejected. */
  readonly reason?: string;
  readonly reasonText?: string;
  readonly nextStep?: string;
  /** The bank's reference of the debit, once it is booked. */
  readonly bankReference?: string;
}

export interface VirtualAccountState {
  readonly number: string;
  readonly state: 'open' | 'closed';
  readonly balance?: bigint;
}

export interface PrepayRequest {
  readonly contractId: string;
  /** out_trade_no: 6 to 32 of 0-9 A-Z a-z _ - | *. */
  readonly number: string;
  readonly amount: bigint;
  readonly currency: Currency;
  /** Shown to the payer, at most 127 characters. */
  readonly description: string;
  readonly expiresAt: Temporal.Instant;
  readonly scene: 'native' | 'h5';
  /** Required for h5. */
  readonly payerIp?: string;
  readonly now: Temporal.Instant;
}

export interface NumberedRequest {
  readonly contractId: string;
  readonly number: string;
}

export interface RefundRequest {
  readonly contractId: string;
  /** out_refund_no: the same one at each try. */
  readonly number: string;
  /** out_trade_no of the payment. */
  readonly paymentNumber: string;
  readonly amount: bigint;
  /** The payment's whole amount. */
  readonly total: bigint;
  readonly reason: string;
}

export interface BillRequest {
  readonly contractId: string;
  readonly date: Temporal.PlainDate;
  readonly kind: 'trade' | 'fund_flow';
}

export interface Acquirer {
  prepay(request: PrepayRequest): Promise<ChannelAnswer<{ codeUrl?: string; h5Url?: string }>>;
  query(request: NumberedRequest): Promise<ChannelAnswer<AcquirerState>>;
  /** `closed`: it cannot be paid any more. Refused with ORDER_NOT_EXIST when it never got there. */
  close(request: NumberedRequest): Promise<ChannelAnswer<'closed' | 'already_paid'>>;
  refund(request: RefundRequest): Promise<ChannelAnswer<RefundState>>;
  queryRefund(request: NumberedRequest): Promise<ChannelAnswer<RefundState>>;
  /** The file's bytes, its digest checked. Refused while there is no bill yet. */
  bill(request: BillRequest): Promise<ChannelAnswer<Uint8Array>>;
}

export interface AccountRequest {
  readonly contractId: string;
  /** The master account's number. */
  readonly account: string;
}

export interface VirtualAccountOpening extends AccountRequest {
  /** The same one at each try: the bank opens one account per request id. At most 64 characters. */
  readonly requestId: string;
  readonly name: string;
  readonly reference: string;
}

export interface BankPaymentRequest {
  readonly contractId: string;
  /** MsgId, at most 35 characters; with the same `now` the message is the same byte by byte. */
  readonly messageId: string;
  /** At most 35 characters, unique for ever. */
  readonly endToEndId: string;
  /** The account paid from, and its virtual account when the money lies there. */
  readonly account: string;
  readonly virtualAccount?: string;
  readonly amount: bigint;
  readonly currency: Currency;
  readonly payee: {
    readonly number: string;
    readonly name: string;
    /** CNAPS, 12 digits. */
    readonly bankCode: string;
  };
  readonly remittance: string;
  /** When the pay-out was submitted for the first time: kept for a repeat. */
  readonly now: Temporal.Instant;
}

export interface Bank {
  openVirtualAccount(request: VirtualAccountOpening): Promise<ChannelAnswer<{ number: string }>>;
  closeVirtualAccount(
    request: AccountRequest & { readonly number: string },
  ): Promise<ChannelAnswer<VirtualAccountState>>;
  virtualAccount(
    request: AccountRequest & { readonly number: string },
  ): Promise<ChannelAnswer<VirtualAccountState>>;
  balance(request: AccountRequest): Promise<ChannelAnswer<{ booked: bigint; available: bigint }>>;
  /**
   * Orders one payment. `rejected` stands only for a definite refusal; a rejection by a code that
   * proves nothing comes as `unknown`.
   */
  pay(request: BankPaymentRequest): Promise<ChannelAnswer<BankPaymentState>>;
  paymentStatus(request: {
    readonly contractId: string;
    readonly endToEndId: string;
  }): Promise<ChannelAnswer<BankPaymentState>>;
  /** camt.053 as the bank sent it. Refused with STATEMENT_NOT_READY before its time. */
  statement(
    request: AccountRequest & { readonly date: Temporal.PlainDate },
  ): Promise<ChannelAnswer<Uint8Array>>;
}

/** One booked entry of an account, from a notification or a statement. */
export interface BankEntry {
  /** The bank's own reference of the entry, unique for ever per account. */
  readonly bankReference: string;
  readonly endToEndId?: string;
  /** Positive minor units. */
  readonly amount: bigint;
  readonly currency: string;
  readonly direction: 'credit' | 'debit';
  readonly bookedOn: Temporal.PlainDate;
  readonly valueOn: Temporal.PlainDate;
  readonly virtualAccount?: string;
  readonly counterpartyName?: string;
  readonly counterpartyAccount?: string;
  readonly remittance?: string;
  /** The entry brings back a payment of ours. */
  readonly returned?: { readonly endToEndId?: string; readonly reason: string };
}

export type AcquirerNotification =
  | {
      readonly contractId: string;
      readonly notificationId: string;
      readonly kind: 'payment';
      /** out_trade_no. */
      readonly number: string;
      readonly state: AcquirerState;
    }
  | {
      readonly contractId: string;
      readonly notificationId: string;
      readonly kind: 'refund';
      /** out_refund_no. */
      readonly number: string;
      readonly state: RefundState;
    };

export interface BankNotification {
  readonly contractId: string;
  readonly notificationId: string;
  /** The account's number at the bank. */
  readonly account: string;
  readonly entries: readonly BankEntry[];
}

/**
 * Takes a notification to where it belongs. Resolves when it is applied (or was before); rejects
 * when it cannot be applied yet: then it stays stored, and is handed over again at growing
 * intervals.
 */
export type NotificationHandler<N> = (notification: N) => Promise<void>;

/** How a contract has been answering this process. */
export interface ChannelHealth {
  readonly contractId: string;
  readonly circuit: 'closed' | 'open' | 'half_open';
  readonly consecutiveFailures: number;
  readonly lastSuccessAt: Temporal.Instant | undefined;
  readonly lastFailureAt: Temporal.Instant | undefined;
  readonly callsUnderWay: number;
}

/** The operations that can end unknown, as the rules of proof name them. */
export type Operation =
  | 'prepay'
  | 'query'
  | 'close'
  | 'refund'
  | 'query_refund'
  | 'bill'
  | 'open_virtual_account'
  | 'close_virtual_account'
  | 'virtual_account'
  | 'balance'
  | 'pay'
  | 'payment_status'
  | 'statement';

export interface ReceivedNotification {
  readonly contractId: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** As it came: the signature stands over the bytes. */
  readonly body: Uint8Array;
}

/** One line of the raw log; secrets and personal data are masked. */
export interface MessageView {
  readonly id: string;
  readonly direction: 'out' | 'in';
  readonly operation: string;
  readonly reference: string;
  readonly request: string;
  readonly response: string;
  readonly outcome: string;
  readonly duration_ms: number;
  readonly at: string;
}

export interface ChannelsService {
  readonly acquirer: Acquirer;
  readonly bank: Bank;
  /** Registered once, by main. */
  onAcquirerNotification(handler: NotificationHandler<AcquirerNotification>): void;
  onBankNotification(handler: NotificationHandler<BankNotification>): void;
  /** The contracts in force now, at most 200, by id. */
  contracts(): Promise<readonly Contract[]>;
  contract(id: string): Promise<Result<Contract, Refusal>>;
  /** Writes a new version when anything differs from the one in force; else changes nothing. */
  upsertContract(draft: ContractDraft): Promise<Result<Contract, Refusal>>;
  health(): Promise<readonly ChannelHealth[]>;
  /** What proves for a contract that an operation did not happen. */
  proofRule(contractId: string, operation: Operation): Promise<Result<ProofRule, Refusal>>;
  /** Verifies, stores, then applies. Stored is what counts for the sender. */
  receive(notification: ReceivedNotification): Promise<Result<{ readonly id: string }, Refusal>>;
  /** The raw log of one reference (out_trade_no, EndToEndId …), newest first. */
  messages(query: {
    readonly contractId: string;
    readonly reference: string;
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<
    Result<{ readonly items: readonly MessageView[]; readonly next_cursor?: string }, Refusal>
  >;
  /** Hands over again what was stored and not applied, and is due; says how many it took. */
  retryNotifications(): Promise<number>;
  /** Lets calls and log rows under way finish, then closes connections. */
  close(): Promise<void>;
}
