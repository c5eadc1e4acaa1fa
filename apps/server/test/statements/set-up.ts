import { relative } from 'node:path';
import { expect } from 'vitest';
import { captureStatements } from './capture.ts';
import { directoryOfRun } from './directory.ts';

/** In every process that runs tests, before the tests. */
const directory = directoryOfRun();
if (directory !== undefined) {
  captureStatements(directory, relative(process.cwd(), expect.getState().testPath ?? 'a test'));
  const first = new URL('process.ts', import.meta.url).href;
  const options = process.env['NODE_OPTIONS'] ?? '';
  process.env['NODE_OPTIONS'] = `${options} --import=${first}`.trim();
}
