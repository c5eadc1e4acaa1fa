import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { gatherCast, type Stage } from '../demo/cast.ts';
import { type DemoResult, playDemo } from '../demo/play.ts';
import { ensureInstallation, findRunning, placesOf } from '../start/installation.ts';
import { dataDirectoryOf } from '../start/local.ts';
import { print, table, yuan } from './output.ts';
import { type Environment, startFromEnvironment } from './start.ts';

export function registerDemo(program: Command, env: Environment): void {
  program
    .command('demo')
    .description('play a whole deal over HTTP, from the first payment to the proof')
    .option('--json', 'print one object for machines')
    .action((options: { json?: boolean }) => runDemo(env, options.json ?? false));
}

/** Plays on the system that runs; starts one for as long as it takes when none does. */
async function runDemo(env: Environment, json: boolean): Promise<void> {
  const places = placesOf(dataDirectoryOf(env));
  const running = await findRunning(places);
  const say = (line: string) => process.stderr.write(`${line}\n`);
  if (running) {
    const secrets = await ensureInstallation(places);
    await play({ ...running, secrets }, say, json);
    return;
  }
  const system = await startFromEnvironment(env, (error) => {
    say(error.message);
    process.exit(1);
  });
  try {
    await play(system, say, json);
  } finally {
    await system.stop();
  }
}

async function play(stage: Stage, say: (line: string) => void, json: boolean): Promise<void> {
  const run = `demo${randomUUID().slice(0, 8)}`;
  const result = await playDemo(gatherCast(stage, run, say));
  print(result, json, resultText);
  if (!result.balanced) process.exitCode = 1;
}

function resultText({ balanced, bank, moved, proof }: DemoResult): string {
  const total = (amount: number | null) => (amount === null ? '?' : yuan(BigInt(amount)));
  return [
    table([
      ['what moved', 'amount', 'state', 'id'],
      ...moved.map((one) => [one.what, yuan(BigInt(one.amount)), one.state, one.id]),
    ]),
    '',
    `Proof of ${proof.date}`,
    table([
      ['ledger', total(proof.ledger)],
      ['bank', total(proof.bank)],
      ['liabilities', total(proof.liabilities)],
      ['in transit', total(proof.in_transit)],
    ]),
    '',
    table([
      ['account', 'proof', 'the bank itself'],
      ...bank.map((one) => [one.account_id, total(one.proof), total(one.sandbox)]),
    ]),
    '',
    balanced ? 'The books balance, and equal the bank’s.' : 'The books do NOT balance.',
  ].join('\n');
}
