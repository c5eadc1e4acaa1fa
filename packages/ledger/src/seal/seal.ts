import { hash } from 'node:crypto';
import type { Position } from './content.ts';

/** One link of the chain: a piece of the ledger, digested, chained to the piece before, signed. */
export interface Seal {
  /** From 1, without a gap. */
  readonly number: bigint;
  /** The form in which the rows were digested. */
  readonly format: number;
  readonly first: Position;
  readonly last: Position;
  readonly journals: bigint;
  readonly transfers: bigint;
  /** SHA-256 of the rows. */
  readonly contentDigest: Buffer;
  /** The digest of the seal before; zeros for the first. */
  readonly previousDigest: Buffer;
  readonly digest: Buffer;
  readonly sealedAt: Temporal.Instant;
  readonly keyId: string;
  readonly signature: Buffer;
}

/** What the first seal names as the one before. */
export const noDigest = Buffer.alloc(32);

/**
 * The digest of a seal, which is what is signed: SHA-256 of all that it says as one JSON array,
 * numbers as decimal text, digests in hexadecimal.
 */
export function digestOfSeal(seal: Omit<Seal, 'digest' | 'signature'>): Buffer {
  const { first, last } = seal;
  const content = [
    'keyturn ledger seal',
    String(seal.format),
    seal.number.toString(),
    seal.previousDigest.toString('hex'),
    first.transactionId,
    first.journalId,
    last.transactionId,
    last.journalId,
    seal.journals.toString(),
    seal.transfers.toString(),
    seal.contentDigest.toString('hex'),
    seal.sealedAt.toString(),
    seal.keyId,
  ];
  return hash('sha256', JSON.stringify(content), 'buffer');
}
