import type { Page, Refusal, Result } from '@keyturn/kernel';
import type { Regime } from '@keyturn/ledger';
import type { CommandOutcome } from '../../platform/index.ts';

/** Kinds of identity documents. `resident_id` is the Chinese resident identity card (GB 11643). */
export const documentKinds = [
  'resident_id',
  'passport',
  'hong_kong_macau_permit',
  'taiwan_permit',
  'foreign_permanent_resident_id',
] as const;
export type DocumentKind = (typeof documentKinds)[number];

export const merchantKinds = ['store', 'agency', 'agent', 'platform'] as const;
export type MerchantKind = (typeof merchantKinds)[number];

export type OwnerKind = 'person' | 'merchant';

/** A legal entity that keeps books on this platform. */
export interface LegalEntity {
  /** Short and stable, part of its books' ids: `kt-pay`. */
  readonly id: string;
  readonly name: string;
  /** Unified social credit code (GB 32100), or the register's number elsewhere. */
  readonly registrationNumber: string;
}

/** One book that has to exist. */
export interface BookWanted {
  readonly legalEntity: string;
  readonly regime: Regime;
  readonly currency: string;
}

/** A person as shown: masked, never more. */
export interface PersonView {
  readonly id: string;
  readonly name: string;
  readonly id_document?: { readonly kind: DocumentKind; readonly number: string };
  readonly phone?: string;
  readonly created_at: string;
}

export interface MerchantView {
  readonly id: string;
  readonly name: string;
  readonly kind: MerchantKind;
  readonly legal_name?: string;
  readonly registration_number?: string;
  readonly created_at: string;
}

/** A bank account as shown: number and holder masked. */
export interface BankAccountView {
  readonly id: string;
  readonly owner_kind: OwnerKind;
  readonly owner_id: string;
  readonly number: string;
  readonly holder_name: string;
  readonly bank_code: string;
  readonly bank_name: string;
  readonly state: 'active' | 'disabled';
  readonly created_at: string;
  readonly disabled_at?: string;
}

/**
 * Where a pay-out goes, in the clear: for the bank alone. Never log it, never put it in an event or
 * an answer.
 */
export interface Payee {
  readonly number: string;
  readonly holderName: string;
  /** CNAPS code of the bank's branch, 12 digits. */
  readonly bankCode: string;
  readonly bankName: string;
  readonly ownerId: string;
  readonly ownerKind: OwnerKind;
  /** The number as it may be shown. */
  readonly masked: string;
}

/**
 * Who asks, as far as this module cares. Integrators see the parties that they or the operator
 * made.
 */
export interface Requester {
  readonly kind: 'integrator' | 'operator';
  readonly id: string;
}

export interface NewPerson {
  readonly name: string;
  readonly idDocument?: { readonly kind: DocumentKind; readonly number: string };
  /** Chinese mobile number of 11 digits, or E.164 with its plus. */
  readonly phone?: string;
}

export interface NewMerchant {
  readonly name: string;
  readonly kind: MerchantKind;
  readonly legalName?: string;
  /** Unified social credit code, 18 characters. */
  readonly registrationNumber?: string;
}

export interface NewBankAccount {
  readonly ownerKind: OwnerKind;
  /** The owner's uuid. */
  readonly ownerId: string;
  readonly number: string;
  /** The owner's name when not given. A person's account must be in the person's own name. */
  readonly holderName?: string;
  readonly bankCode: string;
  readonly bankName: string;
}

/** What can be asked of `parties`. Ids are uuids; views carry wire ids. */
export interface PartiesService {
  createPerson(key: string, by: Requester, person: NewPerson): Promise<CommandOutcome<PersonView>>;
  createMerchant(
    key: string,
    by: Requester,
    merchant: NewMerchant,
  ): Promise<CommandOutcome<MerchantView>>;
  addBankAccount(
    key: string,
    by: Requester,
    account: NewBankAccount,
  ): Promise<CommandOutcome<BankAccountView>>;
  disableBankAccount(
    key: string,
    by: Requester,
    id: string,
  ): Promise<CommandOutcome<BankAccountView>>;

  /** Without `by` for the platform's own use; with it, what that requester may see. */
  person(id: string, by?: Requester): Promise<Result<PersonView, Refusal>>;
  merchant(id: string, by?: Requester): Promise<Result<MerchantView, Refusal>>;
  bankAccount(id: string, by?: Requester): Promise<Result<BankAccountView, Refusal>>;
  /** The newest first: an integrator's own ones, or all. */
  persons(by: Requester, query: PageQuery): Promise<Result<Page<PersonView>, Refusal>>;
  merchants(by: Requester, query: PageQuery): Promise<Result<Page<MerchantView>, Refusal>>;
  /** The newest 100 accounts of a person or merchant, disabled ones included. */
  bankAccountsOf(ownerId: string, by?: Requester): Promise<readonly BankAccountView[]>;
  /**
   * The account in the clear, to pay to.
   * Refuses `bank_account_not_found` and `bank_account_disabled`.
   */
  payee(bankAccountId: string): Promise<Result<Payee, Refusal>>;
  /**
   * Which of these uuids are people and merchants, and their names as they may be shown. At most
   * 1000.
   */
  namesOf(ids: readonly string[]): Promise<ReadonlyMap<string, PartyName>>;

  /** Adds the entities that are not there; one that is there stays as it is. */
  seedLegalEntities(entities: readonly LegalEntity[]): Promise<void>;
  legalEntities(): Promise<readonly LegalEntity[]>;
  /** Opens the books that are not there. Returns the ids of all of them, in the order asked for. */
  ensureBooks(books: readonly BookWanted[]): Promise<readonly string[]>;
}

export interface PageQuery {
  /** 1 to 100, 20 when not said. */
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

export interface PartyName {
  readonly kind: OwnerKind;
  readonly name: string;
}
