import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { directoryOfRun } from './directory.ts';

/**
 * Loaded first by every program that tests start as a process of its own (NODE_OPTIONS): those of
 * the platform write down what they send, as the tests' own processes do. The others, such as the
 * sandbox, are left alone and do not load the driver.
 */
const root = fileURLToPath(new URL('../../../../', import.meta.url));
const directory = directoryOfRun();
const program = relative(root, process.argv[1] ?? '');
if (directory !== undefined && program.startsWith('apps/server/')) {
  const { captureStatements } = await import('./capture.ts');
  captureStatements(directory, program);
}
