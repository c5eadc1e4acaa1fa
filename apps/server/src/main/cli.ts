import { Command, CommanderError } from 'commander';
import { registerDemo } from './commands/demo.ts';
import { registerLedger } from './commands/ledger.ts';
import { registerOperations } from './commands/operations.ts';
import { runStart } from './commands/start.ts';
import { registerStatements } from './commands/statements.ts';
import { version } from './version.ts';

/** `npx keyturn …`. Errors are one sentence on standard error and exit code 1. */
const { env } = process;
const program = new Command('keyturn')
  .description('Moves and keeps the money of property deals.')
  .version(version)
  .showHelpAfterError()
  .exitOverride();

program
  .command('start')
  .description('start everything: database, simulated bank and acquirer, platform, pages')
  .action(() => runStart(env));
registerOperations(program, env);
registerLedger(program, env);
registerStatements(program, env);
registerDemo(program, env);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode;
  } else {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
  // What was opened before the error must not keep the process.
  if (process.exitCode !== 0) process.exit();
}
