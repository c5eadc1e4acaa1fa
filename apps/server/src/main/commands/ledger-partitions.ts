import { join } from 'node:path';
import { type Refusal, type Result, sentence } from '@keyturn/kernel';
import type { CheckedPart } from '@keyturn/ledger';
import type { Command } from 'commander';
import {
  createPartitionsDesk,
  loadSealKey,
  type PartitionsDesk,
  type PartView,
  readTrustedSealKeys,
} from '../../platform/index.ts';
import { StartError } from '../start/installation.ts';
import { print, table } from './output.ts';
import type { Environment } from './start.ts';
import { withPlatform } from './with-platform.ts';

interface Flags {
  readonly json?: boolean;
}

const jsonFlag = ['--json', 'print one object for machines'] as const;

/** What a command is given to work with: the desk, and what a refusal is made into. */
interface AtDesk {
  readonly desk: PartitionsDesk;
  accepted<T>(result: Result<T, Refusal>): T;
}

/** `ledger partitions …`: the parts of the transfers, for who owns the database. */
export function registerPartitions(ledger: Command, env: Environment): void {
  const parts = ledger
    .command('partitions')
    .description('list the parts of the transfers, cut them off, take them out, put them back')
    .option(...jsonFlag)
    .action((flags: Flags) => atDesk(env, ({ desk }) => list(desk, flags)));
  parts
    .command('cut')
    .description('begin a new part, and cut off the one before when it is sealed')
    .option(...jsonFlag)
    .action((_flags: Flags, command: Command) =>
      atDesk(env, async ({ desk, accepted }) => {
        print(accepted(await desk.cut()), json(command), ({ number, cut }) =>
          cut
            ? `Part ${number} is cut off.`
            : `Part ${number} has ended. The sealer will cut it off when all before is sealed.`,
        );
      }),
    );
  parts
    .command('pack <number>')
    .description('write the keys of a part that was cut off anew, smaller; nothing waits for it')
    .option(...jsonFlag)
    .action((number: string, _flags: Flags, command: Command) =>
      atDesk(env, async ({ desk, accepted }) => {
        const packed = accepted(await desk.pack(partNumber(number)));
        print(packed, json(command), (part) => `Part ${part.number} is packed.`);
      }),
    );
  parts
    .command('detach <number>')
    .description('take the oldest part out; its table stays until it is dropped')
    .option(...jsonFlag)
    .action((number: string, _flags: Flags, command: Command) =>
      atDesk(env, async ({ desk, accepted }) => {
        print(accepted(await desk.detach(partNumber(number))), json(command), (part) =>
          [
            `Part ${part.number} is taken out: ledger.transfer_${part.number}.`,
            'Keep it by pg_dump before it is dropped; "ledger partitions check" checks it.',
          ].join('\n'),
        );
      }),
    );
  parts
    .command('attach <number>')
    .description('check the part that was taken out last, and put it back')
    .option(...jsonFlag)
    .action((number: string, _flags: Flags, command: Command) =>
      atDesk(env, async ({ desk, accepted }) => {
        print(accepted(await desk.attach(partNumber(number))), json(command), (part) =>
          [checkedText(part), `Part ${part.number} is put back.`].join('\n'),
        );
      }),
    );
  parts
    .command('check <number>')
    .description('check one part by itself; exit code 1 when anything is not as it must be')
    .option(...jsonFlag)
    .action((number: string, _flags: Flags, command: Command) =>
      atDesk(env, async ({ desk, accepted }) => {
        const checked = accepted(await desk.check(partNumber(number)));
        print(checked, json(command), checkedText);
        if (!checked.balanced) process.exitCode = 1;
      }),
    );
}

/** The flag stands before the word or behind it. */
function json(command: Command): boolean {
  return command.optsWithGlobals<Flags>().json === true;
}

async function atDesk(env: Environment, work: (at: AtDesk) => Promise<void>): Promise<void> {
  await withPlatform(env, async ({ platform }) => {
    const { migrateUrl, dataDirectory } = platform.config;
    const keys = join(dataDirectory, 'keys');
    const trustedKeys = await readTrustedSealKeys(keys);
    const desk = createPartitionsDesk({
      migrateUrl,
      clock: platform.clock,
      key: await loadSealKey(keys),
      ...(trustedKeys === undefined ? {} : { trustedKeys }),
    });
    const accepted = <T>(result: Result<T, Refusal>): T => {
      if (!result.ok) throw new StartError(sentence(platform.errors, result.error, 'en'));
      return result.value;
    };
    try {
      await work({ desk, accepted });
    } finally {
      await desk.close();
    }
  });
}

async function list(desk: PartitionsDesk, flags: Flags): Promise<void> {
  print(await desk.list(), flags.json === true, partsText);
}

/** The parts, one a line. */
export function partsText(parts: readonly PartView[]): string {
  return table([
    ['part', 'state', 'transfers', 'cut off'],
    ...parts.map(({ number, state, transfers, cutAt }) => [
      String(number),
      state,
      transfers?.toString() ?? '',
      cutAt?.toString() ?? '',
    ]),
  ]);
}

/** @throws StartError when the text is no number of a part */
export function partNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number.parseInt(text, 10);
  throw new StartError(
    `"${text}" is no part. Name one by its number, as "ledger partitions" lists it.`,
  );
}

function checkedText({ number, balanced, transfers, seals, findings }: CheckedPart): string {
  return [
    balanced ? `Part ${number} is right.` : `Part ${number} is NOT right.`,
    `${transfers} transfers replayed, ${seals} seals verified.`,
    ...findings.map((one) => `  ${one.rule}: ${one.subject} (${one.detail})`),
  ].join('\n');
}
