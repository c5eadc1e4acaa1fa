// `npm test`: everything that the tests need, then the tests. Arguments go to vitest.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildPages } from './build-pages.mjs';
import { ensureInstalled } from './install.mjs';
import { runNode } from './launch.mjs';
import { installed, root } from './paths.mjs';
import { main, Stop, say } from './say.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

/**
 * Counts single tests in the report of vitest's JSON reporter. A file that could not be run and
 * an error outside of any test count as one failure each, since no test in them was heard.
 *
 * @typedef {{ status: string, assertionResults: readonly { status: string }[] }} FileResult
 * @param {{ testResults?: readonly FileResult[] } | undefined} report
 * @param {number} exitCode
 */
export function count(report, exitCode) {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report?.testResults ?? []) {
    const states = file.assertionResults.map((test) => test.status);
    for (const state of states) {
      totals[state === 'passed' || state === 'failed' ? state : 'skipped'] += 1;
    }
    if (file.status === 'failed' && !states.includes('failed')) totals.failed += 1;
  }
  if (exitCode !== 0 && totals.failed === 0) totals.failed = 1;
  return totals;
}

/** The last line of every test run. */
export function lastLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Whether the tests asked for can include pages in a browser: all tests, or some of the apps. */
export function mayOpenPages(args) {
  const paths = args.filter((arg) => !arg.startsWith('-'));
  return paths.length === 0 || paths.some((path) => !/packages\/|tools\//.test(path));
}

async function runTests(args) {
  const prepared = (await attempt(ensureInstalled)) && (await attempt(() => preparePages(args)));
  const ready = existsSync(installed('vitest'));
  const totals = ready ? await runVitest(args) : { passed: 0, failed: 0, skipped: 0 };
  // What could not be prepared is a failure, whatever the tests say.
  if (!prepared) totals.failed += 1;
  process.stdout.write(`\n${lastLine(totals)}\n`);
  process.exitCode = totals.failed > 0 ? 1 : 0;
}

async function preparePages(args) {
  if (!mayOpenPages(args)) return;
  ensureSystemPackages();
  await buildPages();
}

async function attempt(work) {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    say(error.message);
    return false;
  }
}

async function runVitest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-test-report-'));
  const reportFile = join(folder, 'report.json');
  const vitest = installed('vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  try {
    const code = await runNode([vitest, 'run', ...reporters, ...args], { cwd: root });
    return count(readReport(reportFile), code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** undefined when vitest ended before it could write one; its exit code then tells. */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // Absent or cut off: there is nothing to count in it.
    return undefined;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(() => runTests(process.argv.slice(2)));
}
