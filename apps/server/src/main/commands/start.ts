import { resolve } from 'node:path';
import { createLogger } from '../../platform/index.ts';
import { fillOnce } from '../demo/fill.ts';
import { StartError } from '../start/installation.ts';
import { dataDirectoryOf } from '../start/local.ts';
import { type System, startSystem } from '../start/system.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Starts everything for the command line, with progress said on standard error. */
export async function startFromEnvironment(
  env: Environment,
  onGivenUp: (error: StartError) => void,
): Promise<System> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  await buildPages(say);
  return startSystem({
    dataDirectory: resolve(dataDirectoryOf(env)),
    host: env['KEYTURN_HOST'] ?? '127.0.0.1',
    ports: {
      api: port(env, 'KEYTURN_PORT', 7070),
      sandboxAdmin: port(env, 'KEYTURN_SANDBOX_PORT', 7080),
      acquirer: port(env, 'KEYTURN_ACQUIRER_PORT', 7081),
      bank: port(env, 'KEYTURN_BANK_PORT', 7082),
    },
    env,
    logger: createLogger('start', env['KEYTURN_LOG_LEVEL'] ?? 'warn'),
    say,
    onGivenUp,
  });
}

/** Builds the web pages when their sources have changed; without them the API runs all the same. */
async function buildPages(say: (line: string) => void): Promise<void> {
  const tool: { buildPages: () => Promise<void> } = await import(
    '../../../../../tools/build-pages.mjs'
  );
  say('Looking at the web pages …');
  await tool.buildPages();
}

function port(env: Environment, name: string, fallback: number): number {
  const text = env[name];
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new StartError(`${name} is "${text}"; use a port from 0 to 65535.`);
  }
  return value;
}

/** `keyturn start`: everything in one process tree, until Ctrl-C. */
export async function runStart(env: Environment): Promise<void> {
  let stop: (code: number) => Promise<void> = async () => undefined;
  let asked = false;
  // Asked to stop while still starting: stop as soon as there is something to stop.
  const ask = () => {
    asked = true;
    void stop(0);
  };
  process.on('SIGINT', ask);
  process.on('SIGTERM', ask);
  const system = await startFromEnvironment(env, (error) => {
    process.stderr.write(`${error.message}\n`);
    void stop(1);
  });
  stop = async (code) => {
    stop = async () => undefined;
    process.stderr.write('Stopping …\n');
    await system.stop();
    process.exit(code);
  };
  if (asked) return stop(0);
  let cashier: string | undefined;
  try {
    cashier = await fillOnce(system, (line) => process.stderr.write(`${line}\n`));
  } catch (error) {
    await system.stop();
    throw error;
  }
  process.stdout.write(`${readyText(system, cashier)}\n`);
}

function readyText(system: System, cashier: string | undefined): string {
  const { url, sandboxAdmin, secrets } = system;
  const people = Object.entries(secrets.operators)
    .map(([name, password]) => `      ${name.padEnd(9)} ${password}`)
    .join('\n');
  const payer = cashier === undefined ? '' : `\n  A payer's page   ${cashier}`;
  return `
ready

  Console          ${url}/console/     log in as:
${people}${payer}
  API              ${url}/docs/        (OpenAPI: ${url}/docs/json)
  Health           ${url}/health
  Outside world    ${sandboxAdmin}/clock   (a simulated bank and acquirer)

  Try first:  npx keyturn demo       plays a whole deal, from the first payment to the proof
              npx keyturn proof      shows where all money lies, against the bank's statements
  Stop with Ctrl-C.`;
}
