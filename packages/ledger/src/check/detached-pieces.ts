import type { Queryable } from '@keyturn/pipeline';
import type { Part } from '../partition/store.ts';
import { type SealedPiece, sealedSql } from './pieces.ts';

/** What a seal says is in the table of one part, attached or not. */
export async function readDetachedPiece(
  db: Queryable,
  { number, begin }: Part,
  seal: bigint,
): Promise<SealedPiece | undefined> {
  const sql = sealedSql(`transfer_${number}`, '$3::xid8');
  const [piece] = await db.query<SealedPiece>(sql, [seal, seal, begin]);
  return piece;
}
