import type { Clock, Refusal, Result } from '@keyturn/kernel';
import { ok } from '@keyturn/kernel';
import {
  type CheckedPart,
  checkDetached,
  createLedgerSealer,
  createPartitionAdmin,
  type PartitionAdmin,
  readCuts,
  readOpenPart,
  readParts,
  type SealKey,
} from '@keyturn/ledger';
import { type Database, openDatabase } from '@keyturn/pipeline';

/** A part of the ledger's transfers, for people. */
export interface PartView {
  readonly number: number;
  /** `open`: takes what is booked; `ended`: waits for the sealer; `cut`; `detached`. */
  readonly state: 'open' | 'ended' | 'cut' | 'detached';
  /** When it was cut off, and how many transfers it has; absent before. */
  readonly cutAt?: Temporal.Instant;
  readonly transfers?: bigint;
}

/** What the operator does with the parts of the ledger's transfers. */
export interface PartitionsDesk extends Pick<PartitionAdmin, 'pack' | 'detach' | 'attach'> {
  list(): Promise<readonly PartView[]>;
  /**
   * Begins a new part, unless one waits to be cut off, and seals until that is done; `cut` is
   * false when it has to wait for transactions that are still running: ask again, or leave it to
   * the sealer.
   */
  cut(): Promise<Result<{ readonly number: number; readonly cut: boolean }, Refusal>>;
  check(number: number): Promise<Result<CheckedPart, Refusal>>;
  close(): Promise<void>;
}

/** So many pieces, and pauses of a tenth of a second, the command seals before it leaves it. */
const mostPieces = 10_000;
const mostPauses = 50;

/**
 * @param deps.migrateUrl connects as the owner of the tables; the platform's own role may do none
 *   of it
 */
export function createPartitionsDesk(deps: {
  readonly migrateUrl: string;
  readonly clock: Clock;
  readonly key: SealKey;
  readonly trustedKeys?: readonly string[];
}): PartitionsDesk {
  const { clock, key, trustedKeys } = deps;
  const database = openDatabase({
    url: deps.migrateUrl,
    applicationName: 'keyturn ledger partitions',
    maxConnections: 2,
    statementTimeoutMs: 0,
  });
  const { begin, pack, detach, attach } = createPartitionAdmin({ database, clock });
  return {
    pack,
    detach,
    attach,
    list: async () => {
      const cuts = new Map((await readCuts(database)).map((cut) => [cut.number, cut]));
      return (await readParts(database)).map(({ number, end, detached }) => {
        const cut = cuts.get(number);
        if (cut === undefined) return { number, state: end === null ? 'open' : 'ended' };
        const { cutAt, transfers } = cut;
        return { number, state: detached ? 'detached' : 'cut', cutAt, transfers };
      });
    },
    cut: async () => {
      const ended = await readOpenPart(database);
      const begun = ended ? ok({ number: ended.number + 1 }) : await begin();
      if (!begun.ok) return begun;
      const number = begun.value.number - 1;
      return ok({ number, cut: await sealUpTo(database, clock, key, number) });
    },
    check: (number) => checkDetached(database, number, trustedKeys ? { trustedKeys } : {}),
    close: database.close,
  };
}

async function sealUpTo(
  database: Database,
  clock: Clock,
  key: SealKey,
  number: number,
): Promise<boolean> {
  const sealer = createLedgerSealer({ database, clock, key });
  let pauses = 0;
  for (let piece = 0; piece < mostPieces && pauses < mostPauses; piece++) {
    const { full } = await sealer.seal();
    if ((await readCuts(database)).some((cut) => cut.number === number)) return true;
    if (full) continue;
    // A transaction that began before the end is still running, or another sealer is at work.
    pauses += 1;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}
