import type { Currency } from '@keyturn/kernel';

/** An account of a payer or payee: exactly one of the two. */
export type OrderAccount = { readonly iban: string } | { readonly number: string };

/** A bank in a payment order. A Chinese bank is named by its 12-digit CNAPS code. */
export interface OrderBank {
  readonly bic?: string;
  /** The clearing member id: the CNAPS code (联行号). */
  readonly clearingMember?: string;
  /** ISO ExternalClearingSystemIdentification1Code of the member id. CNAPS when it is left out. */
  readonly clearingSystem?: string;
  readonly name?: string;
}

/** A person or company behind payer or payee; a virtual account number is such an id. */
export interface OrderParty {
  readonly name?: string;
  /** Othr/Id; a virtual account number for the ultimate debtor. At most 35 characters. */
  readonly id?: string;
  /** Whether `id` names an organisation (default) or a private person. */
  readonly kind?: 'organisation' | 'person';
}

export interface Transfer {
  /** At most 35 characters; the bank uses it for ever to tell this payment from others. */
  readonly endToEndId: string;
  readonly instructionId?: string;
  /** Positive minor units. */
  readonly amount: bigint;
  readonly currency: Currency;
  readonly creditorName: string;
  readonly creditorAccount: OrderAccount;
  readonly creditorBank?: OrderBank;
  readonly ultimateDebtor?: OrderParty;
  readonly ultimateCreditor?: OrderParty;
  /** Text for the payee, at most 140 characters. */
  readonly remittance?: string;
  /** ISO ExternalPurpose1Code, up to four characters. */
  readonly purpose?: string;
}

/** Transfers from one account on one day (PmtInf). */
export interface TransferGroup {
  readonly id: string;
  readonly executionDate: Temporal.PlainDate;
  readonly priority?: 'HIGH' | 'NORM';
  /** One entry for all transfers on the statement, or one each. The bank decides when left out. */
  readonly batchBooking?: boolean;
  readonly debtorName: string;
  readonly debtorAccount: OrderAccount;
  readonly debtorBank: OrderBank;
  /** The virtual account, or the person, on whose behalf all transfers of the group are made. */
  readonly ultimateDebtor?: OrderParty;
  readonly transfers: readonly Transfer[];
}

/** What a pain.001 asks the bank to pay. */
export interface PaymentOrder {
  readonly messageId: string;
  readonly createdAt: Temporal.Instant;
  readonly initiatingParty: OrderParty;
  readonly groups: readonly TransferGroup[];
}
