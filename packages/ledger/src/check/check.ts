import { present } from '@keyturn/kernel';
import type { Queryable } from '@keyturn/pipeline';
import { attachedFrom, detachedCount, readCuts, readParts } from '../partition/store.ts';
import { lastTransaction, nextPiece, type Position } from '../seal/content.ts';
import type { Seal } from '../seal/seal.ts';
import { readSeals } from '../seal/store.ts';
import { type ChainCheck, type CheckedHead, createChainCheck } from './chain.ts';
import { checkCuts, checkParts, createSealEnds, type SealEnds } from './cuts.ts';
import { createFindings, type Findings, type LedgerFinding } from './findings.ts';
import {
  type Piece,
  readClosings,
  readOpenPiece,
  readSealedPieces,
  readStandings,
} from './pieces.ts';
import { type Readers, readAhead, withReaders } from './readers.ts';
import {
  ask,
  chainRules,
  holdRule,
  journalRule,
  orphanRule,
  resolutionRule,
  standingRules,
  strayRule,
} from './rules.ts';
import { createStateSums } from './states.ts';

export interface LedgerCheck {
  readonly balanced: boolean;
  readonly accounts: bigint;
  readonly journals: bigint;
  /** Those that are attached. */
  readonly transfers: bigint;
  /** Parts of the transfers that are detached: only their seals and openings were checked. */
  readonly detachedParts: number;
  readonly seals: bigint;
  /** Journals after the last seal. */
  readonly unsealedJournals: bigint;
  /** The last seal; undefined while nothing is sealed. */
  readonly head: CheckedHead | undefined;
  /** At most 100 per rule. */
  readonly findings: readonly LedgerFinding[];
}

/** How far a check has got. */
export interface CheckProgress {
  readonly journals: bigint;
  readonly transfers: bigint;
  /** How many there are in all. */
  readonly allTransfers: bigint;
}

/** A seal that somebody kept outside the database. */
export interface KnownHead {
  readonly number: bigint;
  /** Hexadecimal. */
  readonly digest: string;
}

export interface CheckOptions {
  /**
   * How many connections read at a time, as many as the database given has free; 1 when not given.
   */
  readonly connections?: number;
  /** Told after each piece that was replayed. */
  readonly onProgress?: (progress: CheckProgress) => void;
  /** Ids of the keys that may have sealed; any key that is stored when not given. */
  readonly trustedKeys?: readonly string[];
  /** Without one, a ledger whose end was cut off together with its seals looks whole. */
  readonly knownHeads?: readonly KnownHead[];
}

const countsSql = `select (select count(*) from ledger.account) as accounts,
  (select count(*) from ledger.journal) as journals,
  (select count(*) from ledger.transfer) as transfers,
  (select count(*) from ledger.hold_resolution r where (select ${detachedCount}) = 0
    or not exists (select from ledger.journal j
      where j.id = r.journal_id and j.transaction_id < (select ${attachedFrom}))) as resolutions`;

interface Counts {
  readonly accounts: bigint;
  readonly journals: bigint;
  readonly transfers: bigint;
  readonly resolutions: bigint;
}

/** What the replay counted on its way. */
interface Totals {
  journals: bigint;
  transfers: bigint;
  resolutions: bigint;
  odd: bigint;
  strange: bigint;
}

/** A check under way. */
interface Replay {
  readonly readers: Readers;
  readonly findings: Findings;
  readonly chain: ChainCheck;
  readonly totals: Totals;
  /** Heads that are known from elsewhere and were not met yet. */
  readonly expected: Map<bigint, string>;
  /** What the cuts have to agree with. */
  readonly ends: SealEnds;
  /** The first bytes of the ids of accounts whose states do not agree. */
  readonly broken: Set<number>;
  progress(): void;
}

/**
 * Replays every transfer and compares every balance with it, recomputes every seal and verifies
 * its signature. All of it looks at one snapshot. Reads everything, in bounded memory: for a
 * connection without a statement time-out, off the hot path. Each part of the transfers is replayed
 * from how the accounts stood at its beginning to how they stood at its end; of a part that is
 * detached only seals and openings are looked at.
 *
 * What the replay only counts or adds up (states.ts) is looked up by exact rules when a sum or a
 * count is not what it must be.
 */
export async function checkLedger(
  db: { transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> },
  options: CheckOptions = {},
): Promise<LedgerCheck> {
  return withReaders(db, options.connections ?? 1, async (readers) => {
    const { first: tx } = readers;
    const findings = createFindings();
    const counts = present((await tx.query<Counts>(countsSql))[0], 'the counts of the tables');
    const { accounts, journals, transfers } = counts;
    const chain = await createChainCheck(tx, findings, options.trustedKeys);
    const totals = { journals: 0n, transfers: 0n, resolutions: 0n, odd: 0n, strange: 0n };
    const heads = options.knownHeads ?? [];
    const [parts, cuts] = await Promise.all([readParts(tx), readCuts(tx)]);
    const replay: Replay = {
      ...{ readers, findings, chain, totals, ends: createSealEnds(cuts), broken: new Set() },
      expected: new Map(heads.map(({ number, digest }) => [number, digest])),
      progress: () => {
        const { journals: soFar, transfers: replayed } = totals;
        options.onProgress?.({ journals: soFar, transfers: replayed, allTransfers: transfers });
      },
    };
    for (const cut of cuts) {
      const detached = parts.some((part) => part.number === cut.number && part.detached);
      if (detached) await skipPart(replay, cut.sealNumber);
      else await replayPart(replay, cut.sealNumber, readClosings(tx, cut.number));
    }
    const sealed = await replayPart(replay, undefined, readStandings(tx));
    for (const [number, digest] of replay.expected) {
      findings.add('the ledger reaches what is known of it', `seal ${number}`, `is not ${digest}`);
    }
    await checkCuts(tx, findings, chain, cuts, replay.ends);
    checkParts(findings, parts, cuts);
    await lookUp(replay, counts);
    return {
      balanced: findings.all.length === 0,
      ...{ accounts, journals, transfers },
      detachedParts: parts.filter((part) => part.detached).length,
      seals: chain.count,
      unsealedJournals: totals.journals - sealed,
      head: chain.head,
      findings: findings.all,
    };
  });
}

