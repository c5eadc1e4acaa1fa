import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkFile, checkTree, projectFiles } from './tidy/check.ts';
import { toSource } from './tidy/source.ts';
import { lockfile, moduleFiles } from './tidy/tree.ts';

const root = dirname(import.meta.dirname);
const inModule = 'apps/server/src/flows/escrow/service.ts';

/** The rules that a file breaks. */
function broken(path: string, text: string): string[] {
  return checkFile(path, text).map((violation) => violation.rule);
}

/** The rules that a line of code in a module of the server breaks. */
function inService(code: string): string[] {
  return broken(inModule, `${code}\n`);
}

function functionOf(lines: number): string {
  return ['function long() {', ...Array(lines - 2).fill('  step();'), '}'].join('\n');
}

it('finds nothing in this project', () => {
  const found = checkTree(root).map((one) => `${one.path}:${one.line} ${one.message}`);
  expect(found).toEqual([]);
});

it('looks at all files of the project', () => {
  const files = projectFiles(root);
  expect(files).toContain('tools/tidy.test.ts');
  expect(files).toContain('packages/kernel/src/money.ts');
  expect(files.filter((path) => path.includes('node_modules'))).toEqual([]);
});

it('looks at a copy of the sources without git, too', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-tidy-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'apps/server/src/flows/escrow'), { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  writeFileSync(join(folder, 'node_modules', 'ignored.ts'), 'Date.now()');
  writeFileSync(join(folder, inModule), 'export const at = Date.now();\n');
  expect(checkTree(folder).map((one) => one.rule)).toEqual([
    'clock',
    'module-files',
    'module-files',
  ]);
});

describe('sizes', () => {
  it('limits a function to 70 lines, and names it', () => {
    expect(inService(functionOf(70))).toEqual([]);
    const [violation] = checkFile(inModule, `\n${functionOf(71)}`);
    expect(violation).toMatchObject({ rule: 'function-length', line: 2 });
    expect(violation?.message).toContain('long has 71 lines');
  });

  it('lets a suite be as long as its tests, but not a test', () => {
    const body = (kind: string) =>
      [`${kind}('x', () => {`, ...Array(80).fill('  step();'), '});'].join('\n');
    expect(broken('packages/a/src/b.test.ts', body('describe'))).toEqual([]);
    expect(broken('packages/a/src/b.test.ts', body('describe.each([1])'))).toEqual([]);
    expect(broken('packages/a/src/b.test.ts', body('it'))).toEqual(['function-length']);
  });

  it('limits a file to 500 lines', () => {
    expect(broken('docs/long.md', '\n'.repeat(600))).toEqual([]);
    expect(broken('a.sql', '\n'.repeat(500))).toEqual([]);
    expect(broken('a.sql', '\n'.repeat(501))).toEqual(['file-length']);
  });

  it('limits a line to 100 columns, unless it cannot be broken', () => {
    expect(inService(`// ${'word '.repeat(19)}`)).toEqual([]);
    expect(inService(`// ${'word '.repeat(20)}`)).toEqual(['line-width']);
    expect(inService(`// ${'金额 '.repeat(32)}`)).toEqual([]);
    expect(inService(`// https://example.org/${'a'.repeat(100)}`)).toEqual([]);
    expect(inService(`const en = '${'word '.repeat(20)}';`)).toEqual([]);
    expect(inService(`call(${'first, '.repeat(14)}'short');`)).toEqual(['line-width']);
  });

  it('counts the named functions inside a function on their own', () => {
    const inner = functionOf(60).replaceAll('long', 'inner');
    expect(inService(`function outer() {\n${inner}\n${inner}\n}`)).toEqual([]);
  });
});

describe('names', () => {
  it('wants files and folders in kebab-case', () => {
    expect(broken('packages/ui/src/PayButton.tsx', '')).toEqual(['kebab-case']);
    expect(broken('packages/ui_kit/src/a.ts', '')).toEqual(['kebab-case']);
    for (const path of ['README.zh-CN.md', '.ci/run', 'src/i18n/zh-CN.ts', 'a/vite.config.ts']) {
      expect(broken(path, '')).toEqual([]);
    }
    expect(broken('apps/server/src/migrations/0001_platform.sql', '')).toEqual([]);
  });

  it('wants no names that say nothing', () => {
    expect(broken('apps/server/src/flows/utils.ts', '')).toEqual(['banned-name']);
    expect(broken('packages/a/src/common/money.ts', '')).toEqual(['banned-name']);
    expect(inService('const paymentHelper = 1;')).toEqual(['banned-name']);
    expect(inService('export class DealManager {}')).toEqual(['banned-name']);
    expect(inService('const commonPrefix = longest(a, b);')).toEqual([]);
  });
});

