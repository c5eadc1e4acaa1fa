import { readFile } from 'node:fs/promises';

/** The ledger's schema as one numbered step, for the migrator of whoever embeds it. */
export async function ledgerMigrations(): Promise<readonly { name: string; sql: string }[]> {
  const name = '0001_ledger.sql';
  const sql = await readFile(new URL(`../migrations/${name}`, import.meta.url), 'utf8');
  return [{ name: `ledger/${name}`, sql }];
}