/** Rows that one question may ask for: small seals are read many at once. */
const rowsAtOnce = 20_000n;
const sealsAtOnce = 500;

/** The seals after a number, up to another, in runs that are read together. */
async function* sealRuns(
  tx: Queryable,
  after: bigint,
  upTo: bigint | undefined,
): AsyncGenerator<readonly Seal[]> {
  let run: Seal[] = [];
  let rows = 0n;
  for (let last = after; ; ) {
    const seals = await readSeals(tx, last, sealsAtOnce);
    for (const seal of seals) {
      if (upTo !== undefined && seal.number > upTo) break;
      rows += seal.journals + seal.transfers;
      if (run.length > 0 && rows > rowsAtOnce) {
        yield run;
        run = [];
        rows = seal.journals + seal.transfers;
      }
      run.push(seal);
    }
    last = seals.at(-1)?.number ?? last;
    if (seals.length < sealsAtOnce || (upTo !== undefined && last >= upTo)) break;
  }
  if (run.length > 0) yield run;
}

/** Looks at a seal itself. */
function meet({ chain, ends, expected }: Replay, seal: Seal): void {
  chain.link(seal);
  ends.meet(seal);
  const digest = expected.get(seal.number);
  if (digest === seal.digest.toString('hex')) expected.delete(seal.number);
}

/** Follows the seals of a part that is detached; what is in it is not here. */
async function skipPart(replay: Replay, upTo: bigint): Promise<void> {
  for await (const run of sealRuns(replay.readers.first, replay.chain.number, upTo)) {
    for (const seal of run) {
      meet(replay, seal);
      replay.totals.journals += seal.journals;
    }
  }
}

/**
 * Replays the part that ends with a seal, or all that is left, and compares it with how accounts
 * stood at its beginning and its end. Returns how many journals were sealed up to then.
 */
async function replayPart(
  replay: Replay,
  upTo: bigint | undefined,
  standings: AsyncGenerator<Buffer>,
): Promise<bigint> {
  const { readers, chain, totals } = replay;
  const sums = createStateSums();
  const take = (piece: Piece) => {
    sums.move(piece);
    totals.journals += piece.journals;
    totals.transfers += piece.transfers;
    totals.resolutions += piece.resolutions;
    totals.odd += piece.odd;
    totals.strange += piece.strange;
  };
  const sealedPieces = readAhead(askSealed(readers, chain.number, upTo), 2 * readers.count);
  for await (const { run, pieces } of sealedPieces) {
    for (const seal of run) {
      meet(replay, seal);
      const piece = pieces.get(seal.number);
      chain.content(seal, piece);
      if (piece) take(piece);
    }
    replay.progress();
  }
  const sealed = totals.journals;
  if (upTo === undefined) {
    for await (const [piece] of readAhead(askOpen(readers, chain.last), 2 * readers.count)) {
      if (piece) take(piece);
      replay.progress();
    }
  }
  for await (const standing of standings) sums.stand(standing);
  for (const bucket of sums.broken()) replay.broken.add(bucket);
  return sealed;
}

/** Questions for the seals after a number, up to another, and what is in them. */
async function* askSealed(readers: Readers, after: bigint, upTo: bigint | undefined) {
  for await (const run of sealRuns(readers.first, after, upTo)) {
    const [first, last] = [present(run[0], 'a seal'), present(run.at(-1), 'a seal')];
    yield async () => {
      const pieces = await readSealedPieces(readers.next(), first.number, last.number);
      return { run, pieces: new Map(pieces.map((piece) => [piece.number, piece])) };
    };
  }
}

/** Transfers that are read at once after the last seal. */
const openRows = 10_000;

/** Questions for what comes after the last seal. */
async function* askOpen({ first, next }: Readers, after: Position) {
  let bounds = await nextPiece(first, after, lastTransaction, openRows);
  while (bounds !== undefined) {
    const found = bounds;
    yield () => readOpenPiece(next(), found);
    bounds = await nextPiece(first, found.last, lastTransaction, openRows);
  }
}

/** Asks the exact rules for what the replay saw signs of. */
async function lookUp(
  { readers: { first: tx }, findings, broken, totals }: Replay,
  all: Counts,
): Promise<void> {
  if (broken.size > 0) for (const rule of chainRules) await ask(tx, findings, rule, [[...broken]]);
  for (const rule of standingRules) await ask(tx, findings, rule);
  if (totals.strange > 0n) await ask(tx, findings, holdRule);
  if (totals.odd > 0n) await ask(tx, findings, journalRule);
  if (totals.journals !== all.journals) await ask(tx, findings, strayRule);
  if (totals.transfers !== all.transfers) await ask(tx, findings, orphanRule);
  if (totals.resolutions !== all.resolutions) await ask(tx, findings, resolutionRule);
}
