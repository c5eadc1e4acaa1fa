import { bankDate, newId, ok, present, type Refusal, type Result } from '@keyturn/kernel';
import { insertRows, updateRows } from '@keyturn/pipeline';
import {
  closeHealed,
  type Facts,
  insertComparison,
  type LedgerSide,
  nextComparison,
  readFacts,
  readLedgerSide,
  readLedgerSideOf,
  readOpenOf,
  type SubjectFigures,
} from './compare-store.ts';
import type { TakeoverContext } from './context.ts';
import { type Compared, explain } from './decide/explain.ts';
import { refuse } from './errors.ts';
import { sendMirrors } from './mirror.ts';
import { countUncertain, hurryMirrors } from './mirror-store.ts';
import type { OldBalance, OldSnapshot } from './old-ledger.ts';
import { type TakeoverPlan, withOldSign } from './plan.ts';
import { mapRow, takeoverModule } from './rows.ts';
import { readShadow, retryPending } from './shadow.ts';
import { type Difference, differenceTable } from './tables.ts';

/** Accounts that are compared at once. */
export const comparePage = 1_000;
/** Beyond every number of an account. */
const beyond = '\x7f';

export interface ComparisonReport {
  readonly number: number;
  readonly kind: 'import' | 'shadow';
  /** The state of the old ledger that was compared. */
  readonly snapshot: OldSnapshot;
  readonly subjects: readonly SubjectFigures[];
  /** Accounts that differ, or have rows that are not booked. */
  readonly differing: number;
}

/** An account on both sides. Amounts with the old sign. */
interface Both {
  readonly account: string;
  readonly subject: string;
  readonly accountId: string | null;
  readonly mapped: boolean;
  readonly old: bigint | null;
  readonly ledger: bigint;
  readonly waiting: bigint;
  readonly waitingRows: number;
  readonly amount: bigint;
}

/**
 * Compares the ledger with the old one, account by account, at a moment that both have reached: a
 * state of the old ledger, rows read at least up to it, and everything written back that was
 * under way. Differences are listed with what explains them; those that are not found any more
 * are closed, and kept.
 */
export async function compare(
  context: TakeoverContext,
): Promise<Result<ComparisonReport, Refusal>> {
  const { takeover, plan, old } = context;
  if (takeover.importedAt === null) {
    return refuse('takeover_import_unfinished', { values: { takeover: plan.takeover } });
  }
  const snapshot = await old.takeSnapshot();
  await readShadow(context, snapshot.position);
  await retryPending(context);
  await hurryMirrors(context.database, plan.takeover, context.clock.now());
  await sendMirrors(context);
  const unknown = await countUncertain(context.database, plan.takeover);
  if (unknown > 0n) {
    const reason = `${unknown} journals were written back and not confirmed`;
    return refuse('takeover_old_unavailable', { values: { reason } });
  }
  return ok(await compareWith(context, snapshot, 'shadow'));
}

/** Holds what was imported against the balances at the cut. */
export async function verifyImport(
  context: TakeoverContext,
): Promise<Result<ComparisonReport, Refusal>> {
  const { takeover, plan } = context;
  const { cutSnapshot, cutAt, cutPosition } = takeover;
  if (takeover.importedAt === null || cutSnapshot === null || cutAt === null) {
    return refuse('takeover_import_unfinished', { values: { takeover: plan.takeover } });
  }
  await retryPending(context);
  const position = present(cutPosition, 'the position of the cut');
  return ok(await compareWith(context, { id: cutSnapshot, takenAt: cutAt, position }, 'import'));
}

