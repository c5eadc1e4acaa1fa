import { hash } from 'node:crypto';
import { namedId, systemClock } from '@keyturn/kernel';
import { accountCodes, bookId, createSubmitter, type JournalRequest } from '@keyturn/ledger';
import { openDatabase } from '@keyturn/pipeline';

/**
 * Books the same journals whenever it is started: some callers, each with a row of movements,
 * holds and what becomes of them. Writes the id of each journal to its output when it is answered.
 */
export interface BookingTask {
  readonly url: string;
  readonly callers: number;
  readonly rounds: number;
}

export const book = bookId('kt-door', 'escrow', 'CNY');
const outside = { book, code: accountCodes.channelReceivable, owner: 'wx' } as const;
const accounts = 7;

/** In the order in which one caller books them. Amounts in fen. */
export function journalsOf(caller: number, rounds: number): readonly JournalRequest[] {
  const item = (number: number) => {
    return { book, code: accountCodes.escrowedFund, owner: `item ${number % accounts}` };
  };
  return Array.from({ length: rounds }, (_, round) => {
    const name = `caller ${caller} round ${round}`;
    const id = (step: string) => namedId(`${name} ${step}`, 'door');
    const head = (step: string) => {
      const cause = { module: 'test', object: name, command: step };
      return { id: id(step), book, cause };
    };
    const random = Number.parseInt(hash('sha256', name).slice(0, 6), 16);
    const from = item(random);
    const to = item(random + 1 + (random % (accounts - 1)));
    const amount = BigInt(10 + (random % 90));
    return [
      { ...head('pay in'), transfers: [move('posted', outside, from, amount)] },
      { ...head('hold'), transfers: [move('pending', from, to, amount)] },
      { ...head('move'), transfers: [move('posted', outside, to, 1n)] },
      {
        ...head('post'),
        transfers: [
          { kind: 'post_pending', hold: { journalId: id('hold'), leg: 0 }, amount: amount - 1n },
        ],
      },
    ] satisfies JournalRequest[];
  }).flat();
}

type Plain = Extract<JournalRequest['transfers'][number], { debit: unknown }>;

function move(
  kind: 'posted' | 'pending',
  debit: Plain['debit'],
  credit: Plain['credit'],
  amount: bigint,
): Plain {
  return { kind, debit, credit, amount };
}

if (import.meta.main) {
  const task = JSON.parse(process.argv[2] ?? '') as BookingTask;
  const database = openDatabase({ url: task.url, applicationName: 'door', maxConnections: 4 });
  const submitter = createSubmitter({ database, clock: systemClock });
  await Promise.all(
    Array.from({ length: task.callers }, async (_, caller) => {
      for (const journal of journalsOf(caller, task.rounds)) {
        const answer = await submitter.submit(journal);
        if (!answer.ok) throw new Error(`${journal.cause.command}: ${answer.error.code}`);
        process.stdout.write(`${journal.id}\n`);
      }
    }),
  );
  await submitter.close();
  await database.close();
}
