import { expect, it } from 'vitest';
import { count, lastLine, mayOpenPages } from './run-tests.mjs';

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((state) => ({ status: state })),
});

it('counts each test once, and what did not run as skipped', () => {
  const report = {
    testResults: [
      file('passed', 'passed', 'passed', 'pending'),
      file('failed', 'failed', 'passed', 'todo', 'skipped'),
    ],
  };
  expect(count(report, 1)).toEqual({ passed: 3, failed: 1, skipped: 3 });
});

it('counts a file that could not be run as one failure', () => {
  const report = { testResults: [file('failed'), file('passed', 'passed')] };
  expect(count(report, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
});

it('counts a file whose teardown failed after its tests passed', () => {
  expect(count({ testResults: [file('failed', 'passed')] }, 1)).toEqual({
    passed: 1,
    failed: 1,
    skipped: 0,
  });
});

it('counts an error outside of all tests, and a run without a report, as a failure', () => {
  expect(count({ testResults: [file('passed', 'passed')] }, 1).failed).toBe(1);
  expect(count(undefined, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

it('says the totals in one line', () => {
  expect(lastLine({ passed: 12, failed: 0, skipped: 3 })).toBe('12 passed, 0 failed, 3 skipped');
});

it('prepares the pages unless the tests asked for cannot open any', () => {
  expect(mayOpenPages([])).toBe(true);
  expect(mayOpenPages(['--bail=1'])).toBe(true);
  expect(mayOpenPages(['apps/cashier'])).toBe(true);
  expect(mayOpenPages(['packages/kernel'])).toBe(false);
  expect(mayOpenPages(['packages/kernel', 'apps'])).toBe(true);
});
