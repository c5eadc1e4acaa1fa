import type { Clock, Money, Page, Refusal, Result } from '@keyturn/kernel';
import type { Database } from '@keyturn/pipeline';
import type { Logger } from 'pino';
import type { ChannelsService } from '../../banks/channels/index.ts';
import type { CustodyService } from '../../banks/custody/index.ts';
import type { PaymentsService } from '../../movement/payments/index.ts';
import type { CommandOutcome, CommandRunner, EventRecord } from '../../platform/index.ts';
import type { Principal } from '../../who/access/index.ts';
import type { PartiesService } from '../../who/parties/index.ts';
import type { SettlementService } from '../settlement/index.ts';
import type { AgreementTerms } from './decide/agreement.ts';
import type { DealMoneyView } from './view/deal-money.ts';
import type { AgreementView, DealSummary, DealView, ReleaseSummary } from './views.ts';

/** What escrow stands on. */
export interface EscrowDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly commands: CommandRunner;
  readonly parties: Pick<PartiesService, 'person' | 'merchant' | 'bankAccount' | 'namesOf'>;
  readonly channels: Pick<ChannelsService, 'contracts'>;
  readonly custody: Pick<CustodyService, 'accounts'>;
  readonly payments: Pick<PaymentsService, 'acquirerDays' | 'createCashierSession'>;
  readonly settlement: Pick<SettlementService, 'calendar' | 'wholeDays' | 'splitsOf'>;
  /** Where a party's page is reached, without a slash at the end. */
  readonly publicUrl: string;
}

export interface PartyInput {
  readonly role: string;
  readonly kind: 'person' | 'merchant';
  readonly id: string;
  readonly bankAccountId?: string;
}

export interface DealInput {
  readonly agreementId: string;
  readonly title: string;
  readonly city: string;
  readonly currency: string;
  readonly parties: readonly PartyInput[];
  readonly items: readonly { readonly key: string; readonly amount: Money }[];
  readonly deadline?: Temporal.Instant;
}

/** The party of a deal that a link was given to. */
export interface LinkedParty {
  readonly dealId: string;
  readonly role: string;
}

/** A page for somebody without an account; the token is shown once. */
export interface PublicLink {
  readonly token: string;
  readonly url: string;
  readonly expires_at: string;
}

export interface ListQuery {
  readonly limit: number;
  readonly cursor?: string;
}

/**
 * What can be asked of `escrow`. Ids are uuids; views carry wire ids. `key` names the call for
 * ever.
 */
export interface EscrowService {
  draftAgreement(
    key: string,
    by: Principal,
    agreement: { readonly name: string; readonly version: number; readonly terms: AgreementTerms },
  ): Promise<CommandOutcome<AgreementView>>;
  publishAgreement(key: string, by: Principal, id: string): Promise<CommandOutcome<AgreementView>>;
  agreement(id: string): Promise<Result<AgreementView, Refusal>>;
  agreements(page: ListQuery): Promise<Result<Page<AgreementView>, Refusal>>;

  createDeal(key: string, by: Principal, deal: DealInput): Promise<CommandOutcome<DealView>>;
  deal(id: string, by?: Principal): Promise<Result<DealView, Refusal>>;
  /** Newest first; integrators see their own. */
  deals(
    query: ListQuery & { readonly state?: string; readonly referenceId?: string },
    by: Principal,
  ): Promise<Result<Page<DealSummary>, Refusal>>;
  /** What is where, what is next and who has to do it, how it came so, and the picture of it. */
  dealMoney(id: string, by?: Principal): Promise<Result<DealMoneyView, Refusal>>;

  agree(
    key: string,
    by: Principal,
    id: string,
    agreed: { readonly roles: readonly string[]; readonly reference: string },
  ): Promise<CommandOutcome<DealView>>;
  openOrder(
    key: string,
    by: Principal,
    id: string,
    order: {
      readonly item: string;
      readonly amount?: Money;
      readonly expiresAt?: Temporal.Instant;
    },
  ): Promise<CommandOutcome<{ readonly order_id: string; readonly deal_id: string }>>;
  addEvidence(
    key: string,
    by: Principal,
    id: string,
    evidence: {
      readonly kind: string;
      readonly role: string;
      readonly reference: string;
      readonly documentSha256?: string;
    },
  ): Promise<CommandOutcome<DealMoneyView>>;
  convert(
    key: string,
    by: Principal,
    id: string,
    conversion: { readonly from: string; readonly to: string; readonly amount?: Money },
  ): Promise<CommandOutcome<DealMoneyView>>;
  requestRelease(
    key: string,
    by: Principal,
    id: string,
    release: {
      readonly key: string;
      readonly items?: readonly { readonly key: string; readonly amount: Money }[];
    },
  ): Promise<CommandOutcome<DealMoneyView>>;
  approveRelease(key: string, by: Principal, id: string): Promise<CommandOutcome<DealMoneyView>>;
  rejectRelease(
    key: string,
    by: Principal,
    id: string,
    reason: string,
  ): Promise<CommandOutcome<DealMoneyView>>;
  /** Oldest first. */
  releases(state: string, page: ListQuery): Promise<Result<Page<ReleaseSummary>, Refusal>>;

  cancel(
    key: string,
    by: Principal,
    id: string,
    why: { readonly reason: string; readonly failure?: string },
  ): Promise<CommandOutcome<DealMoneyView>>;
  approveCancel(key: string, by: Principal, id: string): Promise<CommandOutcome<DealMoneyView>>;
  withdrawCancel(key: string, by: Principal, id: string): Promise<CommandOutcome<DealMoneyView>>;
  /** Tries again what failed of a refund, or was missing. */
  continueRefund(key: string, by: Principal, id: string): Promise<CommandOutcome<DealMoneyView>>;
  freeze(
    key: string,
    by: Principal,
    id: string,
    freeze: {
      readonly items: readonly string[];
      readonly reason: string;
      readonly until?: Temporal.Instant;
    },
  ): Promise<CommandOutcome<DealMoneyView>>;
  unfreeze(key: string, by: Principal, id: string): Promise<CommandOutcome<DealMoneyView>>;

  /** A link by which the party of a role sees the money; the token is shown once. */
  createLink(by: Principal, id: string, role: string): Promise<Result<PublicLink, Refusal>>;
  /** Whose link this is. Refuses `deal_link_unknown`. */
  partyOfLink(token: string): Promise<Result<LinkedParty, Refusal>>;
  /**
   * A link to the cashier's page for what the party owes of an item; its order is made if none is
   * open. Refuses `item_not_yours`.
   */
  payItem(key: string, party: LinkedParty, item: string): Promise<CommandOutcome<PublicLink>>;
  /** What the party behind a link sees. Refuses `deal_link_unknown`. */
  dealOfLink(token: string): Promise<Result<DealMoneyView, Refusal>>;

  /** An event from payments or payouts about a deal's money. Idempotent by the event's id. */
  onEvent(event: EventRecord): Promise<void>;
  /** Lifts freezes whose end has come; says how many it took. */
  dueFreezes(): Promise<number>;
}
