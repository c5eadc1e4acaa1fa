import { createHash } from 'node:crypto';
import type { Queryable } from '@keyturn/pipeline';
import { type Cut, digestOfCut } from '../partition/cut.ts';
import { readOpenings } from '../partition/openings.ts';
import type { RecordedPart } from '../partition/store.ts';
import { noDigest, type Seal } from '../seal/seal.ts';
import type { ChainCheck } from './chain.ts';
import type { Findings } from './findings.ts';

const cutRule = 'a part ends with the seal and the openings that were signed at its cut';
const partRule = 'parts are attached as is recorded, and follow each other';

/** The seals that stand at the ends of parts, as they were met. */
export interface SealEnds {
  meet(seal: Seal): void;
  readonly seals: ReadonlyMap<bigint, Seal>;
}

/** Keeps the seals before and behind each cut. */
export function createSealEnds(cuts: readonly Cut[]): SealEnds {
  const wanted = new Set(cuts.flatMap(({ sealNumber }) => [sealNumber, sealNumber + 1n]));
  const seals = new Map<bigint, Seal>();
  return {
    meet: (seal) => {
      if (wanted.has(seal.number)) seals.set(seal.number, seal);
    },
    seals,
  };
}

/** Compares what cuts say with the seals and the openings, and looks at their signatures. */
export async function checkCuts(
  db: Queryable,
  findings: Findings,
  chain: Pick<ChainCheck, 'signed'>,
  cuts: readonly Cut[],
  { seals }: SealEnds,
): Promise<void> {
  for (const cut of cuts) {
    const subject = `part ${cut.number}`;
    const problem = problemOf(cut, seals) ?? (await openingsProblem(db, cut));
    if (problem !== undefined) findings.add(cutRule, subject, problem);
    chain.signed(subject, cut);
  }
}

function problemOf(cut: Cut, seals: ReadonlyMap<bigint, Seal>): string | undefined {
  const [last, next] = [seals.get(cut.sealNumber), seals.get(cut.sealNumber + 1n)];
  if (cut.sealNumber > 0n && last === undefined) return `seal ${cut.sealNumber} is not there`;
  const end = BigInt(cut.endTransaction);
  if (last !== undefined && BigInt(last.last.transactionId) >= end) {
    return `seal ${last.number} reaches beyond its end`;
  }
  if (next !== undefined && BigInt(next.first.transactionId) < end) {
    return `seal ${next.number} begins before its end`;
  }
  const digest = digestOfCut(cut, last?.digest ?? noDigest);
  return digest.equals(cut.digest) ? undefined : 'its digest is not that of what it says';
}

async function openingsProblem(db: Queryable, cut: Cut): Promise<string | undefined> {
  const digest = createHash('sha256');
  let accounts = 0n;
  for await (const page of readOpenings(db, cut.number)) {
    accounts += page.accounts;
    if (page.records) digest.update(page.records);
  }
  if (accounts !== cut.accounts) return `${accounts} openings instead of ${cut.accounts}`;
  return digest.digest().equals(cut.openingsDigest) ? undefined : 'other openings';
}

/** Compares what is recorded of parts with the tables as they are attached. */
export function checkParts(
  findings: Findings,
  parts: readonly RecordedPart[],
  cuts: readonly Cut[],
): void {
  for (const { number, begin, end, detached, bound } of parts) {
    const to = end === null ? 'MAXVALUE' : `'${end}'`;
    const expected = detached ? null : `FOR VALUES FROM ('${begin}') TO (${to})`;
    const cut = cuts.find((one) => one.number === number);
    if (bound !== expected) {
      const there = bound === null ? 'is not attached' : `is attached ${bound.toLowerCase()}`;
      findings.add(partRule, `part ${number}`, there);
    } else if (cut !== undefined && cut.endTransaction !== end) {
      findings.add(partRule, `part ${number}`, `ends at ${end}, not at ${cut.endTransaction}`);
    } else if (cut === undefined && cuts.some((one) => one.number > number)) {
      findings.add(partRule, `part ${number}`, 'its cut is not there');
    }
  }
}
