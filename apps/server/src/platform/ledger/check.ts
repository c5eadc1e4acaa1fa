import { type CheckOptions, checkLedger, type LedgerCheck } from '@keyturn/ledger';
import { openDatabase } from '@keyturn/pipeline';

/** The check reads everything, so it has a connection of its own without a time-out. */
export async function checkWholeLedger(
  url: string,
  options: CheckOptions = {},
): Promise<LedgerCheck> {
  const database = openDatabase({
    url,
    applicationName: 'keyturn ledger check',
    maxConnections: 1,
    statementTimeoutMs: 0,
  });
  try {
    return await checkLedger(database, options);
  } finally {
    await database.close();
  }
}