async function compareWith(
  context: TakeoverContext,
  snapshot: OldSnapshot,
  kind: 'import' | 'shadow',
): Promise<ComparisonReport> {
  const { database, plan, clock, old } = context;
  const number = await nextComparison(database, plan.takeover);
  const figures = new Map<string, SubjectFigures>();
  let differing = 0;
  for (let after = ''; ; ) {
    const balances = await old.readBalances({ snapshot: snapshot.id, after, limit: comparePage });
    const through = balances.length < comparePage ? beyond : (balances.at(-1)?.account ?? beyond);
    const both = await pageOf(context, balances, { after, through }, snapshot);
    const real = await recheck(context, both.filter(differs), snapshot, kind);
    await writeDifferences(context, real, number);
    const names = new Set(real.map(({ account }) => account));
    for (const one of both) addTo(figures, one, names.has(one.account));
    differing += real.length;
    if (through === beyond) break;
    after = through;
  }
  // A subject of the plan without accounts has been compared, too.
  for (const { subject } of plan.subjects) {
    if (!figures.has(subject)) figures.set(subject, noFigures(subject));
  }
  const subjects = [...figures.values()].sort((a, b) => (a.subject < b.subject ? -1 : 1));
  const now = clock.now();
  await closeHealed(database, plan.takeover, number, now);
  await database.transaction((tx) =>
    insertComparison(
      tx,
      {
        takeoverId: plan.takeover,
        number,
        kind,
        snapshot: snapshot.id,
        snapshotAt: snapshot.takenAt,
        position: snapshot.position,
        madeAt: now,
      },
      bankDate(snapshot.takenAt),
      subjects,
    ),
  );
  return { number, kind, snapshot, subjects, differing };
}

/** The accounts of a range as both have them, those that only one of them knows included. */
async function pageOf(
  context: TakeoverContext,
  balances: readonly OldBalance[],
  range: { readonly after: string; readonly through: string },
  snapshot: OldSnapshot,
): Promise<readonly Both[]> {
  const { database, plan } = context;
  const ours = new Map<string, LedgerSide>();
  for (let { after } = range; ; ) {
    const bounds = { after, through: range.through, limit: comparePage };
    const page = await readLedgerSide(database, plan.takeover, bounds, snapshot);
    for (const one of page) ours.set(one.number, one);
    const last = page.at(-1);
    if (last === undefined || page.length < comparePage) break;
    after = last.number;
  }
  const theirs = new Map(balances.map((one) => [one.account, one]));
  const numbers = [...new Set([...theirs.keys(), ...ours.keys()])].sort();
  return numbers.flatMap((account) => {
    const both = bothOf(context, account, theirs.get(account), ours.get(account));
    // An account that was opened here and that the old ledger need not know.
    const nothing = both.old === null && both.ledger === 0n && both.waitingRows === 0;
    return nothing ? [] : [both];
  });
}

function bothOf(
  { plan }: TakeoverContext,
  account: string,
  theirs: OldBalance | undefined,
  ours: LedgerSide | undefined,
): Both {
  const subject = ours?.subject ?? theirs?.subject ?? '';
  const mapped = mapRow(plan, { subject, account });
  const net = ours && mapped ? withOldSign(mapped.mapping, ours.net) : 0n;
  const ledger = net - (ours?.later ?? 0n) - (ours?.unsent ?? 0n);
  const waiting = ours?.waiting ?? 0n;
  const old = theirs?.balance ?? null;
  return {
    account,
    subject,
    accountId: ours?.accountId ?? null,
    // Two subjects for one account are as good as none.
    mapped: mapped !== undefined && (theirs === undefined || theirs.subject === subject),
    old,
    ledger,
    waiting,
    waitingRows: ours?.waitingRows ?? 0,
    amount: (old ?? 0n) - ledger - waiting,
  };
}

/**
 * Rows that became visible while we compared may heal what differed: booked before the state that
 * is compared, they belong to it. Reads on and looks at those accounts once more.
 */
