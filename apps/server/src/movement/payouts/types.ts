import type { Clock, Money, Page, Refusal, Result } from '@keyturn/kernel';
import type { Database } from '@keyturn/pipeline';
import type { Logger } from 'pino';
import type { ChannelsService } from '../../banks/channels/index.ts';
import type { CustodyService, ReceiptsUnit } from '../../banks/custody/index.ts';
import type { CommandOutcome, CommandRunner, Overdue } from '../../platform/index.ts';
import type { Principal } from '../../who/access/index.ts';
import type { PartiesService } from '../../who/parties/index.ts';
import type { PayoutState } from './decide/payout-state.ts';
import type { PayoutView } from './views.ts';

/** What pay-outs stand on. */
export interface PayoutsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly commands: CommandRunner;
  readonly channels: Pick<ChannelsService, 'bank' | 'proofRule'>;
  readonly custody: Pick<CustodyService, 'account' | 'accounts' | 'receipt'>;
  /** custody's part in a command. */
  readonly createReceiptsUnit: () => ReceiptsUnit;
  readonly parties: Pick<PartiesService, 'bankAccount' | 'payee'>;
  /** Kinds of references that the modules above use: nobody else may claim to be one of theirs. */
  readonly reservedReferences: ReadonlySet<string>;
}

/** Whose money an outside caller pays out. */
export type PayoutSource =
  | { readonly kind: 'merchant'; readonly id: string }
  | { readonly kind: 'person'; readonly id: string }
  /** Money without a home on a custody account, on its way back to who sent it. */
  | { readonly kind: 'suspense'; readonly custodyAccountId: string };

export interface NewPayout {
  readonly source: PayoutSource;
  /** The account that pays; the first of the client reserve when not said. */
  readonly custodyAccountId?: string;
  readonly bankAccountId: string;
  readonly amount: Money;
  readonly purpose: string;
  readonly remittance: string;
  readonly reference?: { readonly kind: string; readonly id: string };
}

/**
 * What can be asked of `payouts`. Ids are uuids; views carry wire ids. `key` names the call for
 * ever.
 */
export interface PayoutsService {
  /** Holds the money and waits for a second person. */
  create(key: string, by: Principal, payout: NewPayout): Promise<CommandOutcome<PayoutView>>;
  approve(key: string, by: Principal, id: string): Promise<CommandOutcome<PayoutView>>;
  /** By a second person. */
  reject(
    key: string,
    by: Principal,
    id: string,
    reason: string,
  ): Promise<CommandOutcome<PayoutView>>;
  /** By whoever made it, before it is submitted. */
  cancel(key: string, by: Principal, id: string): Promise<CommandOutcome<PayoutView>>;
  /** Without `by` for the platform's own use; integrators see what they made. */
  payout(id: string, by?: Principal): Promise<Result<PayoutView, Refusal>>;
  byState(
    state: PayoutState,
    page: { readonly limit?: number; readonly cursor?: string },
  ): Promise<Result<Page<PayoutView>, Refusal>>;
  ofReferences(
    referenceIds: readonly [string, ...string[]],
    page?: { readonly limit?: number; readonly cursor?: string },
    by?: Principal,
  ): Promise<Result<Page<PayoutView>, Refusal>>;
  /** Pay-outs whose end the bank has not told for longer than is usual. */
  overdue(): Promise<readonly Overdue[]>;
  /** Work whose time has come; says how many it took. */
  due(): Promise<number>;
  /** A credit that brings a pay-out back has come. Idempotent by the event's id. */
  onReturn(eventId: string, receiptId: string, endToEndId: string): Promise<void>;
  /** The bank has booked a debit of ours. Idempotent by the event's id. */
  onDebit(
    eventId: string,
    debit: {
      readonly endToEndId: string;
      readonly amount: bigint;
      readonly currency: string;
      readonly bankReference: string;
      readonly bookedOn: string;
      readonly receiptId: string;
    },
  ): Promise<void>;
}
