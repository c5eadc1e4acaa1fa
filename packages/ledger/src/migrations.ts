import { readdir, readFile } from 'node:fs/promises';

/** The ledger's schema in numbered steps, in order, for the migrator of whoever embeds it. */
export async function ledgerMigrations(): Promise<readonly { name: string; sql: string }[]> {
  const directory = new URL('../migrations/', import.meta.url);
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, directory), 'utf8');
      return { name: `ledger/${name}`, sql };
    }),
  );
}
