import type { Queryable } from '@keyturn/pipeline';
import {
  type Bounds,
  digestColumns,
  mostRows,
  type PieceDigest,
  pieceRows,
} from '../seal/content.ts';
import { movementSql, standingSql } from './states.ts';

/** What was read of one piece of the ledger. */
export interface Piece extends PieceDigest {
  /** What the transfers moved, one behind the other; null when there is none. */
  readonly movements: Buffer | null;
  /** Journals with transfers and a refusal, or with neither. */
  readonly odd: bigint;
  /** Resolutions of something that is no such hold. */
  readonly strange: bigint;
}

/** The amount of the hold that a transfer resolves, if it is one that it may resolve so. */
const heldSql = `case when x.hold_journal is not null then
    (select h.amount from ledger.transfer h
      where h.journal_id = x.hold_journal and h.leg = x.hold_leg and h.kind = 'pending'
        and h.debit_account = x.debit_account and h.credit_account = x.credit_account
        and h.amount >= x.amount) end as held`;

const pieceSql = (first: string, last: string) => `select ${digestColumns},
    string_agg(r.movement, ''::bytea) as movements,
    count(*) filter (where (r.refusal is null) <> (r.leg is not null)) as odd,
    count(*) filter (where r.hold_journal is not null and r.held is null) as strange
  from (${pieceRows(
    first,
    last,
    `, ${movementSql} as movement, j.refusal, t.hold_journal, t.held`,
    heldSql,
  )} limit ${mostRows}) r`;

const sealedSql = `select s.number, p.* from ledger.seal s cross join lateral (${pieceSql(
  's.first_transaction, s.first_journal',
  's.last_transaction, s.last_journal',
)}) p where s.number >= $1 and s.number <= $2`;

/** The pieces of the seals from one number to another, in any order. */
export async function readSealedPieces(
  db: Queryable,
  from: bigint,
  to: bigint,
): Promise<readonly (Piece & { readonly number: bigint })[]> {
  return db.query(sealedSql, [from, to]);
}

const openSql = pieceSql('$1::xid8, $2::uuid', '$3::xid8, $4::uuid');

/** A piece that is not sealed. */
export async function readOpenPiece(
  db: Queryable,
  { first, last }: Bounds,
): Promise<readonly Piece[]> {
  const values = [first.transactionId, first.journalId, last.transactionId, last.journalId];
  return db.query(openSql, values);
}

const standingPageSql = `select string_agg(p.standing, ''::bytea) as standing,
    count(*) as accounts, max(p.id::text) as last
  from (select a.id, ${standingSql} as standing from ledger.account a
    where a.id > $1 order by a.id limit $2) p`;

/** All accounts as they stand, in bounded pages. */
export async function* readStandings(db: Queryable): AsyncGenerator<Buffer> {
  const accounts = 20_000;
  let last: string | null = '00000000-0000-0000-0000-000000000000';
  while (last !== null) {
    const pages: readonly {
      readonly standing: Buffer | null;
      readonly accounts: bigint;
      readonly last: string | null;
    }[] = await db.query(standingPageSql, [last, accounts]);
    const page = pages[0];
    if (!page?.standing) return;
    yield page.standing;
    last = page.accounts < BigInt(accounts) ? null : page.last;
  }
}
