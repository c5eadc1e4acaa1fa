import { readFile } from 'node:fs/promises';
import { text as readStream } from 'node:stream/consumers';
import { decodeId, sentence } from '@keyturn/kernel';
import { CursorError, DetachedError } from '@keyturn/ledger';
import type { Command } from 'commander';
import { createLedgerDesk, RefusedError } from '../../platform/index.ts';
import { idPrefix } from '../../who/access/index.ts';
import { keeperName } from '../compose.ts';
import { StartError } from '../start/installation.ts';
import { type CheckFlags, checkBooks } from './ledger-check.ts';
import { registerPartitions } from './ledger-partitions.ts';
import { print, table, yuan } from './output.ts';
import type { Environment } from './start.ts';
import { registerTakeover } from './takeover/register.ts';
import { withPlatform } from './with-platform.ts';

interface Flags {
  readonly json?: boolean;
  readonly limit?: string;
  readonly cursor?: string;
  readonly book?: string;
  readonly owner?: string;
  readonly key?: string;
  readonly value?: string;
  readonly at?: string;
  readonly valueDate?: string;
  readonly as?: string;
}

type Desk = ReturnType<typeof createLedgerDesk>;

const jsonFlag = ['--json', 'print one object for machines'] as const;
const limitFlag = ['--limit <number>', 'how many, 1 to 100; 20 when not said'] as const;
const cursorFlag = ['--cursor <text>', 'where the page before said that it goes on'] as const;

/** `ledger …`: what a person on duty asks the books, and the one thing they may do to them. */
export function registerLedger(program: Command, env: Environment): void {
  const ledger = program.command('ledger').description('the ledger');
  registerTakeover(ledger, env);
  registerPartitions(ledger, env);
  const at = (work: (desk: Desk) => Promise<void>) => atDesk(env, work);
  ledger
    .command('check')
    .description('replay every transfer, compare every balance, verify every seal')
    .option('--head <number:digest>', 'a seal that was noted down: the ledger must reach it')
    .option(...jsonFlag)
    .action((flags: CheckFlags) => withPlatform(env, (local) => checkBooks(local, flags)));
  ledger
    .command('books')
    .description('list the books, and whose they are')
    .option(...limitFlag)
    .option(...cursorFlag)
    .option(...jsonFlag)
    .action((flags: Flags) => at((desk) => showBooks(desk, flags)));
  ledger
    .command('accounts')
    .description('list accounts of a book or an owner, or with a value in their metadata')
    .option('--book <id>', 'a book, as "ledger books" lists it')
    .option('--owner <name>', 'whose money; without a book, of the platform’s own books')
    .option('--key <name>', 'a key of the metadata')
    .option('--value <text>', 'the value that it has')
    .option(...limitFlag)
    .option(...cursorFlag)
    .option(...jsonFlag)
    .action((flags: Flags) => at((desk) => showAccounts(desk, flags)));
  registerAccountCommands(ledger, at);
  ledger
    .command('seals')
    .description('list the last seals, and what is not sealed yet')
    .option(...limitFlag)
    .option(...jsonFlag)
    .action((flags: Flags) => at((desk) => showSeals(desk, flags)));
  ledger
    .command('post [file]')
    .description(
      'book a journal, as POST /v1/ledger/journals takes it, from a file or standard input',
    )
    .requiredOption('--as <integrator>', 'int_…, who keeps the book')
    .option(...jsonFlag)
    .action((file: string | undefined, flags: Flags) => at((desk) => post(desk, file, flags)));
}

type AtDesk = (work: (desk: Desk) => Promise<void>) => Promise<void>;

function registerAccountCommands(ledger: Command, at: AtDesk): void {
  ledger
    .command('balance <account>')
    .description('say what is on an account, now or then')
    .option('--at <instant>', 'as it was recorded at that moment, such as 2026-06-30T16:00:00Z')
    .option('--value-date <day>', 'by value dates up to the end of that bank day')
    .option(...jsonFlag)
    .action((account: string, flags: Flags) => at((desk) => showBalance(desk, account, flags)));
  ledger
    .command('entries <account>')
    .description('list what was booked on an account, with the balance after each entry')
    .option(...limitFlag)
    .option(...cursorFlag)
    .option(...jsonFlag)
    .action((account: string, flags: Flags) => at((desk) => showEntries(desk, account, flags)));
}

/** A refusal is said in its sentence, as the API says it. */
function atDesk(env: Environment, work: (desk: Desk) => Promise<void>): Promise<void> {
  return withPlatform(env, async ({ platform }) => {
    try {
      await work(createLedgerDesk({ ...platform, keeperName }));
    } catch (error) {
      if (error instanceof CursorError) {
        throw new StartError('The cursor is not one of this list. Leave it out to begin anew.');
      }
      if (!(error instanceof RefusedError || error instanceof DetachedError)) throw error;
      throw new StartError(sentence(platform.errors, error.refusal, 'en'));
    }
  });
}

