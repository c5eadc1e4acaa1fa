import setUpCluster from '../global-setup.ts';
import { createPlanDatabase, examine, type PlanDatabase } from './plan-database.ts';
import { type Registered, readRegistry, writeRegistry } from './registry.ts';
import { readRecord } from './run.ts';
import { shortened } from './sql-text.ts';

/**
 * `npm run statements`: brings the registry up to date with what the last test run sent, and with
 * the plans of today. What was registered and not sent goes only when that run was a whole one.
 */
const run = await readRecord();
if (run === undefined) {
  throw new Error('There is no test run to learn from. Run npm test first, or some of the tests.');
}
const before = new Map((await readRegistry()).map((entry) => [entry.text, entry]));
const sent = new Map(run.statements.map((statement) => [statement.text, statement.sentBy]));
const texts = run.whole ? [...sent.keys()] : [...new Set([...before.keys(), ...sent.keys()])];

const stop = await setUpCluster();
const plans = await createPlanDatabase();
try {
  const entries: Registered[] = [];
  for (const text of texts) entries.push(await entryOf(plans, text));
  await writeRegistry(entries);
} finally {
  await plans.drop();
  await stop();
}
const fresh = texts.filter((text) => !before.has(text)).length;
const gone = before.size - (texts.length - fresh);
process.stdout.write(`${texts.length} statements, ${fresh} of them new, ${gone} taken out\n`);

async function entryOf({ database }: PlanDatabase, text: string): Promise<Registered> {
  const known = before.get(text);
  const { reads, findings } = await examine(database, text);
  const needed = findings.length > 0 ? known?.because : undefined;
  for (const finding of needed === undefined ? findings : []) {
    process.stdout.write(`${finding}, and must not without a reason:\n  ${shortened(text)}\n`);
  }
  return {
    text,
    sentBy: sent.get(text) ?? known?.sentBy ?? [],
    reads,
    ...(needed === undefined ? {} : { because: needed }),
  };
}
