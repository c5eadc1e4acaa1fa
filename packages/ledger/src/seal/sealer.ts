import type { Clock } from '@keyturn/kernel';
import type { Database, Tx } from '@keyturn/pipeline';
import { closePart } from '../partition/close.ts';
import { readOpenPart } from '../partition/store.ts';
import { contentFormat, digestPiece, nextPiece, start } from './content.ts';
import type { SealKey } from './key.ts';
import { digestOfSeal, noDigest, type Seal } from './seal.ts';
import { addSeal, isRestarted, lockSealing, readHorizon, readSealHead } from './store.ts';

/** The server's transaction numbers began anew below the last seal. */
export class TransactionsRestartedError extends Error {
  override name = 'TransactionsRestartedError';
}

/** What a look for something to seal led to. */
export interface Sealed {
  /** The new head; undefined when nothing was sealed. */
  readonly seal: Seal | undefined;
  /** The piece was as large as one may be: more may wait. */
  readonly full: boolean;
}

/**
 * Seals what was booked, off the hot path: takes journals of finished transactions in the order
 * (transaction, id), digests them with their transfers, chains the digest to the seal before and
 * signs it. Any number of processes may have a sealer; one works at a time.
 */
export interface LedgerSealer {
  /**
   * Makes at most one seal.
   *
   * @throws TransactionsRestartedError when the data was moved to a cluster whose transaction
   *   numbers lie below those that are sealed
   */
  seal(): Promise<Sealed>;
}

/** So many transfers are sealed at once: bounded memory, and pieces that a check reads at once. */
const defaultRows = 4_000;

/**
 * @param options.rows transfers in a seal, 1 to 10,000; a single journal may have more
 * @param options.onSealed is told each new head, so that it can be kept outside the database too
 */
export function createLedgerSealer(options: {
  readonly database: Pick<Database, 'transaction'>;
  readonly clock: Clock;
  readonly key: SealKey;
  readonly rows?: number;
  readonly onSealed?: (seal: Seal) => void;
}): LedgerSealer {
  const { database, clock, key, rows = defaultRows } = options;
  return {
    seal: async () => {
      const sealed = await database.transaction((tx) => sealNext(tx, clock.now(), key, rows));
      if (sealed.seal) options.onSealed?.(sealed.seal);
      return sealed;
    },
  };
}

async function sealNext(
  tx: Tx,
  sealedAt: Temporal.Instant,
  key: SealKey,
  rows: number,
): Promise<Sealed> {
  const nothing = { seal: undefined, full: false };
  if (!(await lockSealing(tx))) return nothing;
  const head = await readSealHead(tx);
  const after = head?.last ?? start;
  // Looked up before the rows: what is below it stays as the statements after this one see it.
  const horizon = await readHorizon(tx);
  if (isRestarted(horizon, after)) {
    throw new TransactionsRestartedError(
      `Transaction ${horizon} is running, but transaction ${after.transactionId} is sealed already. ` +
        'The data was moved to another cluster: raise its transaction epoch (pg_resetwal -e).',
    );
  }
  // No piece crosses the end of a part.
  const part = await readOpenPart(tx);
  const reached = part !== undefined && BigInt(part.end) <= BigInt(horizon);
  const before = reached ? part.end : horizon;
  const bounds = await nextPiece(tx, after, before, rows);
  if (bounds === undefined) {
    if (!reached) return nothing;
    await closePart(tx, part, head, sealedAt, key);
    return { seal: undefined, full: true };
  }
  const piece = await digestPiece(tx, bounds);
  const unsigned = {
    number: (head?.number ?? 0n) + 1n,
    format: contentFormat,
    ...bounds,
    journals: piece.journals,
    transfers: piece.transfers,
    contentDigest: piece.digest,
    previousDigest: head?.digest ?? noDigest,
    sealedAt,
    keyId: key.id,
  };
  const digest = digestOfSeal(unsigned);
  const seal: Seal = { ...unsigned, digest, signature: key.sign(digest) };
  await addSeal(tx, seal, key);
  const more = reached ? part : await nextPiece(tx, bounds.last, before, 1);
  return { seal, full: more !== undefined };
}
