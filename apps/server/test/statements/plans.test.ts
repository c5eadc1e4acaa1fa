import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planOf } from './plan.ts';
import {
  createPlanDatabase,
  disagreements,
  examine,
  findingsOf,
  type PlanDatabase,
} from './plan-database.ts';
import { moduleOf, readRegistry } from './registry.ts';
import { isLarge, sizes } from './sizes.ts';

const modules = Map.groupBy(await readRegistry(), moduleOf);
let plans: PlanDatabase;

beforeAll(async () => {
  plans = await createPlanDatabase();
});

afterAll(() => plans.drop());

it.each([...modules.keys()])('no statement of %s reads a large table whole', async (module) => {
  const wrong: string[] = [];
  for (const entry of modules.get(module) ?? []) {
    wrong.push(...disagreements(entry, await examine(plans.database, entry.text)));
  }
  expect(wrong).toEqual([]);
});

it('each table has the size that it is said to have', async () => {
  const wrong: string[] = [];
  for (const [name, size] of Object.entries(sizes)) {
    const [schema, table] = name.split('.');
    const [row] = await plans.database.query<{
      'QUERY PLAN': readonly { readonly Plan: { readonly 'Plan Rows': number } }[];
    }>(`explain (format json) select from "${schema}"."${table}"`);
    const seen = row?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0;
    const said = isLarge(size) ? size.rows : size.atMost;
    if (Math.abs(seen / said - 1) > 0.01) wrong.push(`${name}: said ${said}, planned ${seen}`);
  }
  expect(wrong).toEqual([]);
});

/** What the judgement is for: each of these has been written by somebody, somewhere. */
describe('a statement is found that', () => {
  const found = async (text: string) => findingsOf(await planOf(plans.database, text));

  it('asks for a column without an index', async () => {
    expect(await found('select o.id from payments.order o where o.subject = $1')).toContain(
      'reads all of `payments.order`',
    );
  });

  it('drops its condition when its key is not set', async () => {
    const text = 'select o.subject from payments.order o where ($1::uuid is null or o.id = $1)';
    expect(await found(text)).toContain('reads all of `payments.order`');
  });

  it('counts', async () => {
    expect(await found('select count(*) from ledger.transfer')).toContainEqual(
      expect.stringMatching(/^reads all of `ledger.transfer_1`/),
    );
  });

  it('walks an index from its beginning to a late page', async () => {
    const text = `select o.id from payments.order o
      where ($1::uuid is null or o.id > $1) order by o.id limit $2`;
    expect(await found(text)).toEqual(['reads all of `payments.order` by `order_pkey`']);
  });

  it('takes all that are in a state, which are most', async () => {
    const text = `select o.subject from escrow.release r join payments.order o on o.id = r.deal_id
      where r.state = $1`;
    expect(await found(text)).toContainEqual(expect.stringMatching(/^costs \d+/));
  });

  it('joins by something that has no index on the other side', async () => {
    const text = `select o.id from payments.attempt a join payments.order o
      on o.subject = a.payer_ip where a.number = $1`;
    expect(await found(text)).toContain('reads all of `payments.order`');
  });
});

describe('nothing is found in a statement that', () => {
  const found = async (text: string) => findingsOf(await planOf(plans.database, text));

  it.each([
    ['asks for a key', 'select o.subject from payments.order o where o.id = $1'],
    ['asks for many keys', 'select o.subject from payments.order o where o.id = any($1::uuid[])'],
    ['takes a page', 'select o.id from payments.order o where o.id > $1 order by o.id limit $2'],
    ['takes the first rows', 'select o.subject from payments.order o order by o.id limit 10'],
    [
      'takes what is due',
      'select o.id from payments.order o where o.due_at <= $1 order by o.due_at limit $2',
    ],
    ['reads a small table whole', 'select c.config from channels.contract c'],
  ])('%s', async (_name, text) => {
    expect(await found(text)).toEqual([]);
  });
});
