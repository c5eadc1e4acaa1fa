import { bankDate, encodeId, ok, type Refusal, type Result } from '@keyturn/kernel';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { CommandOutcome } from '../../platform/index.ts';
import { actorsOf } from '../../who/access/index.ts';
import { defineApprove, defineAssign, definePropose, defineReopen } from './commands/exceptions.ts';
import { defineKeepProof } from './commands/keep-proof.ts';
import { exceptionStates } from './decide/exception-state.ts';
import { daysToAdd, nextLook } from './decide/schedule.ts';
import { refuse } from './errors.ts';
import { healthOf } from './health.ts';
import { createImporter } from './import/import-file.ts';
import { dayJob } from './jobs.ts';
import { fileLists, lastProof, list, pair, proofLists } from './lists.ts';
import { createDifferences } from './matching/differences.ts';
import { provenDay } from './matching/prove.ts';
import { reconcileDay } from './reconcile.ts';
import { readException, readExceptionPage, readSteps } from './store/exceptions.ts';
import { readLastProofs } from './store/proofs.ts';
import { addRuns, finishRun, readRunEdges, takeDueRuns } from './store/runs.ts';
import { toldDifference } from './told.ts';
import type { ReconciliationDeps, ReconciliationService } from './types.ts';
import { type ExceptionView, exceptionView, type ProofView, peopleOf } from './views.ts';

/** How long a day is lent to a job before another one may take it. */
const lease = { minutes: 30 };

const DayPayloadSchema = Type.Object({ date: Type.String() });

export function createReconciliationService(deps: ReconciliationDeps): ReconciliationService {
  const { database, clock } = deps;
  const importer = createImporter(deps);
  const differences = createDifferences(deps);
  const keepProof = defineKeepProof(deps.commands);

  async function prove(day: Temporal.PlainDate): Promise<ProofView> {
    const [before] = await readLastProofs(database, [day]);
    const { proof, differences: found } = await provenDay(deps, day);
    await differences.open(found);
    const key = `reconciliation.keep_proof:${day}:${before?.version ?? 0}:${proof.digest}`;
    const kept = await keepProof(key, proof);
    const view = await lastProof(deps, day);
    if (!kept.ok || !view) throw new Error(`the proof of ${day} was not kept`);
    return view;
  }

  const reconcile: ReconciliationService['reconcile'] = (day) =>
    reconcileDay(deps, { importer, differences, prove }, day);

  async function runDay(day: Temporal.PlainDate): Promise<void> {
    try {
      const report = await reconcile(day);
      if (!report.ok) throw new Error(report.error.code);
      const now = clock.now();
      const { complete, statements } = report.value;
      const missing = { statements: statements.some(({ status }) => status === 'missing') };
      const dueAt = complete ? undefined : nextLook(day, now, missing);
      const state = complete ? 'complete' : dueAt === undefined ? 'given_up' : 'due';
      await finishRun(database, {
        day,
        state,
        dueAt: dueAt ?? null,
        lastError: null,
        finishedAt: now,
      });
    } catch (error) {
      const now = clock.now();
      const lastError = error instanceof Error ? error.name : 'unknown';
      const dueAt = now.add({ minutes: 5 });
      await finishRun(database, { day, state: 'due', dueAt, lastError, finishedAt: null });
      throw error;
    }
  }

  return {
    importStatement: (bytes, name, by = { source: 'uploaded', id: 'system' }) =>
      importer.statement(bytes, name, by),
    importBill: async (contractId, date, bytes, name) => {
      const contract = (await deps.channels.contracts()).find(({ id }) => id === contractId);
      if (contract?.adapter !== 'wechat_pay_v3') {
        return refuse('reconciliation_contract_unknown', { values: { contract: contractId } });
      }
      const currency = contract.book.split('/')[2] ?? '';
      return importer.bill({ id: contractId, currency }, date, bytes, name);
    },
    reconcile,
    proof: async (day) => {
      const today = bankDate(clock.now());
      if (Temporal.PlainDate.compare(day, today) >= 0) {
        const values = { date: day.toString(), today: today.toString() };
        return refuse('reconciliation_day_not_over', { param: 'date', values });
      }
      return ok(await prove(day));
    },
    ...fileLists(deps),
    ...proofLists(deps),
    ...exceptionSide(deps),
    health: () => healthOf(deps),
    dueDays: async () => {
      const now = clock.now();
      const { last } = await readRunEdges(database);
      await addRuns(database, daysToAdd(last, now));
      return takeDueRuns(database, now, now.add(lease), 10);
    },
    jobKinds: [
      {
        name: dayJob,
        maxAttempts: 3,
        work: async (payload) => {
          const { date } = Value.Parse(DayPayloadSchema, payload);
          await runDay(Temporal.PlainDate.from(date));
        },
      },
    ],
    onEvent: async (event) => {
      const found = toldDifference(event, bankDate(event.occurredAt).toString());
      if (found) await differences.open([found]);
    },
  };
}

function exceptionSide(
  deps: ReconciliationDeps,
): Pick<
  ReconciliationService,
  'exceptions' | 'exception' | 'assign' | 'propose' | 'approve' | 'reopen'
> {
  const { database, clock, commands } = deps;
  const assign = defineAssign(commands);
  const propose = definePropose(commands);
  const approve = defineApprove(commands);
  const reopen = defineReopen(commands);

  async function exception(id: string): Promise<Result<ExceptionView, Refusal>> {
    const row = await readException(database, id);
    if (row) {
      const steps = await readSteps(database, id);
      const who = await actorsOf(database, peopleOf([row], steps));
      return ok(exceptionView(row, clock.now(), who, steps));
    }
    return refuse('exception_not_found', { values: { exception_id: encodeId('exc', id) } });
  }

  /** A command's outcome with the exception as it is then. */
  async function shown(
    id: string,
    outcome: CommandOutcome<unknown>,
  ): Promise<CommandOutcome<ExceptionView>> {
    if (!outcome.ok) return outcome;
    return { ...(await exception(id)), replayed: outcome.replayed };
  }

  return {
    exceptions: async ({ state, ...page }) => {
      const found = await list(
        page,
        ['instant', 'uuid'],
        (after, limit) => {
          const unresolved = exceptionStates.filter((one) => one !== 'resolved');
          const states = state === undefined ? unresolved : [state];
          return readExceptionPage(database, states, pair(after), limit);
        },
        (row) => [row.openedAt.toString(), row.id],
        (row) => row,
      );
      if (!found.ok) return found;
      const { items, nextCursor } = found.value;
      const who = await actorsOf(database, peopleOf(items));
      const now = clock.now();
      return ok({ items: items.map((row) => exceptionView(row, now, who)), nextCursor });
    },
    exception,
    assign: async (key, by, id, to) => shown(id, await assign(key, { id, by, ...to })),
    propose: async (key, by, id, proposal) =>
      shown(id, await propose(key, { id, by: by.id, proposal })),
    approve: async (key, by, id) => shown(id, await approve(key, { id, by })),
    reopen: async (key, by, id, reason) => shown(id, await reopen(key, { id, by, reason })),
  };
}
