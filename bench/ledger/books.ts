import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId, systemClock } from '@keyturn/kernel';
import { type AccountSpec, accountCodes, bookTable, createSubmitter } from '@keyturn/ledger';
import { type Database, insertRows, openDatabase } from '@keyturn/pipeline';
import { startPostgres } from '@keyturn/postgres';
import { embeddedSettings } from '../../apps/server/src/main/start/database.ts';
import { arrangeCluster, migrate } from '../../apps/server/src/platform/index.ts';
import { withClient } from '../client.ts';

/** A server of the benchmark's own with an empty ledger, and wallets that have money. */
export interface Books {
  readonly database: Database;
  readonly superuserUrl: string;
  /** A superuser in the ledger's own database: for the baselines and the rows that were written. */
  readonly ledgerUrl: string;
  readonly wallets: readonly AccountSpec[];
  readonly hot: AccountSpec;
  /** The ledger's database, as the running role. */
  readonly appUrl: string;
  readonly names: AccountNames;
  /** The server's first process, whose children are its backends. */
  readonly serverPid: number;
  stop(): Promise<void>;
}

/** What accounts there are, for a process that is told of them. */
export interface AccountNames {
  readonly wallets: number;
}

/** The accounts themselves; their ids follow from their names. */
export function specsOf(names: AccountNames): {
  readonly wallets: readonly AccountSpec[];
  readonly hot: AccountSpec;
} {
  return {
    wallets: Array.from({ length: names.wallets }, (_, index) => wallet(`wallet-${index}`)),
    hot: { book, code: accountCodes.feeIncome, owner: 'hot' },
  };
}

const book = 'bench/reserve/CNY';
/** Nobody runs out of it: refusals are another matter. Fen. */
const openingAmount = 1_000_000_000_000n;
const legsAtOnce = 500;

/** @param walletCount how many accounts the transfers go between */
export async function openBooks(walletCount: number): Promise<Books> {
  const folder = await mkdtemp(join(tmpdir(), 'keyturn-bench-'));
  const enders: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const end of enders.splice(0).reverse()) await end();
  };
  try {
    const server = await startPostgres({
      dataDirectory: folder,
      settings: { ...embeddedSettings, max_connections: 200 },
    });
    enders.push(server.stop);
    await makeLogFiles(server.url);
    const password = () => randomBytes(18).toString('base64url');
    const passwords = { app: password(), migrate: password() };
    const urls = await arrangeCluster(server.url, 'keyturn', passwords);
    await migrate(urls.migrate, 'keyturn_app');
    const database = openDatabase({ url: urls.app, applicationName: 'bench', maxConnections: 4 });
    enders.push(database.close);
    const names = { wallets: walletCount };
    const { wallets, hot } = specsOf(names);
    await endow(database, wallets);
    const ledger = new URL(server.url);
    ledger.pathname = '/keyturn';
    const urlsOfAll = {
      superuserUrl: server.url,
      ledgerUrl: ledger.href,
      appUrl: urls.app,
    };
    const serverPid = server.pid;
    return { database, ...urlsOfAll, wallets, hot, names, serverPid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * A server that is in use writes its log's files anew and again. One that is new makes them first,
 * each in the time of a thousand transfers, at the cost of whoever writes most: that is no measure.
 */
async function makeLogFiles(superuserUrl: string): Promise<void> {
  await withClient(superuserUrl, async (client) => {
    const { rows } = await client.query<{ files: number }>(
      `select (pg_size_bytes(current_setting('max_wal_size'))
        / pg_size_bytes(current_setting('wal_segment_size')))::integer as files`,
    );
    for (let made = 0; made < (rows[0]?.files ?? 0); made++) {
      await client.query("select pg_logical_emit_message(false, 'bench', 'next')");
      await client.query('select pg_switch_wal()');
    }
    await client.query('checkpoint');
  });
}

function wallet(owner: string): AccountSpec {
  return { book, code: accountCodes.wallet, owner };
}

async function endow(database: Database, wallets: readonly AccountSpec[]): Promise<void> {
  await database.transaction((tx) =>
    insertRows(tx, bookTable, [
      { id: book, legalEntity: 'bench', regime: 'reserve', currency: 'CNY', memo: false },
    ]),
  );
  const submitter = createSubmitter({ database, clock: systemClock });
  const bank: AccountSpec = { book, code: accountCodes.reserveBank, owner: 'bench' };
  for (let from = 0; from < wallets.length; from += legsAtOnce) {
    const result = await submitter.submit({
      id: newId(systemClock.now(), 'opening'),
      book,
      cause: { module: 'bench', object: 'opening', command: `opening ${from}` },
      transfers: wallets.slice(from, from + legsAtOnce).map((credit) => ({
        kind: 'posted' as const,
        debit: bank,
        credit,
        amount: openingAmount,
      })),
    });
    if (!result.ok) throw new Error(`The wallets get no money: ${result.error.code}`);
  }
  await submitter.close();
}
