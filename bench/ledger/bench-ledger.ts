import { systemClock } from '@keyturn/kernel';
import { checkLedger, createSubmitter, type Submitter } from '@keyturn/ledger';
import type { Bench } from '../bench.ts';
import { median, quantile, round } from '../statistics.ts';
import { prepareTpcb, type Tpcb } from '../tpcb.ts';
import type { Booked } from './booked.ts';
import { type Books, openBooks } from './books.ts';
import { type Choose, oneHot, uniform, zipf } from './choose.ts';
import { copying } from './copy.ts';
import { type HttpLedger, startHttpLedger } from './http.ts';
import { benchLarge } from './large/bench-large.ts';
import { callingFunction, type Load, submitting, twoPlainStatements } from './loads.ts';
import { type Doors, openDoors } from './processes.ts';

const walletCount = 10_000;
const callers = 120;
/** So many at once are a bulk: every batch is full. */
const bulkCallers = 1_000;
const functionConnections = 16;
/** Over HTTP: journals of one request, and requests at once, as one is read while one is booked. */
const bulkJournals = 500;
const bulkConnections = 2;
const copiedTransfers = 100_000;

type Figures = Record<string, number>;

/**
 * The ledger alone, one transfer a call, beside TPC-B, a function per transfer on the same tables,
 * and COPY of the same rows; all on one server with durable commits.
 */
export const benchLedger: Bench = async ({ rounds, seconds, large, say }) => {
  const ordinary = rounds === 0 ? { ratios: {} } : await benchRounds(rounds, seconds, say);
  if (large === undefined) return ordinary;
  return { ...ordinary, large: await benchLarge({ transfers: large, say }) };
};

async function benchRounds(rounds: number, seconds: number, say: (line: string) => void) {
  say('Opening a ledger …');
  const books = await openBooks(walletCount);
  const enders = [books.stop];
  try {
    const http = await startHttpLedger(books.appUrl, walletCount);
    enders.unshift(http.stop);
    say('Preparing the baseline …');
    const tpcb = await prepareTpcb(books.superuserUrl);
    const doors = openDoors(2, { url: books.appUrl, names: books.names });
    enders.unshift(doors.stop);
    const submitter = createSubmitter({ database: books.database, clock: systemClock });
    enders.unshift(submitter.close);
    const load = { load: 'uniform', callers, seconds: 2 } as const;
    await submitting(submitter, uniform(books.wallets), load);
    await doors.together(2, load);
    // The answering process, too: its code is compiled as it is used.
    await http.single(callers, 8);
    await http.bulk(bulkJournals, bulkConnections, 2);
    const all: Figures[] = [];
    let ledgerCheck = await checkRows(books, undefined);
    for (let turn = 1; turn <= rounds; turn++) {
      const { figures, accepted } = await oneRound(
        { books, submitter, doors, http, tpcb },
        seconds,
      );
      all.push(figures);
      say(`round ${turn}: ${JSON.stringify(figures)}`);
      ledgerCheck = await checkRows(books, ledgerCheck.transfers + accepted);
      say(`${accepted} accepted, so many rows, and the whole ledger is in order`);
    }
    const medians = mediansOf(all);
    return { ratios: ratiosOf(medians), medians, ledgerCheck, rounds, seconds };
  } finally {
    say('Stopping …');
    for (const end of enders) await end();
  }
}

/** Replays the whole ledger, whose rows are those that were accepted. */
async function checkRows({ database }: Books, expected: number | undefined) {
  const check = await checkLedger(database);
  if (!check.balanced) throw new Error(`The ledger is wrong: ${JSON.stringify(check.findings)}`);
  const transfers = Number(check.transfers);
  if (expected !== undefined && transfers !== expected) {
    throw new Error(`${expected} transfers were accepted, and ${transfers} are there.`);
  }
  const { accounts, journals } = check;
  return { accounts: Number(accounts), journals: Number(journals), transfers, balanced: true };
}

interface Stage {
  readonly books: Books;
  readonly submitter: Submitter;
  readonly doors: Doors;
  readonly http: HttpLedger;
  readonly tpcb: Tpcb;
}

