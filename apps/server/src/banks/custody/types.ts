import type { Refusal, Result } from '@keyturn/kernel';
import type { Tx, Unit } from '@keyturn/pipeline';
import type { BankEntry, BankNotification, ChannelAnswer } from '../channels/index.ts';

/**
 * An account at a bank where money lies: one asset account of the ledger. Ids are text:
 * `escrow-main`.
 */
export interface CustodyAccount {
  readonly id: string;
  readonly book: string;
  /** The bank contract by which it is reached. */
  readonly contractId: string;
  /** The bank's number of it. */
  readonly number: string;
  /** Own money, client reserve, or escrow master. */
  readonly ledgerCode: 1001 | 1002 | 1003;
  /** The holder's name as the bank has it. */
  readonly name: string;
  readonly bankCode: string;
  readonly bankName: string;
  readonly currency: string;
  readonly state: 'open' | 'closed';
}

export type OwnerKind = 'order' | 'deal';

export type VirtualAccountStatus = 'requested' | 'open' | 'closing' | 'closed' | 'refused';

/** A sub-account number at the bank under a master account, opened for one order or deal. */
export interface VirtualAccount {
  readonly id: string;
  readonly accountId: string;
  /** Null until the bank has opened it. */
  readonly number: string | null;
  readonly ownerKind: OwnerKind;
  readonly ownerId: string;
  readonly name: string;
  readonly state: VirtualAccountStatus;
  /** The same one at each try, so that the bank opens one account. */
  readonly requestId: string;
  /** Why the bank refused, or did not close yet. */
  readonly refusal: { readonly code: string; readonly message: string } | null;
  readonly requestedAt: Temporal.Instant;
  readonly openedAt: Temporal.Instant | null;
  readonly closedAt: Temporal.Instant | null;
  readonly tries: number;
  readonly dueAt: Temporal.Instant | null;
  readonly events: bigint;
}

export type ReceiptKind = 'transfer' | 'return' | 'channel_settlement' | 'top_up' | 'debit';

/**
 * One booked entry of a custody account. A credit is `booked` to suspense until a module that knows
 * what it is for takes it (`assigned`); a debit is only `noted`: whoever paid has booked it.
 */
export interface Receipt {
  readonly id: string;
  readonly accountId: string;
  readonly book: string;
  readonly bankReference: string;
  readonly direction: 'credit' | 'debit';
  /** Positive minor units. */
  readonly amount: bigint;
  readonly currency: string;
  readonly bookedOn: Temporal.PlainDate;
  readonly valueOn: Temporal.PlainDate;
  readonly kind: ReceiptKind;
  readonly virtualNumber: string | null;
  readonly virtualAccountId: string | null;
  readonly ownerKind: OwnerKind | null;
  readonly ownerId: string | null;
  readonly endToEndId: string | null;
  /** Name and account of the other side, sealed; and what may be shown of them. */
  readonly counterpartySealed: string | null;
  readonly counterpartyMasked: string | null;
  readonly remittance: string | null;
  readonly returnReason: string | null;
  /** The acquirer contract whose settlement this is, and the day that it settles. */
  readonly settledContract: string | null;
  readonly settledDate: Temporal.PlainDate | null;
  /** Where the bank told us first. */
  readonly source: 'notification' | 'statement';
  readonly state: 'booked' | 'assigned' | 'noted';
  readonly assignedModule: string | null;
  readonly assignedObject: string | null;
  readonly assignedAt: Temporal.Instant | null;
  /** The journal that booked it to suspense; null for a debit. */
  readonly journalId: string | null;
  readonly recordedAt: Temporal.Instant;
  readonly events: bigint;
}

/**
 * The receipts' part in another module's command: lock them with the other upper rows, then assign.
 * Moving the money (`suspenseOf(receipt)` to its destination) is the caller's own journal.
 */
export interface ReceiptsUnit extends Unit {
  /** Locks and reads, one statement. Unknown ids are simply not there afterwards. */
  lock(tx: Tx, receiptIds: readonly string[]): Promise<void>;
  get(receiptId: string): Receipt | undefined;
  /** Gives a booked credit to its owner, once for ever. */
  assign(
    receiptId: string,
    to: { readonly module: string; readonly object: string },
    now: Temporal.Instant,
  ): Result<Receipt, Refusal>;
}

