import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAccounts } from '@keyturn/ledger';
import { createTestDatabase } from '@keyturn/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorOf } from './author.ts';
import { type Captured, captureStatements } from './capture.ts';
import { gather, judge, stale } from './judge.ts';
import { formatPage, parsePage, type Registered } from './registry.ts';
import { inLines, normalise, subjectOf } from './sql-text.ts';

const root = join(import.meta.dirname, '../../../..');
const at = (...files: string[]) => files.map((file) => join(root, file));

describe('a statement is written down when', () => {
  let directory: string;
  let captured: readonly Captured[];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'keyturn-capture-'));
    captureStatements(directory, 'this test');
    const testDatabase = await createTestDatabase();
    const database = testDatabase.open();
    await readAccounts(database, ['01990000-0000-7000-8000-000000000001']);
    await readAccounts(database, ['01990000-0000-7000-8000-000000000002']);
    await database.query('select 1 as looked');
    await database.transaction(async (tx) => {
      await readAccounts(tx, ['01990000-0000-7000-8000-000000000003']);
      await tx.query('select 2 as looked');
    });
    await testDatabase.drop();
    const names = await readdir(directory);
    const files = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
    captured = files
      .flatMap((text) => text.split('\n'))
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Captured);
  });

  afterAll(() => rm(directory, { recursive: true }));

  it('the platform sends it, once, with the file that it stands in', () => {
    const accounts = captured.filter(({ text }) => text.includes('from ledger.account'));
    expect(accounts).toMatchObject([
      {
        author: { kind: 'platform', file: 'packages/ledger/src/queries.ts' },
        seenIn: 'this test',
      },
    ]);
  });

  it('it is not a test that looks for itself', () => {
    expect(captured.filter(({ text }) => text.includes('looked'))).toEqual([]);
  });
});

describe('the author of a statement is', () => {
  it('the nearest file that is not the way to the database', () => {
    const files = at(
      'packages/pipeline/src/database.ts',
      'apps/server/src/movement/payments/store.ts',
      'apps/server/src/movement/payments/service.ts',
      'apps/server/src/movement/payments/payments.test.ts',
    );
    const file = 'apps/server/src/movement/payments/store.ts';
    expect(authorOf(files)).toEqual({ kind: 'platform', file });
  });

  it('a test that sends its own, or has its own rows written', () => {
    const test = 'apps/server/test/invariants/sql.ts';
    const way = ['packages/pipeline/src/database.ts', 'packages/pipeline/src/table.ts'];
    expect(authorOf(at(way[0] ?? '', test))).toEqual({ kind: 'test' });
    expect(authorOf(at(...way, test))).toEqual({ kind: 'test' });
    expect(authorOf(at(...way, 'packages/ledger/src/unit.ts', test))).toEqual({
      kind: 'platform',
      file: 'packages/pipeline/src/table.ts',
    });
  });

  it('a library, by its name', () => {
    const files = at('node_modules/pg/lib/client.js', 'node_modules/graphile-worker/dist/main.js');
    expect(authorOf([...files, 'node:internal/process/task_queues'])).toEqual({
      kind: 'library',
      name: 'graphile-worker',
    });
  });

  it('the platform when nobody can be told', () => {
    expect(authorOf(['node:internal/process/task_queues']).kind).toBe('platform');
  });
});

describe('a run is right when', () => {
  const registered: Registered = { text: 'select 1', sentBy: [], reads: [] };
  const sent = (text: string): Captured => ({
    text,
    author: { kind: 'platform', file: 'packages/ledger/src/store.ts' },
    seenIn: 'some.test.ts',
  });

  it('all that is sent is registered, however it is written', () => {
    expect(judge(gather([sent('select\n  1 -- one')], true), [registered])).toEqual([]);
  });

  it('nothing is sent that is not registered', () => {
    const [complaint] = judge(gather([sent('select 2')], false), [registered]);
    expect(complaint).toContain('not registered: select 2');
    expect(complaint).toContain('packages/ledger/src/store.ts, seen in some.test.ts');
  });

  it('and it is said what a whole run did not send', () => {
    expect(judge(gather([], true), [registered])).toEqual([]);
    expect(stale(gather([], false), [registered])).toEqual([]);
    expect(stale(gather([], true), [registered])).toEqual([
      expect.stringContaining('no test of the whole run sent it: select 1'),
    ]);
  });

  it('its libraries are known', () => {
    const line: Captured = { ...sent('x'), author: { kind: 'library', name: 'some-orm' } };
    expect(judge(gather([line], false), [])).toEqual([expect.stringContaining('some-orm')]);
    const jobs: Captured = { ...line, author: { kind: 'library', name: 'graphile-worker' } };
    expect(judge(gather([jobs], false), [])).toEqual([]);
  });
});

it('statements are the same but for spaces and comments, not but for what is quoted', () => {
  expect(normalise(`select 'a  -- b',\n\t"c  d" /* e */ from f -- g\n where h`)).toBe(
    `select 'a  -- b', "c  d" from f where h`,
  );
  expect(subjectOf('update payments."order" t set')).toBe('payments.order');
});

it('a snapshot by another name is not another statement', () => {
  const taken = normalise("set transaction snapshot '0000003C-00000017-1'");
  expect(taken).toBe("set transaction snapshot 'name'");
  expect(normalise(taken)).toBe(taken);
});

it('a page of the registry says what it was made of', () => {
  const entries: readonly Registered[] = [
    {
      text: normalise(`select ${'a.long_column_name, '.repeat(12)} 'two  spaces'
        from ledger.transfer a where a.id = any($1::uuid[]) order by a.id limit $2`),
      sentBy: ['packages/ledger/src/queries.ts', 'packages/ledger/src/store.ts'],
      reads: ['`ledger.transfer` by `transfer_pkey`: (id = ANY ($1))', 'all of `ledger.book`'],
      because: 'it must',
    },
    { text: 'BEGIN', sentBy: [], reads: [] },
  ];
  const page = formatPage('ledger', entries);
  expect(parsePage(page).toSorted((a, b) => b.text.length - a.text.length)).toEqual(entries);
  expect(inLines(entries[0]?.text ?? '').split('\n').length).toBeGreaterThan(3);
});
