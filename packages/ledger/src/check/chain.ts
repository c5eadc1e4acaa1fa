import type { KeyObject } from 'node:crypto';
import type { Queryable } from '@keyturn/pipeline';
import { contentFormat, type Position, start } from '../seal/content.ts';
import { publicSealKey, sealKeyId, verifySignature } from '../seal/key.ts';
import { digestOfSeal, noDigest, type Seal } from '../seal/seal.ts';
import { readSealKeys } from '../seal/store.ts';
import type { Findings } from './findings.ts';
import type { Piece } from './pieces.ts';

const chainRule = 'seals are numbered without a gap and each follows from the one before';
const signatureRule = 'a seal is signed by a known key';
const contentRule = 'the rows of a seal are those that were sealed';

/** The last seal, as the check saw it. */
export interface CheckedHead {
  readonly number: bigint;
  /** Hexadecimal. */
  readonly digest: string;
  readonly sealedAt: Temporal.Instant;
  readonly keyId: string;
  /** Whether the signature is the key's, and the key one of those that are trusted. */
  readonly signatureValid: boolean;
}

/** What a key signed. */
export type Signed = Pick<Seal, 'keyId' | 'digest' | 'signature'>;

/** Follows the seals one by one, in the order of their numbers. */
export interface ChainCheck {
  /** Looks at what a seal says of itself and of the one before. */
  link(seal: Seal): void;
  /** Looks at a signature; says so when it is not that of a key that may seal. */
  signed(subject: string, by: Signed): boolean;
  /** Looks at the rows of a seal. */
  content(seal: Seal, piece: Piece | undefined): void;
  /** How many seals there are, and the last one. */
  readonly count: bigint;
  /** The number of the last one; 0 before the first. */
  readonly number: bigint;
  readonly head: CheckedHead | undefined;
  readonly last: Position;
}

/** @param trusted ids of the keys that may have sealed; any that is stored when not given */
export async function createChainCheck(
  db: Queryable,
  findings: Findings,
  trusted?: readonly string[],
): Promise<ChainCheck> {
  const keys = new Map<string, KeyObject>();
  for (const { id, publicKey } of await readSealKeys(db)) {
    if (sealKeyId(publicKey) === id) keys.set(id, publicSealKey(publicKey));
    else findings.add(signatureRule, `key ${id}`, 'is not the key that this id stands for');
  }
  let before: Seal | undefined;
  let count = 0n;
  let head: CheckedHead | undefined;

  const signed = (subject: string, seal: Signed): boolean => {
    const key = keys.get(seal.keyId);
    const problem =
      key === undefined
        ? `key ${seal.keyId} is not there`
        : trusted !== undefined && !trusted.includes(seal.keyId)
          ? `key ${seal.keyId} is not trusted`
          : verifySignature(key, seal.digest, seal.signature)
            ? undefined
            : `the signature is not that of key ${seal.keyId}`;
    if (problem !== undefined) findings.add(signatureRule, subject, problem);
    return problem === undefined;
  };

  return {
    signed,
    get count() {
      return count;
    },
    get number() {
      return before?.number ?? 0n;
    },
    get head() {
      return head;
    },
    get last() {
      return before?.last ?? start;
    },
    link: (seal) => {
      const subject = `seal ${seal.number}`;
      const expected = (before?.number ?? 0n) + 1n;
      if (seal.number !== expected) {
        findings.add(chainRule, subject, `follows seal ${before?.number ?? 'none'}`);
      } else if (!seal.previousDigest.equals(before?.digest ?? noDigest)) {
        findings.add(chainRule, subject, 'names another digest of the seal before');
      }
      if (!digestOfSeal(seal).equals(seal.digest)) {
        findings.add(chainRule, subject, 'its digest is not that of what it says');
      }
      if (isAfter(before?.last ?? start, seal.first) || isAfter(seal.first, seal.last)) {
        findings.add(chainRule, subject, 'does not begin where the seal before ends');
      }
      const signatureValid = signed(subject, seal);
      const { number, digest, sealedAt, keyId } = seal;
      head = { number, digest: digest.toString('hex'), sealedAt, keyId, signatureValid };
      before = seal;
      count += 1n;
    },
    content: (seal, piece) => {
      const problem = contentProblem(seal, piece);
      if (problem !== undefined) findings.add(contentRule, `seal ${seal.number}`, problem);
    },
  };
}

/** Whether one position lies behind another. */
function isAfter(one: Position, other: Position): boolean {
  const [a, b] = [BigInt(one.transactionId), BigInt(other.transactionId)];
  return a > b || (a === b && one.journalId > other.journalId);
}

function contentProblem(seal: Seal, piece: Piece | undefined): string | undefined {
  const where = `journals ${seal.first.journalId} to ${seal.last.journalId}`;
  if (seal.format !== contentFormat) return `${where}: format ${seal.format} is not known here`;
  if (piece === undefined) return `${where}: nothing is there`;
  const counted = [
    [seal.journals, piece.journals, 'journals'],
    [seal.transfers, piece.transfers, 'transfers'],
  ] as const;
  const other = counted.filter(([sealed, found]) => sealed !== found);
  if (other.length > 0) {
    const said = other.map(([sealed, found, what]) => `${found} ${what} instead of ${sealed}`);
    return `${where}: ${said.join(', ')}`;
  }
  return seal.contentDigest.equals(piece.digest ?? noDigest)
    ? undefined
    : `${where}: other content`;
}