/** What became of one entry. `recorded` is false when it was known before. */
export interface RecordedEntry {
  readonly receiptId: string;
  readonly recorded: boolean;
  /** Fields in which a known receipt differs from this entry; the receipt stays as it is. */
  readonly differs: readonly ('amount' | 'currency' | 'value_date' | 'end_to_end_id')[];
}

/** The payload of `custody.receipt_recorded`. */
export interface ReceiptRecorded {
  readonly receipt_id: string;
  readonly account_id: string;
  readonly book: string;
  readonly kind: Exclude<ReceiptKind, 'debit'>;
  readonly amount: bigint;
  readonly currency: string;
  readonly bank_reference: string;
  readonly value_date: string;
  readonly source: 'notification' | 'statement';
  readonly virtual_account_id?: string;
  readonly owner_kind?: OwnerKind;
  readonly owner_id?: string;
  readonly end_to_end_id?: string;
  readonly remittance?: string;
  readonly return_reason?: string;
  readonly settled_contract?: string;
  readonly settled_date?: string;
}

/** A receipt as the API shows it: the other side masked. */
export interface ReceiptView {
  readonly id: string;
  readonly account_id: string;
  readonly book: string;
  readonly bank_reference: string;
  readonly direction: 'credit' | 'debit';
  readonly kind: ReceiptKind;
  readonly amount: { readonly amount: number; readonly currency: string };
  readonly booked_on: string;
  readonly value_date: string;
  readonly state: 'booked' | 'assigned' | 'noted';
  readonly source: 'notification' | 'statement';
  readonly virtual_account?: string;
  readonly owner_kind?: OwnerKind;
  readonly owner_id?: string;
  readonly end_to_end_id?: string;
  readonly counterparty?: string;
  readonly remittance?: string;
  readonly return_reason?: string;
  readonly settled_contract?: string;
  readonly settled_date?: string;
  readonly assigned_to?: { readonly module: string; readonly object: string };
  readonly recorded_at: string;
}

export interface CustodyService {
  /** Writes accounts that are not there yet; refused when one exists with another content. */
  seedAccounts(accounts: readonly CustodyAccount[]): Promise<Result<undefined, Refusal>>;
  /** All of them, at most 500, by id. */
  accounts(): Promise<readonly CustodyAccount[]>;
  account(id: string): Promise<Result<CustodyAccount, Refusal>>;
  /** The account where a book's money lies; the first by id when there are several. */
  accountOfBook(book: string): Promise<Result<CustodyAccount, Refusal>>;
  accountByNumber(contractId: string, number: string): Promise<Result<CustodyAccount, Refusal>>;
  /**
   * Books what the bank has booked, each entry once for ever whoever tells it first: by account,
   * direction and bank reference.
   */
  recordEntries(
    accountId: string,
    source: 'notification' | 'statement',
    entries: readonly BankEntry[],
  ): Promise<Result<readonly RecordedEntry[], Refusal>>;
  /**
   * The owner's virtual account under this account: the one there is, or a new one opened at the
   * bank now. `requested` when the bank's answer is not known yet; the poller asks again with the
   * same request id.
   */
  requestVirtualAccount(request: {
    readonly accountId: string;
    readonly ownerKind: OwnerKind;
    readonly ownerId: string;
    readonly name: string;
  }): Promise<Result<VirtualAccount, Refusal>>;
  /** Closes it at the bank; stays `closing` while money lies on it or the answer is not known. */
  closeVirtualAccount(id: string): Promise<Result<VirtualAccount, Refusal>>;
  virtualAccountOf(ownerId: string): Promise<VirtualAccount | undefined>;
  balance(
    accountId: string,
  ): Promise<Result<ChannelAnswer<{ booked: bigint; available: bigint }>, Refusal>>;
  /** For `channels.onBankNotification`: books the entries of one of our accounts. */
  handleBankNotification(notification: BankNotification): Promise<void>;
  receipt(id: string): Promise<Result<Receipt, Refusal>>;
  /** Who sent or got the money, in clear: only to pay it back or to pay it on. */
  counterparty(
    receiptId: string,
  ): Promise<Result<{ readonly name?: string; readonly account?: string }, Refusal>>;
  /** Newest first. */
  receipts(query: {
    readonly state: Receipt['state'];
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<
    Result<{ readonly items: readonly ReceiptView[]; readonly next_cursor?: string }, Refusal>
  >;
  /** Asks the bank again about openings and closings that are due; says how many it took. */
  askAgain(): Promise<number>;
}
