import type { Finding } from './findings.ts';

/** Amounts are signed minor units of their currency: credits positive, debits negative. */

export type StatementFormat =
  | 'camt.052'
  | 'camt.053'
  | 'camt.054'
  | 'mt940'
  | 'mt941'
  | 'mt942'
  | 'mt950';

/** What a bank's file holds: one or more statements, in the file's order. At least one. */
export interface StatementFile {
  readonly fileName: string;
  readonly format: StatementFormat;
  /** The message version: `camt.053.001.08`, or the format again for MT messages. */
  readonly version: string;
  /** The encoding that the bytes were read in. */
  readonly encoding: string;
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly format: StatementFormat;
  readonly version: string;
  /** Where the statement begins. */
  readonly path: string;
  readonly line: number | undefined;
  /** GrpHdr/MsgId; MT field 20. */
  readonly messageId: string | undefined;
  /** Stmt/Id; for MT the same as the message id. */
  readonly statementId: string | undefined;
  /** As written by the bank (ISO 8601). */
  readonly createdAt: string | undefined;
  readonly sequence: StatementSequence;
  /** The page of a statement that was cut into messages; undefined when it is whole. */
  readonly page: StatementPage | undefined;
  /** COPY, DUPL or CODU when the bank says that this is not the first sending. */
  readonly copyDuplicate: string | undefined;
  readonly account: StatementAccount;
  /** ISO 4217. All sums are in this currency. */
  readonly currency: string;
  readonly from: Temporal.PlainDate | undefined;
  readonly to: Temporal.PlainDate | undefined;
  readonly opening: Balance | undefined;
  readonly closing: Balance | undefined;
  /** All balances as sent, opening and closing included. */
  readonly balances: readonly Balance[];
  readonly entries: readonly StatementEntry[];
  readonly declared: readonly DeclaredTotal[];
  readonly additionalInfo: string | undefined;
  /**
   * This bank counts an entry with a reversal flag against its CdtDbtInd, as its own balances or
   * net total prove; the amounts are signed accordingly.
   */
  readonly reversalsTurned: boolean;
  /** What was wrong and could be read around. `verifyStatement` repeats these. */
  readonly notes: readonly Finding[];
}

export interface StatementSequence {
  /** ElctrncSeqNb; the statement number of MT field 28C. */
  readonly electronic: string | undefined;
  /** LglSeqNb. */
  readonly legal: string | undefined;
}

export interface StatementPage {
  readonly number: number;
  /** Undefined when the format does not say (MT). */
  readonly last: boolean | undefined;
}

export interface StatementAccount {
  /** The IBAN, or else the bank's own number. */
  readonly id: string;
  readonly iban: string | undefined;
  readonly other: string | undefined;
  readonly name: string | undefined;
  readonly ownerName: string | undefined;
  readonly servicer: Agent | undefined;
}

/** A bank. */
export interface Agent {
  readonly bic: string | undefined;
  /** A national code such as CNAPS (12 digits) or a Bankleitzahl. */
  readonly clearingMember: string | undefined;
  readonly clearingSystem: string | undefined;
  readonly name: string | undefined;
}

export interface Balance {
  /**
   * ISO 20022 ExternalBalanceType1Code (OPBD, CLBD, PRCD, ITBD, CLAV, FWAV …) or the bank's own
   * code. MT: 60 is OPBD, 62 CLBD, 64 CLAV, 65 FWAV.
   */
  readonly type: string;
  /** INTM for the balance between two pages (MT 60M, 62M). */
  readonly subType: string | undefined;
  readonly amount: bigint;
  readonly currency: string;
  readonly date: Temporal.PlainDate;
  readonly path: string;
  readonly line: number | undefined;
}

/** Only `booked` moves the booked balance. */
export type EntryStatus = 'booked' | 'pending' | 'information' | 'future' | 'unknown';

/** A debtor, creditor or a party behind them. */
export interface Party {
  readonly name: string | undefined;
  readonly bic: string | undefined;
  /** The other identifications (Othr/Id), where banks put virtual account numbers. */
  readonly ids: readonly string[];
  readonly addressLines: readonly string[];
}

export interface PartyAccount {
  readonly id: string;
  readonly iban: string | undefined;
  readonly currency: string | undefined;
  readonly name: string | undefined;
}

export interface BankTransactionCode {
  readonly domain: string | undefined;
  readonly family: string | undefined;
  readonly subFamily: string | undefined;
  readonly proprietary: string | undefined;
  readonly proprietaryIssuer: string | undefined;
}

export interface Charge {
  /** What is taken from the account owner is negative. */
  readonly amount: bigint;
  readonly currency: string;
  /** Whether the entry's amount already holds it; undefined when the bank does not say. */
  readonly included: boolean | undefined;
  readonly type: string | undefined;
}

