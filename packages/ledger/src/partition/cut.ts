import { hash } from 'node:crypto';

/** The end of a part: the seal that ends it and how its accounts stood there. Signed. */
export interface Cut {
  /** The part that ends here, counted from 1. */
  readonly number: number;
  /** The first transaction number of the next part. */
  readonly endTransaction: string;
  /** The last seal before the end; 0 when nothing was booked before it. */
  readonly sealNumber: bigint;
  /** Transfers in the part. */
  readonly transfers: bigint;
  /** Accounts that were moved in the part: so many openings of the next one. */
  readonly accounts: bigint;
  /** SHA-256 of those openings. */
  readonly openingsDigest: Buffer;
  readonly digest: Buffer;
  readonly cutAt: Temporal.Instant;
  readonly keyId: string;
  readonly signature: Buffer;
}

/**
 * The digest of a cut, which is what is signed: SHA-256 of all that it says and of the digest of
 * its seal, as one JSON array, numbers as decimal text, digests in hexadecimal.
 *
 * @param sealDigest of the last seal before the end; zeros when there is none
 */
export function digestOfCut(cut: Omit<Cut, 'digest' | 'signature'>, sealDigest: Buffer): Buffer {
  const content = [
    'keyturn ledger cut',
    String(cut.number),
    cut.endTransaction,
    cut.sealNumber.toString(),
    sealDigest.toString('hex'),
    cut.transfers.toString(),
    cut.accounts.toString(),
    cut.openingsDigest.toString('hex'),
    cut.cutAt.toString(),
    cut.keyId,
  ];
  return hash('sha256', JSON.stringify(content), 'buffer');
}
