import { ok, type Refusal, type Result } from '@keyturn/kernel';
import { readChart } from '../chart.ts';
import type { Answer } from '../execute.ts';
import type { AnyRequest, JournalRequest } from '../journal.ts';
import { loadBooks } from '../store.ts';
import {
  readGates,
  type SubjectGate,
  type Switched,
  switchBack,
  switchSubjects,
} from './authority.ts';
import { type ComparisonReport, compare, verifyImport } from './compare.ts';
import {
  listAllDifferences,
  listOpenDifferences,
  readFigures,
  readLastComparison,
  readOpenCounts,
  type SubjectFigures,
} from './compare-store.ts';
import {
  exclusively,
  openContext,
  readPlanned,
  type TakeoverContext,
  type TakeoverDeps,
} from './context.ts';
import { createTakeoverDoor, findPaidAccount, type RefundRequest } from './door.ts';
import { refuse } from './errors.ts';
import { type ImportProgress, importOldHistory } from './import.ts';
import { type MirrorProgress, sendMirrors } from './mirror.ts';
import { type MirrorLag, readMirrorLag } from './mirror-store.ts';
import { type PlanFault, readPlan, sideOf, type TakeoverPlan } from './plan.ts';
import { mapRow, takeoverModule } from './rows.ts';
import {
  approveSettlement,
  checkDecision,
  type Decision,
  type Proposal,
  proposeSettlement,
  type Settled,
} from './settle.ts';
import { readShadow, type ShadowProgress } from './shadow.ts';
import {
  insertPlan,
  insertTakeover,
  listTakeovers,
  lockTakeover,
  readAuthority,
  readPlanRow,
  readTakenAccounts,
  readUsedSubjects,
} from './store.ts';
import type { Authority, Comparison, Difference, Takeover } from './tables.ts';

/** What is known of a takeover without asking the old ledger. */
export interface TakeoverStatus {
  readonly takeover: Takeover;
  readonly plan: TakeoverPlan;
  readonly planVersion: number;
  readonly lastComparison: Comparison | undefined;
  readonly figures: readonly SubjectFigures[];
  readonly openDifferences: number;
  readonly unbookedRows: number;
  readonly mirror: MirrorLag;
  readonly authority: readonly Authority[];
}

/** Moving from another ledger, step by step: see README.md of this folder. */
export interface TakeoverService {
  /** Checks a plan and stores it as the next version; the first one begins the takeover. */
  plan(content: unknown, decision: Decision): Promise<Result<{ version: number }, Refusal>>;
  /**
   * Imports history in pieces, and holds it against the old balances at the cut when it is
   * complete and was not compared since.
   */
  importHistory(
    id: string,
    atMost?: number,
  ): Promise<Result<ImportProgress & { verified: ComparisonReport | undefined }, Refusal>>;
  /** Reads and books what has become visible since. */
  shadow(id: string): Promise<Result<ShadowProgress, Refusal>>;
  compare(id: string): Promise<Result<ComparisonReport, Refusal>>;
  /** Open differences by account, or all that ever were; 100 at a time. */
  differences(
    id: string,
    page?: { readonly all?: boolean; readonly after?: string; readonly limit?: number },
  ): Promise<Result<readonly Difference[], Refusal>>;
  settle(
    id: string,
    which: { readonly differences: readonly string[] } | { readonly subject: string },
    decision: Decision,
  ): Promise<Result<Proposal, Refusal>>;
  approve(id: string, settlement: string, by: string): Promise<Result<Settled, Refusal>>;
  gate(id: string): Promise<Result<readonly SubjectGate[], Refusal>>;
  switchSubjects(
    id: string,
    subjects: readonly string[],
    decision: Decision,
  ): Promise<Result<Switched, Refusal>>;
  switchBack(
    id: string,
    subjects: readonly string[],
    decision: Decision,
  ): Promise<Result<Switched, Refusal>>;
  /** Books a journal on subjects that the new ledger leads, and mirrors it. */
  submit(id: string, request: AnyRequest): Promise<Answer>;
  /** Refunds an order that was paid in the old ledger, at most what is left of it. */
  refund(id: string, request: RefundRequest): Promise<Answer>;
  /** Writes back what is due. */
  mirror(id: string): Promise<Result<MirrorProgress, Refusal>>;
  status(id: string): Promise<Result<TakeoverStatus, Refusal>>;
  list(): Promise<readonly Takeover[]>;
  close(): Promise<void>;
}

