import { randomInt } from 'node:crypto';
import { newId, systemClock } from '@keyturn/kernel';
import { createSubmitter } from '@keyturn/ledger';
import type { Database } from '@keyturn/pipeline';
import type { Choose } from '../choose.ts';

/**
 * So many transfers, one a call, by so many callers through the ledger's own interface. Keeps
 * nothing of them, so that what memory grows is the ledger's.
 */
export async function submitAll(
  database: Database,
  choose: Choose,
  { callers, transfers }: { readonly callers: number; readonly transfers: number },
): Promise<void> {
  const submitter = createSubmitter({ database, clock: systemClock });
  let left = transfers;
  const call = async () => {
    while (left > 0) {
      left -= 1;
      const { debit, credit } = choose();
      const id = newId(systemClock.now(), debit.owner);
      const result = await submitter.submit({
        id,
        book: debit.book,
        // Each journal has an object of its own: the most that the key of objects can take.
        cause: { module: 'bench', object: id.slice(-11), command: 'transfer' },
        transfers: [{ kind: 'posted', debit, credit, amount: BigInt(randomInt(1, 1_000)) }],
      });
      if (!result.ok) throw new Error(`A transfer was refused: ${result.error.code}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: callers }, call));
  } finally {
    await submitter.close();
  }
}
