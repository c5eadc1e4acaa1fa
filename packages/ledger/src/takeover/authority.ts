import { bankDate, ok, type Refusal, type Result } from '@keyturn/kernel';
import type { Queryable } from '@keyturn/pipeline';
import { compare } from './compare.ts';
import { readComparedDays, readOpenCounts } from './compare-store.ts';
import type { TakeoverContext } from './context.ts';
import { type Gate, measureGate } from './decide/gate.ts';
import { refuse } from './errors.ts';
import { countUnsent } from './mirror-store.ts';
import type { TakeoverPlan } from './plan.ts';
import { leaderOf } from './rows.ts';
import { checkDecision, type Decision } from './settle.ts';
import { holdAuthority, insertAuthority, readAuthority, readPairs } from './store.ts';
import type { Authority } from './tables.ts';

/** A subject at its gate. */
export interface SubjectGate extends Gate {
  readonly subject: string;
  readonly leads: 'old' | 'new';
}

/** How far each subject of the plan is from being switched, by the recorded comparisons. */
export async function readGates(
  context: Pick<TakeoverContext, 'database' | 'clock' | 'plan'>,
): Promise<readonly SubjectGate[]> {
  const { database, clock, plan } = context;
  const { takeover: id } = plan;
  const today = bankDate(clock.now());
  const from = today.subtract({ days: plan.gateDays });
  const [days, open, authority] = await Promise.all([
    readComparedDays(database, id, from, today),
    readOpenCounts(database, id),
    readAuthority(database, id),
  ]);
  return plan.subjects.map(({ subject }) => ({
    subject,
    leads: leaderOf(authority.get(subject)),
    ...measureGate({
      today,
      needed: plan.gateDays,
      days: days.get(subject) ?? [],
      openDifferences: open.differences.get(subject) ?? 0,
      unbookedRows: open.unbooked.get(subject) ?? 0,
    }),
  }));
}

/** A switch that was carried out, or its way back. */
export interface Switched {
  readonly subjects: readonly string[];
  readonly leads: 'old' | 'new';
  /** From this moment of the old ledger's clock on. */
  readonly since: Temporal.Instant;
}

/**
 * Lets the new ledger lead subjects: their gates are open, a comparison made for this finds no
 * difference, and no subject that has vouchers in common with them stays behind. What the old
 * ledger books on them afterwards is listed.
 */
export async function switchSubjects(
  context: TakeoverContext,
  subjects: readonly string[],
  decision: Decision,
): Promise<Result<Switched, Refusal>> {
  const fault = await checkChange(context, subjects, 'new', decision);
  if (fault) return { ok: false, error: fault };
  const compared = await compare(context);
  if (!compared.ok) return compared;
  const gates = await readGates(context);
  for (const { subject, open, missing } of gates) {
    if (open || !subjects.includes(subject)) continue;
    const en = missing.map((one) => one.en).join('; ');
    const missing_zh = missing.map((one) => one.zh).join('；');
    return refuse('takeover_gate_closed', { values: { subject, missing: en, missing_zh } });
  }
  return change(context, subjects, 'new', compared.value.snapshot.takenAt, decision);
}

/**
 * Lets the old ledger lead subjects again: everything of theirs is written back to it, and a
 * comparison made for this finds no difference.
 */
export async function switchBack(
  context: TakeoverContext,
  subjects: readonly string[],
  decision: Decision,
): Promise<Result<Switched, Refusal>> {
  const fault = await checkChange(context, subjects, 'old', decision);
  if (fault) return { ok: false, error: fault };
  const compared = await compare(context);
  const lag = await checkMirror(context.database, context.plan.takeover, subjects);
  if (lag) return { ok: false, error: lag };
  if (!compared.ok) return compared;
  for (const { subject, differing } of compared.value.subjects) {
    if (differing === 0 || !subjects.includes(subject)) continue;
    return refuse('takeover_not_equal', { values: { subject, count: String(differing) } });
  }
  return change(context, subjects, 'old', compared.value.snapshot.takenAt, decision);
}

async function checkMirror(
  db: Queryable,
  takeover: string,
  subjects: readonly string[],
): Promise<Refusal | undefined> {
  const { count, since } = await countUnsent(db, takeover, subjects);
  if (count === 0n) return undefined;
  const values = { count: String(count), since: String(since) };
  return refuse('takeover_mirror_lags', { values }).error;
}

/** What can be said before anything is asked of the old ledger. */
async function checkChange(
  { database, plan }: TakeoverContext,
  subjects: readonly string[],
  leads: 'old' | 'new',
  decision: Decision,
): Promise<Refusal | undefined> {
  const missing = checkDecision(decision);
  if (missing) return missing;
  const unknown = subjects.find((one) => !plan.subjects.some(({ subject }) => subject === one));
  if (unknown !== undefined || subjects.length === 0) {
    const values = { takeover: plan.takeover, subject: unknown ?? '' };
    return refuse('takeover_subject_unknown', { values }).error;
  }
  const authority = await readAuthority(database, plan.takeover);
  for (const subject of subjects) {
    if (leaderOf(authority.get(subject)) !== leads) continue;
    const leads_zh = leads === 'new' ? '新' : '旧';
    return refuse('takeover_already_leads', { values: { subject, leads, leads_zh } }).error;
  }
  return checkTogether(
    plan,
    await readPairs(database, plan.takeover, subjects),
    subjects,
    (subject) => leaderOf(authority.get(subject)) === leads,
  );
}

/** Subjects with vouchers in common change hands together, or a voucher would have two leaders. */
function checkTogether(
  plan: TakeoverPlan,
  pairs: Awaited<ReturnType<typeof readPairs>>,
  subjects: readonly string[],
  isThere: (subject: string) => boolean,
): Refusal | undefined {
  const known = new Set(plan.subjects.map(({ subject }) => subject));
  for (const { subject: one, other: two, voucher } of pairs) {
    const [subject, other] = subjects.includes(one) ? [one, two] : [two, one];
    if (subjects.includes(other) || isThere(other) || !known.has(other)) continue;
    return refuse('takeover_subjects_move_together', { values: { subject, other, voucher } }).error;
  }
  return undefined;
}

async function change(
  context: TakeoverContext,
  subjects: readonly string[],
  leads: 'old' | 'new',
  since: Temporal.Instant,
  { by, why }: Decision,
): Promise<Result<Switched, Refusal>> {
  const { database, plan, clock } = context;
  return database.transaction(async (tx): Promise<Result<Switched, Refusal>> => {
    await holdAuthority(tx, plan.takeover);
    // Behind the lock nobody writes: what is written back now is everything.
    const lag = leads === 'old' ? await checkMirror(tx, plan.takeover, subjects) : undefined;
    if (lag) return { ok: false, error: lag };
    const before = await readAuthority(tx, plan.takeover);
    const rows = subjects.map((subject): Authority => {
      const number = (before.get(subject)?.at(-1)?.number ?? 0) + 1;
      const common = { takeoverId: plan.takeover, subject, number, leads, since };
      return { ...common, decidedBy: by, why, decidedAt: clock.now() };
    });
    insertAuthority(tx, rows);
    return ok({ subjects, leads, since });
  });
}