async function oneRound(
  { books, submitter, doors, http, tpcb }: Stage,
  seconds: number,
): Promise<{ readonly figures: Figures; readonly accepted: number }> {
  let accepted = 0;
  const { wallets, hot, ledgerUrl } = books;
  const submit = (choose: Choose, count: number) =>
    submitting(submitter, choose, { callers: count, seconds });
  const perCall = (choose: Choose) =>
    callingFunction(ledgerUrl, choose, { callers, connections: functionConnections, seconds });
  const processes = (count: number, load: 'uniform' | 'hot') =>
    rate(doors.together(count, { load, callers, seconds }));
  const rate = async (load: Promise<Booked>) => {
    const { transfers, perSecond } = await load;
    accepted += transfers;
    return round(perSecond, 0);
  };
  const counted = async (load: Promise<Load>) => {
    accepted += (await load).transfers;
    return load;
  };
  const p50 = async (load: Promise<Load>) => round(quantile((await load).latenciesMs, 0.5), 3);
  /** Twice: the first time the server's memory is full of what other loads left there. */
  const warmed = async (load: () => Promise<number>) => {
    await load();
    return load();
  };
  // Other processes moved the same accounts in the round before.
  await rate(submit(uniform(wallets), callers));
  const figures = {
    singleP50Ms: await p50(counted(submit(uniform(wallets), 1))),
    twoStatementsP50Ms: await p50(twoPlainStatements(ledgerUrl, seconds)),
    tpcb16: round(await warmed(() => tpcb.measure(16, seconds)), 0),
    tpcb64: round(await tpcb.measure(64, seconds), 0),
    uniform: await warmed(() => rate(submit(uniform(wallets), callers))),
    hot: await rate(submit(oneHot(wallets, hot), callers)),
    zipf: await rate(submit(zipf(wallets), callers)),
    bulk: await rate(submit(uniform(wallets), bulkCallers)),
    bulkHot: await rate(submit(oneHot(wallets, hot), bulkCallers)),
    oneProcess: await processes(1, 'uniform'),
    twoProcesses: await processes(2, 'uniform'),
    oneProcessHot: await processes(1, 'hot'),
    twoProcessesHot: await processes(2, 'hot'),
    http: await rate(http.single(callers, seconds)),
    httpBulk: await rate(http.bulk(bulkJournals, bulkConnections, seconds)),
    perCall: await rate(perCall(uniform(wallets))),
    perCallHot: await rate(perCall(oneHot(wallets, hot))),
    copy: round(await copying(ledgerUrl, copiedTransfers), 0),
  };
  return { figures, accepted };
}

function mediansOf(all: readonly Figures[]): Figures {
  const names = Object.keys(all[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [name, median(all.map((figures) => figures[name] ?? 0))]),
  );
}

function ratiosOf(medians: Figures): Figures {
  const of = (name: string) => medians[name] ?? 0;
  const ratio = (above: number, below: number) => (below === 0 ? 0 : round(above / below, 3));
  return {
    vs_tpcb_120: ratio(of('uniform'), Math.max(of('tpcb16'), of('tpcb64'))),
    vs_per_call_120: ratio(of('uniform'), of('perCall')),
    vs_per_call_hot: ratio(of('hot'), of('perCallHot')),
    hot_vs_uniform: ratio(of('hot'), of('uniform')),
    zipf_vs_uniform: ratio(of('zipf'), of('uniform')),
    bulk_hot_vs_bulk: ratio(of('bulkHot'), of('bulk')),
    single_p50: ratio(of('singleP50Ms'), of('twoStatementsP50Ms')),
    http_vs_tpcb: ratio(of('http'), Math.max(of('tpcb16'), of('tpcb64'))),
    bulk_vs_tpcb: ratio(of('httpBulk'), Math.max(of('tpcb16'), of('tpcb64'))),
    two_processes: ratio(of('twoProcesses'), of('oneProcess')),
    two_processes_hot: ratio(of('twoProcessesHot'), of('oneProcessHot')),
    copy_share: ratio(of('uniform'), of('copy')),
    copy_share_bulk: ratio(of('bulk'), of('copy')),
  };
}