export interface StructuredRemittance {
  readonly reference: string | undefined;
  readonly referenceType: string | undefined;
  readonly documents: readonly string[];
  readonly additional: readonly string[];
}

export interface OtherReference {
  readonly type: string | undefined;
  readonly reference: string;
}

export interface ReturnReason {
  readonly code: string | undefined;
  readonly proprietary: string | undefined;
  readonly info: readonly string[];
}

/** What is known about one payment behind an entry. */
export interface PaymentFacts {
  readonly messageId: string | undefined;
  readonly paymentInformationId: string | undefined;
  readonly instructionId: string | undefined;
  /** NOTPROVIDED is kept as undefined. */
  readonly endToEndId: string | undefined;
  readonly transactionId: string | undefined;
  readonly uetr: string | undefined;
  readonly mandateId: string | undefined;
  readonly chequeNumber: string | undefined;
  readonly clearingReference: string | undefined;
  /** References of the bank's own kinds (Refs/Prtry). */
  readonly otherReferences: readonly OtherReference[];
  /** The creditor identifier of a direct debit. */
  readonly creditorId: string | undefined;
  readonly debtor: Party | undefined;
  readonly debtorAccount: PartyAccount | undefined;
  readonly debtorAgent: Agent | undefined;
  readonly ultimateDebtor: Party | undefined;
  readonly creditor: Party | undefined;
  readonly creditorAccount: PartyAccount | undefined;
  readonly creditorAgent: Agent | undefined;
  readonly ultimateCreditor: Party | undefined;
  /**
   * The account owner's virtual account number: the Othr/Id of the ultimate party on the owner's
   * side, or the owner's party account where it is another number than the statement's.
   */
  readonly virtualAccount: string | undefined;
  readonly purpose: string | undefined;
  readonly remittance: readonly string[];
  readonly structuredRemittance: readonly StructuredRemittance[];
  readonly returnReason: ReturnReason | undefined;
}

/** One payment inside an entry (TxDtls). A batch entry has several. */
export interface TransactionDetail extends PaymentFacts {
  readonly path: string;
  /** Signed; undefined when the bank gives only the entry's amount. */
  readonly amount: bigint | undefined;
  readonly currency: string | undefined;
  /**
   * Whether the amount is that of the booked payment (TxDtls/Amt) or of the one underlying it
   * (AmtDtls/TxAmt), which may differ by charges or an exchange.
   */
  readonly amountOf: 'payment' | 'underlying' | undefined;
  /** What was ordered, where it differs by an exchange. */
  readonly instructed: { readonly amount: bigint; readonly currency: string } | undefined;
  readonly bankReference: string | undefined;
  readonly bankTransactionCode: BankTransactionCode | undefined;
  readonly charges: readonly Charge[];
  readonly additionalInfo: string | undefined;
}

/** One line of the account. The facts are those of its payment when it has exactly one. */
export interface StatementEntry extends PaymentFacts {
  readonly path: string;
  readonly line: number | undefined;
  /** Signed minor units: what raises the balance is positive. */
  readonly amount: bigint;
  readonly currency: string;
  readonly direction: 'credit' | 'debit';
  readonly status: EntryStatus;
  /** The code as sent: BOOK, PDNG, INFO, FUTR … */
  readonly statusCode: string | undefined;
  /**
   * The entry takes back an earlier one. It does not change the sign: ISO 20022 gives the direction
   * of this entry in CdtDbtInd, and MT940's RC is a debit, RD a credit. (See `reversalsTurned`.)
   */
  readonly reversal: boolean;
  readonly bookingDate: Temporal.PlainDate | undefined;
  readonly valueDate: Temporal.PlainDate | undefined;
  /** AcctSvcrRef; what follows // in MT field 61. */
  readonly bankReference: string | undefined;
  /** NtryRef; the owner's reference in MT field 61. */
  readonly entryReference: string | undefined;
  readonly bankTransactionCode: BankTransactionCode | undefined;
  readonly charges: readonly Charge[];
  readonly additionalInfo: string | undefined;
  readonly batch: Batch | undefined;
  readonly details: readonly TransactionDetail[];
}

/** What a batch entry says about itself. */
export interface Batch {
  readonly messageId: string | undefined;
  readonly paymentInformationId: string | undefined;
  readonly count: bigint | undefined;
  /** Signed. */
  readonly total: bigint | undefined;
  readonly currency: string | undefined;
}

/** A count or sum that the bank states about its own statement. */
export interface DeclaredTotal {
  readonly path: string;
  readonly line: number | undefined;
  readonly of: 'all' | 'credits' | 'debits';
  /** Only entries with this bank transaction code. */
  readonly code: BankTransactionCode | undefined;
  readonly count: bigint | undefined;
  /** Sum of the amounts without their signs, minor units of the statement's currency. */
  readonly sum: bigint | undefined;
  /** Signed net of credits and debits. */
  readonly net: bigint | undefined;
}
