import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { noClock, noConsole, noEnvironment, noFloatMoney, noSwallowing } from './bans.ts';
import { bannedCodeNames, bannedPathNames, kebabCase } from './names.ts';
import { fileLength, functionLength, lineWidth } from './sizes.ts';
import { type Check, isForeign, toSource, type Violation } from './source.ts';
import { sqlInStores } from './sql.ts';
import { bannedText } from './text.ts';
import { lockfile, moduleFiles } from './tree.ts';

const checks: readonly Check[] = [
  functionLength,
  fileLength,
  lineWidth,
  kebabCase,
  bannedPathNames,
  bannedCodeNames,
  noClock,
  noFloatMoney,
  noSwallowing,
  noEnvironment,
  noConsole,
  sqlInStores,
  bannedText,
];

/** What one file does wrong, by all rules that look at single files. */
export function checkFile(path: string, text: string): Violation[] {
  if (isForeign(path)) return [];
  const source = toSource(path, text);
  return checks.flatMap((check) => check(source));
}

/** What the project under `root` does wrong. */
export function checkTree(root: string): Violation[] {
  const paths = projectFiles(root);
  const single = paths.filter(isText).flatMap((path) => {
    return isForeign(path) ? [] : checkFile(path, readFileSync(join(root, path), 'utf8'));
  });
  const lock = join(root, 'package-lock.json');
  const locked = existsSync(lock)
    ? toSource('package-lock.json', readFileSync(lock, 'utf8'))
    : undefined;
  return [...single, ...moduleFiles(paths), ...lockfile(locked)];
}

function isText(path: string): boolean {
  return !/\.(png|jpe?g|gif|ico|webp|woff2?|ttf|otf|pdf|xlsx|zip|gz|parquet)$/.test(path);
}

/** What git tracks; where there is no git, everything but what it would ignore. */
export function projectFiles(root: string): string[] {
  try {
    const listed = execFileSync('git', ['ls-files', '-z'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 1 << 26,
    });
    return listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
  } catch {
    // No git, or no repository: an archive of the sources, say.
    return walkFiles(root, '');
  }
}

const ignored = new Set(['node_modules', 'dist', 'coverage', '.git', '.keyturn']);

function walkFiles(root: string, under: string): string[] {
  return readdirSync(join(root, under), { withFileTypes: true }).flatMap((entry) => {
    const path = under === '' ? entry.name : `${under}/${entry.name}`;
    if (ignored.has(entry.name)) return [];
    return entry.isDirectory() ? walkFiles(root, path) : entry.isFile() ? [path] : [];
  });
}
