import { assert } from '@keyturn/kernel';
import type { Queryable } from '@keyturn/pipeline';
import { type Position, start } from './content.ts';
import type { SealKey } from './key.ts';
import type { Seal } from './seal.ts';

interface SealRow extends Omit<Seal, 'first' | 'last'> {
  readonly firstTransaction: string;
  readonly firstJournal: string;
  readonly lastTransaction: string;
  readonly lastJournal: string;
}

const sealColumns = `s.number, s.format, s.first_transaction::text as "firstTransaction",
  s.first_journal as "firstJournal", s.last_transaction::text as "lastTransaction",
  s.last_journal as "lastJournal", s.journals, s.transfers,
  s.content_digest as "contentDigest", s.previous_digest as "previousDigest", s.digest,
  s.sealed_at as "sealedAt", s.key_id as "keyId", s.signature`;

function sealOf({ firstTransaction, firstJournal, lastTransaction, lastJournal, ...row }: SealRow) {
  return {
    ...row,
    first: { transactionId: firstTransaction, journalId: firstJournal },
    last: { transactionId: lastTransaction, journalId: lastJournal },
  };
}

const headSql = `select ${sealColumns} from ledger.seal s order by s.number desc limit 1`;

/** The last seal; undefined while nothing is sealed. */
export async function readSealHead(db: Queryable): Promise<Seal | undefined> {
  const [row] = await db.query<SealRow>(headSql);
  return row && sealOf(row);
}

const pageSql = `select ${sealColumns} from ledger.seal s
  where s.number > $1 order by s.number limit $2`;

/** The seals after a number, in their order. */
export async function readSeals(
  db: Queryable,
  after: bigint,
  limit: number,
): Promise<readonly Seal[]> {
  return (await db.query<SealRow>(pageSql, [after, limit])).map(sealOf);
}

const keysSql = `select k.id, k.public_key as "publicKey" from ledger.seal_key k order by k.id`;

export async function readSealKeys(
  db: Queryable,
): Promise<readonly { readonly id: string; readonly publicKey: Buffer }[]> {
  return db.query(keysSql);
}

const addKeySql = `insert into ledger.seal_key (id, public_key, first_used_at)
  values ($1, $2, $3) on conflict (id) do nothing`;

const addSealSql = `insert into ledger.seal (number, format, first_transaction, first_journal,
    last_transaction, last_journal, journals, transfers, content_digest, previous_digest, digest,
    sealed_at, key_id, signature)
  values ($1, $2, $3::xid8, $4, $5::xid8, $6, $7, $8, $9, $10, $11, $12, $13, $14)`;

/** Keeps the public half of a key that signs, when it is the first time. */
export async function addSealKey(db: Queryable, key: SealKey, at: Temporal.Instant): Promise<void> {
  await db.query(addKeySql, [key.id, key.publicKey, at.toString()]);
}

/** Appends a seal, and its key when it is the first to use it. */
export async function addSeal(db: Queryable, seal: Seal, key: SealKey): Promise<void> {
  assert(seal.keyId === key.id, 'a seal names the key that signed it');
  await addSealKey(db, key, seal.sealedAt);
  await db.query(addSealSql, [
    seal.number,
    seal.format,
    seal.first.transactionId,
    seal.first.journalId,
    seal.last.transactionId,
    seal.last.journalId,
    seal.journals,
    seal.transfers,
    seal.contentDigest,
    seal.previousDigest,
    seal.digest,
    seal.sealedAt.toString(),
    seal.keyId,
    seal.signature,
  ]);
}

/** One sealer at a time, until the end of its transaction. The number says "seal" in ASCII. */
const lockSql = `select pg_try_advisory_xact_lock(1936023916) as locked`;

export async function lockSealing(db: Queryable): Promise<boolean> {
  const [row] = await db.query<{ locked: boolean }>(lockSql);
  return row?.locked ?? false;
}

const horizonSql = `select pg_snapshot_xmin(pg_current_snapshot())::text as horizon`;

/** The oldest running transaction: nothing will be added below it any more. */
export async function readHorizon(db: Queryable): Promise<string> {
  const [row] = await db.query<{ horizon: string }>(horizonSql);
  return row?.horizon ?? '0';
}

/** What is not sealed yet. */
export interface SealLag {
  /** Journals, counted up to 100,000. */
  readonly journals: bigint;
  /** When the first of them was recorded; null when there is none. */
  readonly since: Temporal.Instant | null;
  /**
   * The server counts its transactions from below the last seal: the data was moved to another
   * cluster, and what it books now would never be sealed.
   */
  readonly restarted: boolean;
}

const lagSql = `select (select count(*) from (select 1 from ledger.journal j
      where j.transaction_id > $1::xid8 order by j.transaction_id limit 100000) waiting)
    + (select count(*) from ledger.journal j
      where j.transaction_id = $1::xid8 and j.id > $2::uuid) as journals,
    (select j.recorded_at from ledger.journal j
      where (j.transaction_id, j.id) > ($1::xid8, $2::uuid)
      order by j.transaction_id, j.id limit 1) as since`;

/** How far the seals are behind what is booked. */
export async function readSealLag(db: Queryable): Promise<SealLag> {
  const { transactionId, journalId } = (await readSealHead(db))?.last ?? start;
  const horizon = await readHorizon(db);
  const [row] = await db.query<Omit<SealLag, 'restarted'>>(lagSql, [transactionId, journalId]);
  return {
    journals: row?.journals ?? 0n,
    since: row?.since ?? null,
    restarted: isRestarted(horizon, { transactionId, journalId }),
  };
}

/** Whether transactions are counted from below a position that was sealed already. */
export function isRestarted(horizon: string, last: Position): boolean {
  return BigInt(horizon) <= BigInt(last.transactionId);
}
