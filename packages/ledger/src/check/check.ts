import type { Queryable } from '@keyturn/pipeline';
import { lastTransaction, nextPiece } from '../seal/content.ts';
import type { Seal } from '../seal/seal.ts';
import { readSeals } from '../seal/store.ts';
import { type ChainCheck, type CheckedHead, createChainCheck } from './chain.ts';
import { createFindings, type Findings, type LedgerFinding } from './findings.ts';
import { type Piece, readOpenPiece, readSealedPieces, readStandings } from './pieces.ts';
import {
  ask,
  chainRules,
  holdRule,
  journalRule,
  orphanRule,
  standingRules,
  strayRule,
} from './rules.ts';
import { createStateSums, type StateSums } from './states.ts';

export interface LedgerCheck {
  readonly balanced: boolean;
  readonly accounts: bigint;
  readonly journals: bigint;
  readonly transfers: bigint;
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
  /** Told after each part that was replayed. */
  readonly onProgress?: (progress: CheckProgress) => void;
  /** Ids of the keys that may have sealed; any key that is stored when not given. */
  readonly trustedKeys?: readonly string[];
  /** Without one, a ledger whose end was cut off together with its seals looks whole. */
  readonly knownHeads?: readonly KnownHead[];
}

const countsSql = `select (select count(*) from ledger.account) as accounts,
  (select count(*) from ledger.journal) as journals,
  (select count(*) from ledger.transfer) as transfers`;

/** Sorts and joins take so much memory on the server, and go to its disk beyond it. */
const settingsSql = `select set_config('work_mem', '64MB', true), set_config('jit', 'off', true)`;

/** What the replay counted on its way. */
interface Totals {
  journals: bigint;
  transfers: bigint;
  odd: bigint;
  strange: bigint;
}

/**
 * Replays every transfer and compares every balance with it, recomputes every seal and verifies
 * its signature. All of it looks at one snapshot. Reads everything, in bounded memory: for a
 * connection without a statement time-out, off the hot path.
 *
 * What the replay only counts or adds up (states.ts) is looked up by exact rules when a sum or a
 * count is not what it must be.
 */
export async function checkLedger(
  db: { transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> },
  options: CheckOptions = {},
): Promise<LedgerCheck> {
  return db.transaction(async (tx) => {
    await tx.query('set transaction isolation level repeatable read, read only');
    await tx.query(settingsSql);
    const findings = createFindings();
    const [counts] = await tx.query<{ accounts: bigint; journals: bigint; transfers: bigint }>(
      countsSql,
    );
    const { accounts = 0n, journals = 0n, transfers = 0n } = counts ?? {};
    const chain = await createChainCheck(tx, findings, options.trustedKeys);
    const sums = createStateSums();
    const totals: Totals = { journals: 0n, transfers: 0n, odd: 0n, strange: 0n };
    const take = (piece: Piece) => {
      if (piece.movements) sums.move(piece.movements);
      totals.journals += piece.journals;
      totals.transfers += piece.transfers;
      totals.odd += piece.odd;
      totals.strange += piece.strange;
    };
    const progress = () => {
      const { journals: soFar, transfers: replayed } = totals;
      options.onProgress?.({ journals: soFar, transfers: replayed, allTransfers: transfers });
    };
    await replaySealed(tx, chain, findings, options.knownHeads ?? [], take, progress);
    const sealedJournals = totals.journals;
    await replayOpen(tx, chain, take, progress);
    for await (const standing of readStandings(tx)) sums.stand(standing);
    const all = { journals, transfers };
    await lookUp(tx, findings, sums, totals, all);
    return {
      balanced: findings.all.length === 0,
      accounts,
      journals,
      transfers,
      seals: chain.count,
      unsealedJournals: totals.journals - sealedJournals,
      head: chain.head,
      findings: findings.all,
    };
  });
}

/** Rows that one question may ask for: small seals are read many at once. */
const rowsAtOnce = 40_000n;
const sealsAtOnce = 500;

/** The seals after a number that are read together. */
async function nextRun(tx: Queryable, after: bigint): Promise<readonly Seal[]> {
  const seals = await readSeals(tx, after, sealsAtOnce);
  let rows = 0n;
  const end = seals.findIndex(({ journals, transfers }, index) => {
    rows += journals + transfers;
    return index > 0 && rows > rowsAtOnce;
  });
  return end === -1 ? seals : seals.slice(0, end);
}

async function replaySealed(
  tx: Queryable,
  chain: ChainCheck,
  findings: Findings,
  knownHeads: readonly KnownHead[],
  take: (piece: Piece) => void,
  progress: () => void,
): Promise<void> {
  const expected = new Map(knownHeads.map(({ number, digest }) => [number, digest]));
  const read = async (after: bigint) => {
    const run = await nextRun(tx, after);
    const [first, last] = [run[0], run.at(-1)];
    if (first === undefined || last === undefined) return undefined;
    const pieces = await readSealedPieces(tx, first.number, last.number);
    return { run, last: last.number, pieces: new Map(pieces.map((one) => [one.number, one])) };
  };
  let asked = read(0n);
  for (let part = await asked; part !== undefined; part = await asked) {
    // Asked for before this part is looked at: the server and this process work side by side.
    asked = read(part.last);
    // If this part throws, nobody asks for the answer; whoever does is told of its error.
    asked.catch(() => undefined);
    for (const seal of part.run) {
      chain.link(seal);
      const piece = part.pieces.get(seal.number);
      chain.content(seal, piece);
      if (piece) take(piece);
      const digest = expected.get(seal.number);
      if (digest === undefined || digest === seal.digest.toString('hex')) {
        expected.delete(seal.number);
      }
    }
    progress();
  }
  for (const [number, digest] of expected) {
    findings.add('the ledger reaches what is known of it', `seal ${number}`, `is not ${digest}`);
  }
}

/** Transfers that are read at once after the last seal. */
const openRows = 10_000;

async function replayOpen(
  tx: Queryable,
  chain: ChainCheck,
  take: (piece: Piece) => void,
  progress: () => void,
): Promise<void> {
  let bounds = await nextPiece(tx, chain.last, lastTransaction, openRows);
  while (bounds !== undefined) {
    const [piece] = await readOpenPiece(tx, bounds);
    if (piece) take(piece);
    progress();
    bounds = await nextPiece(tx, bounds.last, lastTransaction, openRows);
  }
}

/** Asks the exact rules for what the replay saw signs of. */
async function lookUp(
  tx: Queryable,
  findings: Findings,
  sums: StateSums,
  totals: Totals,
  all: { readonly journals: bigint; readonly transfers: bigint },
): Promise<void> {
  const broken = sums.broken();
  if (broken.length > 0) for (const rule of chainRules) await ask(tx, findings, rule, [broken]);
  for (const rule of standingRules) await ask(tx, findings, rule);
  if (totals.strange > 0n) await ask(tx, findings, holdRule);
  if (totals.odd > 0n) await ask(tx, findings, journalRule);
  if (totals.journals !== all.journals) await ask(tx, findings, strayRule);
  if (totals.transfers !== all.transfers) await ask(tx, findings, orphanRule);
}
