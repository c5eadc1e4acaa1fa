/** What the ledger's own door tells while it works: for metrics. Its functions must not throw. */
export interface DoorObserver {
  /** A batch was committed. Milliseconds from its first statement to its commit. */
  batch?(figures: {
    readonly lane: 'fast' | 'careful';
    /** Calls in the batch, and calls that wait behind it. */
    readonly size: number;
    readonly waiting: number;
    readonly durationMs: number;
  }): void;
  /** A journal was refused, with this code. */
  refused?(code: string): void;
}
