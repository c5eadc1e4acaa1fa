import { join } from 'node:path';
import { elapsedMs } from '@keyturn/kernel';
import type { CheckProgress, KnownHead, LedgerCheck } from '@keyturn/ledger';
import { checkWholeLedger, readTrustedSealKeys } from '../../platform/index.ts';
import { StartError } from '../start/installation.ts';
import type { LocalPlatform } from '../start/local.ts';
import { print } from './output.ts';

export interface CheckFlags {
  readonly json?: boolean;
  readonly head?: string;
}

/** `ledger check`: exit code 1 when anything is not as it must be. */
export async function checkBooks(
  { platform }: LocalPlatform,
  { json = false, head }: CheckFlags,
): Promise<void> {
  const { databaseUrl, dataDirectory } = platform.config;
  const knownHeads = head === undefined ? [] : [readHead(head)];
  const trustedKeys = await readTrustedSealKeys(join(dataDirectory, 'keys'));
  const check = await checkWholeLedger(databaseUrl, {
    knownHeads,
    onProgress: sayProgress(),
    ...(trustedKeys === undefined ? {} : { trustedKeys }),
  });
  print(check, json, checkText);
  if (!check.balanced) process.exitCode = 1;
}

/** A head as the check prints it: the number of the seal, a colon, its digest. */
export function readHead(text: string): KnownHead {
  const [, number, digest] = /^(\d{1,18}):([0-9a-f]{64})$/i.exec(text) ?? [];
  if (number === undefined || digest === undefined) {
    throw new StartError(
      `"${text}" is no head of the seals. Write the seal's number, a colon and the 64 digits of its digest, as "ledger check" prints them.`,
    );
  }
  return { number: BigInt(number), digest: digest.toLowerCase() };
}

/** So often a line is written while the check runs, in milliseconds. */
const sayEveryMs = 2_000;

function sayProgress(): (progress: CheckProgress) => void {
  let saidMs = elapsedMs();
  return ({ transfers, allTransfers }) => {
    if (elapsedMs() - saidMs < sayEveryMs) return;
    saidMs = elapsedMs();
    process.stderr.write(`${transfers} of ${allTransfers} transfers replayed\n`);
  };
}

/** What a check found, for people. */
export function checkText(check: LedgerCheck): string {
  const { balanced, accounts, journals, transfers, seals, unsealedJournals, head } = check;
  const sealed =
    head === undefined
      ? 'Nothing is sealed yet.'
      : `${seals} seals verified, ${unsealedJournals} journals not sealed yet. Head ${head.number}:${head.digest}`;
  return [
    balanced ? 'The ledger is right.' : 'The ledger is NOT right.',
    `${accounts} accounts, ${journals} journals, ${transfers} transfers replayed.`,
    sealed,
    ...check.findings.map((one) => `  ${one.rule}: ${one.subject} (${one.detail})`),
  ].join('\n');
}
