/**
 * What has to be asked of the ledger that is left behind. It keeps one signed balance per account
 * and a list of movements; a balance may move before its row is seen, or without one.
 */
export interface OldLedger {
  /**
   * Rows up to a position by the time of their booking: history, for the import.
   *
   * @param page.cursor where the page before ended, as `next` told it
   */
  readHistory(page: {
    readonly through: bigint;
    readonly cursor: string | undefined;
    readonly limit: number;
  }): Promise<{ readonly rows: readonly OldMovement[]; readonly next: string | undefined }>;
  /** Rows after a position in the order in which they became visible. */
  readMovements(page: {
    readonly after: bigint;
    readonly limit: number;
  }): Promise<readonly OldMovement[]>;
  /** Keeps the balances of one moment, so that they can be read in pages. */
  takeSnapshot(): Promise<OldSnapshot>;
  /** The balances of a snapshot by account number, after a number. */
  readBalances(page: {
    readonly snapshot: string;
    readonly after: string;
    readonly limit: number;
  }): Promise<readonly OldBalance[]>;
  /**
   * Writes what was booked here. The same id again changes nothing.
   *
   * @returns the position of the last row that was written for it
   */
  mirror(item: MirrorItem): Promise<bigint>;
}

/** A row of the old list: one account moved by a signed amount. */
export interface OldMovement {
  readonly id: string;
  /** Where it stands in the order in which rows became visible; positive. */
  readonly position: bigint;
  readonly account: string;
  readonly subject: string;
  /** Minor units with the old ledger's sign. */
  readonly amount: bigint;
  /** What rows of one transaction have in common. */
  readonly voucher: string | null;
  /** The order that it is for; refunds name the order that they refund. */
  readonly order: string | null;
  readonly kind: string;
  /** The id under which it was mirrored, when it was. */
  readonly origin: string | null;
  /** When the balance moved. */
  readonly bookedAt: Temporal.Instant;
}

export interface OldBalance {
  readonly account: string;
  readonly subject: string;
  /** Minor units with the old ledger's sign. */
  readonly balance: bigint;
}

export interface OldSnapshot {
  readonly id: string;
  readonly takenAt: Temporal.Instant;
  /** The position of the last row that was visible then; 0 when there was none. */
  readonly position: bigint;
}

export interface MirrorItem {
  readonly id: string;
  readonly order: string | null;
  readonly kind: string;
  readonly bookedAt: Temporal.Instant;
  readonly movements: readonly {
    readonly account: string;
    readonly subject: string;
    readonly amount: bigint;
  }[];
}

/** The old ledger did not answer, or not as agreed. Nothing was lost: ask again. */
export class OldLedgerError extends Error {
  override name = 'OldLedgerError';
}