const pageLimit = 100;
const firstId = '00000000-0000-0000-0000-000000000000';

export function createTakeoverService(deps: TakeoverDeps): TakeoverService {
  const { database } = deps;
  const door = createTakeoverDoor(deps);
  return {
    plan: (content, decision) => storePlan(deps, content, decision),
    importHistory: (id, atMost) =>
      exclusively(deps, id, (context) => importAll(deps, context, atMost)),
    shadow: (id) =>
      exclusively(deps, id, async (context) => {
        if (context.takeover.importedAt !== null) return ok(await readShadow(context));
        return refuse('takeover_import_unfinished', { values: { takeover: id } });
      }),
    compare: (id) => exclusively(deps, id, compare),
    differences: async (id, { all = false, after, limit = pageLimit } = {}) => {
      const planned = await readPlanned(deps, id);
      if (!planned.ok) return planned;
      const most = Math.min(Math.max(limit, 1), pageLimit);
      if (!all) return ok(await listOpenDifferences(database, id, after ?? '', most));
      return ok(await listAllDifferences(database, id, after ?? firstId, most));
    },
    settle: async (id, which, decision) => {
      const context = await openContext(deps, id);
      return context.ok ? proposeSettlement(context.value, which, decision) : context;
    },
    approve: async (id, settlement, by) => {
      const context = await openContext(deps, id);
      return context.ok ? approveSettlement(context.value, settlement, by) : context;
    },
    gate: async (id) => {
      const planned = await readPlanned(deps, id);
      return planned.ok ? ok(await readGates({ ...deps, ...planned.value })) : planned;
    },
    switchSubjects: (id, subjects, decision) =>
      exclusively(deps, id, (context) => switchSubjects(context, [...new Set(subjects)], decision)),
    switchBack: (id, subjects, decision) =>
      exclusively(deps, id, (context) => switchBack(context, [...new Set(subjects)], decision)),
    submit: door.submit,
    refund: (id, request) => refund(deps, door, id, request),
    mirror: async (id) => {
      const context = await openContext(deps, id);
      return context.ok ? ok(await sendMirrors(context.value)) : context;
    },
    status: (id) => readStatus(deps, id),
    list: () => listTakeovers(database),
    close: door.close,
  };
}

async function importAll(
  deps: TakeoverDeps,
  context: TakeoverContext,
  atMost: number | undefined,
): Promise<Result<ImportProgress & { verified: ComparisonReport | undefined }, Refusal>> {
  const imported = await importOldHistory(context, atMost);
  if (!imported.ok) return imported;
  if (!imported.value.complete) return ok({ ...imported.value, verified: undefined });
  const last = await readLastComparison(deps.database, context.plan.takeover);
  // What was compared later knows more than the state at the cut.
  if (last?.kind === 'shadow') return ok({ ...imported.value, verified: undefined });
  const now = await openContext(deps, context.plan.takeover);
  if (!now.ok) return now;
  const verified = await verifyImport(now.value);
  return verified.ok ? ok({ ...imported.value, verified: verified.value }) : verified;
}

