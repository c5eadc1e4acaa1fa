import { encodeCursor, type Page } from '@keyturn/kernel';
import {
  type Account,
  accountCodes,
  accountId,
  findAccounts,
  listAccounts,
  type PageRequest,
  readAccounts,
  readAccountsOfOwners,
} from '@keyturn/ledger';
import type { Database } from '@keyturn/pipeline';
import type { Static } from 'typebox';
import { RefusedError } from '../http/refused.ts';
import { uuidOfAnyId } from './any-id.ts';
import { pageRequest } from './page-request.ts';
import type { AccountsQuerySchema } from './schemas.ts';
import type { LedgerCaller, LedgerService } from './service.ts';

interface ListDeps {
  readonly database: Database;
  readonly ledger: LedgerService;
}

type AccountsQuery = Static<typeof AccountsQuerySchema>;

/**
 * The accounts that a query's filters mean, as far as the caller sees them. The book that it names
 * is one that the caller sees.
 *
 * @throws RefusedError when a filter is missing; CursorError when the cursor is not one of ours
 */
export async function accountsFor(
  deps: ListDeps,
  by: LedgerCaller,
  query: AccountsQuery,
): Promise<Page<Account>> {
  const { book, owner, metadata_key: key, metadata_value: value } = query;
  const page = pageRequest(query);
  if (owner !== undefined) return ofOwner(deps, by, owner, book);
  if (key !== undefined && value !== undefined) {
    return withMetadata(deps, by, { key, value, book }, page);
  }
  if (book !== undefined) return listAccounts(deps.database, book, page);
  const filter = 'book, owner, or metadata_key and metadata_value';
  throw new RefusedError({ code: 'ledger_filter_missing', values: { filter } });
}

/** Without a book: the accounts of the platform's own, for its people. */
async function ofOwner(
  { database }: ListDeps,
  by: LedgerCaller,
  owner: string,
  book: string | undefined,
): Promise<Page<Account>> {
  if (book === undefined) {
    if (by.keeper !== null) {
      const values = { filter: 'book beside owner' };
      throw new RefusedError({ code: 'ledger_filter_missing', param: 'book', values });
    }
    const name = /^[a-z]+_[0-9a-z]{26}$/.test(owner) ? uuidOfAnyId(owner, 'owner') : owner;
    return { items: await readAccountsOfOwners(database, [name]), nextCursor: undefined };
  }
  // The id of an account follows from its book, code and owner: one for each code.
  const ids = Object.values(accountCodes).map((code) => accountId({ book, code, owner }));
  const found = await readAccounts(database, ids);
  return { items: found.toSorted((a, b) => a.code - b.code), nextCursor: undefined };
}

/** Accounts of others are passed over, so many at most for one page. */
const pagesPassedOver = 10;

/** Accounts with a value in their metadata, of the books that the caller sees. */
async function withMetadata(
  { database, ledger }: ListDeps,
  by: LedgerCaller,
  filter: { readonly key: string; readonly value: string; readonly book: string | undefined },
  { limit = 1, cursor }: PageRequest,
): Promise<Page<Account>> {
  const items: Account[] = [];
  let position = cursor;
  for (let pages = 0; pages < pagesPassedOver; pages++) {
    const page = await findAccounts(database, filter, {
      ...(position === undefined ? {} : { cursor: position }),
    });
    for (const account of page.items) {
      if (filter.book !== undefined && account.bookId !== filter.book) continue;
      if (!(await ledger.book(by, account.bookId)).ok) continue;
      if (items.length === limit) {
        const last = items.at(-1);
        return { items, nextCursor: last && encodeCursor([last.id]) };
      }
      items.push(account);
    }
    position = page.nextCursor;
    if (position === undefined) break;
  }
  return { items, nextCursor: position };
}
