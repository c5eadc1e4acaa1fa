// Builds the web pages, when their sources have changed since they were last built.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureInstalled } from './install.mjs';
import { runNode } from './launch.mjs';
import { alone } from './lock.mjs';
import { installed, root } from './paths.mjs';
import { main, Stop, say } from './say.mjs';

/** What every page is built from besides its own folder. */
const shared = ['packages/ui', 'packages/contract', 'package-lock.json', 'tsconfig.json'];
const notSources = new Set(['node_modules', 'dist', 'dist.new', 'dist.old', 'test', 'coverage']);

/** The web apps: each folder under apps/ with a page for vite to start from. */
export function webApps() {
  const folders = readdirSync(join(root, 'apps')).sort();
  return folders.filter((name) => existsSync(join(root, 'apps', name, 'index.html')));
}

/**
 * Builds the pages of all web apps into their `dist` folders. Pages that are up to date are left
 * alone; a failed build leaves the old ones in place. Two processes at once build once.
 */
export async function buildPages() {
  for (const app of webApps()) {
    if (isBuilt(app)) continue;
    await alone(`build-${app}`, async () => {
      if (!isBuilt(app)) await build(app);
    });
  }
}

async function build(app) {
  say(`Building the pages of ${app} …`);
  const folder = join(root, 'apps', app);
  const fresh = join(folder, 'dist.new');
  const print = fingerprint(app);
  const vite = installed('vite', 'bin', 'vite.js');
  const args = [vite, 'build', '--outDir', 'dist.new', '--emptyOutDir', '--logLevel', 'warn'];
  const code = await runNode(args, { cwd: folder, stdio: ['inherit', 2, 2] });
  if (code !== 0) throw new Stop(`The pages of ${app} could not be built; vite's reason is above.`);
  writeFileSync(join(fresh, '.fingerprint'), print);
  const old = join(folder, 'dist.old');
  rmSync(old, { recursive: true, force: true });
  if (existsSync(join(folder, 'dist'))) renameSync(join(folder, 'dist'), old);
  renameSync(fresh, join(folder, 'dist'));
  rmSync(old, { recursive: true, force: true });
}

function isBuilt(app) {
  const path = join(root, 'apps', app, 'dist', '.fingerprint');
  return existsSync(path) && readFileSync(path, 'utf8') === fingerprint(app);
}

/** A hash of everything that the pages of an app are built from. */
function fingerprint(app) {
  const hash = createHash('sha256');
  for (const start of [`apps/${app}`, ...shared]) {
    for (const file of filesUnder(join(root, start))) {
      hash
        .update(`${relative(root, file)}\0`)
        .update(readFileSync(file))
        .update('\0');
    }
  }
  return hash.digest('hex');
}

function filesUnder(path) {
  if (!existsSync(path)) return [];
  const entries = readdirOrFile(path);
  if (entries === undefined) return [path];
  return entries
    .filter((entry) => !notSources.has(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const inside = join(path, entry.name);
      return entry.isDirectory() ? filesUnder(inside) : entry.isFile() ? [inside] : [];
    });
}

function readdirOrFile(path) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(async () => {
    await ensureInstalled();
    await buildPages();
  });
}
