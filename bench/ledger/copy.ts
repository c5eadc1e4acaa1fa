import { elapsedMs } from '@keyturn/kernel';
import pg from 'pg';
import { copyTables } from './baselines.sql.ts';

/**
 * The physical limit: how many transfers a second COPY brings into tables like the ledger's, with
 * the same indexes and checks; journals counted with their transfers. The rows are the ledger's own
 * latest, read from files of the server.
 *
 * @param url a superuser in the ledger's database
 */
export async function copying(url: string, transfers: number): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query('show data_directory');
    const file = (name: string) => `'${rows[0].data_directory}/bench-${name}.copy'`;
    const latest = `select t.* from ledger.transfer t
      order by t.recorded_at desc limit ${transfers}`;
    await client.query(`copy (${latest}) to ${file('transfer')}`);
    await client.query(`copy (select j.* from ledger.journal j
      where j.id in (select latest.journal_id from (${latest}) latest)) to ${file('journal')}`);
    await client.query(copyTables);
    const started = elapsedMs();
    await client.query(`copy copy_journal from ${file('journal')}`);
    const { rowCount } = await client.query(`copy copy_transfer from ${file('transfer')}`);
    const perSecond = ((rowCount ?? 0) * 1_000) / (elapsedMs() - started);
    await client.query('drop table copy_journal, copy_transfer');
    return perSecond;
  } finally {
    await client.end();
  }
}
