import { type CheckOptions, checkLedger, type LedgerCheck } from '@keyturn/ledger';
import { openDatabase } from '@keyturn/pipeline';

/** So many processors of the database the check keeps busy. */
const connections = 2;

/** The check reads everything, so it has connections of its own without a time-out. */
export async function checkWholeLedger(
  url: string,
  options: CheckOptions = {},
): Promise<LedgerCheck> {
  const database = openDatabase({
    url,
    applicationName: 'keyturn ledger check',
    maxConnections: connections,
    statementTimeoutMs: 0,
  });
  try {
    return await checkLedger(database, { connections, ...options });
  } finally {
    await database.close();
  }
}