describe('bans', () => {
  it('lets only the clock read the time', () => {
    for (const code of ['Date.now();', 'new Date();', 'Date();', 'Temporal.Now.instant();']) {
      expect(inService(code)).toEqual(['clock']);
      expect(broken('packages/kernel/src/clock.ts', code)).toEqual([]);
      expect(broken('apps/sandbox/src/core/clock.ts', code)).toEqual([]);
    }
    expect(broken('apps/console/src/day.tsx', 'new Date(instant);')).toEqual([]);
  });

  it('keeps floats away from money', () => {
    expect(inService("parseFloat('1.5');")).toEqual(['float']);
    expect(inService('Number.parseFloat(text);')).toEqual(['float']);
    expect(inService('Number(order.amountMinor);')).toEqual(['float']);
    expect(inService('Number(row.balance) / 100;')).toEqual(['float']);
    expect(inService('Number(fence);')).toEqual([]);
  });

  it('finds an error that is swallowed in silence', () => {
    expect(inService('try { a(); } catch {}')).toEqual(['swallow']);
    expect(inService('try { a(); } catch (error) { b(); }')).toEqual(['swallow']);
    expect(inService('a().catch(() => undefined);')).toEqual(['swallow']);
    expect(inService('a().catch(() => {});')).toEqual(['swallow']);
  });

  it('accepts an error that is looked at, thrown, replaced or explained', () => {
    expect(inService('try { a(); } catch (error) { log(error); }')).toEqual([]);
    expect(inService('try { a(); } catch { throw new Error("b"); }')).toEqual([]);
    expect(inService('try { a(); } catch {\n  // It was not there.\n}')).toEqual([]);
    expect(inService('a().catch((error: unknown) => log(error));')).toEqual([]);
    expect(inService('const b = a().catch(() => 0);')).toEqual([]);
    expect(inService('// It may be closed already.\na().catch(() => undefined);')).toEqual([]);
  });

  it('keeps the environment behind one door', () => {
    expect(inService('const port = process.env.PORT;')).toEqual(['environment']);
    expect(inService("const port = process.env['PORT'];")).toEqual(['environment']);
    expect(broken('apps/server/src/platform/config.ts', 'process.env.PORT;')).toEqual([]);
    expect(broken('apps/server/src/main/config/read.ts', 'process.env.PORT;')).toEqual([]);
  });

  it('keeps modules off the console', () => {
    expect(inService('console.log(1);')).toEqual(['console']);
    expect(inService('console.error(1);')).toEqual(['console']);
    expect(broken('apps/server/src/main/cli.ts', 'console.log(1);')).toEqual([]);
  });

  it('leaves nothing for later', () => {
    expect(inService(`// ${'TO' + 'DO'}: money`)).toEqual(['left-for-later']);
    expect(broken('a.sql', `-- ${'FIX' + 'ME'}`)).toEqual(['left-for-later']);
  });

  it('names no machine and no registry', () => {
    expect(broken('docs/a.md', `see ${'/wo' + 'rk'}/main`)).toEqual(['machine-path']);
    expect(broken('docs/a.md', 'network/root/leaf')).toEqual([]);
    expect(broken('docs/a.md', `https://${'registry'}.npmjs.org/pg`)).toEqual(['registry-host']);
  });
});

describe('sql', () => {
  const statements = [
    'SELECT id FROM payments.payment WHERE id = $1',
    'select id from payments.payment',
    '\n  WITH due AS (SELECT 1) SELECT * FROM due',
    'INSERT INTO payments.payment (id) VALUES ($1)',
    'UPDATE payments.payment AS p SET state = $1',
    'DELETE FROM payments.payment',
    'CREATE TABLE a (b int)',
    'TRUNCATE payments.payment',
    'SELECT pg_notify($1, $2)',
  ];

  it.each(statements)('belongs into a store: %s', (statement) => {
    expect(inService(`run(\`${statement}\`);`)).toEqual(['sql']);
    expect(inService(`run('${statement.trim()}');`)).toEqual(['sql']);
    const store = 'apps/server/src/flows/escrow/store';
    expect(broken(`${store}.ts`, `run(\`${statement}\`);`)).toEqual([]);
    expect(broken(`${store}/deals.ts`, `run(\`${statement}\`);`)).toEqual([]);
  });

  it('is found in a template with names filled in', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the code that is checked
    expect(inService('run(`SELECT ${columns} FROM ${table}`);')).toEqual(['sql']);
  });

  const sentences = [
    'Select a bank from the list',
    'Update the agreement and set a date',
    'with interest as agreed',
    'select',
    'Insert into the envelope',
  ];

  it.each(sentences)('is not seen in what people read: %s', (sentence) => {
    expect(inService(`say('${sentence}');`)).toEqual([]);
  });
});

describe('the tree', () => {
  it('wants a face and a page for each module', () => {
    const module = 'apps/server/src/flows/escrow';
    expect(moduleFiles([`${module}/service.ts`]).map((one) => one.message)).toEqual([
      'the module lacks README.md',
      'the module lacks index.ts',
    ]);
    expect(moduleFiles([`${module}/index.ts`, `${module}/README.md`])).toEqual([]);
    expect(moduleFiles(['apps/server/src/platform/http/server.ts'])).toEqual([]);
  });

  it('wants no download address in the lockfile', () => {
    const lock = (line: string) => lockfile(toSource('package-lock.json', line));
    expect(lock('  "resolved": "https://example.org/pg.tgz",')).toHaveLength(1);
    expect(lock('  "resolved": "packages/kernel",')).toEqual([]);
    expect(lockfile(undefined)).toEqual([]);
  });

  it('leaves data from elsewhere and generated code alone', () => {
    expect(broken('packages/a/fixtures/Sample.ts', 'Date.now()')).toEqual([]);
    expect(broken('packages/contract/src/generated/Api.ts', 'Date.now()')).toEqual([]);
  });
});
