import { elapsedMs, systemClock } from '@keyturn/kernel';
import {
  checkLedger,
  createLedgerSealer,
  createPartitionAdmin,
  createSealKey,
  readCuts,
} from '@keyturn/ledger';
import { openDatabase } from '@keyturn/pipeline';
import { withClient } from '../../client.ts';
import { round } from '../../statistics.ts';
import { type Books, openBooks } from '../books.ts';
import { uniform } from '../choose.ts';
import { relationSizes } from './fill.sql.ts';
import { fill } from './fill.ts';
import { readingPast } from './past.ts';
import { submitAll } from './submit.ts';
import { type Spent, watched } from './watch.ts';

export interface LargeOptions {
  /** How many transfers the ledger has in the end. */
  readonly transfers: number;
  readonly say: (line: string) => void;
}

const walletCount = 10_000;
/** As many as fill every batch. */
const callers = 1_000;
/** The first and the last million, a tenth each of a smaller ledger. */
const edgeAtMost = 1_000_000;
/** Before anything is measured: code is compiled, connections are there. */
const warmUp = 20_000;

/**
 * The ledger at a size: books the first and the last million through its door, fills in what lies
 * between by sets, and looks at what all of it takes.
 */
export async function benchLarge({ transfers, say }: LargeOptions) {
  say('large: opening a ledger …');
  const books = await openBooks(walletCount);
  try {
    const edge = Math.min(edgeAtMost, Math.floor(transfers / 10));
    await submitAll(books.database, uniform(books.wallets), { callers, transfers: warmUp });
    const first = await bookEdge(books, edge, say, 'first');
    const between = transfers - 2 * edge - warmUp - walletCount;
    // Its connection stays: the processor time of a backend that ends counts anew with its parent.
    const owner = openDatabase({
      url: books.ledgerUrl,
      applicationName: 'bench owner',
      statementTimeoutMs: 0,
    });
    const parts = createPartitionAdmin({ database: owner, clock: systemClock });
    const last = await withClient(books.ledgerUrl, async (client) => {
      say(`large: filling in ${between} transfers …`);
      await fill(client, between, parts, say);
      const began = elapsedMs();
      await parts.begin();
      say(`large: a new part began within ${round(elapsedMs() - began, 0)} ms`);
      // What autovacuum would have done long ago where so many came in months.
      await client.query('vacuum analyze ledger.account, ledger.journal, ledger.transfer');
      await client.query('checkpoint');
      return bookEdge(books, edge, say, 'last');
    });
    const throughputRatio = round(last.perSecond / first.perSecond, 3);
    const cpuRatio = round(first.cpuMicroseconds / last.cpuMicroseconds, 3);
    const seal = await sealing(books, say);
    say(`large: ${JSON.stringify(seal)}`);
    const bytes = await sizes(books);
    say(`large: ${JSON.stringify(bytes)}`);
    say('large: packing the parts that are cut off …');
    for (const { number } of await readCuts(owner)) await parts.pack(number);
    const packed = await sizes(books);
    say(`large: ${JSON.stringify(packed)}`);
    await owner.close();
    const check = await checking(books, say);
    say('large: balances at past moments …');
    const past = await readingPast(books.ledgerUrl, books.wallets);
    say(`large: ${JSON.stringify(past)}`);
    return { throughputRatio, cpuRatio, first, last, bytes, packed, seal, check, past };
  } finally {
    say('large: stopping …');
    await books.stop();
  }
}

interface Edge extends Pick<Spent, 'seconds' | 'peakMiB'> {
  readonly perSecond: number;
  /** Processor time of this process and PostgreSQL for each transfer. */
  readonly cpuMicroseconds: number;
  readonly rssMiB: number;
}

async function bookEdge(
  { database, wallets, serverPid }: Books,
  transfers: number,
  say: (line: string) => void,
  name: string,
): Promise<Edge> {
  say(`large: booking the ${name} ${transfers} …`);
  const { spent } = await watched(serverPid, () =>
    submitAll(database, uniform(wallets), { callers, transfers }),
  );
  const edge = {
    perSecond: round(transfers / spent.seconds, 0),
    cpuMicroseconds: round(((spent.cpuMs.process + spent.cpuMs.postgres) * 1_000) / transfers, 1),
    seconds: spent.seconds,
    peakMiB: spent.peakMiB,
    rssMiB: round(process.memoryUsage().rss / 1_048_576, 0),
  };
  say(`large: ${JSON.stringify(edge)}`);
  return edge;
}

async function sealing({ database, serverPid }: Books, say: (line: string) => void) {
  say('large: sealing …');
  const sealer = createLedgerSealer({
    database,
    clock: systemClock,
    key: createSealKey(Buffer.alloc(32, 1)),
  });
  let transfers = 0n;
  const { spent } = await watched(serverPid, async () => {
    for (let full = true; full; ) {
      const sealed = await sealer.seal();
      transfers += sealed.seal?.transfers ?? 0n;
      full = sealed.full;
    }
  });
  const perSecond = round(Number(transfers) / spent.seconds, 0);
  return { perSecond, seconds: spent.seconds, peakMiB: spent.peakMiB };
}

/** Bytes for each transfer, its journal included, in all and by relation. */
async function sizes({ ledgerUrl }: Books) {
  return withClient(ledgerUrl, async (client) => {
    const { rows: counts } = await client.query<{ count: string }>(
      'select count(*) from ledger.transfer',
    );
    const transfers = Number(counts[0]?.count);
    const { rows } = await client.query<{ name: string; bytes: string }>(relationSizes);
    const perTransfer: Record<string, number> = {};
    let all = 0;
    for (const { name, bytes } of rows) {
      // The parts of one table together.
      const relation = name.replace(/^transfer_\d+/, 'transfer');
      perTransfer[relation] = round((perTransfer[relation] ?? 0) + Number(bytes) / transfers, 1);
      all += Number(bytes);
    }
    return { transfers, perTransfer: round(all / transfers, 1), relations: perTransfer };
  });
}

async function checking({ appUrl, serverPid }: Books, say: (line: string) => void) {
  say('large: checking the whole ledger …');
  const database = openDatabase({ url: appUrl, applicationName: 'check', statementTimeoutMs: 0 });
  try {
    const rssBefore = round(process.memoryUsage().rss / 1_048_576, 0);
    const { value, spent } = await watched(serverPid, () =>
      checkLedger(database, { connections: 2 }),
    );
    if (!value.balanced) {
      throw new Error(`The ledger is wrong: ${JSON.stringify(value.findings.slice(0, 3))}`);
    }
    const transfers = Number(value.transfers);
    const figures = {
      perSecond: round(transfers / spent.seconds, 0),
      transfers,
      seals: Number(value.seals),
      seconds: spent.seconds,
      cpuMs: spent.cpuMs,
      rssBeforeMiB: rssBefore,
      peakMiB: spent.peakMiB,
    };
    say(`large: ${JSON.stringify(figures)}`);
    return figures;
  } finally {
    await database.close();
  }
}
