import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@keyturn/kernel';
import {
  createLedgerSealer,
  createSealKey,
  type LedgerSealer,
  readSealLag,
  type SealKey,
} from '@keyturn/ledger';
import { type Database, errorCode } from '@keyturn/pipeline';
import type { Logger } from 'pino';
import { createPoller, type Poller } from '../due/poller.ts';
import type { HealthProbe } from '../health/health.ts';
import { loadOrCreateKey } from '../secrets/key-file.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** So often what was booked meanwhile is sealed; full pieces are sealed without a pause. */
const intervalMs = 30_000;

/** From when on a health check says that something keeps the ledger from being sealed. */
const oldAfterMinutes = 10;

const keyFile = 'ledger-seal.key';
const publicKeyFile = /^ledger-seal\.([0-9a-f]{16})\.pub$/;

/**
 * The key that seals, made at the first start. Its public half is put beside it under its id, and
 * stays when the key is replaced: what was sealed with it is still trusted.
 *
 * @param folder where the installation's keys lie
 */
export async function loadSealKey(folder: string): Promise<SealKey> {
  const key = createSealKey(await loadOrCreateKey(join(folder, keyFile)));
  await writeFile(join(folder, `ledger-seal.${key.id}.pub`), `${key.publicKey.toString('hex')}\n`);
  return key;
}

/** The ids of the keys that ever sealed here; undefined when no key is here to compare with. */
export async function readTrustedSealKeys(folder: string): Promise<readonly string[] | undefined> {
  const ids = (await filesIn(folder)).flatMap((name) => publicKeyFile.exec(name)?.[1] ?? []);
  return ids.length === 0 ? undefined : ids;
}

async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Seals what was booked, and writes each new head into the log, where it can be kept. */
export function createSealingPoller(deps: {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly keyFolder: string;
}): Poller {
  const { database, clock, logger, keyFolder } = deps;
  let sealer: LedgerSealer | undefined;
  return createPoller({
    name: 'ledger.seal',
    logger,
    intervalMs,
    work: async () => {
      sealer ??= createLedgerSealer({
        database,
        clock,
        key: await loadSealKey(keyFolder),
        onSealed: ({ number, digest, journals }) =>
          logger.info(
            { seal: Number(number), digest: digest.toString('hex'), journals: Number(journals) },
            'the ledger is sealed',
          ),
      });
      return (await sealer.seal()).full ? 1 : 0;
    },
  });
}

/** Shows how far the seals are behind what is booked. */
export function observeSealing(metrics: Metrics, database: Database, clock: Clock): void {
  metrics.gauge(
    'keyturn_ledger_unsealed_journals',
    'Journals that are not sealed yet, counted up to 100,000',
    async () => Number((await readSealLag(database)).journals),
  );
  metrics.gauge(
    'keyturn_ledger_unsealed_seconds',
    'For how long the oldest journal that is not sealed yet has been booked',
    async () => {
      const { since } = await readSealLag(database);
      return since === null ? 0 : Math.max(0, clock.now().since(since).total('seconds'));
    },
  );
}

/** Says when what was booked stays without a seal for longer than is usual. */
export function sealingProbe(database: Database, clock: Clock): HealthProbe {
  return {
    name: 'seals',
    look: async () => {
      const { journals, since, restarted } = await readSealLag(database);
      if (restarted) {
        return {
          status: 'degraded',
          detail:
            'the database counts its transactions anew and nothing can be sealed: raise its transaction epoch (pg_resetwal -e)',
        };
      }
      const old = clock.now().subtract({ minutes: oldAfterMinutes });
      return since !== null && Temporal.Instant.compare(since, old) < 0
        ? { status: 'degraded', detail: `${journals} journals are not sealed, since ${since}` }
        : { status: 'ok', detail: `${journals} journals wait for the next seal` };
    },
  };
}
