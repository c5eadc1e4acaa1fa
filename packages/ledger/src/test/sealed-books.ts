import { steerableClock } from '@keyturn/kernel';
import { type Database, insertRows } from '@keyturn/pipeline';
import {
  type AccountSpec,
  bookId,
  bookTable,
  createLedgerSealer,
  createSealKey,
  createSubmitter,
  type JournalRequest,
  type TransferRequest,
} from '../index.ts';

const book = bookId('kt-check', 'escrow', 'CNY');

/** Who seals in these tests. */
export const sealKey = createSealKey(Buffer.alloc(32, 7));

/** When everything in these tests happens. */
export const clock = steerableClock('2026-11-20T02:00:00Z');

export function journalId(serial: number): string {
  return `00000000-0000-7000-8000-0000000000${serial.toString(16).padStart(2, '0')}`;
}

export async function useBook(database: Database): Promise<void> {
  await database.transaction((tx) =>
    insertRows(tx, bookTable, [
      { id: book, legalEntity: 'kt-check', regime: 'escrow', currency: 'CNY', memo: false },
    ]),
  );
}

/**
 * Books journals by their serial numbers, each in a transaction of its own: 100 fen of the
 * acquirer's to one of two items; 4 holds and 6 posts a part of it, 7 holds and 8 voids it, 9 has
 * two legs.
 */
export async function bookJournals(database: Database, from: number, to: number): Promise<void> {
  const submitter = createSubmitter({ database, clock });
  for (let serial = from; serial < to; serial++) {
    const result = await submitter.submit(journal(serial));
    if (!result.ok) throw new Error(`journal ${serial}: ${result.error.code}`);
  }
  await submitter.close();
}

function journal(serial: number): JournalRequest {
  const id = journalId(serial);
  const cause = { module: 'test', object: id, command: id };
  return { id, book, cause, transfers: transfersOf(serial) };
}

function transfersOf(serial: number): readonly TransferRequest[] {
  const debit: AccountSpec = { book, code: 1101, owner: 'wx' };
  const credit: AccountSpec = { book, code: 2101, owner: `item-${serial % 2}` };
  const sides = { debit, credit, amount: 100n };
  if (serial === 4 || serial === 7) return [{ kind: 'pending', ...sides }];
  const hold = { journalId: journalId(serial === 6 ? 4 : 7), leg: 0 };
  if (serial === 6) return [{ kind: 'post_pending', hold, amount: 60n }];
  if (serial === 8) return [{ kind: 'void_pending', hold }];
  if (serial === 9)
    return [
      { kind: 'posted', ...sides },
      { kind: 'posted', ...sides },
    ];
  return [{ kind: 'posted', ...sides }];
}

const endedSql = `select j.transaction_id < pg_snapshot_xmin(pg_current_snapshot()) as ended
  from ledger.journal j order by j.transaction_id desc, j.id desc limit 1`;

/**
 * Seals all that is booked, in pieces of two transfers. Waits before it until all transactions of
 * the server that began before have ended, those of other databases too: they keep it back.
 */
export async function sealAll(database: Database): Promise<void> {
  for (let ended: boolean | undefined = false; ended === false; ) {
    [{ ended } = { ended: undefined }] = await database.query<{ ended: boolean }>(endedSql);
  }
  const sealer = createLedgerSealer({ database, clock, key: sealKey, rows: 2 });
  while ((await sealer.seal()).full);
}
