import { dirname } from 'node:path';
import { checkTree } from './check.ts';

const found = checkTree(dirname(dirname(import.meta.dirname)));
for (const { path, line, rule, message } of found) {
  process.stdout.write(`${path}:${line} ${rule}: ${message}\n`);
}
if (found.length > 0) process.exitCode = 1;
