import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type SteerableClock, steerableClock } from '@keyturn/kernel';
import { bookId } from '@keyturn/ledger';
import type { Database } from '@keyturn/pipeline';
import { createTestDatabase, type TestDatabase } from '@keyturn/testkit';
import { startChild } from '../../src/main/start/child.ts';
import { createTakeovers, keyFileOf, type Takeovers } from '../../src/platform/index.ts';

/**
 * An old ledger that the sandbox plays as a process of its own, an empty book, and the command
 * line between them, each command a process, too.
 */
export interface OldWorld {
  readonly testDatabase: TestDatabase;
  readonly database: Database;
  /** Follows the world's clock as it is moved here. */
  readonly clock: SteerableClock;
  /** In this process, for what programs do and not people. */
  readonly takeovers: Takeovers;
  /** Calls the sandbox's admin port. */
  admin(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
  advance(duration: string): Promise<void>;
  /** `keyturn ledger takeover …`, with `--json`. */
  run(...words: readonly string[]): Promise<Ran>;
  /** The same, killed when `seen` says so. */
  kill(seen: () => Promise<boolean>, ...words: readonly string[]): Promise<void>;
  writeFile(name: string, content: unknown): Promise<string>;
  close(): Promise<void>;
}

export interface Ran {
  readonly code: number | null;
  /** What it printed, read as JSON. */
  readonly said: unknown;
  readonly errors: string;
}

export const book = bookId('kt-test', 'reserve', 'CNY');
export const takeover = 'wallets';
const key = 'a key of the old ledger, 32 long or more';
const host = '127.0.0.1';
const cli = fileURLToPath(new URL('../../src/main/cli.ts', import.meta.url));
const sandboxMain = fileURLToPath(new URL('../../../sandbox/src/main.ts', import.meta.url));

export async function startOldWorld(standsAt: Temporal.Instant): Promise<OldWorld> {
  const root = await mkdtemp(join(tmpdir(), 'keyturn-takeover-'));
  const keyFolder = join(root, 'keys');
  await mkdir(keyFolder, { recursive: true });
  await writeFile(keyFileOf(keyFolder, 'old-ledger'), `${key}\n`, { mode: 0o600 });
  const testDatabase = await createTestDatabase();
  const database = testDatabase.open();
  const sandbox = await startSandbox(root, standsAt);
  const sandboxAdmin = String(sandbox.ready['admin']);
  const clock = steerableClock(standsAt);
  const takeovers = createTakeovers({ database, clock, keyFolder });
  const admin = createAdmin(sandboxAdmin);
  await admin('POST', '/old-ledger/clients', { client_id: 'keyturn', key });
  await database.query(`insert into ledger.book (id, legal_entity, regime, currency, memo)
    values ('${book}', 'kt-test', 'reserve', 'CNY', false)`);
  const plan = join(root, 'plan.json');
  await writeFile(plan, JSON.stringify(planOf(String(sandbox.ready['old_ledger']))));
  const start = (words: readonly string[]) =>
    spawn(process.execPath, [cli, 'ledger', 'takeover', ...words, '--json'], {
      cwd: root,
      env: {
        ...process.env,
        DATABASE_URL: testDatabase.url,
        DATABASE_MIGRATE_URL: testDatabase.superuserUrl,
        KEYTURN_DATA: root,
        KEYTURN_TIME_SOURCE: `${sandboxAdmin}/clock`,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  return {
    testDatabase,
    database,
    clock,
    takeovers,
    admin,
    advance: async (duration) => {
      await admin('POST', '/clock/advance', { duration });
      clock.advance(Temporal.Duration.from(duration));
    },
    run: (...words) => finish(start(words.map((word) => (word === 'PLAN' ? plan : word)))),
    kill: (seen, ...words) => killWhen(start(words), seen),
    writeFile: async (name, content) => {
      await writeFile(join(root, name), JSON.stringify(content));
      return join(root, name);
    },
    close: async () => {
      await takeovers.close();
      await sandbox.stop();
      await testDatabase.drop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

function startSandbox(root: string, standsAt: Temporal.Instant) {
  const ports = ['admin', 'acquirer', 'bank', 'old-ledger'].flatMap((name) => {
    return [`--${name}-port`, '0'];
  });
  return startChild({
    name: 'sandbox',
    script: sandboxMain,
    args: [
      ...['--data', join(root, 'sandbox'), '--host', host, ...ports],
      ...['--stands-at', standsAt.toString()],
    ],
    env: process.env,
    logFile: join(root, 'sandbox.log'),
    onGivenUp: (error) => {
      throw error;
    },
  });
}

function createAdmin(url: string): OldWorld['admin'] {
  return async (method, path, body) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
}

const counter = { code: 1101, owner: 'old ledger' };

export function planOf(url: string) {
  return {
    takeover,
    book,
    old: { url, client: 'keyturn', key: 'old-ledger' },
    subjects: [
      { subject: '2201', code: 2001, owner: '{account}', sign: 'same', counter },
      { subject: '2202', code: 2002, owner: 'm-{account}', sign: 'same', counter },
      { subject: '1122', code: 1201, owner: '{account}', sign: 'opposite', counter },
    ],
    suspense: {
      excess: { code: 2301, owner: 'takeover: excess' },
      shortfall: { code: 1201, owner: 'takeover: shortfall' },
    },
    gate_days: 2,
    late_after: 'PT2H',
    compare_every: 'PT1H',
  };
}

async function finish(child: ChildProcess): Promise<Ran> {
  let out = '';
  let errors = '';
  child.stdout?.on('data', (chunk) => {
    out += String(chunk);
  });
  child.stderr?.on('data', (chunk) => {
    errors += String(chunk);
  });
  await once(child, 'close');
  const line = out.trim();
  return { code: child.exitCode, said: line === '' ? undefined : JSON.parse(line), errors };
}

async function killWhen(child: ChildProcess, seen: () => Promise<boolean>): Promise<void> {
  const exited = once(child, 'exit');
  while (!(await seen())) {
    if (child.exitCode !== null) throw new Error('it ended before it could be killed');
  }
  child.kill('SIGKILL');
  await exited;
}
