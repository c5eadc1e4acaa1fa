import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { Environment } from '../start.ts';
import {
  amountOf,
  countOf,
  type Flags,
  jsonFlag,
  type Platform,
  readPlanFile,
  settled,
  show,
  take,
} from './steps.ts';
import {
  comparisonText,
  differencesText,
  gateText,
  importText,
  moved,
  shadowText,
  statusText,
} from './texts.ts';

const byFlag = ['--by <name>', 'who does it'] as const;
const whyFlag = ['--why <text>', 'why'] as const;

/** `keyturn ledger takeover …`: moving from another ledger, one command for each step. */
export function registerTakeover(ledger: Command, env: Environment): void {
  const takeover = ledger
    .command('takeover')
    .description('move here from another ledger, step by step');
  registerReading(takeover, env);
  registerSettling(takeover, env);
  registerSwitching(takeover, env);
}

type Decided = Flags & { readonly by: string; readonly why: string };

function registerReading(takeover: Command, env: Environment): void {
  takeover
    .command('plan')
    .description('check a plan and store it as the next version; the first one begins the takeover')
    .argument('<file>', 'the plan, as JSON')
    .requiredOption(...byFlag)
    .requiredOption(...whyFlag)
    .option(...jsonFlag)
    .action(async (file: string, flags: Decided) => {
      const content = await readPlanFile(file);
      const step = ({ takeovers }: Platform) => takeovers.plan(content, flags);
      await show(env, flags, step, ({ version }) => `The plan is stored as version ${version}.`);
    });
  takeover
    .command('import')
    .description('take over the history, and hold it against the old balances; go on where it was')
    .argument('<takeover>')
    .option('--pieces <count>', 'pieces of 1,000 rows that this run begins; all when not said')
    .option(...jsonFlag)
    .action((id: string, flags: Flags & { pieces?: string }) => {
      const pieces = countOf(flags.pieces);
      return show(env, flags, ({ takeovers }) => takeovers.importHistory(id, pieces), importText);
    });
  takeover
    .command('shadow')
    .description('read and book what the old ledger has booked since')
    .argument('<takeover>')
    .option(...jsonFlag)
    .action((id: string, flags: Flags) =>
      show(env, flags, ({ takeovers }) => takeovers.shadow(id), shadowText),
    );
  takeover
    .command('compare')
    .description('compare every account with the old ledger; exit code 1 when one differs')
    .argument('<takeover>')
    .option(...jsonFlag)
    .action((id: string, flags: Flags) => {
      const step = ({ takeovers }: Platform) => takeovers.compare(id);
      return show(env, flags, step, comparisonText, ({ differing }) => differing === 0);
    });
  takeover
    .command('status')
    .description('say how far it is')
    .argument('<takeover>')
    .option(...jsonFlag)
    .action((id: string, flags: Flags) =>
      show(env, flags, ({ takeovers }) => takeovers.status(id), statusText),
    );
  takeover
    .command('gate')
    .description('say which subjects can be switched, and what is missing for the others')
    .argument('<takeover>')
    .option(...jsonFlag)
    .action((id: string, flags: Flags) =>
      show(env, flags, ({ takeovers }) => takeovers.gate(id), gateText),
    );
}

function registerSettling(takeover: Command, env: Environment): void {
  takeover
    .command('differences')
    .description('list what differs and why, a hundred at a time')
    .argument('<takeover>')
    .option('--all', 'also those that are over')
    .option('--after <name>', 'the last account of the page before; with --all the last difference')
    .option(...jsonFlag)
    .action((id: string, flags: Flags & { all?: boolean; after?: string }) => {
      const { all = false, after } = flags;
      const page = { all, ...(after === undefined ? {} : { after }) };
      return show(env, flags, ({ takeovers }) => takeovers.differences(id, page), differencesText);
    });
  takeover
    .command('settle')
    .description('propose to settle differences by a journal; another person has to approve it')
    .argument('<takeover>')
    .argument('[differences...]', 'their ids')
    .option('--subject <subject>', 'all that are open of a subject')
    .requiredOption(...byFlag)
    .requiredOption(...whyFlag)
    .option(...jsonFlag)
    .action((id: string, differences: string[], flags: Decided & { subject?: string }) => {
      const { subject } = flags;
      const which = subject === undefined ? { differences } : { subject };
      const step = ({ takeovers }: Platform) => takeovers.settle(id, which, flags);
      return show(
        env,
        flags,
        step,
        ({ settlement, differences: count }) =>
          `Settlement ${settlement} of ${count} differences waits for the approval of another person.`,
      );
    });
  takeover
    .command('approve')
    .description('approve a settlement that somebody else proposed, and book it')
    .argument('<takeover>')
    .argument('<settlement>')
    .requiredOption(...byFlag)
    .option(...jsonFlag)
    .action((id: string, settlement: string, flags: Flags & { by: string }) =>
      show(env, flags, ({ takeovers }) => takeovers.approve(id, settlement, flags.by), settled),
    );
}

function registerSwitching(takeover: Command, env: Environment): void {
  for (const [name, description] of [
    ['switch', 'let the new ledger lead subjects, when their gates are open'],
    ['back', 'let the old ledger lead subjects again, when everything is written back'],
  ] as const) {
    takeover
      .command(name)
      .description(description)
      .argument('<takeover>')
      .argument('<subjects...>')
      .requiredOption(...byFlag)
      .requiredOption(...whyFlag)
      .option(...jsonFlag)
      .action((id: string, subjects: string[], flags: Decided) => {
        const step = ({ takeovers }: Platform) =>
          name === 'switch'
            ? takeovers.switchSubjects(id, subjects, flags)
            : takeovers.switchBack(id, subjects, flags);
        return show(env, flags, step, moved);
      });
  }
  takeover
    .command('mirror')
    .description('write back to the old ledger what is due')
    .argument('<takeover>')
    .option(...jsonFlag)
    .action((id: string, flags: Flags) =>
      show(
        env,
        flags,
        ({ takeovers }) => takeovers.mirror(id),
        ({ sent, unknown }) => `${sent} journals written back, ${unknown} not confirmed.`,
      ),
    );
  takeover
    .command('refund')
    .description('refund an order that was paid in the old ledger, at most what is left of it')
    .argument('<takeover>')
    .argument('<order>')
    .argument('<amount>', 'in minor units: 120000 is 1,200.00 yuan')
    .option('--account <number>', 'the account in the old ledger, when the order has several')
    .option('--id <uuid>', 'the id of the refund: the same again is a repeat')
    .option(...jsonFlag)
    .action(
      (
        id: string,
        order: string,
        amount: string,
        flags: Flags & { account?: string; id?: string },
      ) => {
        const { account } = flags;
        const request = {
          id: flags.id ?? randomUUID(),
          order,
          amount: amountOf(amount),
          ...(account === undefined ? {} : { account }),
        };
        return show(
          env,
          flags,
          ({ takeovers }) => take(takeovers.refund(id, request)),
          ({ journal, replayed }) =>
            `Refund ${journal} ${replayed ? 'was booked before' : 'is booked'}.`,
        );
      },
    );
}