function pageOf({ limit, cursor }: Flags) {
  const size = limit === undefined ? undefined : wholeNumber(limit);
  return {
    ...(size === undefined ? {} : { limit: size }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

function wholeNumber(text: string): number {
  if (/^([1-9]\d?|100)$/.test(text)) return Number.parseInt(text, 10);
  throw new StartError(`--limit is "${text}"; use a whole number from 1 to 100.`);
}

interface WireMoney {
  readonly amount: number | bigint;
  readonly currency: string;
}

function money({ amount, currency }: WireMoney): string {
  return `${yuan(BigInt(amount), currency)} ${currency}`;
}

/** A list as a table, and how to see the rest of it. */
function listText(head: readonly string[], rows: readonly string[][], next?: string): string {
  if (rows.length === 0) return 'There is none.';
  const more = next === undefined ? [] : ['', `There are more: --cursor ${next}`];
  return [table([head, ...rows]), ...more].join('\n');
}

async function showBooks(desk: Desk, flags: Flags): Promise<void> {
  print(await desk.books(pageOf(flags)), flags.json ?? false, ({ items, next_cursor }) =>
    listText(
      ['book', 'kept by'],
      items.map((book) => [book.id, book.keeper ?? 'the platform']),
      next_cursor,
    ),
  );
}

async function showAccounts(desk: Desk, flags: Flags): Promise<void> {
  const { book, owner, key, value } = flags;
  const list = await desk.accounts({
    ...pageOf(flags),
    ...(book === undefined ? {} : { book }),
    ...(owner === undefined ? {} : { owner }),
    ...(key === undefined ? {} : { metadata_key: key }),
    ...(value === undefined ? {} : { metadata_value: value }),
  });
  print(list, flags.json ?? false, ({ items, next_cursor }) =>
    listText(
      ['account', 'book', 'code', 'owner', 'balance', 'available'],
      items.map((one) => [
        one.id,
        one.book,
        String(one.code),
        one.owner,
        money(one.balance),
        money(one.available),
      ]),
      next_cursor,
    ),
  );
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function accountIdOf(text: string): string {
  if (uuid.test(text)) return text;
  throw new StartError(`"${text}" is no account. Take its id from "ledger accounts".`);
}

async function showBalance(desk: Desk, account: string, flags: Flags): Promise<void> {
  const { at, valueDate } = flags;
  const detail = await desk.account(accountIdOf(account), {
    ...(at === undefined ? {} : { at: instantOf(at) }),
    ...(valueDate === undefined ? {} : { value_date: dayOf(valueDate) }),
  });
  print(detail, flags.json ?? false, (one) => {
    const { as_recorded: then, by_value_date: dated } = one;
    const flagsSet = [
      one.frozen.in ? 'nothing may come' : '',
      one.frozen.out ? 'nothing may leave' : '',
      one.closed ? 'closed' : '',
    ].filter(Boolean);
    return [
      `${one.book} ${one.code} ${one.owner}${flagsSet.length === 0 ? '' : ` (${flagsSet.join(', ')})`}`,
      table([
        ['', 'balance', 'available', 'entries'],
        ['now', money(one.balance), money(one.available), String(one.version)],
        ...(then === undefined
          ? []
          : [[`at ${then.at}`, money(then.balance), money(then.available), String(then.version)]]),
        ...(dated === undefined
          ? []
          : [[`by value date ${dated.value_date}`, money(dated.balance), '', '']]),
      ]),
    ].join('\n');
  });
}

function instantOf(text: string): string {
  try {
    return Temporal.Instant.from(text).toString();
  } catch {
    throw new StartError(`"${text}" is no moment. Write it as 2026-11-20T02:00:00Z.`);
  }
}

function dayOf(text: string): string {
  try {
    return Temporal.PlainDate.from(text).toString();
  } catch {
    throw new StartError(`"${text}" is no day. Write it as 2026-11-20.`);
  }
}

async function showEntries(desk: Desk, account: string, flags: Flags): Promise<void> {
  const list = await desk.entries(accountIdOf(account), pageOf(flags));
  print(list, flags.json ?? false, ({ items, next_cursor }) =>
    listText(
      ['entry', 'recorded', 'kind', 'side', 'amount', 'balance', 'journal'],
      items.map((one) => [
        String(one.version),
        one.recorded_at,
        one.kind,
        one.side,
        money(one.amount),
        money(one.balance_after),
        `${one.journal}/${one.leg}`,
      ]),
      next_cursor,
    ),
  );
}

async function showSeals(desk: Desk, flags: Flags): Promise<void> {
  print(await desk.seals(pageOf(flags)), flags.json ?? false, (seals) =>
    [
      listText(
        ['seal', 'sealed', 'journals', 'transfers', 'digest'],
        seals.items.map((one) => [
          String(one.number),
          one.sealed_at,
          String(one.journals),
          String(one.transfers),
          one.digest,
        ]),
      ),
      seals.unsealed_since === undefined
        ? 'All journals are sealed.'
        : `${seals.unsealed_journals} journals are not sealed yet, since ${seals.unsealed_since}.`,
    ].join('\n'),
  );
}

async function post(desk: Desk, file: string | undefined, flags: Flags): Promise<void> {
  const keeper = decodeId(idPrefix.integrator, flags.as ?? '');
  if (keeper === undefined) {
    throw new StartError(`"${flags.as}" is no integrator. Take the id from "ledger books".`);
  }
  const { replayed, text } = await desk.post(keeper, parsed(await content(file)));
  const said = replayed ? 'It was booked before; this is the first answer.' : 'Booked.';
  process.stdout.write(flags.json ? `${text}\n` : `${said}\n${text}\n`);
}

async function content(file: string | undefined): Promise<string> {
  if (file === undefined || file === '-') return readStream(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch {
    throw new StartError(`The file ${file} cannot be read. Name one that can, or use "-".`);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(`The journal is not JSON: ${reason}. Correct it and try again.`);
  }
}
