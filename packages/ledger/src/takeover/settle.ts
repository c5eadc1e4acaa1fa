import { namedId, newId, ok, present, type Refusal, type Result } from '@keyturn/kernel';
import type { Tx } from '@keyturn/pipeline';
import { type AccountSpec, accountId } from '../account.ts';
import type { JournalRequest, TransferRequest } from '../journal.ts';
import { createLedgerUnit } from '../unit.ts';
import type { TakeoverContext } from './context.ts';
import { refuse } from './errors.ts';
import { sideOf, type TakeoverPlan } from './plan.ts';
import { journalOf, mapRow, takeoverModule } from './rows.ts';
import {
  closeSettled,
  insertApproval,
  insertSettlement,
  readAfterSwitch,
  readOpenById,
  readOpenOfSubject,
  readProposed,
  type SettlementItem,
} from './settle-store.ts';
import { lockTakeover, takeAccounts, updateMovements } from './store.ts';
import type { Difference, Movement } from './tables.ts';

/** Differences in one settlement: a journal has so many transfers. */
export const maxSettled = 1_000;

export interface Proposal {
  readonly settlement: string;
  readonly differences: number;
  /** What the journal will move on the accounts together, with the old sign. */
  readonly totalMinor: bigint;
}

/** Who decides, and why: 1 to 200 characters each. */
export interface Decision {
  readonly by: string;
  readonly why: string;
}

export function checkDecision({ by, why }: Decision): Refusal | undefined {
  const fits = (text: string) => text.trim().length > 0 && text.length <= 200;
  return fits(by) && fits(why) ? undefined : refuse('takeover_person_missing').error;
}

/**
 * Proposes that differences be settled by a journal against suspense: by name, or all that are
 * open of a subject. Nothing is booked before another person approves it.
 */
export async function proposeSettlement(
  { database, plan, clock }: TakeoverContext,
  which: { readonly differences: readonly string[] } | { readonly subject: string },
  decision: Decision,
): Promise<Result<Proposal, Refusal>> {
  const fault = checkDecision(decision);
  if (fault) return { ok: false, error: fault };
  const { takeover: id } = plan;
  const found =
    'subject' in which
      ? await readOpenOfSubject(database, id, which.subject, maxSettled)
      : await readOpenById(database, id, which.differences);
  const missing =
    'subject' in which
      ? undefined
      : which.differences.find((one) => !found.some((difference) => difference.id === one));
  if (missing !== undefined) {
    return refuse('takeover_difference_unknown', { values: { difference: missing } });
  }
  if (found.length === 0 || found.length > maxSettled) {
    const values = { count: String(found.length), limit: String(maxSettled) };
    return refuse('takeover_settlement_empty', { values });
  }
  for (const one of found) {
    if (mapRow(plan, one)) continue;
    const { account, subject } = one;
    return refuse('takeover_difference_unsettleable', { values: { account, subject } });
  }
  const now = clock.now();
  const settlement = newId(now, id);
  const items = found.map((one): SettlementItem => {
    return { settlementId: settlement, differenceId: one.id, amount: one.amount };
  });
  const { by, why } = decision;
  await database.transaction((tx) =>
    insertSettlement(
      tx,
      { id: settlement, takeoverId: id, why, proposedBy: by, proposedAt: now },
      items,
    ),
  );
  const totalMinor = items.reduce((sum, { amount }) => sum + amount, 0n);
  return ok({ settlement, differences: items.length, totalMinor });
}

export interface Settled {
  readonly settlement: string;
  /** The adjusting journal; absent when only rows were adopted. */
  readonly journal: string | undefined;
  readonly adopted: number;
}

/**
 * Approves a settlement: books one journal that makes each account what the old ledger has, and
 * adopts rows that were written there after the switch, all in one transaction.
 */
export async function approveSettlement(
  context: TakeoverContext,
  settlement: string,
  by: string,
): Promise<Result<Settled, Refusal>> {
  const fault = checkDecision({ by, why: by });
  if (fault) return { ok: false, error: fault };
  return context.database.transaction((tx) => approve(tx, context, settlement, by));
}

