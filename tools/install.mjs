// Brings the locked packages in, once. Runs on Node 20, before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alone } from './lock.mjs';
import { installed, root } from './paths.mjs';
import { Stop, say } from './say.mjs';

const stamp = installed('.keyturn-installed');
const unreachable =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT|network/;

/**
 * Installs the packages of package-lock.json unless they are there; afterwards nothing needs a
 * network.
 */
export async function ensureInstalled() {
  if (readOr(stamp, '') === wanted()) return;
  await alone('install', async () => {
    if (readOr(stamp, '') === wanted()) return;
    if (!matchesLock(readJson(join(root, 'package-lock.json')), readJson(hiddenLock()))) {
      await install();
    }
    makeReady();
    writeFileSync(stamp, wanted());
  });
}

/** npm's own note of what it put into node_modules. */
function hiddenLock() {
  return installed('.package-lock.json');
}

/** The state that the stamp attests: this lockfile on this kind of machine. */
function wanted() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const hash = createHash('sha256').update(lock).digest('hex');
  return `${process.platform}-${process.arch} ${hash}\n`;
}

/**
 * Whether npm has already installed what the lockfile asks for, by hand for example. Optional
 * packages may be missing: most are for other platforms.
 */
export function matchesLock(lock, hidden) {
  if (hidden === undefined) return false;
  return Object.entries(lock.packages).every(([path, entry]) => {
    if (!path.includes('node_modules/')) return true;
    const present = hidden.packages[path];
    if (present === undefined) return entry.optional === true || entry.devOptional === true;
    return entry.version === present.version && entry.integrity === present.integrity;
  });
}

async function install() {
  say('Installing the locked packages; the first time takes a minute or two …');
  const npm = process.env.npm_execpath;
  const [file, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const options = [
    '--prefer-offline',
    '--loglevel=error',
    '--include=dev',
    '--include=optional',
    '--no-audit',
  ];
  const { code, output } = await run(file, [...first, 'ci', ...options, '--no-fund']);
  if (code === 0) return;
  if (unreachable.test(output)) {
    throw new Stop(
      'The npm registry cannot be reached, and npm has not stored all packages from an earlier ' +
        'time. Connect to the network (or tell npm your proxy or registry), and start again.',
    );
  }
  throw new Stop(`npm could not install the packages (exit code ${code}). Its reason is above.`);
}

/** Runs npm with its messages shown, and a sign of life where there are none for a while. */
function run(file, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const show = (chunk) => {
      output = `${output}${chunk}`.slice(-100_000);
      process.stderr.write(chunk);
    };
    child.stdout.on('data', show);
    child.stderr.on('data', show);
    let seconds = 0;
    const alive = setInterval(() => {
      seconds += 15;
      say(`… still installing after ${seconds} s`);
    }, 15_000);
    child.on('error', (error) => {
      clearInterval(alive);
      reject(error.code === 'ENOENT' ? new Stop('npm is not on the PATH: install it.') : error);
    });
    child.on('close', (code) => {
      clearInterval(alive);
      resolve({ code: code ?? 1, output });
    });
  });
}

/** What npm's install scripts would do if they were allowed to run. */
function makeReady() {
  const link = installed('.bin', 'keyturn');
  try {
    symlinkSync(join('..', '..', 'tools', 'keyturn.mjs'), link);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  // Whoever installs may write to node_modules; who starts the database later perhaps may not.
  const script = `import('./packages/postgres/src/binaries.ts').then((m) => m.findBinaries())`;
  const made = spawnSync(node(), ['-e', script], { cwd: root, encoding: 'utf8' });
  if (made.status !== 0) say(`The database's binaries are not ready: ${made.stderr.trim()}`);
}

/**
 * The Node that runs the project: the one that npm installed, else this one if it is new enough.
 */
export function node() {
  const own = installed('.bin', 'node');
  if (existsSync(own)) return own;
  if (Number(process.versions.node.split('.')[0]) >= 26) return process.execPath;
  throw new Stop(
    `There is no Node 26 for ${process.platform}-${process.arch} among the packages. ` +
      'Install Node 26 or newer yourself and start again.',
  );
}

function readOr(path, otherwise) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return otherwise;
    throw error;
  }
}

function readJson(path) {
  const text = readOr(path, undefined);
  return text === undefined ? undefined : JSON.parse(text);
}
