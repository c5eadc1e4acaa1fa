import { openDatabase } from '@keyturn/pipeline';
import type { TestDatabase } from '@keyturn/testkit';
import {
  createLedgerSealer,
  createPartitionAdmin,
  type PartitionAdmin,
  readCuts,
} from '../index.ts';
import { clock, sealKey } from './sealed-books.ts';

/** What the owner of the tables can do with parts; `close` when done. */
export function openAdmin(testDatabase: TestDatabase): PartitionAdmin & { close(): Promise<void> } {
  const url = testDatabase.superuserUrl;
  const database = openDatabase({ url, applicationName: 'owner', statementTimeoutMs: 0 });
  return { ...createPartitionAdmin({ database, clock }), close: database.close };
}

/** Begins a new part and seals until the one before is cut off, some rows at a time. Its number. */
export async function cutOff(
  testDatabase: TestDatabase,
  admin: PartitionAdmin,
  rows = 3,
): Promise<number> {
  const begun = await admin.begin();
  if (!begun.ok) throw new Error(`no new part: ${begun.error.code}`);
  await sealUpTo(testDatabase, begun.value.number - 1, rows);
  return begun.value.number - 1;
}

/**
 * Seals until a part that has ended is cut off. Transactions of other databases keep the sealer
 * back until they end.
 */
export async function sealUpTo(testDatabase: TestDatabase, ended: number, rows = 3): Promise<void> {
  const database = testDatabase.open();
  const sealer = createLedgerSealer({ database, clock, key: sealKey, rows });
  while (!(await readCuts(database)).some((cut) => cut.number === ended)) await sealer.seal();
}