async function approve(
  tx: Tx,
  { plan, clock }: TakeoverContext,
  settlement: string,
  by: string,
): Promise<Result<Settled, Refusal>> {
  const { takeover: id } = plan;
  await lockTakeover(tx, id);
  const proposed = await readProposed(tx, id, settlement);
  if (!proposed) return refuse('takeover_settlement_unknown', { values: { settlement } });
  if (proposed.proposedBy === by) {
    return refuse('takeover_same_person', { values: { person: by } });
  }
  const ids = proposed.items.map(({ differenceId }) => differenceId);
  const open = new Map((await readOpenById(tx, id, ids)).map((one) => [one.id, one]));
  const differences: Difference[] = [];
  for (const { differenceId, amount } of proposed.items) {
    const one = open.get(differenceId);
    if (!one)
      return refuse('takeover_difference_unknown', { values: { difference: differenceId } });
    if (one.amount !== amount) return changed(one, amount);
    differences.push(one);
  }
  const now = clock.now();
  const rows = await readAfterSwitch(
    tx,
    id,
    differences.map(({ account }) => account),
  );
  const journal = adjustment(plan, settlement, differences);
  const adopted = rows.map((row) => {
    const mapped = present(mapRow(plan, row), 'the mapping of a row');
    return { row, request: journalOf(plan, row, mapped, now) };
  });
  const requests = [...(journal ? [journal] : []), ...adopted.map(({ request }) => request)];
  const refusal = await bookAll(tx, requests, now);
  if (refusal) return { ok: false, error: refusal };
  await takeAccounts(
    tx,
    id,
    differences.map((one) => takenOf(plan, one)),
  );
  updateMovements(
    tx,
    adopted.map(({ row, request }): Movement => {
      return { ...row, state: 'adopted', reason: null, journalId: request.id };
    }),
  );
  const journalId = journal?.id ?? null;
  insertApproval(tx, { settlementId: settlement, approvedBy: by, approvedAt: now, journalId });
  closeSettled(tx, differences, now);
  return ok({ settlement, journal: journal?.id, adopted: adopted.length });
}

function changed({ account, amount }: Difference, proposed: bigint) {
  const values = { account, proposed: String(proposed), amount: String(amount) };
  return refuse('takeover_difference_changed', { values });
}

function takenOf(plan: TakeoverPlan, { account, subject }: Difference) {
  const mapped = present(mapRow(plan, { account, subject }), 'the mapping of a difference');
  return { number: account, subject, accountId: accountId(mapped.account) };
}

/** Makes each account what the old ledger has; none when nothing is unexplained. */
function adjustment(
  plan: TakeoverPlan,
  settlement: string,
  differences: readonly Difference[],
): JournalRequest | undefined {
  const { book } = plan;
  const transfers = differences.flatMap((one): readonly TransferRequest[] => {
    if (one.amount === 0n) return [];
    const { mapping, account } = present(mapRow(plan, one), 'the mapping of a difference');
    const amount = one.amount < 0n ? -one.amount : one.amount;
    const to = (spec: Omit<AccountSpec, 'book'>): AccountSpec => ({ book, ...spec });
    return sideOf(mapping, one.amount) === 'debit'
      ? [{ kind: 'posted', debit: account, credit: to(plan.suspense.excess), amount }]
      : [{ kind: 'posted', debit: to(plan.suspense.shortfall), credit: account, amount }];
  });
  if (transfers.length === 0) return undefined;
  return {
    id: namedId(`takeover/${plan.takeover}/settlement/${settlement}`, plan.takeover),
    book,
    cause: { module: takeoverModule, object: settlement, command: `settlement ${settlement}` },
    transfers,
  };
}

async function bookAll(
  tx: Tx,
  requests: readonly JournalRequest[],
  now: Temporal.Instant,
): Promise<Refusal | undefined> {
  const unit = createLedgerUnit();
  const accounts = requests.flatMap(({ transfers }) =>
    transfers.flatMap((one) => ('hold' in one ? [] : [one.debit, one.credit])),
  );
  if (accounts.length > 0) await unit.load(tx, { accounts }, now);
  for (const request of requests) {
    const result = unit.post(request, now);
    // Nothing was flushed: the transaction has changed nothing yet.
    if (!result.ok) return result.error;
  }
  unit.flush(tx);
  return undefined;
}
