import type { Queryable } from '@keyturn/pipeline';
import type { Cut } from './cut.ts';

/** A part of the transfers, by the numbers of their transactions. */
export interface Part {
  /** From 1. */
  readonly number: number;
  /** Its first transaction number; the first part has all from 0. */
  readonly begin: string;
  /** The first of the next part; null while this is the newest. */
  readonly end: string | null;
}

/** A part that has an end. */
export type EndedPart = Part & { readonly end: string };

/** How many parts are taken out: always the oldest ones. The last move tells. */
export const detachedCount = `coalesce((select
      case when m.attached then m.number - 1 else m.number end
    from ledger.partition_move m order by m.serial desc limit 1), 0)`;

/** The first transaction number that is not in a part that was taken out. */
export const attachedFrom = `coalesce((select c.end_transaction from ledger.partition_cut c
    where c.number = ${detachedCount}), '0'::xid8)`;

const openSql = `select p.number, p.first_transaction::text as begin,
    n.first_transaction::text as end
  from ledger.partition p join ledger.partition n on n.number = p.number + 1
  where p.number = coalesce((select max(c.number) from ledger.partition_cut c), 0) + 1`;

/** The oldest part that has an end, and is not cut there yet. */
export async function readOpenPart(db: Queryable): Promise<EndedPart | undefined> {
  const [part] = await db.query<EndedPart>(openSql);
  return part;
}

const partsSql = `select p.number, p.first_transaction::text as begin,
    n.first_transaction::text as end, ${detachedCount} >= p.number as detached, b.bound
  from ledger.partition p left join ledger.partition n on n.number = p.number + 1
  left join (select k.relname as name, pg_get_expr(k.relpartbound, k.oid) as bound
    from pg_inherits i join pg_class k on k.oid = i.inhrelid
    where i.inhparent = 'ledger.transfer'::regclass
      and k.relnamespace = 'ledger'::regnamespace) b on b.name = 'transfer_' || p.number
  order by p.number`;

/** A part as it is recorded, and as it is in the catalog. */
export interface RecordedPart extends Part {
  readonly detached: boolean;
  /** The bounds under which its table is attached; null when it is not. */
  readonly bound: string | null;
}

/** All parts, the oldest first. */
export async function readParts(db: Queryable): Promise<readonly RecordedPart[]> {
  return db.query(partsSql);
}

const cutsSql = `select c.number, c.end_transaction::text as "endTransaction",
    c.seal_number as "sealNumber", c.transfers, c.accounts,
    c.openings_digest as "openingsDigest", c.digest, c.cut_at as "cutAt", c.key_id as "keyId",
    c.signature
  from ledger.partition_cut c order by c.number`;

/** All cuts, the oldest first. */
export async function readCuts(db: Queryable): Promise<readonly Cut[]> {
  return db.query(cutsSql);
}

const addCutSql = `insert into ledger.partition_cut (number, end_transaction, seal_number,
    transfers, accounts, openings_digest, digest, cut_at, key_id, signature)
  values ($1, $2::xid8, $3, $4, $5, $6, $7, $8, $9, $10)`;

export async function addCut(db: Queryable, cut: Cut): Promise<void> {
  await db.query(addCutSql, [
    cut.number,
    cut.endTransaction,
    cut.sealNumber,
    cut.transfers,
    cut.accounts,
    cut.openingsDigest,
    cut.digest,
    cut.cutAt.toString(),
    cut.keyId,
    cut.signature,
  ]);
}

/** Transfers in the seals of a part that ends with a seal. */
const sealedSql = `select coalesce(sum(s.transfers), 0)::bigint as transfers from ledger.seal s
  where s.number <= $2 and s.number > coalesce((select c.seal_number from ledger.partition_cut c
    where c.number = $1 - 1), 0)`;

export async function countSealed(
  db: Queryable,
  part: number,
  sealNumber: bigint,
): Promise<bigint> {
  const [row] = await db.query<{ transfers: bigint }>(sealedSql, [part, sealNumber]);
  return row?.transfers ?? 0n;
}
