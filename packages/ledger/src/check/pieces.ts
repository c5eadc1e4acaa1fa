import type { Queryable } from '@keyturn/pipeline';
import { attachedFrom } from '../partition/store.ts';
import {
  type Bounds,
  digestColumns,
  givenBounds,
  mostRows,
  type PieceDigest,
  type PlaceSql,
  pieceRows,
} from '../seal/content.ts';
import { type Moved, movementColumns, movementSql, standingSql } from './states.ts';

/** What was read of one piece of the ledger. */
export interface Piece extends PieceDigest, Moved {
  /** Journals with transfers and a refusal, or with neither. */
  readonly odd: bigint;
  /** Transfers that resolve a hold. */
  readonly resolutions: bigint;
  /** Resolutions of something that is no such hold. */
  readonly strange: bigint;
}

/**
 * The amount of the hold that a transfer resolves, if it is one that it may resolve so, and was
 * registered as resolved by it. A hold of an older part that is not there any more was looked at
 * before it was taken out; of it there is what was registered. The limit has the hold looked up in
 * its own part alone.
 *
 * @param from the first transaction number of what is there, an expression
 */
const heldSql = (table: string, from: string) => `case when x.hold_journal is not null then
    (select r.held from ledger.hold_resolution r join ledger.journal i on i.id = r.hold_journal
      left join lateral (select y.* from ledger.${table} y
        where y.transaction_id = i.transaction_id and y.journal_id = i.id and y.leg = r.hold_leg
        limit 1) h on true
      where r.hold_journal = x.hold_journal and r.hold_leg = x.hold_leg
        and r.journal_id = x.journal_id and r.leg = x.leg
        and r.posted = (x.kind = 'post_pending') and r.held >= x.amount
        and (h.kind = 'pending' and h.debit_account = x.debit_account
            and h.credit_account = x.credit_account and h.amount = r.held
          or h.journal_id is null and i.transaction_id < ${from})) end as held`;

const pieceSql = (first: PlaceSql, last: PlaceSql, table: string, from: string) => `select
    ${digestColumns}, ${movementColumns},
    count(*) filter (where (r.refusal is null) <> (r.leg is not null)) as odd,
    count(r.hold_journal) as resolutions,
    count(*) filter (where r.hold_journal is not null and r.held is null) as strange
  from (${pieceRows(
    first,
    last,
    `, ${movementSql} as movement, j.refusal, t.hold_journal, t.held`,
    heldSql(table, from),
    table,
  )} limit ${mostRows}) r`;

/**
 * The pieces of the seals from the number `$1` to `$2`.
 *
 * @param table where the transfers are
 * @param from the first transaction number of what is there, an expression
 */
export const sealedSql = (table: string, from: string) => `select s.number, p.* from ledger.seal s
  cross join lateral (${pieceSql(
    { transaction: 's.first_transaction', journal: 's.first_journal' },
    { transaction: 's.last_transaction', journal: 's.last_journal' },
    table,
    from,
  )}) p where s.number >= $1 and s.number <= $2`;

/** A piece of the ledger that was sealed. */
export type SealedPiece = Piece & { readonly number: bigint };

const attachedSealedSql = sealedSql('transfer', `(select ${attachedFrom})`);

/** The pieces of the seals from one number to another, in any order. */
export async function readSealedPieces(
  db: Queryable,
  from: bigint,
  to: bigint,
): Promise<readonly SealedPiece[]> {
  return db.query(attachedSealedSql, [from, to]);
}

const openSql = pieceSql(...givenBounds, 'transfer', `(select ${attachedFrom})`);

/** A piece that is not sealed. */
export async function readOpenPiece(
  db: Queryable,
  { first, last }: Bounds,
): Promise<readonly Piece[]> {
  const values = [first.transactionId, first.journalId, last.transactionId, last.journalId];
  return db.query(openSql, values);
}

const pageOf = (rows: string) => `select string_agg(p.standing, ''::bytea) as standing,
    count(*) as accounts, max(p.id::text) as last from (${rows}) p`;

const standingPageSql = pageOf(`select a.id, ${standingSql('a.book_id')} as standing
  from (select x.* from ledger.account x where x.id > $1 order by x.id limit $2) a
  left join lateral (select y.* from ledger.partition_opening y
    where y.account_id = a.id order by y.number desc limit 1) o on true`);

/** From where all accounts began in the part that is not cut yet, and where they stand. */
export function readStandings(db: Queryable): AsyncGenerator<Buffer> {
  return readPages(db, standingPageSql, []);
}

const closingPageSql = pageOf(`select a.id,
    ${standingSql('(select b.book_id from ledger.account b where b.id = a.id)')} as standing
  from (select x.account_id as id, x.number, x.version, x.debits_posted, x.credits_posted,
      x.debits_pending, x.credits_pending
    from ledger.partition_opening x where x.number = $3 and x.account_id > $1
    order by x.account_id limit $2) a
  left join lateral (select y.* from ledger.partition_opening y
    where y.account_id = a.id and y.number < a.number order by y.number desc limit 1) o on true`);

/** From where the accounts that a part moved began in it, and where it left them. */
export function readClosings(db: Queryable, part: number): AsyncGenerator<Buffer> {
  return readPages(db, closingPageSql, [part]);
}

/** Reads in bounded pages by the accounts' ids. */
async function* readPages(
  db: Queryable,
  sql: string,
  more: readonly unknown[],
): AsyncGenerator<Buffer> {
  const accounts = 20_000;
  let last: string | null = '00000000-0000-0000-0000-000000000000';
  while (last !== null) {
    const pages: readonly {
      readonly standing: Buffer | null;
      readonly accounts: bigint;
      readonly last: string | null;
    }[] = await db.query(sql, [last, accounts, ...more]);
    const page = pages[0];
    if (!page?.standing) return;
    yield page.standing;
    last = page.accounts < BigInt(accounts) ? null : page.last;
  }
}
