import { ok, type Page, pageOf, present, type Refusal, type Result } from '@keyturn/kernel';
import { defineTable, type Queryable, selectList } from '@keyturn/pipeline';
import { type Book, bookId, isMemo, type Regime } from './book.ts';
import { refuse } from './errors.ts';
import { limitOf, type PageRequest, positionOf } from './listing.ts';

/** A book and whose it is. */
export interface KeptBook extends Book {
  /** Who may write into it from outside; null when whoever embeds the ledger keeps it. */
  readonly keeper: string | null;
}

const keptBookTable = defineTable<KeptBook>({
  name: 'ledger.book',
  columns: {
    id: 'text',
    legalEntity: 'text',
    regime: 'text',
    currency: 'text',
    memo: 'bool',
    keeper: 'text',
  },
  key: ['id'],
  mutable: [],
});

export interface NewBook {
  readonly legalEntity: string;
  readonly regime: Regime;
  /** ISO 4217. */
  readonly currency: string;
  readonly keeper: string | null;
}

const openSql = `insert into ledger.book (id, legal_entity, regime, currency, memo, keeper)
  values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning id`;

/**
 * Opens a book. What it is names it, so that opening it again changes nothing (`replayed`);
 * `book_exists` when it is somebody else's.
 */
export async function openBook(
  db: Queryable,
  { legalEntity, regime, currency, keeper }: NewBook,
): Promise<Result<{ readonly book: KeptBook; readonly replayed: boolean }, Refusal>> {
  const id = bookId(legalEntity, regime, currency);
  const memo = isMemo(regime);
  const values = [id, legalEntity, regime, currency, memo, keeper];
  const opened = await db.query<{ id: string }>(openSql, values);
  const book = present(await readBook(db, id), 'the book that was opened');
  if (book.keeper !== keeper) return refuse('book_exists', { values: { book: id } });
  return ok({ book, replayed: opened.length === 0 });
}

const oneSql = `select ${selectList(keptBookTable, 'b')} from ledger.book b where b.id = $1`;

export async function readBook(db: Queryable, id: string): Promise<KeptBook | undefined> {
  const [book] = await db.query<KeptBook>(oneSql, [id]);
  return book;
}

const allSql = `select ${selectList(keptBookTable, 'b')} from ledger.book b
  where b.id > $1 order by b.id limit $2`;
const keptSql = `select ${selectList(keptBookTable, 'b')} from ledger.book b
  where b.keeper = $1 and b.id > $2 order by b.id limit $3`;

/**
 * The books by id: all of them, or those of one keeper.
 *
 * @throws CursorError when the cursor is not one of ours
 */
export async function listBooks(
  db: Queryable,
  of: { readonly keeper?: string },
  page: PageRequest = {},
): Promise<Page<KeptBook>> {
  const [after = ''] = positionOf(page, ['text']) ?? [];
  const limit = limitOf(page);
  const rows =
    of.keeper === undefined
      ? await db.query<KeptBook>(allSql, [after, limit + 1])
      : await db.query<KeptBook>(keptSql, [of.keeper, after, limit + 1]);
  return pageOf(rows, limit, (book) => [book.id]);
}
