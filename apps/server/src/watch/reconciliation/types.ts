import type { Clock, Page, Refusal, Result } from '@keyturn/kernel';
import type { Database } from '@keyturn/pipeline';
import type { Logger } from 'pino';
import type { ChannelsService } from '../../banks/channels/index.ts';
import type { CustodyService } from '../../banks/custody/index.ts';
import type { PaymentsService } from '../../movement/payments/index.ts';
import type {
  CommandOutcome,
  CommandRunner,
  EventRecord,
  JobKind,
  Sealer,
} from '../../platform/index.ts';
import type { Principal } from '../../who/access/index.ts';
import type { ExceptionState, Proposal } from './decide/exception-state.ts';
import type {
  BillView,
  ExceptionView,
  HealthView,
  ImportOutcome,
  ProofView,
  StatementView,
} from './views.ts';

/** What reconciliation stands on. */
export interface ReconciliationDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly commands: CommandRunner;
  /** Hides the files and what entries say about people. */
  readonly sealer: Sealer;
  readonly channels: Pick<ChannelsService, 'bank' | 'acquirer' | 'contracts'>;
  readonly custody: Pick<CustodyService, 'accounts' | 'recordEntries'>;
  readonly payments: Pick<PaymentsService, 'lookAgain'>;
  /** Milliseconds that reading one file may take; 60,000 when not said. */
  readonly readTimeoutMs?: number;
  /** Memory that reading one file may take, MiB; 2,048 when not said. */
  readonly readMemoryMb?: number;
}

/** What one run over a bank day did. */
export interface ReconcileReport {
  readonly date: string;
  readonly statements: readonly {
    readonly account_id: string;
    readonly status: 'matched' | 'missing';
    readonly reason?: string;
    readonly entries?: number;
    readonly matched?: number;
    readonly exceptions?: number;
    /** Another look will find something else: the day is not complete. */
    readonly open?: boolean;
  }[];
  readonly bills: readonly {
    readonly contract_id: string;
    /** `no_trades`: the acquirer has no bill of the day, and we have no trade on it. */
    readonly status: 'compared' | 'no_trades' | 'missing';
    readonly reason?: string;
    readonly lines?: number;
    readonly classes?: Readonly<Record<string, number>>;
  }[];
  /** Every statement and every bill of the day was here. */
  readonly complete: boolean;
  readonly proof: ProofView;
}

export interface PageQuery {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** What can be asked of `reconciliation`. Ids are uuids; views carry wire ids. */
export interface ReconciliationService {
  /**
   * Takes in any file that claims to be a bank's account statement. The same bytes change nothing
   * and give the first answer. Refuses only what is too large to keep; an unreadable file is an
   * outcome.
   */
  importStatement(
    bytes: Uint8Array,
    name: string,
    by?: { readonly source: 'uploaded' | 'fetched'; readonly id: string },
  ): Promise<Result<ImportOutcome, Refusal>>;
  /** Takes in an acquirer's trade bill of a day. */
  importBill(
    contractId: string,
    date: Temporal.PlainDate,
    bytes: Uint8Array,
    name: string,
  ): Promise<Result<ImportOutcome, Refusal>>;
  /**
   * Fetches, imports, matches and proves one bank day. Doing it again changes nothing that
   * stands.
   */
  reconcile(date: Temporal.PlainDate): Promise<Result<ReconcileReport, Refusal>>;
  /** Makes the proof of a day from what is here; a new version when anything in it differs. */
  proof(date: Temporal.PlainDate): Promise<Result<ProofView, Refusal>>;
  /** The latest proof of a day, or an earlier version. */
  storedProof(date: Temporal.PlainDate, version?: number): Promise<Result<ProofView, Refusal>>;
  /** The latest proofs of days, the newest first, without their items. */
  proofs(page: PageQuery): Promise<Result<Page<ProofView>, Refusal>>;
  /** Files, the newest first. */
  files(page: PageQuery): Promise<Result<Page<ImportOutcome>, Refusal>>;
  file(id: string): Promise<Result<ImportOutcome, Refusal>>;
  /** Statements, the newest first; of one account when said. */
  statements(
    query: PageQuery & { readonly accountId?: string | undefined },
  ): Promise<Result<Page<StatementView>, Refusal>>;
  bills(
    query: PageQuery & { readonly contractId: string },
  ): Promise<Result<Page<BillView>, Refusal>>;

  /** In one state, or all that are not resolved, the oldest first. */
  exceptions(
    query: PageQuery & { readonly state?: ExceptionState | undefined },
  ): Promise<Result<Page<ExceptionView>, Refusal>>;
  exception(id: string): Promise<Result<ExceptionView, Refusal>>;
  /** Gives it to a person, with a deadline when it is another. */
  assign(
    key: string,
    by: Principal,
    id: string,
    to: { readonly ownerId: string; readonly deadline?: string },
  ): Promise<CommandOutcome<ExceptionView>>;
  propose(
    key: string,
    by: Principal,
    id: string,
    proposal: Proposal,
  ): Promise<CommandOutcome<ExceptionView>>;
  /** By a second person; books the journal when one was proposed, and resolves. */
  approve(key: string, by: Principal, id: string): Promise<CommandOutcome<ExceptionView>>;
  reopen(
    key: string,
    by: Principal,
    id: string,
    reason: string,
  ): Promise<CommandOutcome<ExceptionView>>;

  /** Whether the feeds come, and what is open. */
  health(): Promise<HealthView>;
  /** For the poller: makes the days that have begun, and takes those that are due. */
  dueDays(): Promise<readonly Temporal.PlainDate[]>;
  /** For the worker: reconciling a due day, taken from the queue. */
  readonly jobKinds: readonly JobKind[];
  /** A difference that a lower module told. Idempotent by the event's id. */
  onEvent(event: EventRecord): Promise<void>;
}
