import { sentence } from '@keyturn/kernel';
import type { Command } from 'commander';
import { listMigrations } from '../../platform/index.ts';
import { findRunning, placesOf, StartError } from '../start/installation.ts';
import { dataDirectoryOf, type LocalPlatform } from '../start/local.ts';
import { print, table } from './output.ts';
import { proofText, readDate } from './proof.ts';
import type { Environment } from './start.ts';
import { withPlatform } from './with-platform.ts';

interface Options {
  readonly json?: boolean;
  readonly date?: string;
}

const jsonFlag = ['--json', 'print one object for machines'] as const;
const dateFlag = [
  '--date <YYYY-MM-DD>',
  'a bank day (Asia/Shanghai); yesterday when not said',
] as const;

/** The commands by which an operator looks after an installation. */
export function registerOperations(program: Command, env: Environment): void {
  program
    .command('migrate')
    .description('bring the database up to this version')
    .option(...jsonFlag)
    .action((options: Options) => withPlatform(env, () => migrated(options)));
  program
    .command('health')
    .description('say how the running system is; exit code 1 when something failed')
    .option(...jsonFlag)
    .action((options: Options) => health(env, options));
  program
    .command('reconcile')
    .description('fetch the day’s statements and bills, match them, and prove the day')
    .option(...dateFlag)
    .option(...jsonFlag)
    .action((options: Options) => withPlatform(env, (local) => reconcile(local, options)));
  program
    .command('proof')
    .description('prove to the fen that the money lies where the books say')
    .option(...dateFlag)
    .option(...jsonFlag)
    .action((options: Options) => withPlatform(env, (local) => prove(local, options)));
}

async function migrated({ json = false }: Options): Promise<void> {
  // Opening the platform has migrated the database.
  const steps = (await listMigrations()).map((step) => step.name);
  print(
    { migrated: true, steps },
    json,
    () => `The database is up to date (${steps.length} steps).`,
  );
}

async function health(env: Environment, { json = false }: Options): Promise<void> {
  const running = await findRunning(placesOf(dataDirectoryOf(env)));
  const url = env['KEYTURN_URL'] ?? running?.url;
  if (url === undefined) {
    throw new StartError(
      'Nothing runs here. Start it with `npm start`, or name it by KEYTURN_URL.',
    );
  }
  const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(15_000) });
  const said = (await response.json()) as {
    status: string;
    checks: { name: string; status: string; detail: string }[];
  };
  print(said, json, ({ status, checks }) =>
    [status, table(checks.map((one) => [`  ${one.name}`, one.status, one.detail]))].join('\n'),
  );
  if (said.status === 'failed') process.exitCode = 1;
}

async function reconcile({ platform, running }: LocalPlatform, options: Options): Promise<void> {
  if (!running) {
    throw new StartError(
      'The bank is not there to be asked. Start the system with `npm start` first.',
    );
  }
  const date = readDate(options.date, platform.clock);
  const result = await platform.reconciliation.reconcile(date);
  if (!result.ok) throw new StartError(sentence(platform.errors, result.error, 'en'));
  const { value } = result;
  print(value, options.json ?? false, ({ proof }) => proofText(proof));
  if (!value.complete || !value.proof.balanced) process.exitCode = 1;
}

async function prove({ platform }: LocalPlatform, options: Options): Promise<void> {
  const result = await platform.reconciliation.proof(readDate(options.date, platform.clock));
  if (!result.ok) throw new StartError(sentence(platform.errors, result.error, 'en'));
  print(result.value, options.json ?? false, proofText);
  if (!result.value.balanced) process.exitCode = 1;
}
