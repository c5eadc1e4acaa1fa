// Where things lie. Runs on Node 20, before anything is installed.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root folder of the project. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What the project keeps for itself and git ignores: locks here, data in subfolders. */
export const stateFolder = join(root, '.keyturn');

/** A file of an installed package, or of npm's own bookkeeping. */
export function installed(...parts) {
  return join(root, 'node_modules', ...parts);
}