async function recheck(
  context: TakeoverContext,
  found: readonly Both[],
  snapshot: OldSnapshot,
  kind: 'import' | 'shadow',
): Promise<readonly Both[]> {
  if (found.length === 0 || kind === 'import') return found;
  const { database, plan } = context;
  const progress = await readShadow(context);
  if (progress.rows === 0) return found;
  const names = found.map(({ account }) => account);
  const sides = await readLedgerSideOf(database, plan.takeover, names, snapshot);
  const ours = new Map(sides.map((one) => [one.number, one]));
  return found
    .map((one) => {
      const { account, subject, old } = one;
      const theirs = old === null ? undefined : { account, subject, balance: old };
      const both = bothOf(context, account, theirs, ours.get(account));
      return { ...both, mapped: one.mapped && both.mapped };
    })
    .filter(differs);
}

function differs({ old, amount, waitingRows, mapped }: Both): boolean {
  return amount !== 0n || waitingRows > 0 || old === null || !mapped;
}

/** Lists what differs with what explains it; what was open stays the same difference. */
async function writeDifferences(
  { database, plan, clock }: TakeoverContext,
  found: readonly Both[],
  comparison: number,
): Promise<void> {
  if (found.length === 0) return;
  const { takeover: id } = plan;
  const now = clock.now();
  const names = found.map(({ account }) => account);
  const before = await readOpenOf(database, id, names);
  const open = new Map(before.map((one) => [one.account, one]));
  const facts = await readFacts(database, id, takeoverModule, found);
  const late = now.toZonedDateTimeISO('UTC').subtract(plan.lateAfter).toInstant();
  const rows = found.map((one): Difference => {
    const known = open.get(one.account);
    const overdue = known !== undefined && Temporal.Instant.compare(known.firstSeen, late) <= 0;
    const why = explain({ ...one, ...factsOf(plan, one, facts), overdue });
    return {
      id: known?.id ?? newId(now, one.account),
      takeoverId: id,
      account: one.account,
      subject: one.subject,
      class: why.class,
      oldMinor: one.old,
      ledgerMinor: one.ledger,
      waitingMinor: one.waiting,
      amount: one.amount,
      evidence: why.evidence,
      firstSeen: known?.firstSeen ?? now,
      lastSeen: now,
      lastComparison: comparison,
      closedAt: null,
      closedBy: null,
    };
  });
  await database.transaction((tx) => {
    updateRows(
      tx,
      differenceTable,
      rows.filter(({ account }) => open.has(account)),
    );
    insertRows(
      tx,
      differenceTable,
      rows.filter(({ account }) => !open.has(account)),
    );
  });
}

function factsOf(
  plan: TakeoverPlan,
  { account, subject }: Both,
  facts: Facts,
): Pick<Compared, 'unbooked' | 'twins' | 'conflicts' | 'turned' | 'strangers'> {
  const mine = <Fact extends { readonly account: string }>(all: readonly Fact[]) =>
    all.filter((one) => one.account === account);
  const mapping = plan.subjects.find((one) => one.subject === subject);
  return {
    unbooked: mine(facts.unbooked).map(({ id, amount, state }) => {
      return { id, amount, why: state === 'after_switch' ? 'after_switch' : 'waiting' };
    }),
    twins: mine(facts.twins),
    conflicts: mine(facts.conflicts),
    turned: mine(facts.turned),
    // What the ledger has too much makes the old side smaller.
    strangers: mine(facts.strangers).map(({ id, amount }) => {
      return { id, amount: mapping ? -withOldSign(mapping, amount) : 0n };
    }),
  };
}

function noFigures(subject: string): SubjectFigures {
  return { subject, accounts: 0, differing: 0, oldMinor: 0n, ledgerMinor: 0n, waitingMinor: 0n };
}

function addTo(figures: Map<string, SubjectFigures>, one: Both, differing: boolean): void {
  const before = figures.get(one.subject) ?? noFigures(one.subject);
  figures.set(one.subject, {
    subject: one.subject,
    accounts: before.accounts + 1,
    differing: before.differing + (differing ? 1 : 0),
    oldMinor: before.oldMinor + (one.old ?? 0n),
    ledgerMinor: before.ledgerMinor + one.ledger,
    waitingMinor: before.waitingMinor + one.waiting,
  });
}
