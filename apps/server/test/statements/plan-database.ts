import { type Database, openDatabase } from '@keyturn/pipeline';
import { createTestDatabase } from '@keyturn/testkit';
import { type Plan, planOf, readsWhole, sentenceOf } from './plan.ts';
import type { Registered } from './registry.ts';
import { hasPlan, shortened } from './sql-text.ts';
import { pretendSizes } from './statistics.ts';

/** A database in which the planner sees tables of real sizes. */
export interface PlanDatabase {
  readonly database: Database;
  drop(): Promise<void>;
}

export async function createPlanDatabase(): Promise<PlanDatabase> {
  const testDatabase = await createTestDatabase();
  const superuser = openDatabase({
    url: testDatabase.superuserUrl,
    applicationName: 'keyturn statements',
  });
  try {
    await pretendSizes(superuser);
  } finally {
    await superuser.close();
  }
  return { database: testDatabase.open(), drop: testDatabase.drop };
}

/**
 * What a statement may cost in the planner's units without a reason: some thousand rows found here
 * and there. A table of a million rows costs ten times as much to read.
 */
export const costLimit = 10_000;

/** What a plan reads, and what in it needs a reason. */
export interface PlanVerdict {
  readonly reads: readonly string[];
  readonly findings: readonly string[];
}

export async function examine(database: Database, text: string): Promise<PlanVerdict> {
  if (!hasPlan(text)) return { reads: [], findings: [] };
  const plan = await planOf(database, text);
  return { reads: [...new Set(plan.reads.map(sentenceOf))], findings: findingsOf(plan) };
}

export function findingsOf(plan: Plan): readonly string[] {
  const whole = plan.reads.filter(readsWhole).map((read) => `reads ${sentenceOf(read)}`);
  const dear = plan.cost > costLimit ? [`costs ${Math.round(plan.cost)}`] : [];
  return [...new Set([...whole, ...dear])];
}

/** What does not agree with the registry: a sentence each. */
export function disagreements(entry: Registered, verdict: PlanVerdict): readonly string[] {
  const found: string[] = [];
  const about = `of ${shortened(entry.text)}`;
  if (verdict.findings.length > 0 && entry.because === undefined) {
    found.push(
      `A plan ${verdict.findings.join(' and ')}. Give its statement an index or another shape, or ` +
        `write a line "Because …" into its page. It is that ${about}`,
    );
  }
  if (verdict.findings.length === 0 && entry.because !== undefined) {
    found.push(`Take the line "Because …" out, it is not needed any more: the plan ${about}`);
  }
  if (verdict.reads.join('\n') !== entry.reads.join('\n')) {
    found.push(
      `A plan is not the one that is registered, now it reads: ${verdict.reads.join('; ')}. ` +
        `Run npm run statements and read the difference. It is that ${about}`,
    );
  }
  return found;
}
