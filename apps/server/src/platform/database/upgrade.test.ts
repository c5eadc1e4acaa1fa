import { hash } from 'node:crypto';
import { openDatabase } from '@keyturn/pipeline';
import { administer, createTestDatabase, inDatabase } from '@keyturn/testkit';
import { expect, test } from 'vitest';
import { listMigrations, type Migration, migrate } from './migrate.ts';

/** A database of an older version becomes what a new one is, also where steps had another form. */

type Edits = readonly (readonly [now: string | RegExp, before: string])[];

const indexes: Edits = [
  [/-- What tells rows apart.*?everything\.\n/s, ''],
  [/\((account|order_no|voucher|piece), takeover_id(, \w+(?:, \w+)?)?\)/g, '(takeover_id, $1$2)'],
  [/\n-- Up to which transaction a book.*$/s, ''],
];

const first: Readonly<Record<string, Edits>> = {
  'ledger/0002_seals.sql': [['now, in one', 'now: all of it in one']],
  'ledger/0003_semantics.sql': [['no\n-- room.', 'no room.']],
  'ledger/0004_one_check_per_batch.sql': [
    ['writing\n-- the', 'writing the\n--'],
    ['of a\n-- batch are', 'of a batch are\n--'],
    ['its\n-- transfers; its', 'its transfers; its\n--'],
    ['account,\n-- book, journal or', 'account, book, journal or\n--'],
    ['its journal,\n-- account', 'its journal, account'],
  ],
  '0031_payouts.sql': [
    [
      '  check ((reference_kind',
      `  foreign key (hold_journal, hold_leg) references ledger.transfer (journal_id, leg)
    deferrable initially deferred,\n  check ((reference_kind`,
    ],
  ],
};

const wider: Edits = [['two\n-- compare,', 'two compare,\n--']];
const unused: Edits = [[/create index account_by_subject[^;]*;\n/, '']];
const sinceTakeover = (...edits: Edits) => ({
  '0031_payouts.sql': first['0031_payouts.sql'] ?? [],
  'ledger/0008_takeover.sql': edits,
});

/** Steps that were not there yet, and the forms that others had. */
const installations: readonly (readonly [string, RegExp, Readonly<Record<string, Edits>>])[] = [
  ['with seals', /^ledger.00(0[5-9]|1)|^005[1-9]/, first],
  ['with takeovers', /^ledger.00(09|1)|^005[1-9]/, sinceTakeover(...indexes, ...unused, ...wider)],
  ['with narrow takeovers', /^ledger.00(09|1)|^005[1-9]/, sinceTakeover(...indexes, ...unused)],
  ['with used subjects', /^ledger.00(09|1)|^005[1-9]/, sinceTakeover(...indexes)],
  ['with codes before parts', /^ledger.00(09|1[1-9])|^005[1-9]/, sinceTakeover()],
  ['with parts', /^ledger.001[1-9]|^005[2-9]/, {}],
];

test.each(installations)('an installation %s becomes as a new one', async (_name, later, forms) => {
  const fresh = await createTestDatabase();
  const name = `older_${new URL(fresh.superuserUrl).pathname.slice(1)}`;
  await administer(fresh.superuserUrl, `create database ${name} owner keyturn_owner`);
  const url = inDatabase(fresh.superuserUrl, name);
  const [missing, present] = partition(await listMigrations(), (step) => later.test(step.name));
  await administer(url, older(present.map((step) => formerly(step, forms))));
  expect(await migrate(url, 'keyturn_app')).toEqual(missing.map((step) => step.name));
  expect(await schemaOf(url)).toEqual(await schemaOf(fresh.superuserUrl));
  await administer(fresh.superuserUrl, `drop database ${name} with (force)`);
  await fresh.drop();
});

function partition<T>(all: readonly T[], test: (one: T) => boolean): readonly [T[], T[]] {
  return [all.filter(test), all.filter((one) => !test(one))];
}

function formerly({ name, sql }: Migration, forms: Readonly<Record<string, Edits>>): Migration {
  const before = (forms[name] ?? []).reduce((text, [now, old]) => {
    const edited = text.replace(now, old);
    expect(edited, `${name}: ${now}`).not.toBe(text);
    return edited;
  }, sql);
  return { name, sql: before };
}

function older(steps: readonly Migration[]): string {
  const rows = steps.map(({ name, sql }) => `('${name}', '${hash('sha256', sql)}')`);
  return `set role keyturn_owner; create schema platform;
    create table platform.migration (
      name text primary key, sha256 text not null, applied_at timestamptz not null default now());
    insert into platform.migration values ${rows.join(', ')};
    ${steps.map(({ sql }) => sql.replaceAll('keyturn_app', '"keyturn_app"')).join(';\n')}`;
}

/** Everything that the steps make, each as one line. */
async function schemaOf(url: string): Promise<readonly string[]> {
  const database = openDatabase({ url, applicationName: 'test' });
  const rows = await database.query<{ line: string }>(schemaSql);
  await database.close();
  expect(rows.length).toBeGreaterThan(1_000);
  return rows.map(({ line }) => line);
}

const schemaSql = `with own as (
    select c.*, n.nspname || '.' || c.relname as name from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname !~ '^pg_|^information_schema$')
  select format('%s %s of %s', o.name, o.relkind, o.relowner::regrole) as line from own o
  union all select format('%s.%s %s %s %s', o.name, a.attname,
      format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid))
    from own o join pg_attribute a on a.attrelid = o.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = o.oid and d.adnum = a.attnum
  union all select format('%s %s %s', o.name, c.conname, pg_get_constraintdef(c.oid))
    from own o join pg_constraint c on c.conrelid = o.oid
  union all select pg_get_indexdef(o.oid) from own o where o.relkind in ('i', 'I')
  union all select pg_get_viewdef(o.oid) from own o where o.relkind = 'v'
  union all select pg_get_triggerdef(t.oid)
    from own o join pg_trigger t on t.tgrelid = o.oid where not t.tgisinternal
  union all select format('%s.%s: %s %s', o.name, a.attname, x.grantee::regrole, x.privilege_type)
    from own o
    cross join lateral (select null as attname, o.relacl as acl union all
      select c.attname, c.attacl from pg_attribute c where c.attrelid = o.oid) a
    cross join lateral aclexplode(a.acl) x
  union all select pg_get_functiondef(p.oid) || coalesce(p.proacl::text, '')
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname !~ '^pg_|^information_schema$'
  order by 1`;
