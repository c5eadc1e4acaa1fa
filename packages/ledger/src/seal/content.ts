import { present } from '@keyturn/kernel';
import { type Queryable, sqlName } from '@keyturn/pipeline';
import { journalTable, transferTable } from '../journal.ts';

/** A place in the order of the seals: the journal's transaction, then its id. */
export interface Position {
  /** PostgreSQL's 64-bit transaction number, in decimal digits. */
  readonly transactionId: string;
  readonly journalId: string;
}

/** Before the first journal. */
export const start: Position = {
  transactionId: '0',
  journalId: '00000000-0000-0000-0000-000000000000',
};

/** The number of the last transaction that there can be: no bound. */
export const lastTransaction = '18446744073709551615';

/**
 * The form of what is digested. Other columns, or another order of them, are another form: what
 * was sealed before would not be found again in it.
 */
export const contentFormat = 1;

const journalColumns = ['transactionId', ...Object.keys(journalTable.columns)];
const transferColumns = Object.keys(transferTable.columns);

/** Every column that is digested, as the database names it. */
export const contentColumns: readonly string[] = [
  ...journalColumns.map((column) => `journal.${sqlName(column).slice(1, -1)}`),
  ...transferColumns.map((column) => `transfer.${sqlName(column).slice(1, -1)}`),
];

/** The columns in which null is stored for 0; the digest is of what they mean. */
const sparse: ReadonlySet<string> = new Set(transferTable.nullForZero);

function digested(alias: string, column: string): string {
  const stored = `${alias}.${sqlName(column)}`;
  if (column === 'fingerprint') return `encode(uuid_send(${stored}), 'hex')`;
  return sparse.has(column)
    ? `case when t.leg is not null then coalesce(${stored}, 0) end`
    : stored;
}

const listOf = (alias: string, columns: readonly string[]) =>
  columns.map((column) => digested(alias, column)).join(', ');

/**
 * The canonical form, here and nowhere else: for each journal in order, for each of its transfers
 * by leg (or once with nulls where it has none), one record of all columns in PostgreSQL's binary
 * form, which depends on no setting of the session. One behind the other, they are what SHA-256
 * is taken of. How a column is stored may change: what stands in the record may not.
 */
export const recordSql = `record_send(row(${listOf('j', journalColumns)}, ${listOf('t', transferColumns)}))`;

/** A piece: from its first journal to its last. */
export interface Bounds {
  readonly first: Position;
  readonly last: Position;
}

const nextSql = `with next as materialized (
    select j.transaction_id, j.id from ledger.journal j
    where (j.transaction_id, j.id) > ($1::xid8, $2::uuid) and j.transaction_id < $3::xid8
    order by j.transaction_id, j.id limit $4),
  counted as (select n.transaction_id::text as transaction, n.id, row_number() over w as place,
      sum(greatest(1, (select count(*) from ledger.transfer t
        where t.transaction_id = n.transaction_id and t.journal_id = n.id))) over w
        as rows
    from next n window w as (order by n.transaction_id, n.id))
  select f.transaction as "firstTransaction", f.id as "firstJournal",
    l.transaction as "lastTransaction", l.id as "lastJournal"
  from counted f, counted l
  where f.place = 1 and (l.rows <= $4 or l.place = 1) order by l.place desc limit 1`;

/**
 * The piece that begins after a position: as many whole journals as have `rows` transfers
 * together, and at least one. Undefined when nothing comes after.
 *
 * @param before only transactions below this number
 */
export async function nextPiece(
  db: Queryable,
  after: Position,
  before: string,
  rows: number,
): Promise<Bounds | undefined> {
  const { transactionId, journalId } = after;
  const values = [transactionId, journalId, before, rows];
  const [found] = await db.query<{
    firstTransaction: string;
    firstJournal: string;
    lastTransaction: string;
    lastJournal: string;
  }>(nextSql, values);
  return (
    found && {
      first: { transactionId: found.firstTransaction, journalId: found.firstJournal },
      last: { transactionId: found.lastTransaction, journalId: found.lastJournal },
    }
  );
}

/** The aggregates that say what a piece is, over the rows of `pieceRows`. */
export const digestColumns = `count(*) filter (where r.leg is null or r.leg = 0) as journals,
    count(r.leg) as transfers, sha256(string_agg(r.record, ''::bytea)) as digest`;

/** No piece has more rows, whatever a seal says of itself. */
export const mostRows = 20_000;

/** A place in the order of the seals, in SQL: the expressions of its two columns. */
export interface PlaceSql {
  readonly transaction: string;
  readonly journal: string;
}

const rowOf = ({ transaction, journal }: PlaceSql) => `(${transaction}, ${journal})`;

/**
 * The rows of a piece, sorted as they are digested. The transfers are looked up by all journals of
 * the piece at once: one pass along the index, whatever the planner believes about the piece. A
 * full join, because no planner makes a loop within a loop of it; a transfer that names a journal
 * of the piece but another transaction comes with it, and counts as none.
 *
 * @param more columns beside the record, of the journal `j` and the transfer `t`
 * @param ofTransfer what is looked up for each transfer `x`
 * @param table where the transfers are: all that are attached, or those of one part
 */
export function pieceRows(
  first: PlaceSql,
  last: PlaceSql,
  more = '',
  ofTransfer = '',
  table = 'transfer',
): string {
  return `with j as materialized (select y.* from ledger.journal y
      where (y.transaction_id, y.id) >= ${rowOf(first)}
        and (y.transaction_id, y.id) <= ${rowOf(last)}
      order by y.transaction_id, y.id limit ${mostRows})
    select case when j.id is not null then t.leg end as leg, ${recordSql} as record${more}
    from j full join (select x.*${ofTransfer === '' ? '' : `, ${ofTransfer}`}
      from ledger.${table} x where x.journal_id = any(array(select j.id from j))
        and x.transaction_id >= ${first.transaction} and x.transaction_id <= ${last.transaction}
      limit ${mostRows}) t on t.transaction_id = j.transaction_id and t.journal_id = j.id
    order by j.transaction_id, j.id, t.leg`;
}

/** The places between which a piece is, as the parameters of a statement. */
export const givenBounds: readonly [PlaceSql, PlaceSql] = [
  { transaction: '$1::xid8', journal: '$2::uuid' },
  { transaction: '$3::xid8', journal: '$4::uuid' },
];

const digestSql = `select ${digestColumns} from (${pieceRows(...givenBounds)}) r`;

/** What the rows of a piece are. */
export interface PieceDigest {
  readonly journals: bigint;
  readonly transfers: bigint;
  /** SHA-256 of the rows. */
  readonly digest: Buffer;
}

/** Digests a piece. */
export async function digestPiece(db: Queryable, { first, last }: Bounds): Promise<PieceDigest> {
  const values = [first.transactionId, first.journalId, last.transactionId, last.journalId];
  const [piece] = await db.query<PieceDigest>(digestSql, values);
  return present(piece, 'the digest of a piece');
}
