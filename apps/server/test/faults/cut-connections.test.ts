import { createTestDatabase, type TestDatabase } from '@keyturn/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkWholeLedger } from '../../src/platform/index.ts';
import { startTestWorld, type TestWorld } from '../world.ts';
import { type Cuts, createCuts } from './cuts/cut-runner.ts';
import { type Ended, playStory } from './cuts/story.ts';

/**
 * The whole platform, with every kind of command over connections that are lost at one message
 * after the other, in both directions, between COMMIT and its answer included. One message of each
 * statement and of each answer is cut; all of them with KEYTURN_FAULT_CUTS=all.
 */
const exhaustive = process.env['KEYTURN_FAULT_CUTS'] === 'all';

describe('over connections that are lost', () => {
  let database: TestDatabase;
  let cuts: Cuts;
  let world: TestWorld;
  let story: PromiseSettledResult<Ended>;

  beforeAll(async () => {
    database = await createTestDatabase();
    cuts = await createCuts(database, exhaustive);
    const { makers } = cuts;
    world = await startTestWorld({ api: makers, worker: makers, database });
    // A story that goes wrong is told beside the defects that led it there.
    [story] = await Promise.allSettled([playStory(world, cuts.eye.database)]);
  }, 3_600_000);
  afterAll(async () => {
    await world?.close();
    await cuts?.close();
    await database?.drop();
  });

  it('the story ends as it does without them', () => {
    const day = [
      ...['released', 'refunded', 'funding'],
      ...['succeeded', 'succeeded', 'succeeded'],
      ...['paid', 'returned'],
    ];
    expect(story).toEqual({ status: 'fulfilled', value: [...day, ...day] });
  });

  it('every kind of command was cut up to its COMMIT, behind it, and with its COMMIT coming late', () => {
    const report = cuts.report();
    const done = report.map(({ kind, endings }) => [kind, endings.slice(0, 2)]);
    expect(done).toEqual(report.map(({ kind }) => [kind, ['lose_answer', 'commit_late']]));
    const sum = report.reduce((all, one) => all + one.cuts, 0);
    process.stdout.write(`cuts: ${sum} of ${report.length} kinds\n`);
    expect(sum).toBeGreaterThan(report.length * 20);
  });

  it('a cut before the COMMIT changed nothing, one after it is done once and answered', () => {
    const defects = cuts
      .report()
      .flatMap((one) => one.defects.map((text) => `${one.kind}: ${text}`));
    expect(defects).toEqual([]);
  });

  it('the books balance, no event is missing, each command has one answer', async () => {
    const check = await checkWholeLedger(database.url);
    expect(check.findings).toEqual([]);
    expect(check.transfers).toBeGreaterThan(50n);
    expect(await world.findings()).toEqual([]);
    const tables = cuts.eye.database;
    const sums = await tables.query<{ over: string }>(
      'select sum(debits_posted - credits_posted) as over from ledger.account group by book_id',
    );
    expect(sums.map(({ over }) => over)).toEqual(['0', '0', '0']);
    const gaps = await tables.query(
      `select object_id, array_agg(object_sequence order by object_sequence) from platform.event
       group by 1 having min(object_sequence) <> 1 or max(object_sequence) <> count(*)`,
    );
    expect(gaps).toEqual([]);
    const repeated = await tables.query(
      'select key from platform.command group by key having count(*) > 1',
    );
    expect(repeated).toEqual([]);
    const parked = await tables.query('select * from platform.parked_event where done_at is null');
    expect(parked).toEqual([]);
  });
});