async function storePlan(
  { database, clock }: TakeoverDeps,
  content: unknown,
  decision: Decision,
): Promise<Result<{ version: number }, Refusal>> {
  const missing = checkDecision(decision);
  if (missing) return { ok: false, error: missing };
  // It may name a code of one's own, which this process has not met.
  await readChart(database);
  const read = readPlan(content);
  if (!read.ok) return refuseFaults(read.error);
  const plan = read.value;
  if ((await loadBooks(database, [plan.book])).length === 0) {
    return refuseFaults([{ path: 'book', problem: `${plan.book} does not exist; open it first` }]);
  }
  return database.transaction(async (tx): Promise<Result<{ version: number }, Refusal>> => {
    const now = clock.now();
    const takeover = await lockTakeover(tx, plan.takeover);
    const before = takeover && (await readPlanRow(tx, plan.takeover));
    const old = before && readPlan(before.content);
    if (before && old?.ok) {
      if (old.value.book !== plan.book) {
        return refuseFaults([{ path: 'book', problem: `stays ${old.value.book}` }]);
      }
      const changed = changedSubjects(old.value, plan);
      const [used] = await readUsedSubjects(tx, plan.takeover, changed);
      if (used !== undefined) {
        const values = { subject: used, version: String(before.version) };
        return refuse('takeover_mapping_in_use', { values });
      }
    }
    if (!takeover) insertTakeover(tx, newTakeover(plan, now));
    const version = (before?.version ?? 0) + 1;
    const { by: madeBy, why } = decision;
    insertPlan(tx, { takeoverId: plan.takeover, version, content, madeBy, why, madeAt: now });
    return ok({ version });
  });
}

function refuseFaults(faults: readonly PlanFault[]) {
  const problems = faults
    .slice(0, 10)
    .map(({ path, problem }) => `${path} ${problem}`)
    .join('; ');
  return refuse('takeover_plan_invalid', { values: { problems } });
}

/** Subjects whose accounts would become other ones, or have another sign. */
function changedSubjects(before: TakeoverPlan, after: TakeoverPlan): readonly string[] {
  return before.subjects
    .filter((one) => {
      const now = after.subjects.find(({ subject }) => subject === one.subject);
      if (now === undefined) return true;
      return (
        now.code !== one.code ||
        now.owner !== one.owner ||
        now.dropPrefix !== one.dropPrefix ||
        now.sign !== one.sign
      );
    })
    .map(({ subject }) => subject);
}

function newTakeover(plan: TakeoverPlan, openedAt: Temporal.Instant): Takeover {
  return {
    id: plan.takeover,
    bookId: plan.book,
    cutSnapshot: null,
    cutAt: null,
    cutPosition: null,
    historyCursor: null,
    historyReadAt: null,
    pieces: 0,
    importedAt: null,
    position: 0n,
    openedAt,
  };
}

async function refund(
  deps: TakeoverDeps,
  door: ReturnType<typeof createTakeoverDoor>,
  id: string,
  request: RefundRequest,
): Promise<Answer> {
  const { database } = deps;
  const planned = await readPlanned(deps, id);
  if (!planned.ok) return planned;
  const { plan } = planned.value;
  const { order, amount } = request;
  const found = await findPaidAccount(database, id, request);
  if (!found.ok) return found;
  const account = found.value;
  const [taken] = await readTakenAccounts(database, id, [account]);
  const mapped = taken && mapRow(plan, { subject: taken.subject, account });
  if (!mapped) return refuse('takeover_order_unknown', { values: { order, account } });
  const to = { book: plan.book, ...(request.to ?? mapped.mapping.counter) };
  const sides =
    sideOf(mapped.mapping, -1n) === 'debit'
      ? { debit: mapped.account, credit: to }
      : { debit: to, credit: mapped.account };
  const journal: JournalRequest = {
    id: request.id,
    book: plan.book,
    cause: { module: `${takeoverModule}.refund`, object: order, command: request.id },
    transfers: [{ kind: 'posted', ...sides, amount }],
  };
  return door.submitRefund(id, journal, { order, account, amount });
}

async function readStatus(
  deps: TakeoverDeps,
  id: string,
): Promise<Result<TakeoverStatus, Refusal>> {
  const { database } = deps;
  const planned = await readPlanned(deps, id);
  if (!planned.ok) return planned;
  const [lastComparison, counts, mirror, history] = await Promise.all([
    readLastComparison(database, id),
    readOpenCounts(database, id),
    readMirrorLag(database, id),
    readAuthority(database, id),
  ]);
  const sum = (all: ReadonlyMap<string, number>) =>
    [...all.values()].reduce((total, count) => total + count, 0);
  return ok({
    ...planned.value,
    lastComparison,
    figures: lastComparison ? await readFigures(database, id, lastComparison.number) : [],
    openDifferences: sum(counts.differences),
    unbookedRows: sum(counts.unbooked),
    mirror,
    authority: [...history.values()].flat(),
  });
}
