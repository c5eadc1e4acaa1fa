import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId, systemClock } from '@keyturn/kernel';
import { accountCodes } from '@keyturn/ledger';
import { composePlatform } from '../../apps/server/src/main/compose.ts';
import { startChild } from '../../apps/server/src/main/start/child.ts';
import { claimPort } from '../../apps/server/src/main/start/ports.ts';
import { readConfig } from '../../apps/server/src/platform/index.ts';
import type { Booked } from './booked.ts';
import type { HttpLoad, HttpPlace } from './http-caller.ts';
import { startCallers } from './processes.ts';

/** The platform's answering process on the benchmark's database, with a book of a key's own. */
export interface HttpLedger {
  /** One journal of one transfer per request. */
  single(connections: number, seconds: number): Promise<Booked>;
  /** So many journals of one transfer per request. */
  bulk(journals: number, connections: number, seconds: number): Promise<Booked>;
  stop(): Promise<void>;
}

const host = '127.0.0.1';
const caller = join(import.meta.dirname, 'http-caller.ts');
const api = join(import.meta.dirname, '../../apps/server/src/main/api.ts');
const openingAmount = 100_000_000_000_000;
const legsAtOnce = 500;

/**
 * Starts the process as an installation does and opens wallets that have money, all over HTTP.
 *
 * @param appUrl the ledger's database, as the running role
 */
export async function startHttpLedger(appUrl: string, wallets: number): Promise<HttpLedger> {
  const root = await mkdtemp(join(tmpdir(), 'keyturn-bench-http-'));
  const enders: (() => Promise<void>)[] = [() => rm(root, { recursive: true, force: true })];
  const stop = async () => {
    for (const end of enders.splice(0).reverse()) await end();
  };
  try {
    await mkdir(join(root, 'logs'));
    const port = await claimPort(0, host, 'KEYTURN_PORT');
    const env = {
      PATH: process.env['PATH'],
      DATABASE_URL: appUrl,
      KEYTURN_DATA: root,
      KEYTURN_HOST: host,
      KEYTURN_PORT: String(port),
      KEYTURN_LOG_LEVEL: 'warn',
    };
    const token = await makeKey(env);
    const child = await startChild({
      name: 'api',
      script: api,
      env,
      logFile: join(root, 'logs', 'api.log'),
      onGivenUp: (error) => {
        throw error;
      },
    });
    enders.push(child.stop);
    const post = poster(`http://${host}:${port}`, token);
    const wanted = { legal_entity: 'bench', regime: 'reserve', currency: 'CNY' };
    const { id: book } = await post('/v1/ledger/books', wanted);
    await endow(post, book, wallets);
    const place: HttpPlace = { host, port, token, book, wallets };
    const callers = startCallers<HttpLoad>(caller, place);
    enders.push(callers.stop);
    return {
      single: (connections, seconds) => callers.book({ connections, seconds, journals: 1 }),
      bulk: (journals, connections, seconds) => callers.book({ connections, seconds, journals }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A key of a new integrator with the role that writes journals. */
async function makeKey(env: Readonly<Record<string, string | undefined>>): Promise<string> {
  const platform = await composePlatform(readConfig(env), 'bench');
  try {
    const wanted = { name: 'bench', roles: ['ledger'] as const };
    const key = `bench:${newId(systemClock.now(), 'bench')}`;
    const made = await platform.access.createApiKey(key, undefined, wanted);
    if (!made.ok || made.value.token === undefined) throw new Error('There is no API key.');
    return made.value.token;
  } finally {
    await platform.close();
  }
}

type Post = (path: string, body: unknown) => Promise<{ readonly id: string }>;

function poster(url: string, token: string): Post {
  return async (path, body) => {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} was refused: ${text}`);
    return JSON.parse(text);
  };
}

async function endow(post: Post, book: string, wallets: number): Promise<void> {
  for (let from = 0; from < wallets; from += legsAtOnce) {
    const count = Math.min(legsAtOnce, wallets - from);
    await post('/v1/ledger/journals', {
      id: newId(systemClock.now(), 'opening'),
      book,
      module: 'bench',
      object: 'opening',
      command: `opening ${from}`,
      transfers: Array.from({ length: count }, (_, index) => ({
        kind: 'posted',
        debit: { code: accountCodes.reserveBank, owner: 'bench' },
        credit: { code: accountCodes.wallet, owner: `wallet-${from + index}` },
        amount: { amount: openingAmount, currency: 'CNY' },
      })),
    });
  }
}
