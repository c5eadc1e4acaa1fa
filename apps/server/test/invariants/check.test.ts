import { openDatabase } from '@keyturn/pipeline';
import { askAll } from '@keyturn/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SimulatedWorld, startSimulatedWorld } from '../simulation/world.ts';
import { brokenIn, invariants } from './check.ts';
import { playStory } from './story.ts';
import { tamperings } from './tamperings.ts';

let world: SimulatedWorld;
let superuser: ReturnType<typeof openDatabase>;

beforeAll(async () => {
  world = await startSimulatedWorld();
  await playStory(world);
  const url = world.test.database.superuserUrl;
  superuser = openDatabase({ url, applicationName: 'tamper', statementTimeoutMs: 0 });
}, 600_000);
afterAll(async () => {
  await superuser?.close();
  await world?.close();
});

/** Somebody with all power changed something, and never did: it is rolled back. */
class Undone extends Error {}

async function brokenBy(sql: string): Promise<readonly string[]> {
  let broken: readonly string[] = [];
  const work = superuser.transaction(async (tx) => {
    await tx.query('set local session_replication_role = replica');
    for (const statement of sql.split(';')) await tx.query(statement);
    broken = (await askAll(tx, invariants)).map(({ rule }) => rule);
    throw new Undone();
  });
  await expect(work).rejects.toBeInstanceOf(Undone);
  return broken;
}

describe('what must hold', () => {
  it('holds after a few days of everything', async () => {
    expect(await world.test.findings()).toEqual([]);
  });

  it('is told of whoever breaks the ledger, too', async () => {
    const sql = 'update ledger.account set version = version + 1 where code = 2101';
    expect(await brokenBy(sql)).toEqual([]);
    const url = world.test.database.superuserUrl;
    const other = openDatabase({ url, applicationName: 'tamper' });
    await other.query(sql);
    const rules = (await brokenIn(world.reader)).map(({ rule }) => rule);
    await other.query(sql.replace('+', '-'));
    await other.close();
    expect(rules).toContain('an account stands where its transfers leave it');
  });

  it('can be broken in every way, by a tampering that is written down here', () => {
    const rules = invariants.map(({ rule }) => rule);
    expect(Object.keys(tamperings).sort()).toEqual(rules.sort());
  });

  it.each(Object.entries(tamperings))('%s', async (rule, sql) => {
    expect(await brokenBy(sql)).toContain(rule);
  });
});
