import { ok, present, type Refusal, type Result } from '@keyturn/kernel';
import type { Queryable } from '@keyturn/pipeline';
import { refuse } from '../errors.ts';
import { type EndedPart, readCuts, readParts } from '../partition/store.ts';
import { readSeals } from '../seal/store.ts';
import { createChainCheck } from './chain.ts';
import type { CheckOptions } from './check.ts';
import { checkCuts, createSealEnds } from './cuts.ts';
import { readDetachedPiece } from './detached-pieces.ts';
import { createFindings, type Findings, type LedgerFinding } from './findings.ts';
import { readClosings } from './pieces.ts';
import { createStateSums, type StateSums } from './states.ts';

/** What was found in one part of the transfers. */
export interface CheckedPart {
  readonly number: number;
  readonly balanced: boolean;
  readonly transfers: bigint;
  readonly seals: bigint;
  readonly findings: readonly LedgerFinding[];
}

/**
 * Checks one part that was cut off, attached or not, by itself: its table
 * `ledger.transfer_<number>` against its seals, from how the accounts stood at its beginning to how
 * they stood at its end. The chain of seals is followed up to there. What a hold of an earlier
 * part held is taken from what was registered when it was resolved.
 */
export async function checkDetached(
  db: { transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> },
  number: number,
  options: Pick<CheckOptions, 'trustedKeys'> = {},
): Promise<Result<CheckedPart, Refusal>> {
  return db.transaction(async (tx) => {
    const cuts = (await readCuts(tx)).filter((cut) => cut.number <= number);
    const cut = cuts.find((one) => one.number === number);
    const part = (await readParts(tx)).find((one) => one.number === number);
    const table = `transfer_${number}`;
    const [there] = await tx.query<{ is: boolean }>(
      `select to_regclass('ledger.' || $1::text) is not null as is`,
      [table],
    );
    const values = { number: String(number) };
    if (part === undefined || there?.is !== true) return refuse('partition_missing', { values });
    if (cut === undefined) return refuse('partition_not_cut', { values });
    const findings = createFindings();
    const chain = await createChainCheck(tx, findings, options.trustedKeys);
    const ends = createSealEnds(cuts);
    const sums = createStateSums();
    const ended = { ...part, end: present(part.end, 'the end of a part') };
    const before = cuts.find((one) => one.number === number - 1)?.sealNumber ?? 0n;
    let transfers = 0n;
    for (let run = await readSeals(tx, 0n, sealsAtOnce); run.length > 0; ) {
      const last = present(run.at(-1), 'the last seal of a page').number;
      for (const seal of run) {
        if (seal.number > cut.sealNumber) break;
        chain.link(seal);
        ends.meet(seal);
        if (seal.number <= before) continue;
        const piece = await readDetachedPiece(tx, ended, seal.number);
        chain.content(seal, piece);
        if (piece === undefined) continue;
        transfers += piece.transfers;
        sums.move(piece);
        count(findings, seal.number, piece);
      }
      run = last >= cut.sealNumber ? [] : await readSeals(tx, last, sealsAtOnce);
    }
    await compareStates(tx, findings, sums, number);
    await compareCount(tx, findings, ended, transfers);
    await checkCuts(tx, findings, chain, cuts, ends);
    const seals = cut.sealNumber - before;
    const balanced = findings.all.length === 0;
    return ok({ number, balanced, transfers, seals, findings: findings.all });
  });
}

const sealsAtOnce = 500;

function count(
  findings: Findings,
  number: bigint,
  { odd, strange }: { readonly odd: bigint; readonly strange: bigint },
): void {
  const subject = `seal ${number}`;
  if (odd > 0n) {
    findings.add('a journal has transfers, or a refusal and none', subject, `not ${odd} of them`);
  }
  if (strange > 0n) {
    const rule = 'a hold is resolved for at most its amount, between the same accounts';
    findings.add(rule, subject, `not ${strange} of them`);
  }
}

/** Where the states of accounts do not agree, it is said which accounts are in doubt. */
async function compareStates(
  tx: Queryable,
  findings: Findings,
  sums: StateSums,
  number: number,
): Promise<void> {
  for await (const closing of readClosings(tx, number)) sums.stand(closing);
  for (const bucket of sums.broken()) {
    findings.add(
      'the entries of a part lead from its openings to its closings',
      `accounts ${bucket.toString(16).padStart(2, '0')}…`,
      'their entries, openings or closings do not agree',
    );
  }
}

/** A transfer that belongs to no journal of the part is in no seal, and is still there. */
async function compareCount(
  tx: Queryable,
  findings: Findings,
  { number }: EndedPart,
  transfers: bigint,
): Promise<void> {
  const [rows] = await tx.query<{ transfers: bigint }>(
    `select count(*) as transfers from ledger.transfer_${number}`,
  );
  const there = rows?.transfers ?? 0n;
  if (there === transfers) return;
  const detail = `${there} transfers, of which ${transfers} are in seals`;
  findings.add('a transfer belongs to a journal', `part ${number}`, detail);
}
