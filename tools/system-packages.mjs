// What the browser tests and the message tests need from the operating system.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { say } from './say.mjs';

const needed = [
  { debian: 'chromium', present: () => onPath('chromium') || onPath('chromium-browser') },
  { debian: 'fonts-noto-cjk', present: () => hasFont() },
  { debian: 'libxml2-utils', present: () => onPath('xmllint') },
];

/** Installs what is missing where we may, within a few minutes; says how where we may not. */
export function ensureSystemPackages() {
  const missing = needed.filter((one) => !one.present()).map((one) => one.debian);
  if (missing.length === 0) return;
  const names = missing.join(' ');
  const become = privilege();
  if (!onPath('apt-get') || become === undefined) {
    say(`Not installed: ${names}. The tests that need them cannot run; on Debian and Ubuntu:`);
    say(`  sudo apt-get install --no-install-recommends ${names}`);
    return;
  }
  say(`Installing for the browser and message tests: ${names} …`);
  apt(become, ['update'], 120_000);
  apt(become, ['install', '--yes', '--no-install-recommends', ...missing], 420_000);
  const still = needed.filter((one) => !one.present()).map((one) => one.debian);
  if (still.length > 0) say(`Could not be installed: ${still.join(' ')}. Their tests cannot run.`);
}

/** The words before a command that needs root; undefined when we may not become root. */
function privilege() {
  if (process.getuid?.() === 0) return [];
  if (!onPath('sudo')) return undefined;
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0
    ? ['sudo', '-n']
    : undefined;
}

function apt(become, args, timeout) {
  const quiet = ['-qq', '-o', 'DPkg::Lock::Timeout=60', '-o', 'Acquire::Retries=2'];
  const words = [...become, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...quiet, ...args];
  const [file, ...rest] = words;
  const result = spawnSync(file, rest, { stdio: ['ignore', 'ignore', 'pipe'], timeout });
  if (result.status === 0) return;
  const reason =
    result.error?.message ?? String(result.stderr).trim().split('\n').slice(-2).join(' ');
  say(`apt-get ${args[0]} did not succeed: ${reason}`);
}

function onPath(program) {
  const folders = (process.env.PATH ?? '').split(':');
  return folders.some((folder) => existsSync(`${folder}/${program}`));
}

function hasFont() {
  const listed = spawnSync('fc-list', [':lang=zh-cn'], { encoding: 'utf8' });
  return listed.status === 0
    ? listed.stdout.trim() !== ''
    : existsSync('/usr/share/fonts/opentype/noto');
}
