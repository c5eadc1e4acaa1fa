import { type Clock, ok, present, type Refusal, type Result } from '@keyturn/kernel';
import { type Database, errorCode, type Queryable } from '@keyturn/pipeline';
import { readChart } from '../chart.ts';
import { refuse } from './errors.ts';
import { type OldLedger, OldLedgerError } from './old-ledger.ts';
import { readPlan, type TakeoverPlan } from './plan.ts';
import { readPlanRow, readTakeover } from './store.ts';
import type { Takeover } from './tables.ts';

/** What the steps of a takeover need. */
export interface TakeoverDeps {
  readonly database: Database;
  readonly clock: Clock;
  /** Connects to the old ledger of a plan. */
  readonly connect: (plan: TakeoverPlan) => Promise<OldLedger> | OldLedger;
}

/** One takeover as a step finds it. */
export interface TakeoverContext extends TakeoverDeps {
  readonly takeover: Takeover;
  readonly plan: TakeoverPlan;
  readonly planVersion: number;
  readonly old: OldLedger;
}

/** Reads the takeover and its newest plan, and connects to the old ledger. */
export async function openContext(
  deps: TakeoverDeps,
  id: string,
): Promise<Result<TakeoverContext, Refusal>> {
  const found = await readPlanned(deps, id);
  if (!found.ok) return found;
  return ok({ ...deps, ...found.value, old: await deps.connect(found.value.plan) });
}

/** The takeover and its newest plan. */
export async function readPlanned(
  { database }: { readonly database: Queryable },
  id: string,
): Promise<
  Result<
    { readonly takeover: Takeover; readonly plan: TakeoverPlan; readonly planVersion: number },
    Refusal
  >
> {
  const takeover = await readTakeover(database, id);
  const row = takeover && (await readPlanRow(database, id));
  if (!takeover || !row) return refuse('takeover_unknown', { values: { takeover: id } });
  let plan = readPlan(row.content);
  if (!plan.ok) {
    // It names a code of one's own, which this process has not met.
    await readChart(database);
    plan = readPlan(row.content);
  }
  return ok({ takeover, plan: storedPlan(plan), planVersion: row.version });
}

/** What was checked before it was stored is right now. */
function storedPlan(plan: ReturnType<typeof readPlan>): TakeoverPlan {
  return present(plan.ok ? plan.value : undefined, 'a stored plan that can be read');
}

/** The first 32 bits of the hash of the product's and this part's name. */
const workClass = 1_264_922_964;

/**
 * Runs work on a takeover while nobody else does: reading, comparing and switching one after the
 * other. Waits for whoever works on it as long as for any lock. What the old ledger fails at
 * becomes a refusal.
 */
export async function exclusively<T>(
  deps: TakeoverDeps,
  id: string,
  work: (context: TakeoverContext) => Promise<Result<T, Refusal>>,
): Promise<Result<T, Refusal>> {
  const client = await deps.database.connect();
  let broken = false;
  try {
    await client.query('select pg_advisory_lock($1, hashtext($2))', [workClass, id]);
    const context = await openContext(deps, id);
    return context.ok ? await work(context.value) : context;
  } catch (error) {
    if (error instanceof OldLedgerError) return unavailable(error);
    if (errorCode(error) !== lockNotAvailable) throw error;
    return refuse('takeover_busy', { values: { takeover: id } });
  } finally {
    await client.query('select pg_advisory_unlock_all()').catch(() => {
      broken = true; // With its connection the lock is gone.
    });
    client.release(broken);
  }
}

/** SQLSTATE of a lock that was waited for too long. */
const lockNotAvailable = '55P03';

export function unavailable(error: OldLedgerError) {
  return refuse('takeover_old_unavailable', { values: { reason: error.message } });
}
